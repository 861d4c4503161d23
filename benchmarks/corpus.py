"""Runs the tool over checked-out repositories and prints, per repository, what it finds and what its fixes do.

    python benchmarks/corpus.py FOLDER [FOLDER ...] [--expected dev.tsv] [--diffs DIR] > table.md

Each folder is one repository, named `owner+name`. The folders are only read: fixes are written to copies.
"""

from __future__ import annotations

import argparse
import ast
import csv
import difflib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import tokenize
import warnings
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rewritten import inserted, is_plain, reasons, unformatted

COPIED = (".py", ".pyi", ".cfg", ".toml", ".ini", ".txt", ".gitignore")
"""Sources, and the files that say which Keras, which package name and which settings hold."""

Finding = dict[str, Any]


@dataclass
class Row:
    """The figures of one repository; every field is a number, so that rows add up."""

    files: int = 0
    lines: int = 0
    unparsable: int = 0
    calls: int = 0
    anonymous: int = 0
    expected_calls: int = 0
    expected_anonymous: int = 0
    kll101: int = 0
    recalled: int = 0
    false: int = 0
    rewritten: int = 0
    safe: int = 0
    broken: int = 0
    unstable: int = 0
    comments_lost: int = 0
    new_findings: int = 0
    inserted: int = 0
    unformatted: int = 0
    in_formatted: int = 0
    unformatted_there: int = 0
    plain: int = 0
    plain_safe: int = 0

    def __add__(self, other: Row) -> Row:
        return Row(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def cells(self) -> list[str]:
        """Return the row as text, counts with what they are measured against."""
        return [
            f"{self.files} / {self.lines}",
            str(self.unparsable),
            f"{self.calls} ({self.expected_calls})",
            f"{self.anonymous} ({self.expected_anonymous})",
            str(self.kll101),
            _share(self.recalled, self.anonymous),
            str(self.false),
            _share(self.rewritten, self.kll101),
            _share(self.safe, self.kll101),
            str(self.broken),
            str(self.unstable),
            str(self.comments_lost),
            str(self.new_findings),
            f"{self.unformatted} of {self.inserted}",
            f"{self.unformatted_there} of {self.in_formatted}",
            _share(self.plain_safe, self.plain),
        ]


HEADER = (
    "repository",
    "files / lines",
    "do not parse",
    "Lambda calls (expected)",
    "anonymous (expected)",
    "KLL101",
    "recall",
    "false",
    "rewritten",
    "safe",
    "no longer parse",
    "second run changes",
    "comments lost",
    "new findings",
    "new classes that ruff would change",
    "of those in formatted files",
    "safe of the named and plain",
)


@dataclass(frozen=True)
class Call:
    """A call of something named `Lambda`, found without any code of the tool."""

    start: tuple[int, int]
    end: tuple[int, int]
    node: ast.Call

    @property
    def functions(self) -> list[ast.expr]:
        """What is handed over as the function: one expression, or none where `*` or `**` brings it."""
        given = [each.value for each in self.node.keywords if each.arg == "function"]
        return [*(each for each in self.node.args[:1] if not isinstance(each, ast.Starred)), *given]

    @property
    def anonymous(self) -> bool:
        """Whether the function is a lambda expression."""
        return any(isinstance(each, ast.Lambda) for each in self.functions)

    def holds(self, finding: Finding) -> bool:
        """Return whether a finding lies in the call."""
        return self.spans(finding["location"])

    def spans(self, place: dict[str, int]) -> bool:
        """Return whether a row and column lie in the call."""
        return self.start <= (place["row"], place["column"]) < self.end


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--expected", type=Path, help="tab-separated: repo, lambda_layer_calls, of_them_anonymous")
    parser.add_argument("--diffs", type=Path, help="write what the fixes change, one file per repository")
    arguments = parser.parse_args()
    expected = _expected(arguments.expected)
    print("| " + " | ".join(HEADER) + " |\n|" + "---|" * len(HEADER))
    total = Row()
    notes: list[str] = []
    for folder in sorted(arguments.folders):
        name = folder.name.replace("+", "/", 1)
        row = _measured(folder, expected.get(name, (0, 0)), arguments.diffs, notes)
        total += row
        print(f"| {name} | " + " | ".join(row.cells()) + " |", flush=True)
    print("| **sum** | " + " | ".join(total.cells()) + " |")
    if notes:
        print("\n" + "\n".join(f"* {note}" for note in notes))
    return 0


def _expected(path: Path | None) -> dict[str, tuple[int, int]]:
    if path is None:
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return {row["repo"]: (int(row["lambda_layer_calls"]), int(row["of_them_anonymous"])) for row in rows}


def _measured(folder: Path, expected: tuple[int, int], diffs: Path | None, notes: list[str]) -> Row:
    row = Row(expected_calls=expected[0], expected_anonymous=expected[1])
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy, ignore=_all_but_copied, ignore_dangling_symlinks=True)
        before = texts(copy)
        known_calls = calls(before, row, folder.name, notes)
        found = check(copy)
        without = list(reasons(_tool(copy, "check", ".", "--select", "KLL101").stdout))
        _fix(copy)
        after, remaining = texts(copy), check(copy)
        _fix(copy)
        again = texts(copy)
    anonymous = [each for each in found if each["code"] == "KLL101"]
    row.kll101 = len(anonymous)
    row.safe = sum(map(_is_safe, anonymous))
    row.rewritten = row.kll101 - sum(each["code"] == "KLL101" for each in remaining)
    for path, known in known_calls.items():
        own = [each for each in anonymous if each["filename"] == path]
        row.recalled += sum(call.anonymous and any(map(call.holds, own)) for call in known)
    for each in anonymous:
        if not any(call.holds(each) for call in known_calls.get(each["filename"], ())):
            row.false += 1
            notes.append(
                f"{folder.name}: KLL101 outside a call of `Lambda`: {each['filename']}:{each['location']['row']}"
            )
    for path, known in known_calls.items():
        plain = [call for call in known if is_plain(tree(before[path]), call)]
        safe = [each for each in anonymous if each["filename"] == path and _is_safe(each)]
        row.plain += len(plain)
        row.plain_safe += sum(any(map(call.holds, safe)) for call in plain)
    classes = {path: list(inserted(text, after[path])) for path, text in before.items() if after[path] != text}
    changed = {path: len(unformatted(own)) for path, own in classes.items()}
    formatted = [path for path in classes if not unformatted([before[path].decode("utf-8", "replace")])]
    row.inserted, row.unformatted = sum(map(len, classes.values())), sum(changed.values())
    row.in_formatted = sum(len(classes[path]) for path in formatted)
    row.unformatted_there = sum(changed[path] for path in formatted)
    notes += [f"{folder.name}: left: {place}: {reason}" for place, reason in without]
    for path, text in before.items():
        if after[path] != text:
            row.broken += _parses(text) and not _parses(after[path])
            row.comments_lost += (_comments(text) - _comments(after[path])).total()
        if again[path] != after[path]:
            row.unstable += 1
            notes.append(f"{folder.name}: the second run changes {path}")
    fresh = Counter((each["filename"], each["code"]) for each in remaining)
    fresh -= Counter((each["filename"], each["code"]) for each in found)
    row.new_findings = fresh.total()
    notes += [f"{folder.name}: new {code} in {path}" for path, code in fresh]
    if diffs is not None:
        _write_diff(diffs / f"{folder.name}.diff", before, after)
    return row


