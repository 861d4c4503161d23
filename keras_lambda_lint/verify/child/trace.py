"""Watches layers come to life: which expression of the file made each, and what was first passed to it."""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_lambda_lint.verify.child.arms import Arms

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable

    from keras_lambda_lint.verify.child.framework import Framework

Place = tuple[int, int, int, int]
"""First row, first column, last row, last column: rows from 1, columns from 0 in UTF-8 bytes; columns -1 if unknown."""


@dataclass(frozen=True)
class Site:
    """One replaced expression in the text that this process runs."""

    place: Place
    intended: tuple[str, ...]

    def holds(self, place: Place) -> bool:
        """Return whether a place in the running code belongs to this expression."""
        if place[1] < 0:
            return self.place[0] <= place[0] <= self.place[2]
        return self.place[:2] <= place[:2] and place[2:] <= self.place[2:]

    @property
    def size(self) -> tuple[int, int]:
        """Something that is smaller for the inner of two nested expressions."""
        return (self.place[2] - self.place[0], self.place[3] - self.place[1])


@dataclass(frozen=True)
class Spec:
    """A tensor that was given to a layer."""

    shape: tuple[int | None, ...]
    dtype: str


Structure = Any
"""A `Spec`, or lists and dictionaries of them."""
_DIFFERENT_CALLS = 4
"""Calls with different specifications that are remembered of one layer."""


@dataclass(frozen=True)
class Creation:
    """A layer and the place of the file that made it."""

    layer: Any
    place: Place
    nested: bool
    """Made by the code of another layer or model."""
    args: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    """What its class was called with, besides `args`."""
    arms: frozenset[int] = frozenset()
    """Arms of conditional expressions that ran since the layer before."""


class Parts(NamedTuple):
    """What of a replaced expression ran to make one of its layers."""

    arms: frozenset[int]
    classes: frozenset[str]
    """Of the layer and of those that it was made of."""


