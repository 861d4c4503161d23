"""`--baseline` and `--write-baseline`: a file that lists the findings which were there before."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_lambda_lint.commands.analysis import rules_on
from keras_lambda_lint.commands.scope import Scope
from keras_lambda_lint.commands.usage import UsageError
from keras_lambda_lint.files import read, reason
from keras_lambda_lint.report import to_file
from keras_lambda_lint.report.as_json import escaped
from keras_lambda_lint.report.fingerprint import Fingerprints
from keras_lambda_lint.report.terminal import plain
from keras_lambda_lint.source.suppression import UNUSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.source.text import Source

_TOOL = "keras-lambda-lint"
_VERSION = 1
_ADVICE = "write it anew with --write-baseline"


class Entry(NamedTuple):
    """A finding that was there before, or several equal ones."""

    path: str
    """Relative to the baseline's directory, with `/`, wherever it is used."""
    code: str
    symbol: str
    source: str
    fingerprint: str
    occurrences: int


class Baseline(Scope):
    """Leaves out the findings that a baseline lists.

    Raises `UsageError` for a baseline that cannot be used.
    """

    narrows = True

    def __init__(self, path: str, targets: list[tuple[str, Settings]]) -> None:
        self._path = path
        self._targets = targets
        self._entries = _read(path)
        self._used: dict[str, Counter[tuple[str, str]]] = {}
        """How often the entries of each path, by path and fingerprint, covered a finding; of each file looked at."""
        self._by_path: dict[str, Counter[str]] = {}
        self._moved: dict[str, list[Entry]] = {}
        """The entries of files that are gone, by fingerprint: what they list may stand in another file by now."""
        for entry in self._entries:
            self._by_path.setdefault(entry.path, Counter())[entry.fingerprint] += entry.occurrences
        gone = {each for each in self._by_path if not os.path.lexists(os.path.join(os.path.dirname(path), each))}
        for entry in self._entries:
            if entry.path in gone:
                self._moved.setdefault(entry.fingerprint, []).append(entry)

    def reported(self, source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that the baseline does not list; of equal ones the last, if there are more than it lists."""
        own = _relative(source.filename, self._path)
        listed = self._by_path.get(own, Counter())
        used: Counter[tuple[str, str]] = Counter()
        new = []
        prints = Fingerprints(source)
        for finding in found:
            digest = prints.of(finding).digest
            if used[own, digest] < listed[digest]:
                used[own, digest] += 1
                continue
            moved = next(
                (each for each in self._moved.get(digest, ()) if used[each.path, digest] < each.occurrences), None
            )
            if moved is None:
                new.append(finding)
            else:
                used[moved.path, digest] += 1
        self._used[own] = used
        return new

    def finish(self, console: Console) -> None:
        """Say how many entries no longer occur, of the files and rules that this run looked at."""
        used: Counter[tuple[str, str]] = Counter()
        for each in self._used.values():
            used.update(each)
        looked_at = _LookedAt(self._targets, self._path, (each.filename for each in console.problems))
        unused = sum(
            max(0, entry.occurrences - used[entry.path, entry.fingerprint])
            for entry in self._entries
            if looked_at.at(entry)
        )
        if unused:
            entries = "1 finding" if unused == 1 else f"{unused} findings"
            console.note(f"{self._path}: {entries} of the baseline no longer occur{'s' * (unused == 1)}: {_ADVICE}")


class _LookedAt:
    """Knows what a run looked at: the other entries of a baseline are not its business."""

    def __init__(self, targets: Iterable[tuple[str, Settings]], path: str, failed: Iterable[str | None]) -> None:
        failures = set(failed)
        self._path = path
        self._codes = {
            _relative(name, path): rules_on(name, settings) | ({UNUSED} if settings.report_unused_noqa else set())
            for name, settings in targets
            if name not in failures
        }

    def at(self, entry: Entry) -> bool:
        codes = self._codes.get(entry.path)
        if codes is None:
            return not os.path.lexists(os.path.join(os.path.dirname(self._path), entry.path))
        return entry.code in codes


def write(
    path: str,
    files: Iterable[tuple[Source, list[Diagnostic]]],
    targets: list[tuple[str, Settings]],
    console: Console,
) -> None:
    """List the findings in a baseline. Entries of files and rules that the run did not look at stay.

    Raises `UsageError` where the file is there and is no baseline, or cannot be written.
    """
    kept: list[Entry] = []
    if os.path.lexists(path):
        looked_at = _LookedAt(targets, path, (each.filename for each in console.problems))
        kept = [entry for entry in _read(path) if not looked_at.at(entry)]
    entries = [*kept]
    number = 0
    for source, found in files:
        number += len(found)
        entries += _entries(_relative(source.filename, path), source, found)
    try:
        to_file.write(path, _text(entries).encode())
    except OSError as error:
        raise UsageError(f"{path}: cannot write the baseline: {reason(error)}") from None
    console.write(f"Wrote {number} finding{'s' * (number != 1)} to {plain(path)}.\n")


def _entries(name: str, source: Source, found: list[Diagnostic]) -> list[Entry]:
    prints = Fingerprints(source)
    counted = Counter(prints.of(each)[:4] for each in found)
    return [Entry(name, code, symbol, shown, digest, count) for (code, symbol, digest, shown), count in counted.items()]


def _text(entries: Iterable[Entry]) -> str:
    """Return the file: an entry takes one line, so that a change of one is a change of one line."""
    lines = [json.dumps(each._asdict(), ensure_ascii=False) for each in sorted(entries)]
    head = f'{{\n  "tool": "{_TOOL}",\n  "version": {_VERSION},\n  "findings": ['
    body = ",".join(f"\n    {line}" for line in lines)
    return escaped(f"{head}{body}{chr(10) + '  ' if lines else ''}]\n}}\n")


def _read(path: str) -> list[Entry]:
    try:
        data = json.loads(read(path))
    except FileNotFoundError as error:
        hint = f"write it with --write-baseline {plain(path)}"
        raise UsageError(f"{path}: cannot read the baseline: {reason(error)}: {hint}") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot read the baseline: {reason(error)}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not a baseline of {_TOOL}: not valid JSON") from None
    if not isinstance(data, dict) or data.get("tool") != _TOOL:
        raise UsageError(f"{path}: not a baseline of {_TOOL}")
    if data.get("version") != _VERSION:
        raise UsageError(
            f"{path}: a baseline of format {data.get('version')!r}, this is format {_VERSION}: delete it and {_ADVICE}"
        )
    findings = data.get("findings")
    if not isinstance(findings, list):
        raise UsageError(f"{path}: a damaged baseline: `findings` is no list: delete it and {_ADVICE}")
    return [_entry(path, number, each) for number, each in enumerate(findings, 1)]


def _entry(path: str, number: int, data: Any) -> Entry:
    if (
        not isinstance(data, dict)
        or set(data) != set(Entry._fields)
        or not all(isinstance(data[name], str) for name in Entry._fields[:-1])
        or type(data["occurrences"]) is not int
        or data["occurrences"] < 1
    ):
        raise UsageError(f"{path}: a damaged baseline: entry {number} is not readable: delete it and {_ADVICE}")
    return Entry(**data)


def _relative(name: str, path: str) -> str:
    """Return the path of a file as the baseline at `path` names it."""
    try:
        relative = os.path.relpath(os.path.realpath(name), os.path.dirname(os.path.realpath(path)))
    except ValueError:
        # Windows: another drive.
        relative = os.path.realpath(name)
    return relative.replace(os.sep, "/")
