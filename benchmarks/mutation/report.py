"""The figures of a run as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import Any

MISSED = ("rejected although right", "accepted", "uncovered", "at another layer")

Record = dict[str, Any]


def is_judged(record: Record) -> bool:
    """Return whether at least one site of a text was compared or failed."""
    return len(record["uncovered"]) < len(record["verdicts"])


def outcome(record: Record) -> str:
    """Return what became of a text: one of `MISSED` where the verifier is wrong."""
    refused = set(record["refused"])
    if record["what"] != "mutant":
        if refused:
            return "rejected although right"
        return "holds" if is_judged(record) else "not run"
    if refused & set(record["sites"]):
        return "rejected"
    if record.get("equivalent"):
        return "equivalent"
    if refused:
        return "at another layer"
    return "uncovered" if set(record["uncovered"]) & set(record["sites"]) else "accepted"


def text(records: list[Record], command: str, asked: int) -> str:
    """Return the whole report on what was run of as many texts as were asked for."""
    right = [each for each in records if each["what"] != "mutant" and is_judged(each)]
    wrong = [each for each in records if each["what"] == "mutant" and outcome(each) != "equivalent"]
    modelled = [each for each in wrong if each["modelled"]]
    rejected = [each for each in wrong if outcome(each) == "rejected"]
    commits = sorted({commit for each in records for commit in (each["commit"], *each["missed"])})
    kerases = Counter(each["keras"] for each in records if is_judged(each))
    bad = [each for each in right if outcome(each) == "rejected although right"]
    sites = sum(len(each["verdicts"]) - len(each["uncovered"]) for each in right)
    lines = [
        "# Mistakes planted for the verifier",
        "",
        f"By `python benchmarks/mutation` ([how](README.md#mistakes-planted-for-the-verifier)); {command}; commit "
        f"{', '.join(commits)}; {'; '.join(kerases)}. {len(records)} of {asked} texts were run: mutants of programs that are not compared "
        "are none, and a run may have been stopped.",
        "",
        "| | judged | rejected |",
        "|---|---|---|",
        f"| right rewrites: what our own fixer makes | {_of(right, 'right')} | {_of(bad, 'right')} |",
        f"| right rewrites: variants that compute the same | {_of(right, 'variant')} | {_of(bad, 'variant')} |",
        f"| **right rewrites** (sites in them: {sites}) | {len(right)} | {len(bad)} |",
        f"| wrong ones in models after development repositories | {len(modelled)} | {_rejected(modelled)} |",
        f"| wrong ones in fixtures and examples | {len(wrong) - len(modelled)} | {len(rejected) - _rejected(modelled)} |",
        f"| **wrong rewrites**, and rejected with the right layer named | {len(wrong)} | "
        f"{len(rejected)} ({len(rejected) / max(len(wrong), 1):.1%}) |",
        "",
        "| mistake | planted | rejected with the right layer named |",
        "|---|---|---|",
        *(
            f"| {kind} | {len(own)} | {_rejected(own)} |"
            for kind in sorted({each["kind"] for each in wrong})
            for own in [[each for each in wrong if each["kind"] == kind]]
        ),
    ]
    lines += _section("Wrong judgements", [each for each in records if outcome(each) in MISSED])
    lines += _section(
        "Mended since: run again", [each for each in records if each["missed"] and outcome(each) not in MISSED]
    )
    lines += _section("Equivalent, and not counted", [each for each in records if outcome(each) == "equivalent"])
    lines += _section("Not run", [each for each in records if outcome(each) == "not run"])
    blamed = [each for each in wrong if outcome(each) == "rejected" and set(each["refused"]) - set(each["sites"])]
    lines += _section("Rejected, and a layer that is right too", blamed)
    return "\n".join(lines)


def _of(records: list[Record], what: str) -> int:
    return sum(each["what"] == what for each in records)


def _rejected(records: list[Record]) -> int:
    return sum(outcome(each) == "rejected" for each in records)


def _section(title: str, records: list[Record]) -> list[str]:
    return ["", f"## {title}", "", *map(_line, records)] if records else []


def _line(record: Record) -> str:
    sites = record["sites"] or record["refused"] or range(len(record["verdicts"]))
    said = "; ".join(dict.fromkeys(record["verdicts"][index] for index in sites))
    planted = (
        f" [{record['kind']}] `{record['planted']}`" if record["what"] == "mutant" else f" {record['kind']}".rstrip()
    )
    before = f" (wrong at {', '.join(record['missed'])}, run at {record['commit']})" if record["missed"] else ""
    return f"* `{record['program']}`{planted}: {outcome(record)}: {said}{before}"
