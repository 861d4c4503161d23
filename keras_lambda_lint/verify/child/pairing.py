"""Gives the original and the fixed model the same values: the original's are made up, the fixed one's are paired to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.record import Recording, read
from keras_lambda_lint.verify.child.weights import captured, facts, moved

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.measure import Subject

Layers = dict[str, Any]


class Values:
    """The values of all variables of this process's models; variables that models share are set once."""

    def __init__(self, framework: Framework, seed: int) -> None:
        self._framework = framework
        self._generator = np.random.default_rng(seed)
        self._set: dict[int, Any] = {}

    def make_up(self, subject: Subject, layers: Layers, path: Path) -> dict[str, Any]:
        """Set all variables of an original model to new values and return them, for the fixed model."""
        framework, recording = subject.framework, Recording()
        tracked = []
        for index, variable in enumerate(subject.model.weights):
            tracked.append(facts(framework, variable.name, variable))
            recording.add(f"start/{index}", _start(self._initial(framework.raw(variable))))
            raw = self._move(framework.raw(variable), variable.trainable)
            recording.add(f"value/{index}", raw)
            subject.weights[str(index)] = _Weight(raw, bool(variable.trainable))
        loose: list[dict[str, Any]] = []
        shared: dict[int, int] = {}
        known = {id(framework.raw(weight)) for weight in subject.model.weights}
        for key, layer in layers.items():
            for turn, (name, (raw, by_layer)) in enumerate(captured(framework, layer, known).items()):
                label = f"{key}:{turn}"
                same = shared.setdefault(id(raw), len(shared))
                loose.append({**facts(framework, name, raw), "key": label, "variable": same, "by_layer": by_layer})
                recording.add(f"initial/{label}", self._initial(raw))
                recording.add(f"value/{label}", self._move(raw, framework.trains(raw)))
                if key in subject.layers:
                    subject.special[label] = raw
        return {"tracked": tracked, "loose": loose, "values": recording.write(path)}

    def take_over(
        self, subject: Subject, layers: Layers, reference: dict[str, Any], known: Collection[str], path: Path
    ) -> dict[str, Any]:
        """Set the variables of a fixed model to those of its original; return which could not be paired, and facts.

        `known` are the keys of the original's layers: a captured variable may have become the weight of a new one.
        """
        framework, recording = subject.framework, Recording()
        values = read(reference["values"])
        kept = _kept_before(subject, layers, reference["loose"])
        own = {id(framework.raw(w)) for layer in subject.layers.values() for w in layer.weights}
        own |= {id(framework.raw(weight)) for weights in kept.values() for _, weight in weights}
        free = {key: [*kept.get(key, ()), *_variables(subject, key, layer)] for key, layer in layers.items()}
        pairs = [(loose, _taken(free.get(_key(loose), []), loose)) for loose in reference["loose"]]
        adopted = _adopted(subject, layers, [loose for loose, found in pairs if found is None], known, own)
        own |= {id(framework.raw(weight)) for weight in adopted.values()}
        common = [weight for weight in subject.model.weights if id(framework.raw(weight)) not in own]
        problems = _unlike([facts(framework, weight.name, weight) for weight in common], reference["tracked"])
        if not problems:
            for index, weight in enumerate(common):
                recording.add(f"start/{index}", _start(self._initial(framework.raw(weight))))
                raw = self._assign(framework.raw(weight), values[f"value/{index}"])
                subject.weights[str(index)] = _Weight(raw, bool(weight.trainable))
        trainable = {id(framework.raw(weight)) for weight in subject.model.trainable_weights}
        replaced = []
        rewired = set()
        for loose, found in pairs:
            label, key = loose["key"], _key(loose)
            if key not in layers:
                continue
            if found is None and loose["variable"] in adopted:
                weight = adopted[loose["variable"]]
                found = weight.name, weight
                rewired.add(key)
            if found is None:
                replaced.append({"key": label, "was": loose, "now": None})
                continue
            name, variable = found
            raw = framework.raw(variable)
            now = {**facts(framework, name, variable), "tracked": id(raw) in own, "trains": id(raw) in trainable}
            replaced.append({"key": label, "was": loose, "now": now})
            recording.add(f"initial/{label}", self._initial(raw))
            self._assign(raw, values[f"value/{label}"])
            if key in subject.layers:
                subject.special[label] = raw
        for key in subject.layers:
            new = [name for name, variable in free.get(key, ()) if id(framework.raw(variable)) in trainable]
            replaced += [{"key": f"{key}:new", "was": None, "now": {"name": name}} for name in new]
        return {
            "problems": problems,
            "replaced": replaced,
            "rewired": sorted(rewired),
            "values": recording.write(path),
        }

    def move_rest(self, subject: Subject, layers: Layers) -> None:
        """Move every variable of a model that was not set yet, tracked or not, so that a lost value shows."""
        framework = subject.framework
        for variable in subject.model.weights:
            self._move(framework.raw(variable), bool(variable.trainable))
        for layer in layers.values():
            for raw, _ in captured(framework, layer).values():
                self._move(raw, framework.trains(raw))

    def _initial(self, raw: Any) -> Any:
        return self._set.get(id(raw), (None, self._framework.value(raw)))[1]

    def _move(self, raw: Any, trainable: bool) -> Any:
        if id(raw) not in self._set:
            self._assign(raw, moved(self._framework.value(raw), trainable, self._generator))
        return raw

    def _assign(self, raw: Any, value: Any) -> Any:
        if id(raw) not in self._set:
            self._set[id(raw)] = (raw, self._framework.value(raw))
            self._framework.assign(raw, value)
        return raw


