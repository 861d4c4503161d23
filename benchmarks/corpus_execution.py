"""Executes rewritten `Lambda` layers of checked-out repositories beside their originals, each in isolation.

    python benchmarks/corpus_execution.py FOLDER [FOLDER ...] [--sample N] [--only TEXT] > benchmarks/corpus_execution.md

Each folder is one repository, named `owner+name`. The shapes of the inputs, and values that only a run of the whole repository
would give, are in `corpus_execution.toml`. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomllib
from isolation import Isolation, NotIsolatedError

from keras_lambda_lint.diagnostic import Applicability, IntendedChange
from keras_lambda_lint.linter import lint
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.rules import select
from keras_lambda_lint.source.suppression import unsuppressed
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Span

TABLE = Path(__file__).with_suffix(".toml")
FLAVOURS = ("keras", "tf_keras")


@dataclass(frozen=True)
class Row:
    """What the table says of one place."""

    inputs: str
    """A structure of `x(...)`, as `execute_pair.py` reads it."""
    values: str = ""
    """Statements that bind what the expression captures."""
    tf1: bool = False
    """The file is written for TensorFlow 1: `tensorflow` stands for `tensorflow.compat.v1`."""


@dataclass
class Site:
    """A rewritten layer."""

    repository: str
    place: str
    applicability: str
    announced: frozenset[str]
    """The parts of what is compared in which the fix says that the layers differ."""
    original: str
    """The program that makes the layer as it was."""
    fixed: str
    obstacle: str | None = None
    """Why it cannot be run."""
    row: Row | None = None
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By flavour of Keras."""

    @property
    def name(self) -> str:
        return f"{self.repository} {self.place}"

    @property
    def ran(self) -> list[str]:
        """The flavours on which original and rewritten layer were compared."""
        return [flavour for flavour, each in self.outcomes.items() if "differences" in each]

    @property
    def differences(self) -> list[str]:
        """What differs, by flavour."""
        found = [
            f"{flavour}: {text}"
            for flavour, each in self.outcomes.items()
            for text in each.get("differences", ())
            if text.partition(":")[0] not in self.announced
        ]
        failing = [f"{flavour}: {each['fixed']}" for flavour, each in self.outcomes.items() if "fixed" in each]
        return [*found, *failing]

    @property
    def reason(self) -> str:
        """Why it was not run."""
        if self.obstacle is not None:
            return self.obstacle
        return "; ".join(f"{flavour}: {each['original']}" for flavour, each in self.outcomes.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--sample", type=int, help="run so many sites, from as many repositories as there are")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument(
        "--only", action="append", help="run the sites whose name holds this text, and print their programs"
    )
    arguments = parser.parse_args()
    table = _table()
    sites = [site for folder in sorted(arguments.folders) for site in _rewritten(folder, table)]
    total = len(sites)
    if arguments.sample:
        sites = _sampled(sites, arguments.sample, arguments.seed)
    if arguments.only:
        sites = [site for site in sites if any(text in site.name for text in arguments.only)]
        for site in sites:
            print(f"# {site.name}\n{site.original}\n# fixed\n{site.fixed}\n", file=sys.stderr)
    for flavour in FLAVOURS:
        _execute([site for site in sites if site.obstacle is None], flavour)
    _print(sites, total)
    return int(any(site.differences for site in sites))


def _table() -> dict[str, Row]:
    """Return the rows of the table by `owner/name path:row`."""
    with TABLE.open("rb") as stream:
        cases = tomllib.load(stream)["case"]
    return {
        f"{case['repository']} {case['file']}:{row}": Row(
            case["inputs"], case.get("values", ""), case.get("tf1", False)
        )
        for case in cases
        for row in case["rows"]
    }


def _rewritten(folder: Path, table: dict[str, Row]) -> Iterator[Site]:
    """Yield the `Lambda` layers of a repository that `--fix --unsafe-fixes` rewrites."""
    repository = folder.name.replace("+", "/", 1)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy, ignore=_all_but_sources, ignore_dangling_symlinks=True)
        before = _texts(copy)
        done = {path: _fixed(copy / path) for path, text in before.items() if "Lambda" in text}
        after = _texts(copy)
    for path, (source, fixed) in done.items():
        for each in fixed.replacements if fixed else ():
            if not _is_lambda_call(source.text[slice(*each.original)]):
                continue
            place = f"{path}:{source.location(each.original.start).row}"
            site = Site(
                repository,
                place,
                each.fix.applicability.value,
                _announced(each.fix),
                "",
                "",
                row=table.get(f"{repository} {place}"),
            )
            if site.row is None:
                site.obstacle = "the table has no row for it"
            given = _bound(site.row.values) if site.row else frozenset()
            try:
                site.original = Isolation(before, given).program(path, *_place(source, each.original))
                site.fixed = Isolation(after, given).program(path, *_place(fixed.source, each.fixed))
            except NotIsolatedError as error:
                site.obstacle = f"{site.obstacle + '; ' if site.obstacle else ''}not known: {error}"
            yield site


def _is_lambda_call(text: str) -> bool:
    try:
        node = ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError:
        return False
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Lambda"


def _all_but_sources(directory: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".py") and not (Path(directory) / name).is_dir()}


