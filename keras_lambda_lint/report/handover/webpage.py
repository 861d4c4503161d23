"""The hand-over list as a page for a browser: findings by rule and by file, with their code and the diff of each fix."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from keras_lambda_lint.report import diff, text
from keras_lambda_lint.report.handover.outcome import described
from keras_lambda_lint.report.page import coloured, escaped, framed, prose
from keras_lambda_lint.report.terminal import Palette

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.diagnostic import Diagnostic, Fix
    from keras_lambda_lint.report.handover.outcome import Entry, Handover, Outcome
    from keras_lambda_lint.source.text import Source

_MOST_OPEN = 20
"""Entries that a page shows opened; with more, it is a list to choose from."""
_COLOURS = Palette(colours=True)
_SEVERITIES = ("error", "warning", "info")
_STATES = (("left", "to do"), ("changed", "changed"), ("suppressed", "suppressed"))


def webpage(handover: Handover, problems: Iterable[str]) -> str:
    """Return the page; `problems` are the files that could not be worked on, each a line."""
    problems = list(problems)
    files = handover.files
    entries = [entry for file in files.values() for state, _ in _STATES for entry in getattr(file, state)]
    opened = len(entries) <= _MOST_OPEN
    body = [_rules(files.values()), _filter(entries) if entries else "", '<main id="content" tabindex="-1">']
    if problems:
        lines = "".join(f"<li>{escaped(line)}</li>" for line in problems)
        body.append(f"<section><h2>Could not be worked on</h2><ul>{lines}</ul></section>")
    body += [_file(name, file, opened=opened) for name, file in files.items()]
    if not entries and not problems:
        body.append("<p>No findings.</p>")
    if handover.verdicts is not None:
        body.append(handover.verdicts.html())
    body.append("</main>")
    return framed("keras-lambda-lint: findings and fixes", _lead(files.values(), len(problems)), "\n".join(body))


def _lead(files: Iterable[Outcome], problems: int) -> str:
    counts = {what: sum(len(getattr(file, what)) for file in files) for what, _ in _STATES}
    parts = [
        f"{counts['left']} to do",
        f"{counts['changed']} changed",
        f"{counts['suppressed']} suppressed by a comment",
    ]
    if problems:
        parts.append(f"{problems} {'files' if problems > 1 else 'file'} could not be worked on")
    return f"<p>{' · '.join(parts)}</p>"


def _rules(files: Iterable[Outcome]) -> str:
    """Return the table of the rules that found something which is left to do."""
    found = [finding for file in files for entry in file.left for finding in entry.findings]
    counts = Counter(finding.code for finding in found)
    if not counts:
        return ""
    severities = {finding.code: finding.severity.value for finding in found}
    names = {finding.code: escaped(finding.name) for finding in found}
    rows = "".join(
        f"<tr><td><code>{escaped(code)}</code></td><td>{names[code]}</td>"
        f'<td class="{severities[code]}">{severities[code]}</td><td class="number">{count}</td></tr>'
        for code, count in sorted(counts.items())
    )
    columns = "".join(f'<th scope="col">{each}</th>' for each in ("Rule", "Name", "Severity"))
    head = f'<tr>{columns}<th scope="col" class="number">Findings</th></tr>'
    return (
        '<section aria-labelledby="rules"><h2 id="rules">To do, by rule</h2>'
        f'<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div></section>'
    )


def _filter(entries: list[Entry]) -> str:
    findings = [finding for entry in entries for finding in entry.findings]
    codes = sorted({finding.code for finding in findings})
    severities = [each for each in _SEVERITIES if any(each == f.severity.value for f in findings)]
    fixes = [each for each in ("safe", "unsafe", "display", "none") if any(each == _fix_kind(e.fix) for e in entries)]
    return (
        '<form id="filter" role="search" aria-label="Filter the findings" hidden>'
        '<label>Text <input name="text" type="search" autocomplete="off" spellcheck="false"></label>'
        + _select("Rule", "codes", codes)
        + _select("Severity", "severity", severities)
        + _select("Fix", "fix", fixes)
        + _select("State", "state", [state for state, _ in _STATES], [name for _, name in _STATES])
        + '<button type="reset">Clear</button></form><p id="count" class="quiet" role="status" aria-live="polite"></p>'
    )


def _select(label: str, name: str, values: list[str], titles: list[str] | None = None) -> str:
    options = "".join(
        f'<option value="{escaped(value)}">{escaped(title)}</option>'
        for value, title in zip(values, titles or values, strict=True)
    )
    return f'<label>{label} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _file(name: str, file: Outcome, *, opened: bool) -> str:
    parts = [f'<section class="group"><h2>{escaped(name)}</h2>']
    for state, title in _STATES:
        entries: list[Entry] = getattr(file, state)
        if entries:
            items = "".join(
                _entry(entry, state, _shown(file, entry, state), opened=opened and state == "left") for entry in entries
            )
            parts.append(f'<div class="group"><h3>{title.capitalize()}</h3>{items}{_written(file, state)}</div>')
    return "\n".join([*parts, "</section>"])


def _entry(entry: Entry, state: str, shown: Iterable[str], *, opened: bool) -> str:
    severity = min((each.severity.value for each in entry.findings), key=_SEVERITIES.index, default=_SEVERITIES[-1])
    messages = dict.fromkeys(each.message for each in entry.findings) or dict.fromkeys(
        [entry.fix.message if entry.fix else ""]
    )
    return (
        f'<details class="item" data-codes="{escaped(" ".join(entry.codes))}" data-severity="{severity}" '
        f'data-fix="{_fix_kind(entry.fix)}" data-state="{state}"{" open" if opened else ""}>'
        f'<summary><span class="place">{entry.place.line}</span><span class="badge {severity}">{escaped(", ".join(entry.codes))}</span>'
        f"{prose('; '.join(messages))}</summary>{''.join(shown)}</details>"
    )


def _shown(file: Outcome, entry: Entry, state: str) -> Iterator[str]:
    """Yield what an entry tells when it is opened."""
    if state == "changed":
        # Its findings stand in the text of the round that settled them: of that only the row is known here.
        if entry.fix is not None:
            yield f"<p>{prose(described(entry.fix))}.</p>"
        return
    for finding in entry.findings:
        yield _code(_excerpt(file.source, finding))
    if state == "left":
        yield f"<p>{prose(entry.reason)}.</p>"
        if entry.fix is not None:
            yield f'<p class="quiet">What the fix writes:</p>{_patch(file.source, entry.fix)}'


def _written(file: Outcome, state: str) -> str:
    """Return the diff of what was written to a file, after what was changed in it."""
    if state != "changed" or file.before is None:
        return ""
    patch = diff.shown(diff.unified(file.before, file.source), file.source.encoding, _COLOURS)
    return f"<details><summary>All changes of this file</summary>{_code(patch)}</details>"


def _excerpt(source: Source, finding: Diagnostic) -> str:
    """Return the finding as the terminal shows it, without its last line: the fix has a paragraph of its own."""
    lines = text.finding(source, finding, _COLOURS).rstrip("\n").split("\n")
    return "\n".join(lines[:-1] if finding.fix or finding.no_fix else lines)


def _patch(source: Source, fix: Fix) -> str:
    patches = (diff.shown(patch, before.encoding, _COLOURS) for before, patch in diff.of_fix(source, fix))
    return _code("".join(patches))


def _code(lines: str) -> str:
    """Return lines in the colours of a terminal as an element that the keyboard reaches, because it may scroll."""
    return f'<pre tabindex="0">{coloured(lines)}</pre>'


def _fix_kind(fix: Fix | None) -> str:
    return fix.applicability.value if fix else "none"
