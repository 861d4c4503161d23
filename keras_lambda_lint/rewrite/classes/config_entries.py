"""Completes the `get_config` that a class has."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api import layer_config as facts
from keras_lambda_lint.rewrite.argument_list import appended
from keras_lambda_lint.rewrite.layout import line_indent
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.classes.bases import lineage
from keras_lambda_lint.sites.classes.layer_class import Root
from keras_lambda_lint.source.parameters import with_defaults

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.classes.anatomy import Anatomy
    from keras_lambda_lint.rewrite.classes.held import Held


@dataclass
class _Entries:
    """Where a `get_config` names keys: in braces, as keywords of a call, by statements."""

    values: dict[str, ast.expr] = field(default_factory=dict)
    places: list[ast.Dict | ast.Call | ast.Assign] = field(default_factory=list)


def completed(anatomy: Anatomy, method: ast.FunctionDef, held: list[Held]) -> list[Edit]:
    """Return the edits that put parameters into a `get_config`: in the place of what it returns for them now, else behind the others.

    Raises `NoFix` where something else that it returns keeps Keras from making the class again.
    """
    found = _Entries()
    for statement in method.body:
        _collect(statement, found)
    _refuse_entries(anatomy, found, {each.name for each in held})
    source = anatomy.sites.source
    replaced = {found.values[each.name]: each.entry for each in held if each.name in found.values}
    missing = [each for each in held if each.name not in found.values]
    place = found.places[-1] if found.places and missing else None
    edits: list[Edit] = []
    for other in found.places:
        own = [each for each in missing if other is place]
        on_one_row = other.lineno == other.end_lineno
        touched = own or (isinstance(other, ast.Dict) and any(value in replaced for value in other.values))
        if isinstance(other, ast.Dict) and touched and on_one_row:
            edits.append(_rewritten(anatomy, other, replaced, own))
            replaced = {value: text for value, text in replaced.items() if value not in other.values}
        elif own:
            edits += _added(anatomy, other, own)
    if missing and place is None:
        edits += _first(anatomy, method, missing)
    return [*edits, *(Edit(source.span(value), text) for value, text in replaced.items())]


def _refuse_entries(anatomy: Anatomy, found: _Entries, held: set[str]) -> None:
    """Refuse a key that the constructor does not take, and what the constructor made and no file can hold."""
    assert anatomy.constructor is not None
    taken = {argument.arg for argument, _, _ in with_defaults(anatomy.constructor.args)} | facts.BASE_PARAMETERS
    popped = {node.value for node in ast.walk(anatomy.constructor) if isinstance(node, ast.Constant)}
    for key, value in found.values.items():
        if key not in taken and key not in popped and not _has_own_base(anatomy):
            raise NoFix(f"`get_config` returns `{key}`, which the constructor does not take")
        if key in held or not (isinstance(value, ast.Attribute) and anatomy.is_self(value.value)):
            continue
        for target, stored, _ in anatomy.sites.index.stores:
            made = isinstance(target, ast.Attribute) and target.attr == value.attr and isinstance(stored, ast.Call)
            if made and anatomy.sites.values.of(stored).is_layer:
                raise NoFix(f"`get_config` returns `{key}` as it is, a layer that the constructor makes")


def _has_own_base(anatomy: Anatomy) -> bool:
    line = lineage(anatomy.sites, anatomy.node)
    return line is None or len(line.own) > 1 or line.root is not Root.LAYER


def _rewritten(anatomy: Anatomy, place: ast.Dict, replaced: dict[ast.expr, str], missing: list[Held]) -> Edit:
    """Return the edit that writes a display on one row anew: on one row where it fits, else with a row for each entry."""
    source = anatomy.sites.source
    quote = _quote(anatomy, place)
    merged: list[str] = []
    keyed: list[str] = []
    after: list[str] = []
    for key, value in zip(place.keys, place.values, strict=True):
        text = replaced.get(value) or anatomy.sites.text(source.span(value))
        if key is None:
            (after if keyed else merged).append(f"**{text}")
        else:
            keyed.append(f"{anatomy.sites.text(source.span(key))}: {text}")
    keyed += [f"{quote}{each.name}{quote}: {each.entry}" for each in missing]
    parts = [*merged, *keyed, *after]
    span = source.span(place)
    line = source.line(source.location(span.start).row)
    text = f"{{{', '.join(parts)}}}"
    if len(line) - (span.end - span.start) + len(text) > anatomy.width:
        indent = line_indent(line)
        rows = "".join(f"{source.newline}{indent}{anatomy.step}{part}," for part in parts)
        text = f"{{{rows}{source.newline}{indent}}}"
    return Edit(span, text)


def _collect(node: ast.AST, found: _Entries) -> None:
    """Gather the entries below a node, not those inside the values of entries."""
    if isinstance(node, ast.Dict):
        found.places.append(node)
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.values[key.value] = value
            elif key is None:
                _collect(value, found)
        return
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        key = node.targets[0].slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.values[key.value] = node.value
            found.places.append(node)
        return
    if isinstance(node, ast.Call):
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
        if last in ("dict", "update") and named:
            found.places.append(node)
            found.values.update(named)
        for each in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg is None)):
            _collect(each, found)
        return
    for child in ast.iter_child_nodes(node):
        _collect(child, found)


def _added(anatomy: Anatomy, place: ast.Dict | ast.Call | ast.Assign, missing: list[Held]) -> list[Edit]:
    source = anatomy.sites.source
    quote = _quote(anatomy, place)
    if isinstance(place, ast.Assign):
        target = place.targets[0]
        assert isinstance(target, ast.Subscript)
        owner = anatomy.sites.text(source.span(target.value))
        return [_behind(anatomy, place, [f"{owner}[{quote}{each.name}{quote}] = {each.entry}" for each in missing])]
    if isinstance(place, ast.Dict):
        text = [f"{quote}{each.name}{quote}: {each.entry}" for each in missing]
        ends = [(key is None, value) for key, value in zip(place.keys, place.values, strict=True)]
        start = source.span(place).start
    else:
        text = [f"{each.name}={each.entry}" for each in missing]
        ends = [(keyword.arg is None, keyword.value) for keyword in place.keywords]
        start = source.span(place.func).end
    if ends and ends[-1][0]:
        named = [value for merges, value in ends if not merges]
        if named:
            return [_between(anatomy, named[-1], text)]
    return appended(source, start, text, anatomy.step)


def _between(anatomy: Anatomy, before: ast.expr, text: list[str]) -> Edit:
    """Return the insertion of entries behind one that others follow, on a row of its own if that one ends its row."""
    source = anatomy.sites.source
    end = source.span(before).end
    row = source.location(end).row
    ends_row = not source.text[end : source.line_starts[row - 1] + len(source.line(row))].strip(" ,")
    between = f",{source.newline}{line_indent(source.line(row))}" if ends_row else ", "
    return Edit(Span(end, end), "".join(f"{between}{each}" for each in text))


def _quote(anatomy: Anatomy, place: ast.AST) -> str:
    """Return the quotation mark of the last key before."""
    text = anatomy.sites.source.text
    keys = [key for key in getattr(place, "keys", ()) if isinstance(key, ast.Constant)]
    if isinstance(place, ast.Assign) and isinstance(place.targets[0], ast.Subscript):
        keys = [place.targets[0].slice]  # type: ignore[list-item]
    mark = text[anatomy.sites.source.span(keys[-1]).start] if keys else '"'
    return mark if mark in "\"'" else '"'


def _first(anatomy: Anatomy, method: ast.FunctionDef, missing: list[Held]) -> list[Edit]:
    """Return the edits where the method only hands on what the base class returns."""
    last = method.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        raise NoFix("what `get_config` returns is not plain")
    source = anatomy.sites.source
    if isinstance(last.value, ast.Name):
        lines = [f'{last.value.id}["{each.name}"] = {each.entry}' for each in missing]
        start = source.line_starts[last.lineno - 1]
        indent = line_indent(source.line(last.lineno))
        return [Edit(Span(start, start), "".join(f"{indent}{line}{source.newline}" for line in lines))]
    span = source.span(last.value)
    entries = ", ".join(f'"{each.name}": {each.entry}' for each in missing)
    return [Edit(span, f"{{**{anatomy.sites.text(span)}, {entries}}}")]


def _behind(anatomy: Anatomy, statement: ast.stmt, lines: list[str]) -> Edit:
    source = anatomy.sites.source
    row = statement.end_lineno or statement.lineno
    end = source.line_starts[row - 1] + len(source.line(row))
    indent = line_indent(source.line(statement.lineno))
    return Edit(Span(end, end), "".join(f"{source.newline}{indent}{line}" for line in lines))
