"""Writes `get_config` and `from_config`, or completes the `get_config` that is there, in the manner of the file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.layout import line_indent
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.classes.anatomy import Anatomy
    from keras_lambda_lint.rewrite.classes.held import Held

_LAST_METHODS = ("call", "compute_mask", "compute_output_shape", "compute_output_spec")


def new_methods(anatomy: Anatomy, held: list[Held], *, with_config: bool) -> Edit | None:
    """Return the insertion of the methods that a class lacks: `get_config` if wanted, `from_config` if something has to be made again."""
    methods = [_get_config(anatomy, held)] if with_config else []
    if any(each.restored is not None for each in held):
        methods.append(_from_config(anatomy, held))
    if not methods:
        return None
    anchor = anatomy.method("get_config") or _last_method(anatomy)
    end = _end_of(anatomy, anchor)
    newline = anatomy.sites.source.newline
    text = "".join(f"{newline}{newline}{newline.join(lines)}" for lines in methods)
    return Edit(Span(end, end), text)


def _last_method(anatomy: Anatomy) -> ast.FunctionDef:
    named = [each for name in _LAST_METHODS if (each := anatomy.method(name)) is not None]
    methods = [each for each in anatomy.node.body if isinstance(each, ast.FunctionDef)]
    return max(named or methods, key=lambda method: method.lineno)


def _end_of(anatomy: Anatomy, method: ast.FunctionDef) -> int:
    """Return the end of a method's last row, the comments below it that are indented like its body included."""
    source = anatomy.sites.source
    row = last = method.end_lineno or method.lineno
    while row < len(source.line_starts):
        row += 1
        line = source.line(row)
        if line.strip() and not (line.lstrip().startswith("#") and len(line_indent(line)) > len(anatomy.indent)):
            break
        last = row if line.strip() else last
    return source.line_starts[last - 1] + len(source.line(last))


def _returns(anatomy: Anatomy, annotation: str) -> str:
    """Return an annotation where the class has them."""
    constructor = anatomy.constructor
    return f" -> {annotation}" if constructor is not None and constructor.returns is not None else ""


def _get_config(anatomy: Anatomy, held: list[Held]) -> list[str]:
    head = f"{anatomy.indent}def get_config(self){_returns(anatomy, 'dict')}:"
    base = f"{anatomy.super_of('self')}.get_config()"
    entries = [f'"{each.name}": {each.entry}' for each in held]
    return [head, *_body(anatomy, _idiom(anatomy, base), entries)]


def _idiom(anatomy: Anatomy, base: str) -> list[str]:
    """Return the statements by which the file's other classes merge their config with the base's; `{}` stands for their own."""
    for node in ast.walk(anatomy.sites.index.tree):
        if isinstance(node, ast.FunctionDef) and node.name == "get_config":
            written = ast.unparse(node)
            if "list(base_config.items()) + list(config.items())" in written:
                merged = "return dict(list(base_config.items()) + list(config.items()))"
                return ["config = {}", f"base_config = {base}", merged]
            if "config.update({" in written and "return config" in written:
                return [f"config = {base}", "config.update({})", "return config"]
    return [f"return {{**{base}}}"]


def _body(anatomy: Anatomy, statements: list[str], entries: list[str]) -> list[str]:
    """Return the statements with the entries in their braces, on one row each where they fit."""
    rows = []
    for statement in statements:
        opened, brace, rest = statement.partition("{")
        if not brace:
            rows.append(anatomy.room(1) + statement)
            continue
        inside, _, closed = rest.rpartition("}")
        parts = [*([inside] if inside else []), *entries]
        row = f"{anatomy.room(1)}{opened}{{{', '.join(parts)}}}{closed}"
        if len(row) <= anatomy.width:
            rows.append(row)
        elif closed:
            between = [f"{anatomy.room(2)}{{", *(f"{anatomy.room(3)}{part}," for part in parts), f"{anatomy.room(2)}}}"]
            rows += [f"{anatomy.room(1)}{opened}", *between, f"{anatomy.room(1)}{closed}"]
        else:
            between = [f"{anatomy.room(2)}{part}," for part in parts]
            rows += [f"{anatomy.room(1)}{opened}{{", *between, f"{anatomy.room(1)}}}"]
    return rows


def _from_config(anatomy: Anatomy, held: list[Held]) -> list[str]:
    restored = [each for each in held if each.restored is not None]
    rows = [f"{anatomy.indent}@classmethod", f"{anatomy.indent}def from_config(cls, config):"]
    for each in restored:
        if each.name in ("cls", "config"):
            raise NoFix(f"a parameter of the constructor is called `{each.name}`")
        row = f"{anatomy.room(1)}{each.name} = {each.restored}"
        callee, bracket, argument = row.partition("(")
        if len(row) > anatomy.width and row.endswith(")"):
            rows += [callee + bracket, f"{anatomy.room(2)}{argument[:-1]}", f"{anatomy.room(1)})"]
        else:
            rows.append(row)
    parts = ["**config", *(f'"{each.name}": {each.name}' for each in restored)]
    callee = f"return {anatomy.super_of('cls')}.from_config("
    row = f"{anatomy.room(1)}{callee}{{{', '.join(parts)}}})"
    if len(row) <= anatomy.width:
        return [*rows, row]
    together = f"{anatomy.room(2)}{{{', '.join(parts)}}}"
    inner = [together]
    if len(together) > anatomy.width:
        inner = [f"{anatomy.room(2)}{{", *(f"{anatomy.room(3)}{part}," for part in parts), f"{anatomy.room(2)}}}"]
    return [*rows, anatomy.room(1) + callee, *inner, f"{anatomy.room(1)})"]
