"""An inspected model for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keras_lambda_lint.artifacts.functions import Needed
    from keras_lambda_lint.artifacts.inspection import Inspected, Model

_RISKS = {"pure": "only computes", "unknown": "unknown", "dangerous": "DANGEROUS"}
_LONGEST_VALUE = 200


def as_text(model: Model) -> str:
    """Return what a model holds, ended by an empty line if that is anything."""
    lines = [_head(model)]
    for function in model.functions:
        lines += ["", *_function(function)]
    if model.needed:
        lines += ["", "  needed by name when it is loaded, from custom_objects or registered:"]
        lines += [f"    {_needed(each)}" for each in model.needed]
    if model.functions or model.needed:
        lines.append("")
    return "".join(f"{plain(line)}\n" for line in lines)


def summary(models: Sequence[Model]) -> str:
    """Return one line on all models together."""
    functions = sum(len(model.functions) for model in models)
    holding = sum(bool(model.functions) for model in models)
    if not functions:
        return "No bytecode found.\n"
    return f"Found {functions} function{'s' * (functions > 1)} stored as bytecode in {holding} model{'s' * (holding > 1)}.\n"


def _head(model: Model) -> str:
    file = model.file
    found = "" if model.functions else ": no bytecode"
    return f"{file.path} ({file.form.value}, {f'Keras {file.keras}' if file.keras else 'Keras unknown'}){found}"


def _function(found: Inspected) -> Iterator[str]:
    stored, recovery = found.stored, found.recovery
    module = f", module `{stored.module}`" if stored.module else ""
    yield f"  {stored.layer or 'the model'}: {stored.role}, written by Python {found.python}{module}, {found.status}"
    if found.reason:
        yield f"    not exact: {found.reason}"
    shown = found.source if found.source is not None else recovery.disassembly if recovery else ""
    yield from (f"      {line}" for line in shown.split("\n") if shown)
    if recovery and recovery.names:
        yield f"    global names: {', '.join(recovery.names)}"
    if stored.defaults and recovery:
        names = recovery.parameters[-len(stored.defaults) :] if isinstance(stored.defaults, list) else ()
        yield f"    defaults: {_values(names, stored.defaults)}"
    if stored.closure and recovery:
        yield f"    captured: {_values(recovery.free, stored.closure)}"
    for note in recovery.notes if recovery else ():
        yield f"    note: {note}"
    reasons = f": {', '.join(found.risk.reasons)}" if found.risk.reasons else ""
    yield f"    risk: {_RISKS[found.risk.level]}{reasons}"
    for each in found.consequences:
        yield f"    {each.where}: {each.what}"


def _values(names: Sequence[str], values: Any) -> str:
    if not isinstance(values, list) or len(values) != len(names):
        return _value(values)
    return ", ".join(f"{name} = {_value(value)}" for name, value in zip(names, values, strict=True))


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _needed(needed: Needed) -> str:
    module = f" of `{needed.module}`" if needed.module else ""
    return f"{needed.kind} `{needed.name}`{module} ({needed.layer or 'the model'})"
