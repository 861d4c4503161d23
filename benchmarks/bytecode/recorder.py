"""Objects that write down all that is done to them. Runs under any Python from 2.7 on."""

import random
import types

LONGEST = 3000
CODE = type((lambda: 0).__code__)


class Stop(Exception):
    """The run is long enough."""


class Log(object):
    """What has happened, and what is to happen where a program asks."""

    def __init__(self, seed):
        self.events = []
        self.random = random.Random(seed)
        self.depth = 0
        self.truths = {}

    def write(self, *event):
        self.events.append(" ".join(map(self.text, event)))
        if len(self.events) > LONGEST:
            raise Stop
        return Recorder(self, len(self.events))

    def text(self, value):
        if isinstance(value, Recorder):
            return "#%s" % (object.__getattribute__(value, "_number"),)
        if isinstance(value, (tuple, list)):
            return "%s(%s)" % (type(value).__name__, ", ".join(map(self.text, value)))
        if isinstance(value, dict):
            return "dict(%s)" % ", ".join(sorted(self.text(pair) for pair in value.items()))
        if isinstance(value, types.FunctionType):
            return "function %s %s" % (value.__name__, self.text(value.__defaults__ or ()))
        if isinstance(value, slice):
            return "slice(%s, %s, %s)" % (self.text(value.start), self.text(value.stop), self.text(value.step))
        if isinstance(value, types.GeneratorType):
            return "generator"
        if isinstance(value, (set, frozenset)):
            return "set(%s)" % ", ".join(sorted(map(self.text, value)))
        return "%s %r" % (type(value).__name__, value)


class Recorder(object):
    """One value."""

    def __init__(self, log, number):
        object.__setattr__(self, "_log", log)
        object.__setattr__(self, "_number", number)

    def __getattribute__(self, name):
        if name in ("__class__", "__dict__") or (name.startswith("__") and name.endswith("__")):
            return object.__getattribute__(self, name)
        return object.__getattribute__(self, "_log").write("attribute", self, name)

    def __setattr__(self, name, value):
        object.__getattribute__(self, "_log").write("set attribute", self, name, value)

    def __delattr__(self, name):
        object.__getattribute__(self, "_log").write("delete attribute", self, name)

    def __call__(self, *args, **words):
        log = object.__getattribute__(self, "_log")
        found = log.write("call", self, args, words)
        if log.depth < 3:
            # What is handed over is used, so that functions inside functions run too.
            for value in list(args) + [words[name] for name in sorted(words)]:
                if isinstance(value, types.FunctionType):
                    log.depth += 1
                    call(value, log)
                    log.depth -= 1
                elif isinstance(value, types.GeneratorType):
                    log.depth += 1
                    for each in value:
                        log.write("yielded", each)
                    log.depth -= 1
        return found

    def __bool__(self):
        # As CPython's optimiser takes for granted: who asks twice gets one answer, and nobody notices.
        log = object.__getattribute__(self, "_log")
        number = object.__getattribute__(self, "_number")
        if number not in log.truths:
            log.write("truth", self)
            log.truths[number] = log.random.random() < 0.5
        return log.truths[number]

    __nonzero__ = __bool__

    def __iter__(self):
        log = object.__getattribute__(self, "_log")
        log.write("iterate", self)
        return iter(
            [Recorder(log, 100000 * len(log.events) + index) for index in range(log.random.choice((1, 2, 2, 3)))]
        )

    def __contains__(self, value):
        log = object.__getattribute__(self, "_log")
        log.write("contains", self, value)
        return log.random.random() < 0.5

    def __len__(self):
        object.__getattribute__(self, "_log").write("length", self)
        return 2

    def __hash__(self):
        return hash(object.__getattribute__(self, "_number"))

    def __format__(self, spec):
        object.__getattribute__(self, "_log").write("format", self, spec)
        return "<%s>" % (object.__getattribute__(self, "_number"),)

    def __repr__(self):
        object.__getattribute__(self, "_log").write("repr", self)
        return "<%s>" % (object.__getattribute__(self, "_number"),)

    def __str__(self):
        object.__getattribute__(self, "_log").write("str", self)
        return "<%s>" % (object.__getattribute__(self, "_number"),)

    def __index__(self):
        object.__getattribute__(self, "_log").write("index", self)
        return 1

    def keys(self):
        return []


def _operator(name):
    def method(self, *others):
        return object.__getattribute__(self, "_log").write(name, self, *others)

    return method


for (
    _name
) in """add sub mul matmul div truediv floordiv mod pow lshift rshift and or xor radd rsub rmul rmatmul rdiv rtruediv
rfloordiv rmod rpow rlshift rrshift rand ror rxor iadd isub imul imatmul idiv itruediv ifloordiv imod ipow ilshift irshift
iand ior ixor neg pos invert lt le gt ge eq ne getitem setitem delitem getslice setslice enter exit""".split():
    setattr(Recorder, "__%s__" % _name, _operator(_name))


def names(code):
    found = set(code.co_names)
    for each in code.co_consts:
        if isinstance(each, CODE):
            found |= names(each)
    return found


def run(code, seed):
    """Return what a function does when all that it touches takes notes."""
    log = Log(seed)

    def importer(name, globals_=None, locals_=None, fromlist=(), level=0):
        return log.write("import", name, fromlist or (), level)

    builtins = {"__import__": importer, "AssertionError": AssertionError}
    space = dict((name, Recorder(log, name)) for name in names(code))
    for name in ("AssertionError", "True", "False"):
        space.pop(name, None)
    space.update({"__builtins__": builtins, "AssertionError": AssertionError, "True": True, "False": False})
    before = dict(space)
    cells = tuple(
        (lambda value: lambda: value)(Recorder(log, -1000 - i)).__closure__[0] for i in range(len(code.co_freevars))
    )
    try:
        call(types.FunctionType(code, space, code.co_name, None, cells), log)
    except Stop:
        log.events.append("too long")
    for name in sorted(space):
        if space[name] is not before.get(name):
            log.events.append("global %s %s" % (name, log.text(space[name])))
    return log.events


def call(function, log):
    """Call a function with as many values as it takes."""
    code = function.__code__
    count = code.co_argcount + getattr(code, "co_kwonlyargcount", 0)
    values = [Recorder(log, -2000 - index) for index in range(count)]
    words = dict(zip(code.co_varnames[code.co_argcount : count], values[code.co_argcount :]))
    try:
        result = function(*values[: code.co_argcount], **words)
        log.write("returned", result)
        if isinstance(result, types.FunctionType) and log.depth < 3:
            log.depth += 1
            call(result, log)
            log.depth -= 1
        elif isinstance(result, (list, tuple)):
            for each in result:
                if isinstance(each, types.FunctionType) and log.depth < 3:
                    log.depth += 1
                    call(each, log)
                    log.depth -= 1
    except Stop:
        raise
    except RuntimeError as error:
        log.events.append("%s %s" % (type(error).__name__, error))
    except Exception as error:
        log.events.append("raised %s" % type(error).__name__)
