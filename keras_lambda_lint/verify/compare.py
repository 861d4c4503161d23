"""Compares one model before and after: what differs, and which site it belongs to."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.record import OF_KERAS
from keras_lambda_lint.verify.evidence import Recorded, differ, spreads_differ, starts_differ
from keras_lambda_lint.verify.tally import Tally
from keras_lambda_lint.verify.tolerance import TOLERANCES, Tolerance

if TYPE_CHECKING:
    from collections.abc import Iterable

_REPEATED_CASE = 1
_FURTHER = {
    "compiled": "in tf.function it",
    "xla": "compiled by XLA it",
    "training": "with training=True it",
    "trained": "after training steps it",
    "loss": "with the loss that it was compiled with it",
}
_MODES = {
    " training masked": " with masked inputs and training=True",
    " compiled training": " in tf.function with training=True",
    " training": " with training=True",
    " mixed": " in mixed precision",
    " masked": " with masked inputs",
    " compiled": " in tf.function",
    " larger": " with a larger batch",
}
_IN_MIXED_PRECISION = {**TOLERANCES, "float16": Tolerance(1e-2, 2e-3)}
"""Rounding in the middle of equal formulas: wider than for one operation."""
_WHAT = {
    "out": "output {0}",
    "mask": "mask of output {0}",
    "training": "output {0} with training=True",
    "losses": "{0} of the losses that layers and weights add",
}


@dataclass
class Comparison:
    """What was found out about one pair of models."""

    cases: int = 0
    """Input cases that both models computed."""
    at_sites: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Differences of single layers, by the key of the site's layer."""
    in_model: list[str] = field(default_factory=list)
    """Differences of the models as wholes, the first layer that differs first."""
    incomparable: dict[str, str] = field(default_factory=dict)
    """Why single layers cannot be compared, by the key of the site's layer."""
    random: frozenset[str] = frozenset()
    """Names of recordings in which the original differs from itself, although noise is recorded."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    """How far the outputs of layers are from the original's, by the layer in words."""

    def tally(self, layer: str) -> Tally:
        """Return the errors of a layer so far."""
        return self.tallies.setdefault(layer, Tally())

    @property
    def is_random(self) -> bool:
        """Whether the outputs of the original are random."""
        return any(name.startswith("out/") for name in self.random)

    def is_random_at(self, key: str) -> bool:
        """Return whether the original's layer, run alone, is random."""
        return any(name.startswith(f"local/{key}/") for name in self.random)


def compare(
    original: dict[str, Any], fixed: dict[str, Any], names: dict[str, str], ignored: frozenset[str]
) -> Comparison:
    """Compare two measured models; `names` maps keys of sites to layer names, `ignored` are intended changes."""
    found = Comparison(random=_random(original))
    noise = _noise(original)
    _compare_variables(original["variables"], fixed["variables"], found, ignored)
    for key, faults in fixed["config_faults"].items():
        for fault in faults:
            found.at_sites[key].append(f"the config of {names.get(key, key)} {fault}")
    for before, after in zip(original["cases"], fixed["cases"], strict=True):
        _compare_case(before, after, found, noise, names, fixed["rewired"])
    _compare_further(original["further"], fixed["further"], found, noise)
    _compare_masked(original["further"], fixed["further"], found, names, fixed["rewired"])
    _compare_noise(original["noise"], fixed["noise"], found, names, fixed["rewired"])
    _compare_declared(original, fixed, found, ignored)
    return found


def _compare_case(
    before: dict[str, Any],
    after: dict[str, Any],
    found: Comparison,
    noise: dict[str, float],
    names: dict[str, str],
    rewired: list[str],
) -> None:
    where = f"input {before['label']}"
    for key, failure in after["layer_failures"].items():
        if key not in before["layer_failures"]:
            found.at_sites[key].append(f"{names.get(key, key)}, {where}, fails: {reason(failure)}")
    if before["failure"]:
        return
    if after["failure"]:
        found.in_model.append(f"{where} fails: {reason(after['failure'])}")
        return
    found.cases += 1
    reference, other = Recorded(before["recorded"]), Recorded(after["recorded"])
    for name in reference.names("local/"):
        _, key, turn, what, *rest = name.split("/")
        if name in found.random or key in {*before["layer_failures"], *after["layer_failures"], *rewired}:
            continue
        # What noise that is not recorded draws in a graph depends on the operations around it.
        if " compiled" in turn and found.is_random_at(key):
            continue
        if what == OF_KERAS or other.has(f"local/{key}/{turn}/{OF_KERAS}"):
            continue
        if what == "structure":
            if other_form := _other_form(reference, other, name):
                found.at_sites[key].append(f"{names.get(key, key)} {other_form}")
            continue
        tolerances = _IN_MIXED_PRECISION if turn.endswith(" mixed") else TOLERANCES
        difference = differ(reference, other, name, noise.get(name, 0.0), tolerances)
        if difference:
            text = _of_layer(what, rest)
            text += next((words for mode, words in _MODES.items() if turn.endswith(mode)), "")
            found.at_sites[key].append(f"{names.get(key, key)}{text}, {where}, {difference}")
    if other_form := _other_form(reference, other, "structure"):
        found.in_model.append(f"the model {other_form}")
    for name in reference.names("layer/", "out/", "mask/", "losses/", "grad/"):
        if name in found.random or (name.startswith("grad/") and found.is_random):
            continue
        if name.startswith("layer/") and _calls(reference, name) != _calls(other, name):
            # A layer that only the original has, or that a wrapper calls in other portions: the effect shows downstream.
            continue
        if name.startswith(("layer/", "out/")):
            found.tally(describe(name, names)).add(name, reference, other)
        difference = differ(reference, other, name, noise.get(name, 0.0))
        if difference:
            found.in_model.append(f"{describe(name, names)}, {where}, {difference}")


