"""Compares what flake8 reports through the plugin with what the command line reports, place by place.

    python benchmarks/flake8_parity.py FOLDER [FOLDER ...]

Prints every difference and a sum line per folder; exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path, PurePath

Found = set[tuple[str, int, int, str]]
"""Path, row, column and code of findings."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    different = 0
    for folder in sorted(parser.parse_args().folders):
        flake8, ours = _by_flake8(folder), _by_command_line(folder)
        for name, only in (("flake8", flake8 - ours), ("command line", ours - flake8)):
            for path, row, column, code in sorted(only):
                print(f"only {name}: {folder / path}:{row}:{column} {code}")
        different += len(flake8 ^ ours)
        print(f"{folder.name}: {len(flake8 & ours)} the same, {len(flake8 ^ ours)} different", flush=True)
    return 1 if different else 0


def _by_flake8(folder: Path) -> Found:
    options = ("--isolated", "--select", "KLL", "--format", "%(path)s\t%(row)d\t%(col)d\t%(code)s", ".")
    rows = (line.split("\t") for line in _output(folder, "flake8", *options).splitlines())
    return {(PurePath(path).as_posix(), int(row), int(column), code) for path, row, column, code in rows}


def _by_command_line(folder: Path) -> Found:
    return {
        (PurePath(each["filename"]).as_posix(), each["location"]["row"], each["location"]["column"], each["code"])
        for each in json.loads(
            _output(folder, "keras_lambda_lint", "check", "--extend-select", "KLL", "--output-format", "json", ".")
        )
    }


def _output(folder: Path, module: str, *arguments: str) -> str:
    """Return what a tool prints; files that it cannot read are none of our business here."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if "Traceback" in done.stderr:
        raise SystemExit(f"{folder}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
