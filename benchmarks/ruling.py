"""Holds the findings of the tool on real repositories against what a person has judged.

    python benchmarks/ruling.py FOLDER [FOLDER ...] > ruling.md
    python benchmarks/ruling.py FOLDER [FOLDER ...] --sample 20 KLL101 --commits dev.tsv
    python benchmarks/ruling.py FOLDER [FOLDER ...] --lambda-calls --commits dev.tsv

Each folder is one repository, named `owner+name`. The first form prints the findings by rule and repository, and how they
compare with the judgements in `ruling/KLLnnn.tsv`; exit code 1 if they differ. The second prints findings to judge. The third
prints every call of a `Lambda`; exit code 1 if one is unexplained.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corpus import Finding, check, texts
from lambda_calls import UNEXPLAINED, explained

if TYPE_CHECKING:
    from collections.abc import Iterable

RULING = Path(__file__).with_name("ruling")
_T = TypeVar("_T")

SHOWN = 5
"""Lines of source that a sample shows before and after a finding."""

Found = dict[str, list[Finding]]
"""Findings by repository."""

Place = tuple[str, str, str]
"""A rule, a repository, and `file:line` in it."""


@dataclass
class Judged:
    """What a person said of the findings of a rule at a place: how many are true and how many false."""

    true: int = 0
    false: int = 0
    reason: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--extend-select", help="codes of opt-in rules to look at too")
    parser.add_argument("--judged", type=Path, default=RULING, help="folder of the judgements")
    parser.add_argument("--commits", type=Path, help="tab-separated: repo, commit")
    parser.add_argument("--sample", nargs=2, metavar=("N", "RULE"), help="print findings of a rule to judge")
    parser.add_argument("--lambda-calls", action="store_true", help="print what explains each call of a `Lambda`")
    arguments = parser.parse_args()
    options = ["--extend-select", arguments.extend_select] if arguments.extend_select else []
    folders = {each.name.replace("+", "/", 1): each for each in sorted(arguments.folders)}
    found = {name: check(folder, *options) for name, folder in folders.items()}
    if arguments.sample:
        count, code = arguments.sample
        _print_sample(_sample(found, code, int(count)), folders, _commits(arguments.commits), _read(arguments.judged))
        return 0
    if arguments.lambda_calls:
        return _print_calls(found, folders, _commits(arguments.commits))
    return _print_ruling(found, _read(arguments.judged))


def _commits(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["repo"]: row["commit"] for row in csv.DictReader(stream, delimiter="\t")}


def _read(folder: Path) -> dict[Place, Judged]:
    """Return the judgements of `KLLnnn.tsv` by place; raise `ValueError` for a verdict that is none."""
    judged: dict[Place, Judged] = {}
    for path in sorted(folder.glob("KLL*.tsv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["verdict"] not in ("true", "false"):
                    raise ValueError(f"{path}: {row['place']}: neither true nor false: {row['verdict']}")
                at = judged.setdefault((path.stem, row["repository"], row["place"]), Judged())
                at.true += row["verdict"] == "true"
                at.false += row["verdict"] == "false"
                at.reason = row["reason"] if row["verdict"] == "false" else at.reason or row["reason"]
    return judged


def _place(finding: Finding) -> str:
    return f"{finding['filename']}:{finding['location']['row']}"


def _print_ruling(found: Found, judged: dict[Place, Judged]) -> int:
    counts = Counter((each["code"], name, _place(each)) for name, own in found.items() for each in own)
    judged = {place: each for place, each in judged.items() if place[1] in found}
    codes = sorted({code for code, _, _ in [*counts, *judged]})
    _print_table(counts, codes, found)
    print("\n| rule | findings | repositories | judged | true | false | precision |\n|" + "---|" * 7)
    all_true = all_false = 0
    for code in codes:
        own = {place: number for place, number in counts.items() if place[0] == code}
        true, false = _still_reported(own, judged)
        all_true, all_false = all_true + true, all_false + false
        cells = (sum(own.values()), len({name for _, name, _ in own}), true + false, true, false)
        print(f"| {code} | " + " | ".join(map(str, cells)) + f" | {_precision(true, false)} |")
    cells = (counts.total(), len({name for _, name, _ in counts}), all_true + all_false, all_true, all_false)
    print("| **all** | " + " | ".join(map(str, cells)) + f" | {_precision(all_true, all_false)} |")
    differences = list(_differences(counts, judged))
    print("\n" + "\n".join(f"* {each}" for each in differences or ["No difference from the judgements."]))
    return 1 if differences else 0


def _print_table(counts: Counter[Place], codes: list[str], names: Iterable[str]) -> None:
    cells: Counter[tuple[str, str]] = Counter()
    for (code, name, _), number in counts.items():
        cells[name, code] += number
    print("| repository | " + " | ".join([*codes, "all"]) + " |\n|" + "---|" * (len(codes) + 2))
    for name in names:
        row = [cells[name, code] for code in codes]
        print(f"| {name} | " + " | ".join(str(number or "") for number in row) + f" | {sum(row)} |")
    sums = [sum(number for (_, each), number in cells.items() if each == code) for code in codes]
    print("| **sum** | " + " | ".join(map(str, [*sums, sum(sums)])) + " |")


def _still_reported(counts: dict[Place, int], judged: dict[Place, Judged]) -> tuple[int, int]:
    """Return how many of the findings are judged true, and how many false."""
    true = false = 0
    for place, number in counts.items():
        known = judged.get(place, Judged())
        true += min(number, known.true)
        false += min(max(number - known.true, 0), known.false)
    return true, false


def _differences(counts: Counter[Place], judged: dict[Place, Judged]) -> Iterable[str]:
    for place, known in sorted(judged.items()):
        number, shown = counts[place], " ".join(place)
        if known.false and number > known.true:
            yield f"judged false and still reported: {shown}: {known.reason}"
        elif number < known.true:
            yield f"judged true and no longer reported: {shown}: {known.reason}"


def _precision(true: int, false: int) -> str:
    return f"{true / (true + false):.3f}" if true + false else "-"


def _sample(found: Found, code: str, count: int) -> list[tuple[str, Finding]]:
    """Return findings of a rule, spread over the repositories and evenly over each; always the same ones."""
    own = {name: [each for each in found[name] if each["code"] == code] for name in sorted(found)}
    names = _spread([name for name in own if own[name]], count)
    share = Counter[str]()
    while share.total() < count and (names := [name for name in names if share[name] < len(own[name])]):
        share.update(_spread(names, count - share.total()))
    return [(name, each) for name in sorted(share) for each in _spread(own[name], share[name])]


def _spread(among: list[_T], count: int) -> list[_T]:
    """Return at most `count` of a list, evenly."""
    return among if count >= len(among) else [among[index * len(among) // count] for index in range(count)]


def _print_sample(
    sample: list[tuple[str, Finding]],
    folders: dict[str, Path],
    commits: dict[str, str],
    judged: dict[Place, Judged],
) -> None:
    for name, finding in sample:
        known = judged.get((finding["code"], name, _place(finding)))
        verdict = "" if known is None else "false" if known.false else "true"
        print("\t".join([name, commits.get(name, ""), _place(finding), verdict, known.reason if known else ""]))
        print(f"  {finding['message']}")
        lines = (folders[name] / finding["filename"]).read_text(encoding="utf-8", errors="replace").split("\n")
        start, end = finding["location"], finding["end_location"]
        for row in range(max(start["row"] - SHOWN, 1), min(start["row"] + SHOWN, len(lines)) + 1):
            print(f"  {row:5} | {lines[row - 1]}".rstrip())
            if row == start["row"]:
                last = end["column"] if end["row"] == row else len(lines[row - 1]) + 1
                print(" " * (9 + start["column"]) + "^" * max(last - start["column"], 1))
        for each in finding["related"]:
            row = each["location"]["row"]
            print(f"  {each['filename']}:{row}: {each['message']}")
        print()


def _print_calls(found: Found, folders: dict[str, Path], commits: dict[str, str]) -> int:
    notes: list[str] = []
    anonymous = recalled = unexplained = total = 0
    print("\t".join(["repository", "commit", "place", "rules", "reason"]))
    for name, folder in folders.items():
        for call in explained(name, texts(folder), found[name], notes):
            print("\t".join([name, commits.get(name, ""), call.place, " ".join(call.rules), call.reason]))
            total += 1
            anonymous += call.anonymous
            recalled += call.recalled
            unexplained += call.reason == UNEXPLAINED
    notes.append(f"{total} calls, {unexplained} unexplained; KLL101 reports {recalled} of {anonymous} anonymous ones")
    print("\n".join(notes), file=sys.stderr)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