def _is_safe(finding: Finding) -> bool:
    return finding["fix"] is not None and finding["fix"]["applicability"] == "safe"


def _all_but_copied(directory: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(COPIED) and not (Path(directory) / name).is_dir()}


def texts(root: Path) -> dict[str, bytes]:
    """Return the Python files below a folder by their names relative to it."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.py")) if path.is_file()
    }


def calls(files: dict[str, bytes], row: Row, folder: str, notes: list[str]) -> dict[str, list[Call]]:
    """Return the calls of something named `Lambda` by file; count them in `row` and note what does not parse."""
    found: dict[str, list[Call]] = {}
    row.files = len(files)
    for path, text in files.items():
        row.lines += text.count(b"\n")
        try:
            module = tree(text)
        except (SyntaxError, ValueError) as error:
            row.unparsable += 1
            if b"Lambda(" in text:
                notes.append(f"{folder}: {path} does not parse ({error}) and names `Lambda(`")
            continue
        lines = text.decode("utf-8-sig", "replace").splitlines()
        found[path] = [_call(node, lines) for node in ast.walk(module) if _is_lambda_call(node)]
        row.calls += len(found[path])
        row.anonymous += sum(call.anonymous for call in found[path])
    return found


def tree(text: bytes) -> ast.Module:
    """Return the abstract tree without the warnings that old code gives; raise `SyntaxError` or `ValueError`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _parses(text: bytes) -> bool:
    try:
        tree(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _is_lambda_call(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
    return name == "Lambda"


def _call(node: ast.AST, lines: list[str]) -> Call:
    assert isinstance(node, ast.Call)
    start = (node.lineno, _column(lines, node.lineno, node.col_offset))
    end = (node.end_lineno or 0, _column(lines, node.end_lineno or 0, node.end_col_offset or 0))
    return Call(start, end, node)


def _column(lines: list[str], row: int, offset: int) -> int:
    return len(lines[row - 1].encode()[:offset].decode("utf-8", "ignore")) + 1


def _comments(text: bytes) -> Counter[str]:
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return Counter()
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def check(root: Path, *options: str) -> list[Finding]:
    """Return what `check` finds in a folder; file names are relative to it."""
    done = _tool(root, "check", ".", "--output-format", "json", *options)
    found: list[Finding] = json.loads(done.stdout)
    return found


def _fix(root: Path) -> None:
    _tool(root, "check", ".", "--fix", "--unsafe-fixes", "--output-format", "json")


def _tool(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tool; exit code 2 only says that some file could not be read."""
    done = subprocess.run(
        [sys.executable, "-m", "keras_lambda_lint", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1, 2) or "Traceback" in done.stderr:
        raise SystemExit(f"{root.name}: exit code {done.returncode}\n{done.stderr}")
    return done


def _write_diff(path: Path, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        for name in before:
            old, new = (each[name].decode("utf-8", "replace").splitlines(keepends=True) for each in (before, after))
            stream.writelines(difflib.unified_diff(old, new, name, name))


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.2f})" if whole else "-"


if __name__ == "__main__":
    sys.exit(main())
