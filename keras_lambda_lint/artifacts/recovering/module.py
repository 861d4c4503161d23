"""The module with what takes the place of a model's bytecode, and which part of it belongs to which layer."""

from __future__ import annotations

import ast
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats import read
from keras_lambda_lint.artifacts.recovering import globals as known
from keras_lambda_lint.artifacts.recovering.draft import Draft, draft
from keras_lambda_lint.artifacts.recovering.held import Held, held, without_repeats
from keras_lambda_lint.artifacts.recovering.keras_3 import for_keras_3
from keras_lambda_lint.artifacts.recovering.names import name_of, never_free
from keras_lambda_lint.artifacts.recovering.obstacle import Obstacle
from keras_lambda_lint.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keras_lambda_lint.artifacts.formats import ModelFile

_LONGEST_VALUE = 100
_MOST_NAMES = 8


@dataclass(frozen=True)
class Definition:
    """A class or function of the module, and the layers that it is for."""

    name: str
    drafts: tuple[tuple[Held, Draft], ...]

    @property
    def draft(self) -> Draft:
        """Return what it is; the values of the configuration are those of the first layer."""
        return self.drafts[0][1]


@dataclass(frozen=True)
class Module:
    """A recovered module."""

    file: ModelFile
    package: str
    """Under which its classes and functions are registered."""
    text: str
    definitions: tuple[Definition, ...]
    without: tuple[tuple[Held, str], ...]
    """What has no definition, and why."""
    todo: tuple[str, ...] = field(default=())
    """What a person has to do before the module works, each in one line."""


def recover_module(path: str, style: str = "layer") -> Module:
    """Return the module for a saved model; raise `ModelError` where there is nothing to recover or the model cannot be read."""
    file = read(path)
    places = held(file)
    if not places:
        raise ModelError("it holds no bytecode: there is nothing to recover")
    return module(file, places, style)


def module(file: ModelFile, places: Sequence[Held], style: str) -> Module:
    """Return the module for what a model holds."""
    package = package_of(file.path)
    groups: dict[tuple[str, ...], list[tuple[Held, Draft]]] = {}
    without: list[tuple[Held, str]] = []
    for place in places:
        try:
            found = draft(place, style)
        except Obstacle as obstacle:
            without.append((place, str(obstacle)))
        except RecursionError:
            without.append((place, "it is nested too deeply"))
        else:
            statuses = [each.status for each in place.functions.values()]
            groups.setdefault((found.after_name, *statuses), []).append((place, found))
    reads = frozenset[str]().union(*(found.reads for group in groups.values() for _, found in group))
    taken = never_free() | reads
    definitions = tuple(
        Definition(name_of([place for place, _ in group], is_class=group[0][1].is_class, taken=taken), tuple(group))
        for group in groups.values()
    )
    text, gone = for_keras_3(_text(file, package, definitions, without, reads))
    text, absent = _marked(text, gone)
    todo = [*_unknown(definitions), *absent]
    return Module(file, package, text, definitions, tuple(without), tuple(todo))


def package_of(path: str) -> str:
    """Return the package under which the layers of a model are registered: its file's name."""
    stem = os.path.splitext(os.path.basename(os.path.normpath(os.path.abspath(path))))[0]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", stem).strip("_.-") or "recovered"
    return f"{name}_model" if name in ("keras", "tf_keras", "tensorflow", "builtins") else name


# The text


def _text(
    file: ModelFile,
    package: str,
    definitions: Iterable[Definition],
    without: Iterable[tuple[Held, str]],
    reads: frozenset[str],
) -> str:
    name = re.sub(r"[^A-Za-z0-9_.,+@() -]+", "_", os.path.basename(os.path.normpath(file.path)))
    written = (
        f", written by Keras {plain(file.keras)}" if file.keras and re.fullmatch(r"[\w.+-]{1,40}", file.keras) else ""
    )
    head = f'"""Layers and functions of {name}{written}: recovered by `keras-lambda-lint recover`.\n\n'
    head += 'Import this module before a model that needs it is loaded: that registers them.\n"""\n'
    body = "\n\n".join("\n".join([*_comment(each), each.draft.text(each.name, package)]) for each in definitions)
    uses_np = any("np.asarray(" in each.draft.after_name for each in definitions)
    lines = known.imports(reads | {"keras"} | ({"np"} if uses_np else set()))
    left = "".join(f"\n\n{text}\n" for text in ("\n".join(_left(place, reason)) for place, reason in without))
    return f"{head}\n{_sorted(lines)}\n" + (f"\n\n{body}" if body else "") + left