class Tracer:
    """Records the layers that the code of one file makes, while it is installed."""

    def __init__(self, framework: Framework, path: str, sites: Iterable[Site]) -> None:
        self._framework = framework
        self._path = path
        self.sites = tuple(sites)
        self.arms = Arms(self.sites)
        self._creations: list[Creation] = []
        self._forgotten: dict[int, Any] = {}
        self._called_at: dict[int, tuple[Any, Place]] = {}
        self._first_calls: dict[int, tuple[Any, ...]] = {}
        self._calls: dict[int, list[Structure]] = {}
        self.observer: Callable[[Any, tuple[Any, ...], Any], None] = self._note_outputs

    def install(self) -> None:
        """Patch the class of all layers, for the rest of this process."""
        layer, model = self._framework.Layer, self._framework.Model
        original_new, original_call = layer.__new__, layer.__call__

        @functools.wraps(original_new)
        def new(cls: type, *args: Any, **kwargs: Any) -> Any:
            created = original_new(cls, *args, **kwargs)
            if isinstance(created, layer):
                self._note_creation(created, args, kwargs)
            return created

        @functools.wraps(original_call)
        def call(instance: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(instance, model):
                self.note_call(instance, args)
            elif id(instance) in self._calls and args:
                self._note_specs(instance, args[0])
            if self.observer == self._note_outputs:
                self._note_place(instance)
            outputs = original_call(instance, *args, **kwargs)
            self.observer(instance, args, outputs)
            return outputs

        layer.__new__ = staticmethod(new)
        layer.__call__ = call
        self._watch_additions()
        self._bind_loop_values()

    def _watch_additions(self) -> None:
        """Forget a `Sequential` model that layers could not be put into: it is not the one that the code describes."""
        sequential = self._framework.Sequential
        sequential.add = self._forgetting(sequential.add)
        sequential.__init__ = self._forgetting(sequential.__init__)

    def _forgetting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method that forgets its model where it fails."""

        @functools.wraps(method)
        def call(instance: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return method(instance, *args, **kwargs)
            except BaseException:
                self.forget(instance)
                raise

        call.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
        return call

    def prepare(self, tree: ast.Module, text: str) -> None:
        """Change the tree of the file before it runs, so that the arms of its sites can be told apart."""
        self.arms.install(tree, text)

    def mark(self) -> int:
        """Return a mark of what was made until now."""
        return len(self._creations)

    def rewind(self, mark: int) -> list[Creation]:
        """Forget what was made after a mark, and return it."""
        taken = self._creations[mark:]
        del self._creations[mark:]
        return taken

    def restore(self, creations: list[Creation]) -> None:
        """Know again what was forgotten."""
        self._creations += creations

    def drop(self, layers: list[Any]) -> None:
        """Forget that some layers were made."""
        dropped = {id(layer) for layer in layers}
        self._creations = [each for each in self._creations if id(each.layer) not in dropped]

    def drop_uncalled(self, rows: set[int]) -> None:
        """Forget layers of the sites that begin in some rows that were not called, where others of the same site were.

        With arguments that are made up one program may make a layer on its way to a failure that the other has earlier.
        """
        for site, layers in zip(self.sites, self.layers_of_sites(), strict=True):
            called = [layer for layer in layers if self.calls(layer)]
            if called and site.place[0] in rows:
                self.drop([layer for layer in layers if not self.calls(layer)])

    def forget(self, value: Any) -> None:
        """Hold a model for unusable: a layer could not be added to it."""
        if isinstance(value, self._framework.Sequential):
            self._forgotten[id(value)] = value

    def is_forgotten(self, value: Any) -> bool:
        """Return whether a value is a model that is only half made."""
        return id(value) in self._forgotten

    def creation(self, layer: Any) -> Creation | None:
        """Return how a layer was made; None where the file did not make it itself."""
        return next((each for each in self._creations if each.layer is layer), None)

    def add_model(self, model: Any, row: int) -> None:
        """Note a model that code outside of the file made for a function of it."""
        if not any(creation.layer is model for creation in self._creations):
            self._creations.append(Creation(model, (row, -1, row, -1), nested=False))

    def calls(self, layer: Any) -> list[Structure]:
        """Return what a layer was called with: a structure of specifications for each different one."""
        return self._calls.get(id(layer), [])

    def forget_calls(self, layer: Any) -> None:
        """Forget what a layer was called with."""
        self._calls[id(layer)] = []

    def _note_specs(self, layer: Any, inputs: Any) -> None:
        known = self._calls[id(layer)]
        if len(known) < _DIFFERENT_CALLS:
            specs = specified(inputs, self._framework.dtype)
            if specs is not None and specs not in known:
                known.append(specs)

    def note_call(self, model: Any, args: tuple[Any, ...]) -> None:
        """Remember the first arguments of a model."""
        if args:
            self._first_calls.setdefault(id(model), args)

    def first_call(self, model: Any) -> tuple[Any, ...] | None:
        """Return the arguments of the first call of a model, or None."""
        return self._first_calls.get(id(model))

    def models(self) -> list[tuple[Any, int]]:
        """Return the models that the file built, each with its row, in order; parts of other models are not listed."""
        return [
            (creation.layer, creation.place[0])
            for creation in self._unique()
            if isinstance(creation.layer, self._framework.Model)
            and not creation.nested
            and id(creation.layer) not in self._forgotten
        ]

    def rows(self) -> set[int]:
        """Return the rows that made a layer or a model."""
        return {creation.place[0] for creation in self._creations}

    def rows_not_run(self) -> set[int]:
        """Return the first rows of sites that made no layer which was called, or parts of which did not run."""
        ran = frozenset[int]().union(*(creation.arms for creation in self._creations))
        return {
            site.place[0]
            for index, (site, layers) in enumerate(zip(self.sites, self.layers_of_sites(), strict=True))
            if not any(self.calls(layer) for layer in layers) or not ran.issuperset(self.arms.of_site(index))
        }

    def rows_not_made(self) -> set[int]:
        """Return the first rows of sites that made no layer."""
        layers = self.layers_of_sites()
        return {site.place[0] for site, made in zip(self.sites, layers, strict=True) if not made}

    def layers_of_sites(self) -> list[list[Any]]:
        """Return for each site the layers that its expression made, in order."""
        exact: list[list[Any]] = [[] for _ in self.sites]
        inside: list[list[Any]] = [[] for _ in self.sites]
        turns = {row: itertools.count() for row in {site.place[0] for site in self.sites}}
        for creation in self._unique():
            index = self._site(creation.place, turns)
            if index is None or isinstance(creation.layer, self._framework.Model):
                continue
            (exact if creation.place == self.sites[index].place else inside)[index].append(creation.layer)
        made = [found or others for found, others in zip(exact, inside, strict=True)]
        return [found or self._called(site, made) for site, found in zip(self.sites, made, strict=True)]

    def parts(self, sites: list[list[Any]]) -> dict[int, Parts]:
        """Return what ran to make each layer of the sites, by its id."""
        found: dict[int, Parts] = {}
        owners = {id(layer): index for index, layers in enumerate(sites) for layer in layers}
        pending: dict[int, list[Creation]] = {}
        turns = {row: itertools.count() for row in {site.place[0] for site in self.sites}}
        for creation in self._unique():
            index = self._site(creation.place, turns)
            if index is None:
                continue
            pending.setdefault(index, []).append(creation)
            if owners.get(id(creation.layer)) == index:
                made = pending.pop(index)
                arms = frozenset[int]().union(*(each.arms for each in made)) & set(self.arms.of_site(index))
                found[id(creation.layer)] = Parts(arms, frozenset(type(each.layer).__name__ for each in made))
        return found

    def _called(self, site: Site, made: list[list[Any]]) -> list[Any]:
        """Return the layers that the expression of a site, which made none, calls or stands for: those that no other site made."""
        taken = {id(layer) for layers in made for layer in layers}
        return [
            layer
            for layer, place in self._called_at.values()
            if id(layer) not in taken and (site.holds(place) or place[:2] == site.place[:2])
        ]

    def _unique(self) -> list[Creation]:
        return list({id(creation.layer): creation for creation in self._creations}.values())

    def _site(self, place: Place, turns: dict[int, Any]) -> int | None:
        holding = [index for index, site in enumerate(self.sites) if site.holds(place)]
        if not holding:
            return None
        if place[1] < 0 and len(holding) > 1:
            # Without columns (Python 3.10) layers of one row are told apart by their order.
            turn: int = next(turns[self.sites[holding[0]].place[0]])
            return holding[turn % len(holding)]
        return min(holding, key=lambda index: self.sites[index].size)

    def _note_creation(self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if any(creation.layer is layer for creation in self._creations[-1:]):
            return
        frame: Any = sys._getframe(2)
        place: Place | None = None
        nested = False
        while frame is not None:
            if place is None and frame.f_code.co_filename == self._path:
                place = _place(frame)
                if nested and not isinstance(layer, self._framework.Model):
                    return
            owner = frame.f_locals.get("self")
            nested = nested or (owner is not layer and isinstance(owner, self._framework.Layer))
            frame = frame.f_back
        if place is not None:
            self._creations.append(Creation(layer, place, nested, args, kwargs, self.arms.taken()))
            self._calls.setdefault(id(layer), [])

    def _note_place(self, layer: Any) -> None:
        """Note where the file itself called a layer first."""
        frame: Any = sys._getframe(2)
        while frame is not None and id(layer) not in self._called_at:
            if frame.f_code.co_filename == self._path:
                self._called_at[id(layer)] = (layer, _place(frame))
            elif isinstance(frame.f_locals.get("self"), self._framework.Layer) and frame.f_locals["self"] is not layer:
                return
            frame = frame.f_back

    def _note_outputs(self, layer: Any, args: tuple[Any, ...], outputs: Any) -> None:
        """Nothing more to note before the models are measured."""

    def _bind_loop_values(self) -> None:
        loops = [site for site in self.sites if "binds-loop-value" in site.intended]
        if not loops:
            return
        original = self._framework.Lambda.__init__

        @functools.wraps(original)
        def init(instance: Any, *args: Any, **kwargs: Any) -> None:
            original(instance, *args, **kwargs)
            place = next((made.place for made in self._creations if made.layer is instance), None)
            if place is not None and any(site.holds(place) for site in loops):
                instance.function = bound_early(instance.function)

        init.__signature__ = inspect.signature(original)  # type: ignore[attr-defined]
        self._framework.Lambda.__init__ = init


def specified(value: Any, dtype: Callable[[Any], str]) -> Structure | None:
    """Return shapes and dtypes of tensors, nested as they are; None for anything else, which cannot be made anew."""
    if isinstance(value, list | tuple):
        items = [specified(item, dtype) for item in value]
        return None if None in items or not items else items
    if isinstance(value, dict):
        named = {key: specified(value[key], dtype) for key in sorted(value)}
        return None if None in named.values() or not named else named
    if not hasattr(value, "shape") or not hasattr(value, "dtype"):
        return None
    try:
        shape = [None if size is None else int(size) for size in value.shape]
    except (TypeError, ValueError):  # A shape whose rank is unknown.
        return None
    # The batch of data that happened to be at hand is of no matter.
    return Spec((None, *shape[1:]) if shape else (), dtype(value))


def bound_early(function: Any) -> Any:
    """Return the function with the values that its free names have now; something else than a function as it is."""
    if not isinstance(function, types.FunctionType):
        return function
    cells = tuple(_copied(cell) for cell in function.__closure__ or ())
    names = dict(function.__globals__)
    copy = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__dict__.update(function.__dict__)
    return copy


def _copied(cell: types.CellType) -> types.CellType:
    try:
        return types.CellType(cell.cell_contents)
    except ValueError:  # Not bound yet: it has no value to copy.
        return cell


def _place(frame: types.FrameType) -> Place:
    positions = getattr(frame.f_code, "co_positions", None)
    if positions is not None:
        row, last_row, column, last_column = next(itertools.islice(positions(), frame.f_lasti // 2, None))
        if None not in (row, last_row, column, last_column):
            return (row, column, last_row, last_column)
    return (frame.f_lineno, -1, frame.f_lineno, -1)
