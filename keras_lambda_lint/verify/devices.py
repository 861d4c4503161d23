"""Compares a file's run on a GPU with its run on the CPU."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.compare import describe
from keras_lambda_lint.verify.evidence import Recorded, differ
from keras_lambda_lint.verify.tolerance import ACROSS_DEVICES
from keras_lambda_lint.verify.verdict import Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.evidence import Evidence
    from keras_lambda_lint.verify.verdict import ModelVerdict

_COMPARED = ("layer/", "out/", "grad/")


def across(models: tuple[ModelVerdict, ...], cpu: Evidence, other: Evidence) -> tuple[ModelVerdict, ...]:
    """Return the verdicts on the models of a device, `differ` where a fixed model computes something else than on the CPU.

    What the original does otherwise on the device too is not held against the fixed model.
    """
    before = other.fixed.get("models", ())
    return tuple(
        replace(model, verdict=_judged(model.verdict, index, cpu, other)) if index < len(before) else model
        for index, model in enumerate(models)
    )


def _judged(verdict: Verdict, index: int, cpu: Evidence, other: Evidence) -> Verdict:
    if not verdict.holds or index >= len(cpu.fixed.get("models", ())):
        return verdict
    now, then = other.fixed["models"][index], cpu.fixed["models"][index]
    partner = now["partner"]
    known = set()
    if partner is not None and partner < len(cpu.original.get("models", ())):
        known = {name for name, _ in _differences(cpu.original["models"][partner], other.original["models"][partner])}
    for name, text in _differences(then, now):
        if name not in known:
            return Verdict(Kind.DIFFER, detail=f"{text} on the CPU", cases=verdict.cases)
    return verdict


def _differences(cpu: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each recording that differs between devices, and how."""
    for case, again in zip(cpu["cases"], other["cases"], strict=False):
        if case["failure"] or again["failure"]:
            continue
        reference, recorded = Recorded(case["recorded"]), Recorded(again["recorded"])
        for name in reference.names(*_COMPARED):
            difference = differ(reference, recorded, name, tolerances=ACROSS_DEVICES) if recorded.has(name) else None
            if difference:
                yield (
                    f"{case['label']} {name}",
                    f"{describe(name, {})}, input {case['label']}, {difference} against that",
                )
