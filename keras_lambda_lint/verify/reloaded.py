"""What became of a model that was saved, loaded and called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras_lambda_lint.verify.compare import reason
from keras_lambda_lint.verify.evidence import Recorded, differ

RELOADS_BUT = "reloads, but "
_REFUSALS = {"save": "save refused", "load": "reload refused", "call": "reloads, then fails when called"}


@dataclass(frozen=True)
class Outcome:
    """Whether a saved model came back, and that in words."""

    text: str
    came_back: bool
    """Loaded and called without an error."""
    agrees: bool
    """And computes what it did."""


def outcome(
    saved: dict[str, Any] | None, again: dict[str, Any] | None, *, is_random: bool, only_outputs: bool = False
) -> Outcome:
    """Return what became of a saved model; outputs of a random one are not compared.

    With `only_outputs` just those are compared that the model which came back was asked for.
    """
    if saved is None or again is None:
        return Outcome("not saved", came_back=False, agrees=False)
    if again["failure"]:
        return Outcome(f"{_REFUSALS[again['stage']]}: {reason(again['failure'])}", came_back=False, agrees=False)
    before, after = Recorded(saved["recorded"]), Recorded(again["recorded"])
    lost = None if only_outputs else _lost_weight(before, after)
    if lost:
        return Outcome(f"{RELOADS_BUT}{lost}", came_back=True, agrees=False)
    names = before.names("out/")
    if only_outputs:
        names = [name for name in names if name.startswith(tuple(_inputs(each) for each in after.names("out/")))]
    for name in names:
        difference = None if is_random else differ(before, after, name)
        if difference:
            return Outcome(f"{RELOADS_BUT}differs: output {name.rpartition('/')[2]}, {difference}", True, False)
    return Outcome("reloads and agrees", came_back=True, agrees=True)


def _inputs(name: str) -> str:
    """Return the part of an output's name that says which inputs it is for."""
    return name.rpartition("/")[0] + "/"


def _lost_weight(before: Recorded, after: Recorded) -> str | None:
    old, new = before.names("weight/"), after.names("weight/")
    if len(old) != len(new):
        return f"{len(old)} weights became {len(new)}"
    for name, other in zip(old, new, strict=True):
        same = before.shape(name) == after.shape(other) and bool((before.value(name) == after.value(other)).all())
        if not same:
            return f"the value of weight {name.partition(' ')[2]} is lost"
    return None
