"""What functions capture, and from where. Each program has one `Lambda` site."""

from __future__ import annotations

import pytest
from harness.model import captures_of, site_of, sites_of

from keras_lambda_lint.sites.model import Origin, ValueKind

HEAD = "import keras\nimport numpy as np\nimport tensorflow as tf\nfrom keras import layers\n"


def inside(*lines: str) -> str:
    """Return a program whose `build(p, q=1)` runs the lines and then makes the layer `Lambda(lambda x: x + c)`."""
    body = "".join(f"    {line}\n" for line in (*lines, "return layers.Lambda(lambda x: x + c)"))
    return f"{HEAD}def build(p, q=1):\n{body}"


def script(*lines: str) -> str:
    """Return a program that runs the lines and makes the layer `Lambda(lambda x: x + c)` at module level."""
    return HEAD + "\n".join((*lines, "layer = layers.Lambda(lambda x: x + c)\n"))


ORIGINS = {
    "local": (inside("c = 1"), Origin.LOCAL),
    "parameter": (inside().replace("p, q", "c, q"), Origin.PARAMETER),
    "parameter with a default": (inside().replace("q=1", "c=1"), Origin.PARAMETER),
    "loop": (f"{HEAD}def f():\n    for c in range(3):\n        layers.Lambda(lambda x: x + c)\n", Origin.LOOP_VARIABLE),
    "set in a loop": (
        f"{HEAD}def f():\n    for i in range(3):\n        c = 2 * i\n        layers.Lambda(lambda x: x + c)\n",
        Origin.LOOP_VARIABLE,
    ),
    "loop of a comprehension": (f"{HEAD}[layers.Lambda(lambda x: x + c) for c in y]\n", Origin.LOOP_VARIABLE),
    "loop that is over": (inside("for c in range(3): pass"), Origin.LOCAL),
    "a literal in a loop": (
        f"{HEAD}def f():\n    for i in range(3):\n        c = 2\n        layers.Lambda(lambda x: x + c)\n",
        Origin.LOCAL,
    ),
    "before a loop": (
        f"{HEAD}def f():\n    c = 2\n    for i in range(3):\n        layers.Lambda(lambda x: x + c)\n",
        Origin.LOCAL,
    ),
    "module": (script("c = 1"), Origin.MODULE_VALUE),
    "module, from a function": (f"c = 1\n{inside()}", Origin.MODULE_VALUE),
    "loop of the module": (f"{HEAD}for c in y:\n    layers.Lambda(lambda x: x + c)\n", Origin.LOOP_VARIABLE),
    "import": (inside("import c"), Origin.IMPORT),
    "from import": (f"from a import c\n{inside()}", Origin.IMPORT),
    "function": (inside("def c(): pass"), Origin.FUNCTION),
    "class": (f"class c: pass\n{inside()}", Origin.CLASS),
    "with": (inside("with a as c: pass"), Origin.LOCAL),
    "exception": (inside("try: pass", "except E as c: pass"), Origin.LOCAL),
    "of an enclosing function": (
        f"{HEAD}def a():\n    c = 1\n    def b():\n        return layers.Lambda(lambda x: x + c)\n",
        Origin.LOCAL,
    ),
    "of a function called in a loop": (
        f"{HEAD}def f(c):\n    return layers.Lambda(lambda x: x + c)\nfor i in range(3): f(i)\n",
        Origin.PARAMETER,
    ),
}


@pytest.mark.parametrize(("program", "origin"), ORIGINS.values(), ids=ORIGINS)
def test_origin(program: str, origin: Origin) -> None:
    assert captures_of(program)["c"].origin is origin


