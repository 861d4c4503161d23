"""Verifications as Markdown: the verdicts, what was broken before and is whole now, and the errors of layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Place
from keras_lambda_lint.report.terminal import plain
from keras_lambda_lint.verify.verdict import every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keras_lambda_lint.verify.verdict import ModelVerdict, Verification


def markdown(verifications: Iterable[Verification]) -> str:
    """Return the report."""
    return "\n".join(["# What verification says", "", *sections(verifications)]).rstrip("\n") + "\n"


def sections(verifications: Iterable[Verification]) -> Iterator[str]:
    """Yield the lines of one section for each file, Keras and device."""
    for each in every(verifications):
        yield from (f"## {_cell(each.path)} on {_cell(each.keras)}, {_cell(each.device)}", "")
        yield from (f"* {_cell(note)}" for note in each.notes)
        if each.instead is not None:
            yield from (_cell(str(each.instead)), "")
            continue
        file = Path(each.path).name
        places = [
            (f"{file}:{Place(site.row, site.column, site.cell)}", ", ".join(site.layers), site.verdict)
            for site in each.sites
        ]
        places += [(f"{file}:{model.row}", f"model {model.name}", model.verdict) for model in each.models]
        rows = [(place, name, str(verdict), verdict.before, verdict.after) for place, name, verdict in places]
        yield from _table(("place", "layer or model", "verdict", "saved and loaded before", "and after"), rows)
        for model in each.models:
            yield from _model(model)


def _model(model: ModelVerdict) -> Iterator[str]:
    if model.verdict.forms:
        yield from (f"### Model {_cell(model.name)}: forms in which it is kept", "")
        rows = [(each.name, each.before, each.after) for each in model.verdict.forms]
        yield from _table(("form", "before", "after"), rows)
    if model.layers:
        yield from (f"### Model {_cell(model.name)}: errors", "")
        errors = [
            (
                each.layer,
                str(each.shape),
                f"{each.largest:.3g}",
                f"{each.magnitude:.3g}",
                f"{each.counts[0]} of {sum(each.counts)}",
            )
            for each in model.layers
        ]
        yield from _table(("layer", "shape", "largest error", "largest value", "values that are equal"), errors)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)
    yield ""


def _cell(text: str) -> str:
    """Return text that Markdown shows as it is, in a cell too."""
    shown = plain(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return shown.replace("_", "\\_").replace("*", "\\*").replace("[", "\\[").replace("`", "\\`")
