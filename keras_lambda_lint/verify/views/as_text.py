"""Verifications for people, as a table of plain text."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Place
from keras_lambda_lint.verify.verdict import every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from keras_lambda_lint.verify.verdict import ModelVerdict, SiteVerdict, Verdict, Verification

_WIDTH = 100
_NARROWEST = 40


def table(verifications: Iterable[Verification], stream: TextIO) -> None:
    """Write one aligned block per file, Keras and device, at most 100 columns wide where the text allows."""
    for number, verification in enumerate(every(verifications)):
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
            for title, text in (*save_and_load(verdict), *kept(verdict)):
                _write(stream, f"    {title}", " " * 8, text)
        for note in verification.notes:
            _write(stream, "  note: ", " " * 8, note)


def _site_row(file: str, site: SiteVerdict) -> tuple[str, str, Verdict]:
    names = ", ".join(site.layers[:2]) + (f" and {len(site.layers) - 2} more" if len(site.layers) > 2 else "")
    return f"{file}:{Place(site.row, site.column, site.cell)}", names or "-", site.verdict


def _model_row(file: str, model: ModelVerdict) -> tuple[str, str, Verdict]:
    return f"{file}:{model.row}", f"model {model.name}", model.verdict


def save_and_load(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield what saving and loading did, by title: once where it did the same before and after."""
    if verdict.before and verdict.before == verdict.after:
        yield "before and after: ", verdict.before
        return
    if verdict.before:
        yield "before: ", verdict.before
    if verdict.after:
        yield "after:  ", verdict.after


def kept(verdict: Verdict) -> Iterator[tuple[str, str]]:
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