KINDS = {
    "number": ("c = 1", ValueKind.CONSTANT),
    "negative number": ("c = -1.5", ValueKind.CONSTANT),
    "string": ("c = 'a'", ValueKind.CONSTANT),
    "arithmetic": ("c = 2 ** 3 / 4", ValueKind.CONSTANT),
    "tuple": ("c = (1, 2)", ValueKind.CONSTANT),
    "list of lists": ("c = [[1], [2]]", ValueKind.CONSTANT),
    "dict": ("c = {'a': 1}", ValueKind.CONSTANT),
    "list with something unknown": ("c = [1, f()]", ValueKind.UNKNOWN),
    "name of a constant": ("b = 1; c = b", ValueKind.CONSTANT),
    "array": ("c = np.zeros(3)", ValueKind.ARRAY),
    "computed array": ("c = 2 * np.arange(3)", ValueKind.ARRAY),
    "part of an array": ("c = np.eye(3)[0]", ValueKind.ARRAY),
    "variable": ("c = tf.Variable(1.0)", ValueKind.VARIABLE),
    "variable, in Keras": ("c = keras.Variable(1.0)", ValueKind.VARIABLE),
    "variable, of the backend": ("c = keras.backend.variable(1.0)", ValueKind.VARIABLE),
    "weight": ("c = p.add_weight(shape=())", ValueKind.VARIABLE),
    "layer": ("c = layers.Dense(3)", ValueKind.LAYER),
    "model": ("c = keras.Sequential()", ValueKind.MODEL),
    "input": ("c = keras.Input((3,))", ValueKind.TENSOR),
    "output of a layer": ("c = layers.Dense(3)(p)", ValueKind.TENSOR),
    "output of a model": ("c = keras.Model(p, q).output", ValueKind.TENSOR),
    "operation on a tensor": ("a = keras.Input((3,)); c = tf.abs(a)", ValueKind.TENSOR),
    "arithmetic on a tensor": ("a = keras.Input((3,)); c = 2 * a + 1", ValueKind.TENSOR),
    "part of a tensor": ("a = keras.Input((3,)); c = a[:, 0]", ValueKind.TENSOR),
    "shape of a tensor": ("a = keras.Input((3,)); c = a.shape[1]", ValueKind.UNKNOWN),
    "function": ("def c(): pass", ValueKind.FUNCTION),
    "lambda": ("c = lambda: 1", ValueKind.FUNCTION),
    "class": ("class c: pass", ValueKind.CLASS),
    "module": ("import c", ValueKind.MODULE),
    "element of a range": ("for c in range(3): pass", ValueKind.CONSTANT),
    "element of a list": ("for c in (1, 2): pass", ValueKind.CONSTANT),
    "element of a mixed list": ("for c in (1, f()): pass", ValueKind.UNKNOWN),
    "parameter": ("c = p", ValueKind.UNKNOWN),
    "result of a call": ("c = f()", ValueKind.UNKNOWN),
    "one of two kinds": ("c = 1\n    if p: c = tf.Variable(1.0)", ValueKind.UNKNOWN),
    "one of two constants": ("c = 1\n    if p: c = 2", ValueKind.CONSTANT),
    "unpacked": ("a, c = f()", ValueKind.UNKNOWN),
    "unpacked pair": ("a, c = 1, tf.Variable(1.0)", ValueKind.VARIABLE),
    "walrus": ("print(c := 1)", ValueKind.CONSTANT),
}


@pytest.mark.parametrize(("lines", "kind"), KINDS.values(), ids=KINDS)
def test_kind_of_value(lines: str, kind: ValueKind) -> None:
    assert captures_of(inside(lines))["c"].value.kind is kind


LATE = {
    "once": (inside("c = 1"), False),
    "again before": (inside("c = 1", "c = 2"), False),
    "again after": (f"{inside('c = 1')}".replace("return ", "layer = ") + "    c = 2\n", True),
    "augmented after": (f"{inside('c = 1')}".replace("return ", "layer = ") + "    c += 2\n", True),
    "in the other arm": (
        f"{HEAD}def f(p):\n    if p:\n        c = 1\n        layers.Lambda(lambda x: x + c)\n    else:\n        c = 2\n",
        False,
    ),
    "by another function of the module": (f"c = 1\n{inside()}def f():\n    global c\n    c = 2\n", True),
    "module, after": (script("c = 1") + "c = 2\n", True),
    "module, from a function": (f"c = 1\n{inside()}c = 2\n", True),
    "deleted": (inside("c = 1").replace("return ", "layer = ") + "    del c\n", True),
}


