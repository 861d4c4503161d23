"""Check and fix copies of all notebooks below directories, and compare every file with what it was.

    python benchmarks/notebooks.py DIRECTORY ... > benchmarks/notebooks.md

Prints one row for each repository (a directory below DIRECTORY). Fails where a fix changes anything but the text of cells, where a line of
the file changes outside of those texts, or where a second run changes something.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def main(directories: list[str]) -> None:
    rows = [row for directory in directories for row in _rows(Path(directory))]
    total = ["**all**", *(sum(row[column] for row in rows) for column in range(1, 7))]
    print("# Notebooks of real repositories\n")
    print(
        "`python benchmarks/notebooks.py DIRECTORY`: copies are fixed with `--fix --unsafe-fixes` and compared with what they were.\n"
    )
    print(
        "| repository | notebooks | not JSON, or cells not parsed | findings | fixed | notebooks changed | cells changed |"
    )
    print("|---|---|---|---|---|---|---|")
    for row in [*rows, total]:
        print(f"| {' | '.join(map(str, row))} |")
    print(
        "\nIn every changed notebook the JSON without the texts of cells is equal, all bytes outside of changed texts are the same, ",
        end="",
    )
    print("and a second run changed nothing.")


def _rows(directory: Path) -> list[list[Any]]:
    rows = []
    for repository in sorted(each for each in directory.iterdir() if each.is_dir()):
        if any(repository.rglob("*.ipynb")):
            with tempfile.TemporaryDirectory() as temporary:
                copy = Path(temporary) / repository.name
                shutil.copytree(repository, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
                rows.append(_row(repository, copy))
    return rows


def _row(repository: Path, copy: Path) -> list[Any]:
    books = sorted(path.relative_to(copy) for path in copy.rglob("*.ipynb") if path.is_file())
    found, errors = _run(copy, books)
    _run(copy, books, "--fix", "--unsafe-fixes")
    once = [(copy / book).read_bytes() for book in books]
    left, _ = _run(copy, books, "--fix", "--unsafe-fixes")
    assert once == [(copy / book).read_bytes() for book in books], f"{repository}: a second run changed something"
    cells = [_changed_cells((repository / book).read_bytes(), after) for book, after in zip(books, once, strict=True)]
    changed = [each for each in cells if each]
    return [repository.name, len(books), errors, found, found - left, len(changed), sum(changed)]


def _run(copy: Path, books: list[Path], *options: str) -> tuple[int, int]:
    command = [
        sys.executable,
        "-m",
        "keras_lambda_lint",
        "check",
        "--no-cache",
        "--output-format",
        "json",
        *options,
        *map(str, books),
    ]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    print(f"{copy.name} {options}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
    return len(json.loads(done.stdout)), sum(" error: " in line for line in done.stderr.splitlines())


def _changed_cells(before: bytes, after: bytes) -> int:
    """Return how many cells differ; fail where something else does."""
    if before == after:
        return 0
    old, new = json.loads(before), json.loads(after)
    texts = [_taken_out(content) for content in (old, new)]
    assert json.dumps(old) == json.dumps(new)
    lines = [set(text.decode().split("\n")) for text in (before, after)]
    written = {part for both in texts for text in both for part in text.split("\n")}
    for line in lines[0] ^ lines[1]:
        value = line.strip().removesuffix(",").removeprefix('"source": ')
        assert value in ("[", "]", "[]") or any(part in json.loads(value) for part in written if part), line
    return sum(one != other for one, other in zip(*texts, strict=True))


def _taken_out(content: dict[str, Any]) -> list[str]:
    cells = content.get("cells") or [cell for sheet in content["worksheets"] for cell in sheet["cells"]]
    key = "source" if "cells" in content else "input"
    return ["".join(cell.pop(key)) for cell in cells if key in cell]


if __name__ == "__main__":
    main(sys.argv[1:])