def _sorted(lines: list[str]) -> str:
    """Return import statements in the order of isort: those of Python first."""
    standard = [line for line in lines if line in (known.IMPORTS["math"], known.IMPORTS["reduce"])]
    others = sorted((line for line in lines if line not in standard), key=lambda line: (line.startswith("from"), line))
    return "\n".join([*standard, *([""] if standard else []), *others])


def _comment(definition: Definition) -> Iterator[str]:
    """Yield the lines above a definition: where it comes from, and how much of it is known."""
    yield from dict.fromkeys(_origin(place, found) for place, found in _shown(definition.drafts))
    functions = definition.drafts[0][0].functions
    if all(each.status == "exact" for each in functions.values()):
        yield "# Exact: compiled again, it does what the bytecode does."
    for role, each in functions.items():
        of = f" ({plain(role)})" if len(functions) > 1 else ""
        if each.status != "exact":
            yield f"# APPROXIMATE{of}: {plain(each.reason or '')}. The bytecode:"
            yield from _disassembly(each.recovery.disassembly if each.recovery else "")
        if each.recovery and each.recovery.notes:
            yield f"# Note{of}: {plain('; '.join(each.recovery.notes))}."
        if each.risk.level == "dangerous":
            yield f"# DANGEROUS{of}: {plain(', '.join(each.risk.reasons))}."
    for name in known.unknown(definition.draft.reads):
        yield f"# TODO: define or import `{plain(name)}`: the model file does not hold it, and this fails without it."


def _origin(place: Held, found: Draft) -> str:
    first = next(iter(place.functions.values()))
    what = "Layer" if place.is_layer else f"`{plain(next(iter(place.functions)))}` of layer"
    return f"# {what} `{plain(place.path)}`, written by Python {first.python}.{_values(found)}"


def _shown(drafts: Sequence[tuple[Held, Draft]]) -> Sequence[tuple[Held, Draft]]:
    kept = {id(place.config) for place in without_repeats(place for place, _ in drafts)}
    return [(place, found) for place, found in drafts if id(place.config) in kept]


def _values(found: Draft) -> str:
    texts = (f"{name} = {_short(each)}" for name, each in found.config.items())
    joined = plain(", ".join(texts))
    return f" {joined}." if joined else ""


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _left(place: Held, reason: str) -> Iterator[str]:
    """Yield the lines on what has no definition."""
    yield f"# TODO: layer `{plain(place.path)}` has to be written by hand: {plain(reason)}."
    for role, each in place.functions.items():
        yield f"# Its {plain(role)}, written by Python {each.python}, {each.status}:"
        if each.source is not None:
            yield from (f"#     {plain(line)}" for line in each.source.split("\n"))
        elif each.recovery:
            yield from _disassembly(each.recovery.disassembly)


def _disassembly(text: str) -> Iterator[str]:
    yield from (f"#     {plain(line)}" for line in text.split("\n") if line.strip())


# What is left to do


def _unknown(definitions: Iterable[Definition]) -> Iterator[str]:
    for each in definitions:
        names = known.unknown(each.draft.reads)
        if names:
            shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMES])
            more = ", ..." if len(names) > _MOST_NAMES else ""
            yield f"`{each.name}` reads {shown}{more}, which the model file does not hold"


def _marked(text: str, gone: Sequence[tuple[int, str]]) -> tuple[str, list[str]]:
    """Return the text with a comment above each definition that reads what Keras 3 has no more, and what that is."""
    if not gone:
        return text, []
    lines = text.split("\n")
    absent = []
    starts = [node for node in ast.parse(text).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    for row, message in sorted(gone, reverse=True):
        node = next((node for node in starts if node.lineno <= row <= (node.end_lineno or row)), None)
        if node is not None:
            lines.insert(node.decorator_list[0].lineno - 1, f"# TODO: {plain(message)}.")
            absent.append(f"`{node.name}`: {message}")
    return "\n".join(lines), absent[::-1]