@pytest.mark.parametrize(("program", "late"), LATE.values(), ids=LATE)
def test_bound_again_after_the_function_was_made(program: str, late: bool) -> None:
    assert captures_of(program)["c"].late_bound is late


IMPORTABLE = {
    "literal of the module": (f"c = 1\n{inside()}", True),
    "literal of the module, in capitals": (script("C = 1").replace("x + c", "x + C"), True),
    "small letters in a script": (script("c = 1"), False),
    "computed": (f"c = f()\n{inside()}", False),
    "bound twice": (f"c = 1\nc = 2\n{inside()}", False),
    "bound in an arm": (f"if a:\n    c = 1\n{inside()}", False),
    "import": (f"import c\n{inside()}", True),
    "guarded import": (f"try:\n    import c\nexcept ImportError:\n    import d as c\n{inside()}", True),
    "function of the module": (f"def c(): pass\n{inside()}", True),
    "class of the module": (f"class c: pass\n{inside()}", True),
    "import below __main__": (f"if __name__ == '__main__':\n    import c\n{inside()}", False),
    "function or value": (f"def c(): pass\nc = deco(c)\n{inside()}", False),
    "local": (inside("c = 1"), False),
    "local import": (inside("import c"), False),
    "nested function": (inside("def c(): pass"), False),
}


@pytest.mark.parametrize(("program", "importable"), IMPORTABLE.values(), ids=IMPORTABLE)
def test_importable(program: str, importable: bool) -> None:
    (capture,) = captures_of(program).values()
    assert capture.importable is importable


METHODS = """\
import keras
class Builder:
    def __init__(self, width):
        self.width = width
        self.scale = 2
        self.weight = self.add_weight(shape=())
        self.dense = keras.layers.Dense(3)
        self.many = 1
        self.many = 2
    def helper(self):
        return 1
    def build(self, other):
        return keras.layers.Lambda(lambda x: {body})
"""
ATTRIBUTES = {
    "x * self.width": {"self.width": ValueKind.UNKNOWN},
    "x * self.scale": {"self.scale": ValueKind.CONSTANT},
    "x * self.weight": {"self.weight": ValueKind.VARIABLE},
    "self.dense(x)": {"self.dense": ValueKind.LAYER},
    "x * self.many": {"self.many": ValueKind.UNKNOWN},
    "x * self.config.width": {"self.config.width": ValueKind.UNKNOWN},
    "x * self.config['width']": {"self.config['width']": ValueKind.UNKNOWN},
    "x * self.helper()": {"self.helper": ValueKind.FUNCTION},
    "f(self, x)": {"self": ValueKind.UNKNOWN},
    "x * self.width + self.scale": {"self.width": ValueKind.UNKNOWN, "self.scale": ValueKind.CONSTANT},
}


@pytest.mark.parametrize(("body", "expected"), ATTRIBUTES.items())
def test_attributes_of_self_are_captured_one_by_one(body: str, expected: dict[str, ValueKind]) -> None:
    captures = captures_of(METHODS.replace("{body}", body))
    assert {text: capture.value.kind for text, capture in captures.items() if text.startswith("self")} == expected
    assert {capture.origin for text, capture in captures.items() if text.startswith("self")} == {Origin.SELF_ATTRIBUTE}


PARTS = {
    "x * p.width": ["p.width"],
    "x * p.width + p.height": ["p.width", "p.height"],
    "x * p.width + p": ["p"],
    "x * p.size.width": ["p.size.width"],
    "x * p.get()": ["p"],
    "x * p.a['b']": ["p.a['b']"],
    "x * p['b']": ["p"],
    "x * p.a[i]": ["p.a", "i"],
    "x * p.width * p.width": ["p.width"],
}


