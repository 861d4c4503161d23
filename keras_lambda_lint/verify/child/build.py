"""The first role: run the file, find its models, measure them, save them."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child import calls, declared, inputs, losses, persist, recorders, remade, script, spread
from keras_lambda_lint.verify.child.alone import Alone, run_layers
from keras_lambda_lint.verify.child.confine import TimeUp
from keras_lambda_lint.verify.child.factories import Factories, NoSuchFactoryError
from keras_lambda_lint.verify.child.failure import Attempt
from keras_lambda_lint.verify.child.forms import CASE, Forms
from keras_lambda_lint.verify.child.layers import keys
from keras_lambda_lint.verify.child.measure import Subject
from keras_lambda_lint.verify.child.noise import Noise
from keras_lambda_lint.verify.child.pairing import Values, rewired
from keras_lambda_lint.verify.child.record import FOR_COMPARISON, Recording, plain, read
from keras_lambda_lint.verify.child.sizes import is_heavy, is_large, layers_of, memory_of
from keras_lambda_lint.verify.child.trace import Site, Tracer
from keras_lambda_lint.verify.child.weights import uses_layers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.trace import Parts

_MOST_MODELS = 32
_MEASURED_WITHIN = 0.9
"""Share of a process's time after which no model is measured any more."""
_SHARE_OF_ONE = 0.6
"""Share of the time that is left which one model may take."""
_LEAST = 2.0
"""Seconds that any model may take."""
_TURNS_ALONE = 2
"""Layers of one site that are measured alone, and one of each further kind: a function that is called often makes many."""
_RELOADED_CASES = (1, 2)
_WEIGHT_GRADIENTS = (1, 2)
_TRAINING_CASE = 1


