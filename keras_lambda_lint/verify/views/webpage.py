"""Verifications as a page for a browser."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Place
from keras_lambda_lint.report.page import escaped, framed, prose
from keras_lambda_lint.verify.verdict import Kind, every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keras_lambda_lint.verify.verdict import Form, LayerErrors, ModelVerdict, Verdict, Verification

_CLASSES = {Kind.DIFFER: "bad", Kind.ERROR: "bad", Kind.UNCOVERED: "doubtful", Kind.SKIPPED: "quiet"}
_WIDTH, _HEIGHT, _GAP = 12, 32, 2


def webpage(verifications: Iterable[Verification]) -> str:
    """Return the page."""
    verifications = list(verifications)
    verdicts = (verdict for each in every(verifications) for _, _, verdict in _places(each))
    instead = (each.instead for each in every(verifications) if each.instead is not None)
    kinds = Counter(verdict.kind for verdict in (*verdicts, *instead))
    lead = " · ".join(f"{kind.value}: {count}" for kind, count in kinds.items()) or "nothing was verified"
    body = "\n".join(('<main id="content" tabindex="-1">', *sections(verifications), "</main>"))
    return framed("keras-lambda-lint: what verification says", f"<p>{escaped(lead)}</p>", body)


def sections(verifications: Iterable[Verification]) -> Iterator[str]:
    """Yield the HTML of one section for each file, Keras and device."""
    for each in every(verifications):
        yield f"<section><h2>{escaped(each.path)}</h2>"
        yield f'<p class="quiet">{escaped(each.keras)}, {escaped(each.device)}</p>'
        if each.notes:
            yield f"<ul>{''.join(f'<li>{escaped(note)}</li>' for note in each.notes)}</ul>"
        if each.instead is not None:
            yield f"<p>{_badge(each.instead)}</p>"
        else:
            rows = [
                (
                    f"<code>{escaped(place)}</code>",
                    escaped(name),
                    _badge(verdict),
                    escaped(verdict.before),
                    escaped(verdict.after),
                )
                for place, name, verdict in _places(each)
            ]
            # Each table is a region: a screen reader lists them by their names, which must differ.
            where = f"{each.path}, {each.keras}, {each.device}"
            head = ("Place", "Layer or model", "Verdict", "Saved and loaded before", "And after")
            yield _table(f"Verdicts: {where}", head, rows)
            yield from (part for model in each.models for part in _model(model, where))
        yield "</section>"


def _places(verification: Verification) -> list[tuple[str, str, Verdict]]:
    file = Path(verification.path).name
    places = [
        (f"{file}:{Place(site.row, site.column, site.cell)}", ", ".join(site.layers), site.verdict)
        for site in verification.sites
    ]
    return [*places, *((f"{file}:{each.row}", f"model {each.name}", each.verdict) for each in verification.models)]


def _badge(verdict: Verdict) -> str:
    kind, _, rest = str(verdict).partition(" (")
    return f'<span class="badge {_CLASSES.get(verdict.kind, "good")}">{escaped(kind)}</span>{prose(rest.removesuffix(")"))}'


def _model(model: ModelVerdict, where: str) -> Iterator[str]:
    title = f"Model {model.name}"
    caption = f"{title} of line {model.row}: {where}"
    if model.verdict.forms:
        rows = [(f"<code>{escaped(each.name)}</code>", *_form(each)) for each in model.verdict.forms]
        broken = sum(each.is_whole and not each.was_whole for each in model.verdict.forms if each.before)
        yield f"<details><summary>{escaped(title)}: forms in which it is kept, {broken} of them whole only now</summary>"
        yield _table(f"Forms: {caption}", ("Form", "Before", "After"), rows) + "</details>"
    if model.layers:
        errors = [(escaped(each.layer), *_numbers(each), _histogram(each)) for each in model.layers]
        head = ("Layer", "Shape", "Largest error", "Largest value", "Errors relative to it, equal to large")
        yield f"<details><summary>{escaped(title)}: errors of {len(model.layers)} layers and outputs</summary>"
        yield _table(f"Errors: {caption}", head, errors) + "</details>"


def _form(form: Form) -> tuple[str, str]:
    before, after = ("good" if whole else "bad" for whole in (form.was_whole, form.is_whole))
    return (
        f'<span class="{before}">{prose(form.before)}</span>' if form.before else "",
        f'<span class="{after}">{prose(form.after)}</span>',
    )


def _numbers(layer: LayerErrors) -> tuple[str, str, str]:
    return escaped(str(layer.shape)), f"{layer.largest:.3g}", f"{layer.magnitude:.3g}"


def _histogram(layer: LayerErrors) -> str:
    """Return bars, from equal values to large errors, with the counts as text for those who do not see them."""
    most = max(layer.counts) or 1
    bars = []
    for number, count in enumerate(layer.counts):
        # A single value among thousands must still be seen.
        height = max(_HEIGHT * count / most, 2.0) if count else 0.5
        x, y = number * (_WIDTH + _GAP), _HEIGHT - height
        bars.append(f'<rect class="bar" x="{x}" y="{y:.1f}" width="{_WIDTH}" height="{height:.1f}"></rect>')
    label = ", ".join(f"{name}: {count}" for name, count in layer.bins() if count) or "no numbers"
    width = len(layer.counts) * (_WIDTH + _GAP)
    return (
        f'<svg role="img" aria-label="{escaped(label)}" width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}">'
        f"<title>{escaped(label)}</title>{''.join(bars)}</svg>"
    )


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    columns = "".join(f'<th scope="col">{escaped(each)}</th>' for each in head)
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escaped(caption)}"><table>'
        f'<caption class="hidden">{escaped(caption)}</caption><thead><tr>{columns}</tr></thead><tbody>{cells}</tbody></table></div>'
    )
