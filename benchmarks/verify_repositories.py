"""Runs `check --fix --verify` over copies of repositories, file by file, and says what became of their `Lambda` layers.

    python benchmarks/verify_repositories.py FOLDER --json F [--only NAME ...] > benchmarks/verify_repositories.md

FOLDER holds one folder per repository, named `owner+name`. Of each the one file is taken that makes most `Lambda` layers, the first by
path of several: it is run on Keras 3 where its project's pins ask for that, else on Keras 2, for which most were written. What F already
holds is not run again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from keras_lambda_lint.commands.scope import EVERYTHING
from keras_lambda_lint.commands.verified import VerifiedFixer
from keras_lambda_lint.config import Finder
from keras_lambda_lint.report.console import Console
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.source.chain import is_candidate
from keras_lambda_lint.source.text import Source, SourceError
from keras_lambda_lint.verify import Kind

SECONDS = 120.0
"""For one process, of which there are four to a file: what `verify` gives them too."""
SETTLED = ("agree", "agree except intended", "agree modulo randomness", "repaired", "differ")


class Quiet(Console):
    """Keeps what a run says to itself."""

    def note(self, line: str) -> None:
        """Say nothing."""


@dataclass
class Layer:
    """One `Lambda(...)` of a repository, and what became of it."""

    repository: str
    place: str
    kind: str
    text: str
    keras: str
    alone: bool = False
    made_up: bool = False
    kept: bool = False


def main() -> int:
    """Print the table; return 1 where a rewrite differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    layers: list[Layer] = []
    if options.json and options.json.exists():
        layers = [Layer(**each) for each in json.loads(options.json.read_text(encoding="utf-8"))]
    done = {layer.repository for layer in layers}
    for repository in sorted(options.folder.iterdir()):
        if repository.name.replace("+", "/") in done:
            continue
        if not options.only or any(name in repository.name for name in options.only):
            started = time.monotonic()
            found = of_repository(repository)
            layers += found
            summary = Counter(layer.kind for layer in found)
            print(f"{repository.name}: {dict(summary)} {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            if options.json:
                options.json.write_text(json.dumps([asdict(layer) for layer in layers], indent=1), encoding="utf-8")
    print(table(layers))
    return int(any(layer.kind == "differ" for layer in layers))


def of_repository(repository: Path) -> list[Layer]:
    """Return what became of all `Lambda` layers of a repository."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / repository.name.partition("+")[2]
        shutil.copytree(repository, copy, ignore=shutil.ignore_patterns(".git"), symlinks=True)
        layers: list[Layer] = []
        console = Quiet()
        fixer = VerifiedFixer(console, EVERYTHING, timeout=SECONDS)
        try:
            files = [(file, source) for file in sorted(copy.rglob("*.py")) if (source := with_layers(file)) is not None]
            if files:
                file, source = max(files, key=lambda each: len(FileSites(each[1], None, "auto").lambdas))
                layers += of_file(repository.name.replace("+", "/"), source, str(file.relative_to(copy)), fixer)
        finally:
            fixer.close()
    if console.problems:
        raise SystemExit(f"{repository.name}: {console.problems[0].reason}")
    return layers


def with_layers(file: Path) -> Source | None:
    """Return the text of a file that makes `Lambda` layers; None for another, or one that is not Python 3."""
    data = file.read_bytes()
    if not is_candidate(data, str(file)):
        return None
    try:
        source = Source.from_bytes(str(file), data)
        return source if FileSites(source, None, "auto").lambdas else None
    except SourceError:
        return None


def of_file(repository: str, source: Source, name: str, fixer: VerifiedFixer) -> list[Layer]:
    """Return what became of all `Lambda` layers of a file."""
    sites = FileSites(source, None, "auto")
    keras = "3" if sites.demanded == frozenset({3}) else "2"
    spans = [site.span for site in sites.lambdas]
    del fixer.outcomes[:]
    fixer.fixed(source, Finder({"unsafe_fixes": False, "keras": keras}).settings(str(Path(source.filename).parent)))
    outcomes = {each.span.start: each for each in fixer.outcomes}
    layers = []
    for span in spans:
        place = f"{name}:{source.location(span.start).row}"
        layer = Layer(repository, place, "no fix", "no fix applies", keras)
        outcome = outcomes.get(span.start)
        if outcome is not None:
            verdict = outcome.verdict
            how = ("alone" in verdict.how, "arguments made up" in verdict.how)
            layer = Layer(repository, place, verdict.kind.value, str(verdict), keras, *how, outcome.is_kept)
        layers.append(layer)
    return layers


def table(layers: list[Layer]) -> str:
    """Return the page: a row per repository, then what differs, fails or stays open."""
    settled = sum(layer.kind in SETTLED for layer in layers)
    names = sorted(dict.fromkeys(layer.repository for layer in layers))
    tried = [layer for layer in layers if layer.kind != "no fix"]
    lines = [
        "# `check --fix --verify` on repositories",
        "",
        f"Of {len(layers)} `Lambda` layers in one file of each of {len(names)} repositories {settled} are settled "
        f"({settled / max(len(layers), 1):.0%}): they agree, are repaired, or differ. Of the {len(tried)} for which",
        f"there is a fix, which alone can be run, these are {settled / max(len(tried), 1):.0%}.",
        "",
        "Command: `python benchmarks/verify_repositories.py FOLDER --json F`, with the repositories of the development set in",
        "FOLDER. The file is that with most `Lambda` layers, the first by path of several. *Settled alone*: compared apart from",
        "a model; *with made-up arguments*: called so, or its layer made from its expression.",
        "",
        "| repository | layers | agree | repaired | differ | error | uncovered | no fix | settled alone | with made-up arguments |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in [*names, "**sum**"]:
        own = [layer for layer in layers if name in (layer.repository, "**sum**")]
        count = Counter("agree" if layer.kind.startswith("agree") else layer.kind for layer in own)
        cells = [count[kind] for kind in ("agree", "repaired", "differ", "error", "uncovered", "no fix")]
        done = [layer for layer in own if layer.kind in SETTLED]
        cells += [sum(layer.alone for layer in done), sum(layer.made_up for layer in done)]
        lines.append(f"| {name} | {len(own)} | " + " | ".join(map(str, cells)) + " |")
    for kind in (Kind.DIFFER.value, Kind.ERROR.value, Kind.UNCOVERED.value, "no fix"):
        lines += ["", f"## {kind.capitalize()}", ""]
        reasons: dict[tuple[str, str], list[str]] = {}
        for layer in layers:
            if layer.kind == kind:
                reasons.setdefault((layer.repository, layer.text), []).append(layer.place)
        lines += [f"* {name} {', '.join(places)}: {text}" for (name, text), places in reasons.items()] or ["none"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