def build(framework: Framework, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the models of the request's text are and do, with references to recorded arrays."""
    deadline = time.monotonic() + request["timeout"] * _MEASURED_WITHIN
    sites = [Site(tuple(site["place"]), tuple(site["intended"])) for site in request["sites"]]
    tracer = Tracer(framework, request["path"], sites)
    tracer.install()
    recorders.install(framework, tracer)
    noise = Noise(framework)
    noise.install()
    framework.keras.utils.set_random_seed(request["seed"])
    reference = _reference(request)
    run = script.run(request, "__main__", tracer)
    made = Factories(framework, tracer, request["path"], run)
    guessed: set[int] = set()
    built = 0
    try:
        built, guessed = calls.make(made, tracer, request, reference)
    except NoSuchFactoryError as error:
        return {"usage": f"{error}{_because(run.failures)}"}
    bench = _Bench(framework, tracer, noise, request, reference, deadline)
    parts = tracer.parts(bench.sites)
    known = {
        "keras": framework.title,
        "device": framework.device(),
        "skipped": run.failures,
        "stand_ins": run.stand_ins.names,
        "made_up": made.made_up,
        "choices": made.choices,
        "refused": made.refused,
        "guessed": [index for index, site in enumerate(tracer.sites) if site.place[0] in guessed],
        "factories": made.failures,
        "own": min(built, _MOST_MODELS),
        "sites": [
            [
                {
                    "key": f"site:{index}:{turn}",
                    "name": getattr(layer, "name", ""),
                    "class": type(layer).__name__,
                    "trainable": bool(getattr(layer, "trainable", True)),
                    "arms": sorted(parts[id(layer)].arms) if id(layer) in parts else [],
                    "classes": sorted(parts[id(layer)].classes) if id(layer) in parts else [],
                }
                for turn, layer in enumerate(layers)
            ]
            for index, layers in enumerate(bench.sites)
        ],
        "arms": [
            {number: tracer.arms.all[number].text for number in tracer.arms.of_site(i)} for i in range(len(sites))
        ],
    }
    bench.known = known
    models = bench.measured(tracer.models()[:_MOST_MODELS], parts)
    return {**known, "models": models, "remade": remade.observe(framework, tracer, bench.sites, request["path"])}


def _because(failures: list[dict[str, Any]]) -> str:
    """Return why a name may be missing from a file that was run."""
    if not failures:
        return ""
    first = failures[0]
    what = first["message"] if first["end"] else f"{first['type']}: {first['message']}"
    return f" (line {first['row']} fails: {what})"


def _reference(request: dict[str, Any]) -> dict[str, Any]:
    if request["reference"] is None:
        return {"models": [], "made_up": {}, "choices": {}}
    loaded: dict[str, Any] = json.loads(Path(request["reference"]).read_text(encoding="utf-8"))
    return loaded


class _Bench:
    """Measures the models of one text, one after another."""

    def __init__(
        self,
        framework: Framework,
        tracer: Tracer,
        noise: Noise,
        request: dict[str, Any],
        reference: dict[str, Any],
        deadline: float,
    ) -> None:
        self._deadline = deadline
        self._framework = framework
        self._noise = noise
        self._tracer = tracer
        self._request = request
        self._reference = reference["models"]
        self._directory = Path(request["directory"])
        self._values = Values(framework, request["seed"])
        self.sites = tracer.layers_of_sites()
        self._measured_alone: set[str] = set()
        self.known: dict[str, Any] = {}
        """What else is known of the text: kept before each heavy model, which may end this process."""

    def measured(self, found: list[tuple[Any, int]], parts: dict[int, Parts]) -> list[dict[str, Any]]:
        """Return everything about each model, and about layers of sites alone; `failure` says what ended the measuring of it."""
        partners = self._partners(found)
        own = [_site_keys(keys(model, self.sites).values()) for model, _ in found]
        heavy = [is_heavy(model) for model, _ in found]
        every = {f"site:{index}:{turn}" for index, layers in enumerate(self.sites) for turn in range(len(layers))}
        entries: dict[int, dict[str, Any]] = {}
        alone: list[dict[str, Any]] = []
        if any(heavy):
            light = set[str]().union(*(each for each, is_heavy in zip(own, heavy, strict=True) if not is_heavy))
            alone = self._alone(every - light, parts)
        # Those that hold a site come first: time may not do for all.
        for index in sorted(range(len(found)), key=lambda index: (not own[index], heavy[index])):
            if heavy[index]:
                self._keep_so_far([entries.get(each, _unmeasured(*found[each])) for each in range(len(found))] + alone)
            entries[index] = self._entry(f"m{index}", *found[index], partners[index])
        whole = [entries[index] for index in range(len(found))]
        compared = [*whole, *(each for each in self._reference if not each["alone"])]
        within = {key for entry in compared if not entry["failure"] and entry["cases"] for key in entry["keys"]}
        return [*whole, *alone, *self._alone(every - within, parts)]

    def _keep_so_far(self, models: list[dict[str, Any]]) -> None:
        """Write a result in which the models that were not measured yet took too long, for a parent that outlives this process."""
        text = json.dumps({**self.known, "models": models, "remade": {}})
        (self._directory / "so_far.part").write_text(text, encoding="utf-8")
        (self._directory / "so_far.part").rename(self._directory / "so_far.json")

    def _alone(self, wanted: set[str], parts: dict[int, Parts]) -> list[dict[str, Any]]:
        """Return the same for layers of sites, each in a model of its own; also for those whose original was measured so."""
        originals = {key: index for index, each in enumerate(self._reference) if each["alone"] for key in each["keys"]}
        entries: list[dict[str, Any]] = []
        for index, layers in enumerate(self.sites):
            seen: set[Parts | None] = set()
            for turn, layer in enumerate(layers):
                key = f"site:{index}:{turn}"
                made = parts.get(id(layer))
                if turn >= _TURNS_ALONE and made in seen and key not in originals:
                    continue
                seen.add(made)
                calls = self._tracer.calls(layer)
                if calls and (key in wanted or key in originals) and key not in self._measured_alone:
                    self._measured_alone.add(key)
                    row = self._tracer.sites[index].place[0]
                    alone = Alone(self._framework, layer, calls[0])
                    entries.append(self._entry(f"a{index}-{turn}", alone, row, originals.get(key)))
        return entries

    def _partners(self, found: list[tuple[Any, int]]) -> list[int | None]:
        """Return for each model the index of its original: by order, or by its sites where the original ended early."""
        whole = [each for each in enumerate(self._reference) if not each[1]["alone"]]
        if len(found) == len(whole):
            return [index for index, _ in whole]
        remaining = whole
        partners: list[int | None] = []
        for model, _ in found:
            own = _site_keys(keys(model, self.sites).values())
            match = next((each for each in remaining if own and _site_keys(each[1]["keys"]) == own), None)
            if match:
                remaining.remove(match)
            partners.append(match[0] if match else None)
        return partners

    def _entry(self, stem: str, model: Any, row: int, partner: int | None) -> dict[str, Any]:
        entry = {**_unmeasured(model, row), "failure": None, "partner": partner, "alone": isinstance(model, Alone)}
        left = max(self._deadline - time.monotonic(), 0.0)
        # What is left for the layers alone, should the model take too long, is little, but so are they.
        takes_all = Attempt(self._request["path"], takes_time_up=True)
        with takes_all as attempt, script.Alarm(max(left * _SHARE_OF_ONE, _LEAST)):
            if isinstance(model, Alone):
                entry["keys"] = sorted(key for key in keys(model, self.sites).values() if key.startswith("site:"))
                model = model.model()
            entry["name"] = model.name
            entry["keys"] = sorted(keys(model, self.sites).values())
            reference = self._reference[partner] if partner is not None else None
            if reference is not None and reference["failure"] and reference["failure"]["type"] == TimeUp.__name__:
                raise TimeUp(reference["failure"]["message"])
            if reference is not None and (reference["failure"] or not reference["cases"]):
                reference = None
            if memory_of(model) > self._request["memory"]:
                raise TimeUp(f"needs about {memory_of(model) / 1e9:.0f} GB of memory")
            self._measure(model, entry, reference, stem)
        entry["failure"] = attempt.failure
        return entry

    def _measure(self, model: Any, entry: dict[str, Any], reference: dict[str, Any] | None, stem: str) -> None:
        entry["large"] = reference["large"] if reference is not None else False
        cases, signature = self._ready(model, entry, reference)
        layer_keys = keys(model, self.sites)
        layers = {layer_keys[id(layer)]: layer for layer in layers_of(model) if id(layer) in layer_keys}
        entry["keys"] = sorted(layers)
        of_sites = {key: layer for key, layer in layers.items() if key.startswith("site:")}
        subject = Subject(self._framework, self._tracer, model, signature, layer_keys, of_sites)
        entry["declared"] = declared.of_model(model)
        path = self._directory / f"{stem}-values.npz"
        if reference is None:
            entry["variables"] = self._values.make_up(subject, layers, path)
        else:
            entry["variables"] = self._values.take_over(
                subject, layers, reference["variables"], reference["keys"], path
            )
        entry["with_layers"] = [key for key, layer in of_sites.items() if uses_layers(self._framework, layer)]
        entry["rewired"] = rewired(entry, reference)
        subject.rewired = frozenset(entry["rewired"])
        local: dict[str, Any] = {}
        for number, case in enumerate(cases):
            entry["cases"].append(self._run_case(subject, case, number, reference, local, stem))
        entry["further"] = self._run_further(subject, cases[_TRAINING_CASE], stem, is_large=entry["large"])
        if reference is None:
            # Only how far the original differs from itself counts.
            entry["again"] = self._run_again(subject, cases[_TRAINING_CASE].arrays, entry, stem)
        file = self._directory / f"{stem}-noise.npz"
        entry["noise"] = spread.observe(self._noise, subject, entry["cases"][_TRAINING_CASE]["layers"], file)
        entry["told"] = subject.told
        self._values.move_rest(subject, layers)
        shelf = persist.Shelf(self._request["path"], self._directory, stem, self._request["seed"])
        reloaded = _reloaded((reference or entry)["cases"])
        entry["saved"] = shelf.save(subject, {number: cases[number].arrays for number in reloaded})
        entry["saved_layers"] = [shelf.save_layer(subject, *each) for each in local.values()]
        entry["config_faults"] = {key: persist.config_faults(layer) for key, layer in of_sites.items()}
        entry["forms"], entry["checkpoints"] = {}, {}
        if not entry["large"]:
            path, directory = self._request["path"], self._directory / f"{stem}-forms"
            forms = Forms(subject, layers, cases[int(CASE)].arrays, path, directory)
            entry["forms"] = forms.kept()
            if reference is not None:
                values = read(reference["variables"]["values"])
                entry["checkpoints"] = forms.checkpoints(reference["forms"], values)

    def _ready(
        self, model: Any, entry: dict[str, Any], reference: dict[str, Any] | None
    ) -> tuple[list[inputs.Case], inputs.Signature]:
        """Return the input cases that a model accepts, and its signature; the model is built then."""
        if reference is not None:
            cases = []
            for each in reference["cases"]:
                arrays = read(each["inputs"])
                cases.append(inputs.Case(each["values"], each["label"], list(arrays.values())))
            signature = self._signature(model)
            if len(signature.leaves) != len(cases[0].arrays):
                raise ValueError(f"{len(cases[0].arrays)} inputs became {len(signature.leaves)}")
            for each, case in list(zip(reference["cases"], cases, strict=True))[: _TRAINING_CASE + 1]:
                if not each["failure"]:
                    self._call(model, signature, case)
            return cases, signature
        signature = self._signature(model)
        for sizes in inputs.SIZES:
            cases = inputs.cases(signature, self._request["seed"], sizes, self._request["int_range"])
            started = time.process_time()
            with Attempt(self._request["path"]) as attempt:
                for case in cases[:2]:
                    self._call(model, signature, case)
            if attempt.failure is None:
                entry["large"] = is_large(model, cases[_TRAINING_CASE].arrays, time.process_time() - started)
                return (inputs.fewer(cases) if entry["large"] else cases), signature
        self._call(model, signature, cases[0])
        return cases, signature

    def _signature(self, model: Any) -> inputs.Signature:
        return inputs.signature(self._framework, self._tracer, model, self._request["input_spec"])

    def _call(self, model: Any, signature: inputs.Signature, case: inputs.Case) -> None:
        """Call a model; raise where its outputs have no values."""
        outputs = model(*signature.pack([self._framework.tensor(array) for array in case.arrays]))
        for output in self._framework.flatten(outputs):
            plain(output)

    def _run_case(
        self,
        subject: Subject,
        case: inputs.Case,
        number: int,
        reference: dict[str, Any] | None,
        local: dict[str, Any],
        stem: str,
    ) -> dict[str, Any]:
        given = Recording()
        for index, array in enumerate(case.arrays):
            given.add(f"in/{index}", array)
        recording = Recording(FOR_COMPARISON)
        with Attempt(self._request["path"]) as attempt:
            calls = subject.run(case.arrays, recording, weights=number in _WEIGHT_GRADIENTS)
            if number == _TRAINING_CASE:
                local.update(calls)
        if reference is None:
            seen = list(calls.values()) if attempt.failure is None else []
            layers_entry = self._inputs_of_layers(seen, case, self._file(stem, number, "given"))
        else:
            layers_entry = reference["cases"][number]["layers"]
        failures = run_layers(subject, self._request["path"], layers_entry, recording, modes=number == _TRAINING_CASE)
        return {
            "values": case.values,
            "label": case.label,
            "failure": attempt.failure,
            "inputs": given.write(self._file(stem, number, "inputs")),
            "layers": layers_entry,
            "layer_failures": failures,
            "recorded": recording.write(self._file(stem, number, "recorded")),
        }

    def _inputs_of_layers(self, calls: list[Any], case: inputs.Case, path: Path) -> dict[str, Any]:
        """Return what the layers of sites are run on alone: what the model gave them, and the case's range itself."""
        given = Recording()
        structures = []
        for key, turn, flat, structure in calls:
            ranged = inputs.like(flat, case.values, self._request["seed"])
            for name, arrays in ((str(turn), flat), (f"{turn} alone", ranged)):
                if arrays is not None:
                    structures.append([key, name, structure, len(arrays)])
                    for index, array in enumerate(arrays):
                        given.add(f"{key}/{name}/{index}", array)
        return {"structures": structures, "given": given.write(path)}

    def _run_further(self, subject: Subject, case: inputs.Case, stem: str, *, is_large: bool) -> dict[str, Any]:
        """Record the model compiled, in training mode, and after some training."""
        recording = Recording(FOR_COMPARISON)
        failures: dict[str, Any] = {"xla": None}
        for name, run in (
            ("compiled", subject.run_compiled),
            *((("xla", subject.run_by_xla),) if not is_large else ()),
            ("training", subject.run_training),
            ("trained", subject.train),
            ("loss", partial(losses.run, subject)),
            ("masked", subject.run_masked),
        ):
            with Attempt(self._request["path"]) as attempt:
                run(case.arrays, recording)
            failures[name] = attempt.failure
        return {"failures": failures, "recorded": recording.write(self._directory / f"{stem}-further.npz")}

    def _run_again(self, subject: Subject, arrays: list[Any], entry: dict[str, Any], stem: str) -> dict[str, Any]:
        """Record one case a second time: how far the model differs from itself."""
        recording = Recording(FOR_COMPARISON)
        with Attempt(self._request["path"]):
            subject.run(arrays, recording, weights=True)
            case = entry["cases"][_TRAINING_CASE]
            before = read(case["recorded"])
            run_layers(subject, self._request["path"], case["layers"], recording, modes=True, before=before)
            subject.run_training(arrays, recording)
        return recording.write(self._directory / f"{stem}-again.npz")

    def _file(self, stem: str, number: int, what: str) -> Path:
        return self._directory / f"{stem}-{number}-{what}.npz"


def _unmeasured(model: Any, row: int) -> dict[str, Any]:
    """Return what is said of a model that took too long; the message is that of what ended the process."""
    failure = {"type": TimeUp.__name__, "message": "", "row": 0, "end": True}
    unknown: dict[str, Any] = {"partner": None, "failure": failure, "cases": [], "keys": [], "alone": False}
    return {"row": row, "name": type(model).__name__, **unknown}


def _reloaded(cases: list[dict[str, Any]]) -> list[int]:
    """Return the cases that a loaded model is run on: of those that the original does not fail on."""
    ran = [number for number, case in enumerate(cases) if not case["failure"]]
    return [number for number in _RELOADED_CASES if number in ran] or ran[:1]


def _site_keys(found: Iterable[str]) -> set[str]:
    return {key for key in found if key.startswith("site:")}