def _start(value: Any) -> Any:
    """Return count, mean and deviation of the numbers that a weight starts with."""
    numbers = value.astype("float64") if value.dtype.kind in "fiubV" and value.size else np.zeros(1)
    return np.array([numbers.size, numbers.mean(), numbers.std()])


def rewired(entry: dict[str, Any], reference: dict[str, Any] | None) -> list[str]:
    """Return the keys of layers of sites that are given something else than their originals.

    What those captured comes in as an input, or is computed before: alone they cannot be compared.
    """
    if reference is None:
        return []
    moved_out = set(reference["with_layers"]) - set(entry["with_layers"])
    return sorted({*entry["variables"]["rewired"], *moved_out})


class _Weight:
    """A variable of the backend with the flag of the Keras variable around it."""

    def __init__(self, raw: Any, trainable: bool) -> None:
        self.raw = raw
        self.trainable = trainable


def _key(loose: dict[str, Any]) -> str:
    """Return the key of the layer that captures a variable."""
    return str(loose["key"].rpartition(":")[0])


def _taken(free: list[tuple[str, Any]], loose: dict[str, Any]) -> tuple[str, Any] | None:
    """Remove and return the variable that takes the place of a captured one; None where none has its shape."""
    at = next((at for at, (_, variable) in enumerate(free) if list(variable.shape) == loose["shape"]), None)
    return None if at is None else free.pop(at)


def _adopted(
    subject: Subject, layers: Layers, loose: list[dict[str, Any]], known: Collection[str], own: Collection[int]
) -> dict[int, Any]:
    """Return the weights of layers that only the fixed model has which take the places of variables, by variable."""
    raw = subject.framework.raw
    new = (
        weight
        for key, layer in layers.items()
        if key not in known and key not in subject.layers
        for weight in layer.weights
    )
    free = list({id(raw(weight)): weight for weight in new if id(raw(weight)) not in own}.values())
    found: dict[int, Any] = {}
    for each in loose:
        fitting = [weight for weight in free if list(weight.shape) == each["shape"]]
        if fitting and each["variable"] not in found:
            found[each["variable"]] = fitting[0]
            free = [weight for weight in free if weight is not fitting[0]]
    return found


def _kept_before(subject: Subject, layers: Layers, loose: list[dict[str, Any]]) -> dict[str, list[tuple[str, Any]]]:
    """Return the weights of a fixed model that its original kept as attributes which nothing tracked, by the layer's key."""
    raw = subject.framework.raw
    tracked = {id(raw(weight)) for weight in subject.model.weights}
    found: dict[str, list[tuple[str, Any]]] = {}
    for each in loose:
        key = each["key"].rpartition(":")[0]
        held = getattr(layers.get(key), each["name"], None) if key not in subject.layers else None
        if held is not None and subject.framework.is_variable(held) and id(raw(held)) in tracked:
            found.setdefault(key, []).append((each["name"], held))
    return found


def _variables(subject: Subject, key: str, layer: Any) -> list[tuple[str, Any]]:
    loose = [(name, each.raw) for name, each in captured(subject.framework, layer).items()]
    return [(weight.name, weight) for weight in layer.weights] + loose if key in subject.layers else loose


def _unlike(common: list[dict[str, Any]], reference: list[dict[str, Any]]) -> list[str]:
    if len(common) != len(reference):
        return [f"{len(reference)} weights became {len(common)}"]
    return [
        f"weight {was['name']}: {name} {was[name]} became {now[name]}"
        for was, now in zip(reference, common, strict=True)
        for name in ("shape", "dtype", "trainable", "constrained")
        if was[name] != now[name]
    ]