def _other_form(reference: Recorded, other: Recorded, name: str) -> str | None:
    """Return what is returned in place of what the original returns: a list for a tensor, or other names; None where that is equal."""
    if not (reference.has(name) and other.has(name)):
        return None
    before, after = (json.loads(str(each.value(name))) for each in (reference, other))
    return None if before == after else f"returns {_form(after)}, the original {_form(before)}"


def _form(structure: Any) -> str:
    if isinstance(structure, dict):
        return f"a dictionary of {', '.join(f'`{key}`' for key in structure)}"
    if isinstance(structure, list):
        return f"{len(structure)} {'tensors' if set(map(str, structure)) == {'None'} else 'parts'} in a list"
    return "a tensor"


def _of_layer(what: str, rest: list[str]) -> str:
    """Return what of a layer that was run alone is recorded, in words."""
    if what == "out":
        return ""
    return f" mask of output {rest[0]}" if what == "mask" else f" gradient of {_source(rest)}"


def _calls(recorded: Recorded, name: str) -> list[str]:
    """Return the recorded first outputs of the layer that a recording is of, one per call."""
    layer = name.rsplit("/", 2)[0]
    return [each for each in recorded.names(f"{layer}/") if each.endswith("/0") and each.rsplit("/", 2)[0] == layer]


def _compare_further(before: dict[str, Any], after: dict[str, Any], found: Comparison, noise: dict[str, float]) -> None:
    reference, other = Recorded(before["recorded"]), Recorded(after["recorded"])
    for kind in _FURTHER:
        if before["failures"][kind] or found.is_random:
            continue
        if after["failures"][kind]:
            found.in_model.append(f"{_FURTHER[kind]} fails: {reason(after['failures'][kind])}")
            continue
        for name in reference.names(f"{kind}/"):
            difference = None if name in found.random else differ(reference, other, name, noise.get(name, 0.0))
            if difference:
                found.in_model.append(f"{describe(name, {})}, {difference}")


def _compare_masked(
    before: dict[str, Any], after: dict[str, Any], found: Comparison, names: dict[str, str], rewired: list[str]
) -> None:
    """Layers that are given something else than their originals are compared within the model: what masks come out of them."""
    reference, other = Recorded(before["recorded"]), Recorded(after["recorded"])
    for name in reference.names(*(f"masked/{key}/" for key in rewired)):
        _, key, _, index = name.split("/")
        if other.has(name) and (difference := differ(reference, other, name)):
            found.at_sites[key].append(f"{names.get(key, key)} mask of output {index} with masked inputs, {difference}")


def _compare_noise(
    before: dict[str, Any], after: dict[str, Any], found: Comparison, names: dict[str, str], rewired: list[str]
) -> None:
    """Noise must be new where the original's is, and noise that is not recorded must spread as the original's does."""
    for key in before["fresh"]:
        if key not in {*after["fresh"], *rewired}:
            found.at_sites[key].append(
                f"{names.get(key, key)} draws the same numbers at every call, the original new ones"
            )
    reference, other = Recorded(before["spread"]), Recorded(after["spread"])
    for name in reference.names(""):
        key, _, _, what = name.split("/")
        if what == "mean" and key in after["fresh"]:
            stem = name.removesuffix("mean")
            if not other.has(name) or spreads_differ(reference, other, stem):
                found.at_sites[key].append(f"the noise of {names.get(key, key)} has another distribution")


def _of(each: dict[str, Any]) -> str:
    return str(each["key"].rpartition(":")[0])


