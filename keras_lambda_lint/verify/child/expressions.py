"""Evaluates replaced expressions alone, where no run of the code around them gets to their layers."""

from __future__ import annotations

import ast
import re
import reprlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child import guesses
from keras_lambda_lint.verify.child.failure import Attempt, describe
from keras_lambda_lint.verify.child.slicing import Bind, Scope, Slice, binds, slice_of
from keras_lambda_lint.verify.child.standins import NO_VALUE

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.tolerant import Program
    from keras_lambda_lint.verify.child.trace import Tracer

    Names = dict[str, Any]

Choices = dict[str, dict[str, str]]
"""How layers were made from their expressions, and the values that were made up for each, as literals."""

_UNBOUND = re.compile(r"name '(\w+)' is not defined")
_LACKING = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_MOST_NAMES = 24
"""Values that are made up for one expression."""
_OTHERWISE = 2
"""What stands for a name that says nothing."""
_DISTINCT = "distinct"
_PLAIN_VALUES: tuple[Any, ...] = (_DISTINCT, None, 2, 0.5, (8, 8))
"""What stands for every name that has no value: what the name says, first with numbers that tell any two names apart, so that one in
the place of another shows, then with fractions that do; then one value for all of them."""
_SMALL = re.compile(r"\w*(axis|axes|idx|index|dim|level)")
"""Names of numbers that may not be larger."""
_LONGEST = 3.0
"""Seconds for all tries of one expression."""
_MOST_TOLD = 4
_SEED = 1


@dataclass
class _Guess:
    """Values that are made up in one try."""

    framework: Framework
    plain: Any
    shapes: guesses.Shapes
    known: dict[str, str] = field(default_factory=dict)
    """What was made up for the original, written as literals."""
    order: list[str] = field(default_factory=list)
    made: Names = field(default_factory=dict)
    depends_on_shapes: bool = False
    is_hopeless: bool = False
    """Something that is not installed is needed."""

    def of(self, name: str, key: str | None = None) -> Any:
        """Return what a name may stand for; `key` is another by which it is known."""
        if (key or name) in self.known:
            return ast.literal_eval(self.known[key or name])
        value, text = guesses.of_name(name, self.framework, self.shapes)
        self.depends_on_shapes |= text.startswith(("Input(", "(", "Model("))
        if self.plain not in (None, _DISTINCT):
            return self.plain
        if value is guesses.UNKNOWN:
            value = _OTHERWISE
        if name not in self.order:
            self.order.append(name)
        if type(value) is float:
            value += self.order.index(name) / 100
        elif type(value) is int and self.plain == _DISTINCT and not _SMALL.fullmatch(name):
            value += self.order.index(name)
        return value


class _Settings:
    """An object whose attributes and items are made up from their names: those that the program reads."""

    def __init__(self, guess: _Guess, read: set[str]) -> None:
        self.__dict__["_guess"] = guess
        self.__dict__["_read"] = read

    def __getattr__(self, name: str) -> Any:
        if name not in self._read:
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            raise KeyError(key)
        self._guess.made[f".{key}"] = self._guess.of(key, f".{key}")
        return self._guess.made[f".{key}"]

    def __repr__(self) -> str:
        return "settings"

    def get(self, name: str, _default: Any = None) -> Any:
        """Return an item."""
        return self[name]


