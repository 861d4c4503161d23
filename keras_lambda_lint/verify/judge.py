"""From evidence to verdicts: pairs models and sites of the two texts and decides."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.compare import reason
from keras_lambda_lint.verify.kept import lost_forms
from keras_lambda_lint.verify.named import new_layers
from keras_lambda_lint.verify.pair import Pair
from keras_lambda_lint.verify.stopped import broken, error
from keras_lambda_lint.verify.verdict import Kind, ModelVerdict, SiteVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.evidence import Evidence
    from keras_lambda_lint.verify.reloaded import Outcome
    from keras_lambda_lint.verify.replacement import Replacement

_AUTOMATIC_NAME = re.compile(r"lambda(_\d+)?")


def verdicts(
    original: Source,
    fixed: Source,
    replacements: Sequence[Replacement],
    evidence: Evidence,
    unfit: str | None = None,
) -> tuple[tuple[SiteVerdict, ...], tuple[ModelVerdict, ...]]:
    """Return the verdict on each replacement of the original text, and on each model.

    `unfit` says why the original is not for this Keras and backend: the cause of what it fails with, which seldom tells.
    """
    named = new_layers(original, fixed, replacements)
    court = _Court(replacements, evidence, broken(original, fixed, evidence), unfit, named)
    sites = []
    for index, replacement in enumerate(replacements):
        row, column, cell = original.place(replacement.original.start)
        where = f"line {row}" if cell is None else f"line {row} of cell {cell}"
        sites.append(SiteVerdict(row, column, court.layer_names(index), court.site(index, where), cell))
    return tuple(sites), court.models()


class _Court:
    def __init__(
        self,
        replacements: Sequence[Replacement],
        evidence: Evidence,
        broken: str | None,
        unfit: str | None,
        named: Sequence[Sequence[str]],
    ) -> None:
        self._new_layers = named
        self._replacements = replacements
        self._broken = broken
        self._unfit = unfit
        self._original = evidence.original
        self._fixed = evidence.fixed
        self.names: dict[str, str] = {
            layer["key"]: layer["name"] for layers in self._fixed.get("sites", ()) for layer in layers
        }
        self._pairs = [
            Pair(number, fixed, evidence, self) for number, fixed in enumerate(self._fixed.get("models", ()))
        ]

    def intended(self, index: int) -> tuple[str, ...]:
        """Return the intended changes of a replacement."""
        return tuple(change.value for change in self._replacements[index].fix.intended)

    def concerning(self, site_keys: list[str]) -> list[int]:
        """Return the replacements that may have changed a model: those of its layers, and those that are no layers."""
        around = (index for index, each in enumerate(self._replacements) if not each.fix.replaces_site)
        return [*dict.fromkeys(map(_index, site_keys)), *around]

    def layer_names(self, index: int) -> tuple[str, ...]:
        """Return the names of the layers that a replacement made."""
        return tuple(name for key, name in self.names.items() if _index(key) == index)

    def site(self, index: int, where: str) -> Verdict:
        """Return the verdict on one replacement."""
        if not self._replacements[index].fix.replaces_site:
            return self._around()
        if early := self._without_comparison(index, where):
            return early
        pairs = [pair for pair in self._pairs if any(_index(key) == index for key in pair.site_keys)]
        made_up = ("arguments made up",) * self._is_made_up(index)
        whole, alone = ([pair for pair in pairs if pair.is_alone is flag] for flag in (False, True))
        usable = [pair for pair in whole if pair.is_sound]
        compared = [pair for pair in alone if pair.is_sound and pair.has_reference]
        how: tuple[str, ...] = made_up
        if failed := [
            pair for pair in whole if pair.has_reference and pair.fixed["failure"] and not pair.took_too_long
        ]:
            return self._no_fixed_model(failed, index)
        if compared and not any(pair.has_reference and not pair.took_too_long for pair in whole):
            usable, how = compared, ("alone", *made_up)
        if not usable:
            usable = [pair for pair in alone if pair.is_sound]
        if not usable:
            return self._no_fixed_model(pairs, index)
        judged = {key for pair in usable for key in pair.site_keys}
        # A layer that only a model which took too long holds counts as much as one of a model that did not.
        usable += [pair for pair in compared if not judged.issuperset(pair.site_keys)]
        verdict = _worst([self._judged(pair, index) for pair in usable])
        if verdict.holds and (missing := self._not_all(index, usable)):
            return replace(verdict, kind=Kind.UNCOVERED, detail=missing)
        return replace(verdict, how=how)

    def _not_all(self, index: int, pairs: list[Pair]) -> str | None:
        """Return which part of a replaced expression made no layer that was compared; None where each did."""
        keys = {key for pair in pairs for key in pair.site_keys}
        layers = [layer for layer in self._fixed["sites"][index] if layer["key"] in keys]
        known = set(self._original["arms"][index].values())
        for number, text in self._fixed["arms"][index].items():
            if text not in known and not any(int(number) in layer["arms"] for layer in layers):
                return f"`{text}` did not run"
        for name in self._new_layers[index]:
            if not any(name in layer["classes"] for layer in layers):
                return f"`{name}` did not run"
        return None

    def models(self) -> tuple[ModelVerdict, ...]:
        """Return the verdict on each model of the fixed text."""
        return tuple(
            ModelVerdict(
                pair.fixed["name"],
                (pair.original or pair.fixed)["row"],
                self._model(pair),
                tuple(tally.errors(layer) for layer, tally in pair.comparison.tallies.items()),
            )
            for pair in self._pairs
            if not pair.is_alone
        )

    def _around(self) -> Verdict:
        """Return the verdict on a fix that may concern any model of the file: that on the one that fares worst."""
        if early := self._not_run() or self._fewer_models():
            return early
        models = [self._model(pair) for pair in self._pairs if not pair.is_alone]
        if not models:
            return Verdict(Kind.UNCOVERED, detail=f"no model was built{self._ended(self._fixed)}")
        return replace(_worst(models), shared=True)

    def _not_run(self) -> Verdict | None:
        """Return the verdict where a text could not be run as a whole."""
        if "failure" in self._fixed:
            if self._original.get("failure") == self._fixed["failure"]:
                return Verdict(Kind.UNCOVERED, detail=self._fixed["failure"])
            return Verdict(Kind.ERROR, detail=f"the fixed file: {self._fixed['failure']}", shared=True)
        if "failure" in self._original:
            return Verdict(Kind.UNCOVERED, detail=self._original["failure"])
        return None

    def _fewer_models(self) -> Verdict | None:
        missing = self._original["own"] - self._fixed["own"]
        if missing > 0 and not error(self._original):
            detail = f"{_count(missing, 'model')} missing{self._ended(self._fixed)}"
            return Verdict(Kind.ERROR, detail=detail, shared=True)
        return None

    def _fewer_made_up(self) -> Verdict | None:
        """Return the verdict where the fixed program made fewer models of arguments that were made up: time may have been up."""
        before, after = (sum(not each["alone"] for each in built["models"]) for built in (self._original, self._fixed))
        if after >= before:
            return None
        detail = f"with arguments made up, {_count(before, 'model')} in the original and {after} in the fixed program"
        return Verdict(Kind.UNCOVERED, detail=detail)

    def _is_made_up(self, index: int) -> bool:
        """Return whether a site ran with arguments that were made up, in either program."""
        return index in {*self._original["guessed"], *self._fixed["guessed"]}

    def _is_in_model(self, index: int) -> bool:
        """Return whether a model of the original, which is not its layer alone, holds a layer of a site."""
        models = (model for model in self._original["models"] if not model["alone"])
        return any(key.startswith(f"site:{index}:") for model in models for key in model["keys"])

    def _without_comparison(self, index: int, where: str) -> Verdict | None:
        """Return the verdict on a site that cannot be compared; None for one that can."""
        if early := self._not_run():
            return early
        before, after = len(self._original["sites"][index]), len(self._fixed["sites"][index])
        if before == after == 0:
            return Verdict(Kind.UNCOVERED, detail=f"the code at {where} did not run{self._ended(self._original)}")
        stopped = error(self._original)
        if before != after and self._is_made_up(index):
            # Time may have been up in one of them, or another call was the first to get far enough.
            detail = (
                f"with arguments made up, {_count(before, 'layer')} in the original and {after} in the fixed program"
            )
            return Verdict(Kind.UNCOVERED, detail=detail)
        if after < before:
            detail = f"{_count(before, 'layer')} became {after}{self._ended(self._fixed)}"
            if stopped and after == 0 and error(self._fixed):
                return Verdict(Kind.UNCOVERED, detail=stopped)
            return Verdict(Kind.ERROR, detail=detail, shared=error(self._fixed) is not None)
        if after > before > 0 and not stopped:
            return Verdict(Kind.ERROR, detail=f"{_count(before, 'layer')} became {after}")
        is_made_up_within = self._is_made_up(index) and self._is_in_model(index)
        if fewer := self._fewer_models() or (self._fewer_made_up() if is_made_up_within else None):
            return fewer
        if broken := self._broken or self._other_model():
            return Verdict(Kind.ERROR, detail=broken, shared=True)
        return None

    def _other_model(self) -> str | None:
        """Return what became of a model that holds no layer of a site and is not what it was; None where all are."""
        for pair in self._pairs:
            if not pair.site_keys:
                verdict = self._model(pair)
                if verdict.kind in (Kind.DIFFER, Kind.ERROR):
                    return f"the model {pair.fixed['name']}, which no fix touches: {verdict}"
        return None

    def _no_fixed_model(self, pairs: list[Pair], index: int) -> Verdict:
        if not pairs:
            refused = self._original.get("refused", {}).get(str(index))
            why = f": alone it fails with {reason(refused)}" if refused else self._ended(self._fixed)
            return Verdict(Kind.UNCOVERED, detail=f"its layer is in no model that was built{why}")
        pair = pairs[0]
        failure = pair.fixed["failure"]
        detail = reason(failure) if failure else "the model was not run"
        if pair.has_reference and not pair.took_too_long:
            return Verdict(Kind.ERROR, detail=detail, before=pair.before.text, after=pair.after.text)
        return Verdict(Kind.UNCOVERED, detail=detail)

    def _judged(self, pair: Pair, index: int) -> Verdict:
        """Return the verdict on one site in one model that was run."""
        keys = [key for key in pair.site_keys if _index(key) == index]
        survived = _survival(pair, keys, {layer["class"] for layer in self._fixed["sites"][index]})
        intended = self.intended(index)
        here = self._of_another_kind(index) + [text for key in keys for text in pair.comparison.at_sites.get(key, ())]
        if "trains-weight" in intended:
            here += _still_untracked(pair, keys)
        # What differs in the model and at none of its sites alone may come from any of them.
        differences = here or ([] if pair.comparison.at_sites else pair.comparison.in_model)
        incomparable = [pair.comparison.incomparable[key] for key in keys if key in pair.comparison.incomparable]
        if incomparable:
            return Verdict(Kind.UNCOVERED, detail=incomparable[0], before=pair.before.text, after=survived.text)
        is_random = any(pair.comparison.is_random_at(key) for key in keys)
        verdict = self._decided(pair, differences, survived, intended, is_random=is_random)
        return replace(verdict, before=pair.before.text, after=survived.text)

    def _model(self, pair: Pair) -> Verdict:
        """Return the verdict on one model."""
        if early := self._not_run():
            return early
        if not pair.is_sound:
            failure = pair.fixed["failure"]
            detail = reason(failure) if failure else "it was not run"
            kind = Kind.ERROR if pair.has_reference and not pair.took_too_long else Kind.UNCOVERED
            return Verdict(kind, detail=detail, before=pair.before.text)
        survived = pair.after
        if not pair.site_keys and pair.before.text == pair.after.text:
            # No site of ours is in it: what its reload does is not the rewrite's doing.
            survived = replace(survived, came_back=True, agrees=True)
        if pair.comparison.incomparable:
            detail = next(iter(pair.comparison.incomparable.values()))
            return Verdict(Kind.UNCOVERED, detail=detail, before=pair.before.text, after=pair.after.text)
        at_sites = [text for texts in pair.comparison.at_sites.values() for text in texts]
        differences = pair.comparison.in_model or at_sites
        verdict = self._decided(pair, differences, survived, pair.intended, is_random=pair.comparison.is_random)
        if self._broken and verdict.holds:
            verdict = Verdict(Kind.ERROR, detail=self._broken)
        return replace(verdict, before=pair.before.text, after=pair.after.text, forms=pair.forms)

    def _decided(
        self, pair: Pair, differences: list[str], survived: Outcome, intended: tuple[str, ...], *, is_random: bool
    ) -> Verdict:
        """Return the verdict that follows from what is known of a fixed model that was run."""
        if not pair.has_reference:
            stopped = self._original.get("stopped")
            return Verdict(Kind.UNCOVERED, detail=stopped) if stopped else self._repaired(pair, survived)
        cases = pair.comparison.cases
        if differences:
            return Verdict(Kind.DIFFER, detail=differences[0], cases=cases)
        if not cases:
            return Verdict(Kind.UNCOVERED, detail="the original fails on every input")
        if not survived.agrees:
            return Verdict(Kind.DIFFER if survived.came_back else Kind.ERROR, cases=cases, detail=survived.text)
        lost = next(lost_forms(pair.forms), None)
        if lost is not None:
            detail = f"{lost.name}, which kept the original: {lost.after}"
            return Verdict(Kind.ERROR, cases=cases, detail=detail, shared=True)
        if is_random:
            return Verdict(Kind.AGREE_MODULO_RANDOMNESS, cases=cases, intended=intended)
        kind = Kind.AGREE_EXCEPT_INTENDED if intended else Kind.AGREE
        return Verdict(kind, cases=cases, intended=intended)

    def _of_another_kind(self, index: int) -> list[str]:
        """Return what the layers of a site are that their originals were not, whatever they compute: named, frozen, of a dtype."""
        found = []
        for was, now in zip(self._original["sites"][index], self._fixed["sites"][index], strict=False):
            before, after = (built["remade"].get(was["key"]) for built in (self._original, self._fixed))
            if was["name"] != now["name"] and not _AUTOMATIC_NAME.fullmatch(was["name"]):
                found.append(f"name {was['name']} became {now['name']}")
            if was["trainable"] != now["trainable"]:
                found.append(f"trainable={was['trainable']} of {now['name']} became {now['trainable']}")
            if before and after and before["dtypes"] != after["dtypes"]:
                dtypes = [" with variables of ".join(dict.fromkeys(each["dtypes"])) for each in (after, before)]
                found.append(
                    f"{now['name']} made under mixed_float16 computes in {dtypes[0]}, the original in {dtypes[1]}"
                )
            if after and after["lost"]:
                found.append(f"the config of {now['name']} does not keep `{after['lost'][0]}`")
        return found

    def _repaired(self, pair: Pair, survived: Outcome) -> Verdict:
        failing = [case for case in pair.fixed["cases"] if case["failure"]]
        if failing:
            return Verdict(Kind.UNCOVERED, detail=reason(failing[0]["failure"]))
        if not survived.agrees:
            return Verdict(Kind.DIFFER if survived.came_back else Kind.ERROR, detail=survived.text)
        unfit = f"it {self._unfit}" if self._unfit else None
        fails = unfit or pair.original_failure or error(self._original) or "it builds no such model"
        return Verdict(Kind.REPAIRED, detail=fails)

    def _ended(self, built: dict[str, Any]) -> str:
        failures = [*built["skipped"], *built["factories"]]
        return f": the program fails with {reason(failures[0])}" if failures else ""


def _worst(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict that counts where one fix has several."""
    order = (
        Kind.ERROR,
        Kind.DIFFER,
        Kind.UNCOVERED,
        Kind.REPAIRED,
        Kind.AGREE_MODULO_RANDOMNESS,
        Kind.AGREE_EXCEPT_INTENDED,
        Kind.AGREE,
    )
    return min(verdicts, key=lambda verdict: (order.index(verdict.kind), -verdict.cases))


def _survival(pair: Pair, keys: list[str], classes: set[str]) -> Outcome:
    """Return what became of a site's layers: with the model, or alone where something else keeps that from loading."""
    named = any(re.search(rf"\b{re.escape(each)}\b", pair.after.text) for each in classes)
    alone = [pair.alone[key] for key in keys if key in pair.alone]
    lost = next((each for each in alone if not each.agrees), None)
    if pair.after.agrees and lost and lost.came_back:
        return replace(lost, text=f"alone it {lost.text}")
    if pair.after.agrees or not alone or (named and not lost):
        return pair.after
    return lost or replace(alone[0], text=f"alone it reloads and agrees; the model: {pair.after.text}")


def _still_untracked(pair: Pair, keys: list[str]) -> list[str]:
    return [
        f"{each['was']['name']} is still no weight of the model"
        for each in pair.fixed["variables"].get("replaced", ())
        if each["key"].rpartition(":")[0] in keys and each["was"] and each["now"] and not each["now"]["tracked"]
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _index(key: str) -> int:
    return int(key.split(":")[1])
