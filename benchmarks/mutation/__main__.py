"""Mutation test of the verifier: `python benchmarks/mutation > benchmarks/mutation.md`."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
import zlib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equivalent import are_equivalent
from harmless import variants
from mutants import mutants
from remembering import Remembering
from report import MISSED, is_judged, outcome, text
from rewrites import ROOT, Rewrite, rewrites

from keras_lambda_lint.verify import Kind, Verification, VerifyOptions, verify_file

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261121
TIMEOUT = 300.0
"""Seconds for one process: on a machine that does other things too."""

Record = dict[str, Any]


def main() -> int:
    """Print the figures and what is wrong with the verifier; return 1 where something is."""
    options = _options()
    with tempfile.TemporaryDirectory() as directory:
        programs = _programs(Path(directory), options)
        planted = _planted(programs, options)
        results = Path(options.results) if options.results else Path(directory) / "results.jsonl"
        known = _read(results)
        done = {_key(each) for each in known}
        missed = [each for each in known if outcome(each) in MISSED] if options.again else []
        again = {_key(each) for each in missed}
        jobs = []
        for rewrite in programs:
            right = _record("right", rewrite.name, rewrite, {"kind": "", "planted": "", "sites": []})
            job = [(right, rewrite), *planted.get(rewrite.name, ())]
            todo = [each for each in job if _key(each[0]) in again or _key(each[0]) not in done]
            if todo:
                jobs.append((rewrite, todo, _is_compared(known, rewrite)))
        with results.open("a", encoding="utf-8") as file:
            for record in _run(jobs, options.workers):
                file.write(json.dumps(record) + "\n")
                file.flush()
                print(json.dumps(record), file=sys.stderr, flush=True)
        records = _latest(_read(results))
        for record in records:
            if record["what"] == "mutant" and outcome(record) in MISSED:
                [mutant] = [each for part, each in planted[record["program"]] if _key(part) == _key(record)]
                [rewrite] = [each for each in programs if each.name == record["program"]]
                record["equivalent"] = are_equivalent(rewrite, mutant, record["kind"])
    asked = len(programs) + sum(map(len, planted.values()))
    print(text(records, f"--seed {options.seed}", asked))
    return int(any(outcome(each) in MISSED for each in records))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=int, default=60, help="fixtures and examples")
    parser.add_argument("--variants", type=int, default=64, help="harmless variants of right rewrites")
    parser.add_argument("--modelled", type=int, default=46, help="mutants of models written after repositories")
    parser.add_argument("--others", type=int, default=125, help="mutants of fixtures and examples")
    parser.add_argument("--only", default="", help="programs whose name holds this text")
    parser.add_argument("--kind", default="", help="mutants whose kind holds this text")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--workers", type=int, default=2, help="0: only report")
    parser.add_argument("--results", help="file of results: what it has is not run again")
    parser.add_argument("--again", action="store_true", help="run again what went wrong in the results")
    return parser.parse_args()


def _programs(directory: Path, options: argparse.Namespace) -> list[Rewrite]:
    """Return the models, and as many fixtures and examples as asked for, chosen by the seed: some of these after each model."""
    found = rewrites(directory, options.only)
    models = [each for each in found if each.modelled]
    rest = [each for each in found if not each.modelled]
    random.Random(options.seed).shuffle(rest)
    rest = rest[: options.programs]
    share = -(-len(rest) // max(len(models), 1))
    return [
        each
        for turn in range(max(len(models), 1))
        for each in [*models[turn : turn + 1], *rest[turn * share : (turn + 1) * share]]
    ]


def _planted(programs: list[Rewrite], options: argparse.Namespace) -> dict[str, list[tuple[Record, Rewrite]]]:
    """Return for each program what is planted into it, chosen by the seed: kinds in turns, so that seldom ones come too."""
    taken: dict[str, list[tuple[Record, Rewrite]]] = defaultdict(list)
    of_models = min(options.modelled, options.variants) // 4
    for what, make, modelled, count in (
        ("mutant", _mutants, True, options.modelled),
        ("mutant", _mutants, False, options.others),
        ("variant", _variants, True, of_models),
        ("variant", _variants, False, options.variants - of_models),
    ):
        pools: dict[str, list[tuple[str, Rewrite, Record]]] = defaultdict(list)
        for each in programs:
            if each.modelled is modelled:
                for rewrite, record in make(each):
                    if options.kind in record["kind"]:
                        pools[record["kind"]].append((each.name, rewrite, record))
        for name, rewrite, record in _turns(pools, count, random.Random(options.seed)):
            taken[name].append((_record(what, name, rewrite, record), rewrite))
    return taken


def _mutants(rewrite: Rewrite) -> Iterator[tuple[Rewrite, Record]]:
    for each in mutants(rewrite):
        yield each.rewrite, {"kind": each.kind, "planted": each.planted, "sites": sorted(each.sites)}


def _variants(rewrite: Rewrite) -> Iterator[tuple[Rewrite, Record]]:
    for kind, variant in variants(rewrite):
        yield variant, {"kind": kind, "planted": "", "sites": []}


def _record(what: str, program: str, rewrite: Rewrite, record: Record) -> Record:
    return {"what": what, "program": program, "text": zlib.crc32(rewrite.fixed.to_bytes()), **record}


def _turns(
    pools: dict[str, list[tuple[str, Rewrite, Record]]], count: int, generator: random.Random
) -> list[tuple[str, Rewrite, Record]]:
    for pool in pools.values():
        generator.shuffle(pool)
    longest = max(map(len, pools.values()), default=0)
    turns = [pool[turn] for turn in range(longest) for pool in pools.values() if turn < len(pool)]
    return turns[:count]


def _key(record: Record) -> tuple[object, ...]:
    return tuple(record[name] for name in ("what", "program", "kind", "text"))


def _read(results: Path) -> list[Record]:
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.is_file() else []


def _latest(records: list[Record]) -> list[Record]:
    """Return the last record of each, with the commits at which it went wrong before."""
    found: dict[tuple[object, ...], Record] = {}
    for record in records:
        before = found.get(_key(record))
        record["missed"] = [*before["missed"], *([before["commit"]] * (outcome(before) in MISSED))] if before else []
        found[_key(record)] = record
    return list(found.values())


def _is_compared(records: list[Record], rewrite: Rewrite) -> bool:
    right = [each for each in records if each["what"] == "right" and each["program"] == rewrite.name]
    return bool(right) and right[-1]["compared"]


Job = tuple[Rewrite, list[tuple[Record, Rewrite]], bool]


def _run(jobs: list[Job], workers: int) -> Iterator[Record]:
    """Yield a record for each thing to verify, as they are done."""
    context = multiprocessing.get_context("fork")
    numbers, done = context.Queue(), context.Queue()
    for number in range(len(jobs)):
        numbers.put(number)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    for _ in range(workers):
        numbers.put(None)
    processes = [context.Process(target=_work, args=(jobs, numbers, done, commit)) for _ in range(workers)]
    for process in processes:
        process.start()
    for _ in range(workers):
        yield from iter(done.get, None)
    for process in processes:
        process.join()


def _work(jobs: list[Job], numbers: Any, done: Any, commit: str) -> None:
    try:
        with Remembering() as sandbox:
            for number in iter(numbers.get, None):
                _, todo, compared = jobs[number]
                for record, rewrite in todo:
                    # What is planted must be the only mistake.
                    if record["what"] == "mutant" and not compared:
                        continue
                    judged = {**record, **_judged(rewrite, sandbox), "commit": commit, "modelled": rewrite.modelled}
                    if record["what"] == "right":
                        compared = judged["compared"]
                    if record["what"] != "variant" or is_judged(judged):
                        done.put(judged)
    finally:
        done.put(None)


def _judged(rewrite: Rewrite, sandbox: Remembering) -> Record:
    found = _verified(rewrite, sandbox)
    if found.instead:
        everything = list(range(len(rewrite.replaced)))
        told = [
            f"line {rewrite.original.location(each.original.start)[0]}: {found.instead}" for each in rewrite.replaced
        ]
        return {"verdicts": told, "refused": [], "uncovered": everything, "compared": False, "keras": found.keras}
    kinds = [{verdict.kind for verdict in found.verdicts(index)} for index in range(len(found.sites))]
    return {
        "verdicts": [f"line {site.row}: {site.verdict}" for site in found.sites],
        "refused": [index for index, each in enumerate(kinds) if each & {Kind.DIFFER, Kind.ERROR}],
        "uncovered": [index for index, each in enumerate(kinds) if Kind.UNCOVERED in each],
        "compared": all(site.verdict.agrees for site in found.sites),
        "keras": found.keras,
    }


def _verified(rewrite: Rewrite, sandbox: Remembering) -> Verification:
    options = VerifyOptions(keras=rewrite.keras, timeout=TIMEOUT)
    return verify_file(rewrite.original.filename, rewrite.original, rewrite.fixed, rewrite.replaced, options, sandbox)


if __name__ == "__main__":
    sys.exit(main())