def _compare_variables(
    before: dict[str, Any], after: dict[str, Any], found: Comparison, ignored: frozenset[str]
) -> None:
    found.in_model += after["problems"]
    reference, other = Recorded(before["values"]), Recorded(after["values"])
    for index, weight in enumerate(before["tracked"]):
        if starts_differ(reference, other, f"start/{index}"):
            found.in_model.append(f"initial value of the weight {weight['name']}")
    for each in after["replaced"]:
        was, now = each["was"], each["now"]
        key = each["key"].rpartition(":")[0]
        problems = found.at_sites[key]
        if was is None and "trains-weight" in ignored and not any(_of(other) == key for other in before["loose"]):
            found.incomparable[key] = (
                f"the original makes no variable that lasts: nothing is there to compare {now['name']} with"
            )
        elif was is None:
            problems.append(f"trainable weight {now['name']} is new")
        elif now is None:
            problems.append(f"no weight takes the place of the variable {was['name']}")
        else:
            if was["dtype"] != now["dtype"]:
                problems.append(f"dtype of {was['name']}: {was['dtype']} became {now['dtype']}")
            elif not was["by_layer"] and (difference := differ(reference, other, f"initial/{each['key']}")):
                problems.append(f"initial value of {was['name']}: {difference}")
            if was["constrained"] and now["constrained"] and was["constrained"] != now["constrained"]:
                problems.append(f"the constraint of {was['name']} is another one")
            elif was["constrained"] != now["constrained"]:
                states = ("has no constraint", "has a constraint")
                held = bool(was["constrained"])
                problems.append(f"{was['name']} {states[held]}, the weight {states[not held]}")
            if now["tracked"] and was["trainable"] != now["trains"]:
                states = ("does not train", "trains")
                problems.append(f"{was['name']} {states[now['trains']]}: the variable was trainable={was['trainable']}")
    for key in [key for key, problems in found.at_sites.items() if not problems]:
        del found.at_sites[key]


def _compare_declared(
    original: dict[str, Any], fixed: dict[str, Any], found: Comparison, ignored: frozenset[str]
) -> None:
    """A declared shape or dtype must not be a lie where the original's was none."""
    actual = Recorded(fixed["cases"][_REPEATED_CASE]["recorded"])
    _compare_told(fixed["told"], actual, found)
    if original["declared"] == fixed["declared"]:
        return
    for index, (shape, dtype) in enumerate(fixed["declared"]):
        name = f"out/{index}"
        if not actual.has(name):
            continue
        real = actual.shape(name)
        if not _fits(shape, real) and "declared-shape" not in ignored:
            found.in_model.append(f"output {index} declares shape {tuple(shape)} and has {real}")
        if dtype != actual.dtype(name) and "declared-dtype" not in ignored:
            found.in_model.append(f"output {index} declares dtype {dtype} and has {actual.dtype(name)}")


def _compare_told(told: dict[str, Any], actual: Recorded, found: Comparison) -> None:
    """What the `compute_output_shape` of a layer says must be so."""
    for place, shapes in told.items():
        for index, shape in enumerate(shapes or ()):
            name = f"local/{place}/out/{index}"
            if actual.has(name) and not _fits(shape, actual.shape(name)):
                text = f"its compute_output_shape says {tuple(shape)}, and output {index} has {actual.shape(name)}"
                found.at_sites[place.split("/")[0]].append(text)


def _fits(shape: list[int | None], real: tuple[int, ...]) -> bool:
    return len(real) == len(shape) and all(size in (None, got) for size, got in zip(shape, real, strict=True))


def _noise(original: dict[str, Any]) -> dict[str, float]:
    again = Recorded(original["again"])
    first = _first_runs(original)
    return {name: run.noise(name, again) for run in first for name in run.names("")}


def _random(original: dict[str, Any]) -> frozenset[str]:
    again = Recorded(original["again"])
    return frozenset(
        name for run in _first_runs(original) for name in run.names("") if again.has(name) and differ(run, again, name)
    )


def _first_runs(original: dict[str, Any]) -> Iterable[Recorded]:
    return Recorded(original["cases"][_REPEATED_CASE]["recorded"]), Recorded(original["further"]["recorded"])


def reason(failure: dict[str, Any]) -> str:
    """Return a failure in one line: type, message, row of the file."""
    if failure["end"]:
        text = failure["message"] or "an exit"
    else:
        text = f"{failure['type']}: {failure['message']}" if failure["message"] else failure["type"]
    return f"{text} (line {failure['row']})" if failure["row"] else text


def describe(name: str, names: dict[str, str]) -> str:
    """Return what a recording is of, in words; `names` maps keys of sites to layer names."""
    kind, _, rest = name.partition("/")
    if kind == "layer":
        key, turn, _ = rest.rsplit("/", 2)
        mask = "mask of " if rest.endswith(" mask") else ""
        return f"{mask}layer {names.get(key, key)}" + (f", call {int(turn) + 1}" if turn != "0" else "")
    if kind == "grad":
        return f"gradient of {_source(rest.split('/'))}"
    if kind == "xla":
        return f"{describe(rest, names)} compiled by XLA"
    if kind == "compiled":
        return f"{describe(rest, names)} in tf.function"
    if kind == "loss":
        return f"{'gradient of the' if rest.startswith('grad/') else 'the'} loss {rest.rpartition('/')[2]} that it was compiled with"
    if kind == "trained":
        return f"{'output' if rest.startswith('out/') else 'weight'} {rest.rpartition('/')[2]} after training steps"
    return _WHAT[kind].format(rest)


def _source(parts: list[str]) -> str:
    kind, *rest = parts
    if kind == "in":
        return f"input {rest[0]}"
    return f"weight {rest[0]}" if kind == "w" else "the captured variable"
