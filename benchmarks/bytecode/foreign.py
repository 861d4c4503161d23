"""Runs under any Python from 2.7 on, as a script: marshals functions, and compares code with code that is compiled anew.

python foreign.py dump BODIES.json OUT.json        [[free names, source], ...] -> [base64 or null, ...]
python foreign.py compare CASES.json OUT.json      [[base64, free names, source], ...] -> ["" or difference, ...]
python foreign.py follow CASES.json OUT.json       the same, by running both functions on objects that take notes
"""

from __future__ import print_function  # noqa: UP010

import base64
import dis
import json
import marshal
import opcode
import sys

CODE = type(dis.dis.__code__)


def function(free, source):
    """Return the code of the one lambda or def in the source, with these names as variables of a function around it."""
    if source.startswith("lambda"):
        text = "return (" + source + ")"
    else:
        text = source
    if free:
        lines = ["def _around(" + ", ".join(free) + "):"] + ["    " + line for line in text.split("\n")]
        text = "\n".join(lines) + "\n"
    elif source.startswith("lambda"):
        text = "def _around():\n    " + text + "\n"
    else:
        text += "\n"
    module = compile(("# -*- coding: utf-8 -*-\n" + text).encode("utf-8"), "<f>", "exec")
    # The last one: 3.14 puts the functions of annotations before it.
    inner = [each for each in module.co_consts if isinstance(each, CODE)][-1]
    if free or source.startswith("lambda"):
        inner = [each for each in inner.co_consts if isinstance(each, CODE)][-1]
    return inner


def decoded(code):
    """Return the instructions as (offset, opcode, name, argument, target), constants and names in place of their numbers."""
    jumps = set(opcode.hasjrel) | set(opcode.hasjabs)
    if hasattr(dis, "get_instructions"):
        for each in dis.get_instructions(code):
            value = each.argval
            if isinstance(value, CODE):
                value = ("code",) + shape(value)
            elif each.opcode in dis.hasconst:
                value = constant(value)
            yield each.offset, each.opname, repr(value), each.argval if each.opcode in jumps else None
        return
    at, wide = 0, 0
    raw = bytearray(code.co_code)
    while at < len(raw):
        name = opcode.opname[raw[at]]
        if raw[at] < opcode.HAVE_ARGUMENT:
            yield at, name, "", None
            at += 1
            continue
        arg = raw[at + 1] + 256 * raw[at + 2] + wide
        wide = arg << 16 if name == "EXTENDED_ARG" else 0
        value, target = arg, None
        if raw[at] in opcode.hasconst:
            value = code.co_consts[arg]
            value = ("code",) + shape(value) if isinstance(value, CODE) else constant(value)
        elif raw[at] in opcode.hasname:
            value = code.co_names[arg]
        elif raw[at] in opcode.haslocal:
            value = code.co_varnames[arg]
        elif raw[at] in opcode.hasfree:
            value = (code.co_cellvars + code.co_freevars)[arg]
        elif raw[at] in jumps:
            target = arg + (at + 3 if raw[at] in opcode.hasjrel else 0)
        yield at, name, repr(value), target
        at += 3


ENDS = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE")


def instructions(code):
    """Return (name, argument) pairs of what can be reached; the target of a jump is counted in these."""
    found = list(decoded(code))
    places = dict((each[0], index) for index, each in enumerate(found))
    reached, pending = set(), [0]
    while pending:
        index = pending.pop()
        if index in reached or index >= len(found):
            continue
        reached.add(index)
        _, name, _, target = found[index]
        if target is not None and target in places:
            pending.append(places[target])
        if name not in ENDS and name not in ("JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD"):
            pending.append(index + 1)
    order = dict((index, number) for number, index in enumerate(sorted(reached)))
    for index in sorted(reached):
        _, name, value, target = found[index]
        if name.count("_FAST") == 2 and name != "LOAD_FAST_AND_CLEAR":
            # 3.13 joins two instructions where they are of one line.
            first, second = value.strip("()").split(", ")
            one, _, other = name.partition("_FAST_")
            yield one + "_FAST", first
            yield other, second
            continue
        yield name, value if target is None else "to %s" % order.get(places.get(target))


def constant(value):
    if isinstance(value, (tuple, frozenset)):
        items = [constant(each) for each in value]
        return type(value).__name__, sorted(items) if isinstance(value, frozenset) else items
    if type(value).__name__ == "long":
        value = int(value)
    return type(value).__name__, repr(value).rstrip("L")


def shape(code):
    """Return all of a code object that a program can notice, as text."""
    kinds = ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_varnames", "co_freevars", "co_cellvars")
    found = [repr(getattr(code, kind, 0)) for kind in kinds]
    found.append(repr(code.co_flags & ~0x10))
    return tuple(found) + tuple(" ".join(pair) for pair in instructions(code))


def compare(stored, free, source):
    original = marshal.loads(base64.b64decode(stored))
    try:
        anew = function(free, source)
    except SyntaxError as error:
        return "SyntaxError: %s" % error
    one, other = shape(original), shape(anew)
    for left, right in zip(one, other):
        if left != right:
            return "%s | %s" % (left, right)
    return "" if len(one) == len(other) else "%d | %d" % (len(one), len(other))


def dump(free, source):
    try:
        return base64.b64encode(marshal.dumps(function(free, source))).decode("ascii")
    except SyntaxError:
        return None


def follow(stored, free, source):
    """Return what differs when both functions run on objects that write down all that is done to them."""
    original = marshal.loads(base64.b64decode(stored))
    try:
        anew = function(free, source)
    except SyntaxError as error:
        return "SyntaxError: %s" % error
    for seed in range(40):
        one, other = run(original, seed), run(anew, seed)
        if one != other:
            for left, right in zip(one, other):
                if left != right:
                    return "seed %d: %s | %s" % (seed, left, right)
            return "seed %d: %d | %d events" % (seed, len(one), len(other))
    return ""


if __name__ == "__main__":
    if sys.argv[1] == "follow":
        from recorder import run
    action = {"dump": dump, "compare": compare, "follow": follow}[sys.argv[1]]
    with open(sys.argv[2]) as file:
        rows = json.load(file)
    with open(sys.argv[3], "w") as file:
        json.dump([action(*row) for row in rows], file)