@pytest.mark.parametrize(("body", "expected"), PARTS.items())
def test_only_the_used_part_of_an_unknown_object_is_captured(body: str, expected: list[str]) -> None:
    captures = captures_of(f"{HEAD}def build(p, i):\n    return layers.Lambda(lambda x: {body})\n")
    assert list(captures) == expected


def test_of_a_known_value_the_whole_is_captured() -> None:
    assert list(
        captures_of(f"{HEAD}def f():\n    c = tf.Variable(1.0)\n    return layers.Lambda(lambda x: x * c.dtype)\n")
    ) == ["c"]


def test_a_capture_knows_all_its_reads_and_where_it_was_bound() -> None:
    text = inside("c = 1").replace("x + c", "c * x + c")
    sites = sites_of(text)
    function = sites.lambdas[0].function
    assert function is not None
    (capture,) = function.captures
    assert [sites.text(span) for span in capture.reads] == ["c", "c"]
    assert capture.span == capture.reads[0] < capture.reads[1]
    assert capture.bound_at is not None
    assert sites.source.text[capture.bound_at.start :].startswith("c = 1")


NOTHING = {
    "parameters": "lambda x, c=1: x + c",
    "star parameters": "lambda *c, **d: c + d",
    "walrus": "lambda x: (c := x) + c",
    "comprehension": "lambda x: [c for c in x]",
    "parameter of an inner lambda": "lambda x: (lambda c: c)(x)",
    "builtins": "lambda x: abs(x) + len(x)",
}


@pytest.mark.parametrize("function", NOTHING.values(), ids=NOTHING)
def test_own_names_are_no_captures(function: str) -> None:
    assert captures_of(f"{HEAD}def build(c, d):\n    return layers.Lambda({function})\n") == {}


def test_captures_of_inner_functions_are_captures() -> None:
    program = f"{HEAD}def build(c):\n    def f(x):\n        def g(y):\n            return y * c\n        return g(x)\n    return layers.Lambda(f)\n"
    assert list(captures_of(program)) == ["c"]


def test_defaults_and_decorators_are_no_captures() -> None:
    program = f"{HEAD}def build(c, d):\n    @d\n    def f(x, a=c):\n        return x * a\n    return layers.Lambda(f)\n"
    assert captures_of(program) == {}


QUESTIONS = {
    "c = 1": {"is_state": True, "is_loop_value": False},
    "import c": {"is_state": False, "is_loop_value": False},
    "c = tf.Variable(1.0)": {"is_state": False, "is_loop_value": False},
    "c = keras.Input((3,))": {"is_state": False, "is_loop_value": False},
    "c = layers.Dense(3)": {"is_state": False, "is_loop_value": False},
    "c = np.zeros(3)": {"is_state": True, "is_loop_value": False},
    "def c(): pass": {"is_state": True, "is_loop_value": False},
}


@pytest.mark.parametrize(("line", "answers"), QUESTIONS.items())
def test_questions_that_rules_ask(line: str, answers: dict[str, bool]) -> None:
    capture = captures_of(inside(line))["c"]
    assert {question: getattr(capture, question) for question in answers} == answers


@pytest.mark.parametrize(("iterable", "is_loop_value"), [("range(3)", True), ("y", True), ("[layers.Dense(1)]", False)])
def test_layers_of_a_loop_are_no_loop_values(iterable: str, is_loop_value: bool) -> None:
    program = f"{HEAD}def f(y):\n    for c in {iterable}:\n        layers.Lambda(lambda x: c(x))\n"
    assert captures_of(program)["c"].is_loop_value is is_loop_value


def test_function_ref_says_what_it_is() -> None:
    function = site_of(f"{HEAD}layers.Lambda(lambda x, y=2: x + y)\n").function
    assert function is not None
    assert (function.is_anonymous, function.is_named, function.has_defaults, function.registered) == (
        True,
        False,
        True,
        False,
    )
    assert [(p.name, p.kind, p.default is None, len(p.reads)) for p in function.parameters] == [
        ("x", "positional", True, 1),
        ("y", "positional", False, 1),
    ]
