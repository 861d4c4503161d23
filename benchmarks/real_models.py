"""Prints what `inspect` recovers of saved models as a table: `python benchmarks/real_models.py FOLDER > benchmarks/real_models.md`.

FOLDER holds model files, SavedModel directories and configurations named `owner+name+path`; none of them belongs to this repository.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.inspection import inspect


def main() -> None:
    """Print one row per stored function, and the totals."""
    print("# Public models\n")
    print(
        "Written by `python benchmarks/real_models.py FOLDER`: what `inspect` recovers of model files in public repositories.\n"
    )
    print(
        "| repository, file | form | Keras | layer | role | Python | status | source | risk |\n|---|---|---|---|---|---|---|---|---|"
    )
    counts: Counter[str] = Counter()
    repositories = set()
    for path in sorted(Path(sys.argv[1]).iterdir()):
        if path.suffix in (".md", ".tsv", ".txt"):
            continue
        owner, name, *rest = path.name.split("+")
        shown = f"{owner}/{name}, {'/'.join(rest)}"
        try:
            model = inspect(str(path))
        except ModelError as error:
            counts["unreadable"] += 1
            print(f"| {shown} | | | | | | | {error} | |")
            continue
        repositories.add(f"{owner}/{name}")
        counts["files"] += 1
        for each in model.functions:
            source = " ⏎ ".join((each.source or each.reason or "").split("\n")).replace("|", "\\|")
            counts[each.status] += 1
            file = model.file
            cells = (
                shown,
                file.form.value,
                file.keras or "",
                each.stored.layer,
                each.stored.role,
                each.python,
                each.status,
            )
            print("|", " | ".join((*cells, f"`{source}`", each.risk.level)), "|")
    said = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"\n{said}; {len(repositories)} repositories.")


if __name__ == "__main__":
    main()
