"""Migrates every model file of a folder and prints what came of it as a table.

    python benchmarks/migrated_models.py FOLDER > benchmarks/migrated_models.md

Nothing of the models is committed. `.h5` files become `.h5`, `.keras` files `.keras`; each is then loaded and called on Keras 3.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_HEAD = """\
# Public models, migrated

Written by `benchmarks/migrated_models.py`; the files are named `owner+repository+path` and are not in this repository.

| model | what `migrate` says |
|---|---|
"""


def main() -> None:
    """Print the table for the folder in `argv[1]`."""
    models = sorted(path for path in Path(sys.argv[1]).iterdir() if path.suffix in (".h5", ".keras"))
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda model: _migrated(model, Path(directory)), models))
    rows = [f"| {model.name} | {text.replace('|', '/')} |\n" for model, text in zip(models, said, strict=True)]
    works = sum("loads and predicts" in text for text in said)
    held = sum("holds no bytecode" not in text for text in said)
    print(_HEAD + "".join(rows) + f"\n{works} of the {held} that hold bytecode load and predict.")


def _migrated(model: Path, directory: Path) -> str:
    target = directory / f"{model.stem}{model.suffix}"
    command = [sys.executable, "-m", "keras_lambda_lint", "migrate", str(model), "-o", str(target)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
    last = (ran.stdout + ran.stderr).strip().rpartition("\n")[2]
    return last.removeprefix("keras-lambda-lint: error: ").removeprefix(f"{target}: ").removeprefix(f"{model}: ")


if __name__ == "__main__":
    main()
