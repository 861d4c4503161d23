"""Verifications for people, as a table of plain text, and for programs, as JSON values."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.diagnostic import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from keras_lambda_lint.verify.verdict import ModelVerdict, SiteVerdict, Verdict, Verification

_WIDTH = 100
_NARROWEST = 40


def table(verifications: Iterable[Verification], stream: TextIO) -> None:
    """Write one aligned block per file, Keras and device, at most 100 columns wide where the text allows."""
    for number, verification in enumerate(_all(verifications)):
        if number:
            stream.write("\n")
        stream.write(f"{verification.path} on {verification.keras}, {verification.device}\n")
        if verification.instead is not None:
            stream.write(f"  {verification.instead}\n")
            continue
        file = Path(verification.path).name
        rows = [_site_row(file, site) for site in verification.sites]
        rows += [_model_row(file, model) for model in verification.models]
        if not rows:
            stream.write("  no model and no replaced call was found\n")
        widths = [max(map(len, column)) for column in zip(*((row[0], row[1]) for row in rows), strict=True)]
        for place, name, verdict in rows:
            cells = [cell.ljust(width) for cell, width in zip((place, name), widths, strict=True)]
            head = "  " + "  ".join(cells) + "  "
            _write(stream, head, " " * len(head), str(verdict))
            for title, text in (*_save_and_load(verdict), *_kept(verdict)):
                _write(stream, f"    {title}", " " * 8, text)
        for note in verification.notes:
            _write(stream, "  note: ", " " * 8, note)


def as_json(verifications: Iterable[Verification]) -> list[dict[str, Any]]:
    """Return one dictionary per file, Keras and device."""
    return [
        {
            "path": each.path,
            "keras": each.keras,
            "device": each.device,
            "notes": list(each.notes),
            "sites": [
                {
                    "location": {"row": site.row, "column": site.column},
                    "cell": site.cell,
                    "layers": list(site.layers),
                    **_values(site.verdict),
                }
                for site in each.sites
            ],
            "models": [{"name": model.name, "row": model.row, **_values(model.verdict)} for model in each.models],
            "instead": _values(each.instead) if each.instead else None,
        }
        for each in _all(verifications)
    ]


def _all(verifications: Iterable[Verification]) -> Iterator[Verification]:
    for verification in verifications:
        yield verification
        yield from _all(verification.also)


def _site_row(file: str, site: SiteVerdict) -> tuple[str, str, Verdict]:
    names = ", ".join(site.layers[:2]) + (f" and {len(site.layers) - 2} more" if len(site.layers) > 2 else "")
    return f"{file}:{Place(site.row, site.column, site.cell)}", names or "-", site.verdict


def _model_row(file: str, model: ModelVerdict) -> tuple[str, str, Verdict]:
    return f"{file}:{model.row}", f"model {model.name}", model.verdict


def _save_and_load(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield what saving and loading did, by title: once where it did the same before and after."""
    if verdict.before and verdict.before == verdict.after:
        yield "before and after: ", verdict.before
        return
    if verdict.before:
        yield "before: ", verdict.before
    if verdict.after:
        yield "after:  ", verdict.after


def _kept(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield in which forms a model can be kept now and could not before, and what its old checkpoints need."""
    whole = [form.name for form in verdict.forms if form.is_whole and not form.was_whole]
    if whole:
        yield "whole now: ", ", ".join(whole)
    needs = [f"{form.name} {form.after}" for form in verdict.forms if not form.before and form.after != "loads"]
    if needs:
        yield "", "; ".join(needs)


def _write(stream: TextIO, head: str, indent: str, text: str) -> None:
    """Write a text that starts after `head` and goes on, where it is too long, after `indent`."""
    if len(head) > _WIDTH - _NARROWEST:
        stream.write(f"{head}".rstrip() + "\n")
        head = indent = " " * 8
    for line in textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ):
        stream.write(line.rstrip() + "\n")


def _values(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.kind.value,
        "text": str(verdict),
        "holds": verdict.holds,
        "cases": verdict.cases,
        "detail": verdict.detail,
        "intended": list(verdict.intended),
        "before": verdict.before,
        "after": verdict.after,
        "forms": {
            form.name: {
                "before": form.before,
                "after": form.after,
                "whole_before": form.was_whole,
                "whole_after": form.is_whole,
            }
            for form in verdict.forms
        },
    }