def _texts(root: Path) -> dict[str, str]:
    """Return the Python files below a folder by their names relative to it; those that are no UTF-8 are left out."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        if path.is_file():
            data = path.read_bytes()
            try:
                found[path.relative_to(root).as_posix()] = Source.from_bytes(path.name, data).text
            except SourceError:
                continue
    return found


def _fixed(path: Path) -> tuple[Source, engine.Fixed | None]:
    """Fix a file in place, as `--fix --unsafe-fixes` does."""
    source = Source.from_bytes(str(path), path.read_bytes())

    def found(text: Source, others: Collection[Source]) -> list[Diagnostic]:
        return unsuppressed(text, lint(text, select(), fixes=True, others=others))

    try:
        fixed = engine.fix(source, found, lambda fix, *_: fix.applicability is not Applicability.DISPLAY)
    except SourceError:
        return source, None
    for each in (fixed.source, *(after for _, after in fixed.others)):
        Path(each.filename).write_bytes(each.to_bytes())
    return source, fixed


def _place(source: Source, span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return start and end of a span as `ast` counts them."""
    ends = []
    for offset in span:
        location = source.location(offset)
        ends.append((location.row, len(source.line(location.row)[: location.column - 1].encode())))
    return ends[0], ends[1]


def _bound(values: str) -> frozenset[str]:
    names = set[str]()
    for node in ast.walk(ast.parse(values)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {each.asname or each.name.partition(".")[0] for each in node.names}
    return frozenset(names)


def _sampled(sites: list[Site], number: int, seed: int) -> list[Site]:
    """Return so many sites, in turns from each repository, always the same ones for a seed."""
    order = random.Random(seed)
    waiting: dict[str, list[Site]] = {}
    for site in sites:
        waiting.setdefault(site.repository, []).append(site)
    for own in waiting.values():
        order.shuffle(own)
    chosen: list[Site] = []
    while len(chosen) < number and any(waiting.values()):
        chosen += [own.pop() for own in waiting.values() if own][: number - len(chosen)]
    return sorted(chosen, key=lambda site: sites.index(site))


def _execute(sites: list[Site], flavour: str) -> None:
    """Run sites on one Keras; where one ends the process, the others go on in the next."""
    waiting = list(sites)
    while waiting:
        cases = [
            {
                "id": number,
                "original": site.original,
                "fixed": site.fixed,
                "inputs": site.row.inputs,
                "values": site.row.values,
                "tf1": site.row.tf1,
            }
            for number, site in enumerate(waiting)
            if site.row
        ]
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("execute_pair.py")), flavour],
            input=json.dumps(cases),
            capture_output=True,
            text=True,
            check=False,
        )
        lines = done.stdout.splitlines()
        for line in lines:
            outcome = json.loads(line)
            waiting[outcome.pop("id")].outcomes[flavour] = outcome
        if len(lines) < len(waiting):
            print(done.stderr[-2000:], file=sys.stderr)
            waiting[len(lines)].outcomes[flavour] = {"original": f"the process ended with {done.returncode}"}
        waiting = waiting[len(lines) + 1 :]


def _announced(fix: Fix) -> frozenset[str]:
    if fix.message.startswith("layer of Keras"):
        # Written only where the file makes no mask: `Lambda` drops masks, those layers pass them on.
        return frozenset({"mask of a masked input"})
    if IntendedChange.TRAINS_WEIGHT in fix.intended:
        return frozenset({"weights that train"})
    return frozenset({"weights that do not train"} if fix.message.endswith("with a weight") else ())


def _print(sites: list[Site], total: int) -> None:
    ran = [site for site in sites if site.ran]
    differing = [site for site in sites if site.differences]
    print("# Rewritten layers of real repositories, executed\n")
    print(f"Of {total} rewritten `Lambda` calls {len(sites)} were looked at and {len(ran)} executed")
    print(f"before and after the fix; {len(differing)} differ.\n")
    print("| repository | looked at | executed | on Keras 3 | on Keras 2 | inputs compared | differ |\n|" + "---|" * 7)
    for repository in dict.fromkeys(site.repository for site in sites):
        _print_row(repository, [site for site in sites if site.repository == repository])
    _print_row("**sum**", sites)
    _print_list("Different", ((site, text) for site in differing for text in site.differences))
    left = (site for site in sites if not site.ran and not site.differences)
    _print_list("Not executed", ((site, site.reason) for site in left))
    _print_list(
        "Executed without a model around them, as the original builds none",
        (
            (site, f"{flavour}: {reason}")
            for site in ran
            for flavour in site.ran
            if (reason := site.outcomes[flavour]["not_built"])
        ),
    )
    _print_list(
        "Announced: an array becomes a weight; a layer of Keras would pass a mask on, where the file makes none",
        ((site, ", ".join(sorted(site.announced))) for site in ran if site.announced),
    )
    _print_list(
        "The original fails on Keras 3, the rewritten layer does not",
        (
            (site, site.outcomes["keras"]["original"])
            for site in sites
            if site.outcomes.get("keras", {}).get("repaired")
        ),
    )


def _print_row(name: str, sites: Iterable[Site]) -> None:
    own = list(sites)
    on = Counter(flavour for site in own for flavour in site.ran)
    inputs = sum(site.outcomes[flavour]["computed"] for site in own for flavour in site.ran)
    cells = (
        len(own),
        sum(bool(site.ran) for site in own),
        on["keras"],
        on["tf_keras"],
        inputs,
        sum(bool(site.differences) for site in own),
    )
    print(f"| {name} | " + " | ".join(map(str, cells)) + " |")


def _print_list(title: str, lines: Iterable[tuple[Site, str]]) -> None:
    """Print what is said of sites; what is said of several in one file once."""
    rows: dict[tuple[str, str], list[str]] = {}
    for site, text in lines:
        path, _, row = site.name.rpartition(":")
        rows.setdefault((path, text), []).append(row)
    if rows:
        listed = (f"* {path}:{', '.join(own)}: {text}" for (path, text), own in rows.items())
        print(f"\n## {title}\n\n" + "\n".join(listed))


if __name__ == "__main__":
    sys.exit(main())
