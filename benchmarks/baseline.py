"""Writes a baseline for repositories, moves, formats and edits their lines, and counts which findings are reported as new.

    python benchmarks/baseline.py FOLDER [FOLDER ...]  > baseline.md

Works on copies. Lines are moved by comments and blank lines at the top of files and before each definition;
formatted by `ruff format` with another line length; edited by wrapping the body of every fourth lambda that has a
finding; added as a new function at the end of four files. What is reported must lie in edited or new statements, and each
of them must be reported.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

BASELINE = "baseline.json"
EVERY = 4
ADDED = """

def added_by_the_benchmark(x):
    from keras.layers import Lambda

    return Lambda(lambda t: t * 9173, name='added')(x)
"""
HEAD = (
    "| repository | findings | new when nothing changed | new after moving lines | new after formatting "
    "| edited and added | of those reported | reported elsewhere |"
)


class Place(NamedTuple):
    """Rows of a file."""

    file: str
    first: int
    last: int


def main() -> int:
    """Print the table and return 0 if nothing is reported that should not be, and all that should be."""
    print("# Baselines of real repositories\n")
    print(f"Written by `benchmarks/baseline.py`. {' '.join(__doc__.split(chr(10) * 2)[2].split())}\n")
    print(HEAD)
    print("|---" * HEAD.count(" |") + "|")
    fine = [measured(Path(folder)) for folder in sys.argv[1:]]
    return 0 if all(fine) else 1


def measured(folder: Path) -> bool:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        check(copy, "--write-baseline", BASELINE)
        found = findings(copy)
        unchanged = len(new(copy))
        files = sorted({each["filename"] for each in found})
        for file in files:
            move(copy / file)
        moved = len(new(copy))
        subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", "--line-length", "70", *files],
            cwd=copy,
            check=False,
        )
        formatted = len(new(copy))
        places = edited(copy, findings(copy)) + [added(copy, file) for file in files[:EVERY]]
        reported = new(copy)
    missed = [place for place in places if not any(inside(each, place) for each in reported)]
    elsewhere = [each for each in reported if not any(inside(each, place) for place in places)]
    hits = len(places) - len(missed)
    name = folder.name.replace("+", "/")
    print(
        f"| {name} | {len(found)} | {unchanged} | {moved} | {formatted} | {len(places)} | {hits} | {len(elsewhere)} |",
        flush=True,
    )
    for each in elsewhere:
        print(f"{name}: {each['filename']}:{each['location']['row']}: {each['code']} elsewhere", file=sys.stderr)
    return not (unchanged or moved or formatted or missed or elsewhere)


def check(directory: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "keras_lambda_lint", "check", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def findings(directory: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(check(directory, "--output-format=json"))
    return listed


def new(directory: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(check(directory, "--output-format=json", "--baseline", BASELINE))
    return listed


def move(path: Path) -> None:
    """Insert lines at the top of a file and before its definitions."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    rows = [
        min([node.lineno, *(each.lineno for each in node.decorator_list)])
        for node in ast.parse(text).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    ]
    for row in sorted(rows, reverse=True):
        lines[row - 1 : row - 1] = ["# A comment that was not there.", "", ""]
    if not re.search(r"coding|^#!", "\n".join(lines[:2])):
        lines[:0] = ["# A first line that was not there.", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def edited(directory: Path, found: list[dict[str, Any]]) -> list[Place]:
    """Wrap the bodies of some lambdas that have a finding, and return the statements around them."""
    places = []
    lambdas = {
        (each["filename"], each["location"]["row"], each["location"]["column"])
        for each in found
        if each["code"] == "KLL101"
    }
    for file, row, column in sorted(lambdas)[::EVERY]:
        path = directory / file
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        lines = text.split("\n")
        node = next(
            (
                each
                for each in ast.walk(tree)
                if isinstance(each, ast.Lambda)
                and (each.lineno, len(lines[row - 1].encode()[: each.col_offset].decode()) + 1) == (row, column)
                and each.end_lineno == row
            ),
            None,
        )
        if node is None or not lines[row - 1].isascii():
            continue
        statement = next(
            each
            for each in reversed(list(ast.walk(tree)))
            if isinstance(each, ast.stmt) and each.lineno <= row <= (each.end_lineno or 0)
        )
        line = lines[row - 1]
        start, end = node.body.col_offset, node.body.end_col_offset
        lines[row - 1] = f"{line[:start]}({line[start:end]}) + 0{line[end:]}"
        path.write_text("\n".join(lines), encoding="utf-8")
        places.append(Place(file, statement.lineno, statement.end_lineno or 0))
    return places


def added(directory: Path, file: str) -> Place:
    path = directory / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text + ADDED, encoding="utf-8")
    return Place(file, text.count("\n") + 1, (text + ADDED).count("\n") + 1)


def inside(finding: dict[str, Any], place: Place) -> bool:
    return finding["filename"] == place.file and place.first <= finding["location"]["row"] <= place.last


if __name__ == "__main__":
    sys.exit(main())