class Expressions:
    """The replaced expressions of a file that was run."""

    def __init__(
        self,
        framework: Framework,
        tracer: Tracer,
        path: str,
        module: types.ModuleType,
        program: Program,
        instance: Callable[[type, guesses.Shapes], Any],
    ) -> None:
        self._framework = framework
        self._tracer = tracer
        self._path = path
        self._module = module
        self._program = program
        self._instance = instance
        """Makes an instance of a class past what fails in that."""

    def call(self, index: int, choices: Choices | None) -> tuple[str, str, dict[str, str]] | None:
        """Make and call the layer of a site; return how, in words, and with which values; None where it could not be done.

        With `choices`, which were made for the original, only these are tried.
        """
        site = self._tracer.sites[index]
        found = slice_of(self._program.tree, site.place)
        if found is None:
            return None
        before, mark = self._tracer.layers_of_sites()[index], self._tracer.mark()
        end = time.monotonic() + _LONGEST
        for plain in _PLAIN_VALUES:
            guess = _Guess(self._framework, plain, ())
            names: Names = {}
            for given in guesses.ALONE:
                label = f"{_choice(index)}{given} {plain}"
                if choices is not None and label not in choices:
                    continue
                if choices is None and (time.monotonic() > end or guess.is_hopeless):
                    break
                if not names or guess.depends_on_shapes:
                    # The fixed program makes what succeeds only: it must not find more made, or other numbers drawn, here.
                    self._tracer.rewind(mark)
                    self._framework.keras.utils.set_random_seed(_SEED)
                    guess = _Guess(self._framework, plain, given.shapes, (choices or {}).get(label, {}))
                    names = self._surroundings(found, guess)
                if self._succeeds(found, names, guess, given):
                    # What was made before and could not be called is not to be compared.
                    self._tracer.drop(before)
                    words = f"the layer of line {site.place[0]}{_in_words(guess.made)} on {given}"
                    return label, words, {name: repr(value) for name, value in guess.made.items() if _is_literal(value)}
        self._tracer.rewind(mark)
        return None

    def _surroundings(self, found: Slice, guess: _Guess) -> Names:
        """Return the names that an expression sees: those of the module, and what the functions around it bind for it."""
        names = dict(vars(self._module))
        for scope in found.scopes:
            self._enter(scope, names, guess)
        return names

    def _succeeds(self, found: Slice, names: Names, guess: _Guess, given: guesses.Given) -> bool:
        """Evaluate an expression and call its layer, with values made up for what it lacks; return whether that works."""
        for _ in range(_MOST_NAMES):
            mark = self._tracer.mark()
            with Attempt(self._path) as attempt:
                self._call(found, names, given)
            if attempt.failure is None:
                return True
            self._tracer.rewind(mark)
            if attempt.error is None or not self._supply(attempt.error, names, found.scopes, guess):
                return False
        return False

    def _call(self, found: Slice, names: Names, given: guesses.Given) -> None:
        inputs = given.inputs(self._framework)
        if found.argument is not None:
            # The function may read by its name what it is given, too.
            self._program.bind(found.argument, inputs, names)
        error, layer = self._program.evaluated(found.expression, names)
        if error is not None:
            raise error
        if not isinstance(layer, self._framework.Layer):
            raise TypeError(f"{type(layer).__name__} is no layer")
        given.call(self._framework, layer, inputs)

    def _enter(self, scope: Scope, names: Names, guess: _Guess) -> None:
        """Execute what an expression needs of a function before it; parameters without a default have no value yet."""
        given = {name: self._program.evaluated(default, names) for name, default in scope.defaults.items()}
        for name in scope.own:
            names.pop(name, None)
        for name, (error, value) in given.items():
            # What a caller gives in place of None is made up only in the tries after the first.
            if error is None and (value is not None or (guess.plain == _DISTINCT and name not in scope.decided)):
                names[name] = value
        for step in scope.steps:
            self._step(step, names, scope, guess)

    def _step(self, step: ast.stmt | Bind, names: Names, scope: Scope, guess: _Guess) -> None:
        for _ in range(_MOST_NAMES):
            if isinstance(step, Bind):
                error, items = self._program.evaluated(step.items, names)
                if error is None:
                    with Attempt(self._path) as attempt:
                        self._program.bind(step.target, next(iter(items)), names)
                    error = attempt.error
            else:
                error = self._program.execute(step, names)
            if error is None:
                return
            if not self._supply(error, names, (scope,), guess):
                break
        for name in binds(step.target if isinstance(step, Bind) else step):
            names.pop(name, None)

    def _supply(self, error: BaseException, names: Names, scopes: tuple[Scope, ...], guess: _Guess) -> bool:
        """Make up the value whose lack an error tells of; return whether trying again makes sense."""
        text = describe(error, self._path)["message"]
        guess.is_hopeless = guess.is_hopeless or text.endswith(NO_VALUE)
        unbound, lacking = _UNBOUND.search(text), _LACKING.search(text)
        if unbound and unbound[1] not in names:
            names[unbound[1]] = guess.made[unbound[1]] = self._value(unbound[1], scopes, guess)
            return True
        if lacking:
            kind, name = lacking.groups()
            owner = next(
                (each for each in names.values() if self._is_of_file(each) and type(each).__name__ == kind), None
            )
            if owner is not None and name not in vars(owner) and not name.startswith("__"):
                with Attempt(self._path) as attempt:
                    guess.made[f".{name}"] = guess.of(name, f".{name}")
                    setattr(owner, name, guess.made[f".{name}"])
                return attempt.failure is None
        return False

    def _is_of_file(self, value: Any) -> bool:
        """Return whether a value is an instance of a class of the file."""
        return type(value).__module__ == self._module.__name__ and hasattr(value, "__dict__")

    def _value(self, name: str, scopes: tuple[Scope, ...], guess: _Guess) -> Any:
        for scope in scopes:
            first = next(iter(scope.parameters), None)
            if scope.owner is not None and first is not None and first.arg == name:
                kind = vars(self._module).get(scope.owner)
                made = self._instance(kind, guess.shapes) if isinstance(kind, type) else None
                return made if made is not None else _Settings(guess, _read(scope.function, name))
            read = _read(scope.function, name)
            if read:
                return _Settings(guess, read)
        value = guess.of(name)
        if name in guess.known:
            return value
        length = max((guesses.items(scope.function).get(name, 0) for scope in scopes), default=0)
        if not length or not isinstance(value, int | float):
            return value
        return tuple(value + number if guess.plain == _DISTINCT else value for number in range(length))


def was_chosen(index: int, choices: Choices) -> bool:
    """Return whether a site's layer was made from its expression, by the choices that were made for the original."""
    return any(each.startswith(_choice(index)) for each in choices)


def _choice(index: int) -> str:
    return f"site {index}, its expression: "


def _is_literal(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_literal, value))
    return value is None or type(value) in (bool, int, float, str)


def _in_words(made: Names) -> str:
    told = [
        f"{name.lstrip('.')}={reprlib.repr(value) if _is_literal(value) else type(value).__name__.strip('_').lower()}"
        for name, value in made.items()
    ]
    more = ["..."] if len(told) > _MOST_TOLD else []
    return f" ({', '.join([*told[:_MOST_TOLD], *more])})" if told else ""


def _read(function: ast.AST, name: str) -> set[str]:
    """Return the attributes and named items that a function reads of a name, as far as they tell an object of settings."""
    read: set[str] = set()
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Attribute | ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id == name
        ):
            if isinstance(node, ast.Attribute):
                read.add(node.attr)
            elif isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                read.add(node.slice.value)
    return read - _OF_TENSORS


_OF_TENSORS = frozenset({"shape", "dtype", "output", "outputs", "input", "inputs", "get_shape", "ndim", "_keras_shape"})
"""What is read of tensors and models."""
