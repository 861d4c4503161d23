"""A model of the fixed text beside its original: compared, and with what became of both that were saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from keras_lambda_lint.verify.compare import Comparison, compare, reason
from keras_lambda_lint.verify.kept import forms
from keras_lambda_lint.verify.reloaded import Outcome, outcome

if TYPE_CHECKING:
    from keras_lambda_lint.verify.evidence import Evidence
    from keras_lambda_lint.verify.verdict import Form

    class Court(Protocol):
        """Knows the replacements."""

        names: dict[str, str]
        """Names of the layers of sites, by key."""

        def intended(self, index: int) -> tuple[str, ...]:
            """Return the intended changes of a replacement."""

        def concerning(self, site_keys: list[str]) -> list[int]:
            """Return the replacements that may have changed a model."""


class Pair:
    """A model of the fixed text and its original, where there is one, compared."""

    def __init__(self, number: int, fixed: dict[str, Any], evidence: Evidence, court: Court) -> None:
        self.fixed = fixed
        self.is_alone: bool = fixed["alone"]
        """Whether it is a layer of a site alone, which no model that could be measured holds."""
        self.original: dict[str, Any] | None = None
        partner = fixed["partner"]
        if partner is not None:
            self.original = evidence.original["models"][partner]
        self.is_sound = not fixed["failure"] and bool(fixed["cases"])
        self.took_too_long = bool(fixed["failure"]) and fixed["failure"]["type"] == "TimeUp"
        self.original_failure = _failure(self.original)
        """Why the original cannot be compared with, in words."""
        self.has_reference = self.original is not None and self.original_failure is None
        self.site_keys = [key for key in fixed["keys"] if key.startswith("site:")]
        self.intended = tuple(
            dict.fromkeys(word for index in court.concerning(self.site_keys) for word in court.intended(index))
        )
        self.comparison = Comparison()
        if self.is_sound and self.has_reference and self.original is not None:
            names = court.names | {key: name for key, name in court.names.items() if key in self.site_keys}
            self.comparison = compare(self.original, fixed, names, frozenset(self.intended))
        random = self.comparison.is_random
        self.before = Outcome("not built", came_back=False, agrees=False)
        if self.has_reference and self.original is not None and partner is not None:
            self.before = outcome(self.original["saved"], _again(evidence.original_again, partner), is_random=random)
        self.after = Outcome("not built", came_back=False, agrees=False)
        self.forms: tuple[Form, ...] = ()
        self.alone: dict[str, Outcome] = {}
        if self.is_sound:
            self.after = outcome(fixed["saved"], _again(evidence.fixed_again, number), is_random=random)
            before = self.original if self.has_reference else None
            self.forms = forms(
                *(before, evidence.original_again, partner),
                *(fixed, evidence.fixed_again, number),
                is_random=random,
            )
            again = evidence.fixed_again.get("layers", [])
            for saved, loaded in zip(fixed["saved_layers"], again[number] if again else [], strict=False):
                key = saved["key"]
                found = outcome(saved, loaded, is_random=self.comparison.is_random_at(key))
                if key not in self.alone or self.alone[key].agrees:
                    self.alone[key] = found


def _failure(model: dict[str, Any] | None) -> str | None:
    """Return why a model was not measured, or fails on every input; None for one that works."""
    if model is None:
        return None
    failures = [model["failure"]] if model["failure"] else [case["failure"] for case in model["cases"]]
    return None if None in failures or not failures else reason(failures[0])


def _again(reloaded: dict[str, Any], number: int) -> dict[str, Any] | None:
    models = reloaded.get("models")
    if models is None:
        failure = {"type": "reload", "message": reloaded.get("failure", ""), "row": 0, "end": False}
        return {"stage": "load", "failure": failure, "recorded": None}
    entry: dict[str, Any] | None = models[number]
    return entry
