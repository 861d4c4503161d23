"""Calls what defines models: the function that was named, those that need no argument, and those whose arguments can be made up."""

from __future__ import annotations

import ast
import functools
import inspect
import types
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from keras_lambda_lint.verify.child import expressions, guesses
from keras_lambda_lint.verify.child.failure import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.script import Run
    from keras_lambda_lint.verify.child.trace import Creation, Tracer


_MOST_CHOICES = 12
"""Ways to choose arguments that are tried of one definition."""


class NoSuchFactoryError(Exception):
    """The file does not have what a person named, or it does not take what was given: says so in one line."""


@dataclass(frozen=True)
class _Definition:
    """A function or class of the file."""

    name: str
    value: Any
    rows: frozenset[int]
    reads: frozenset[str]
    """All names that its code reads."""


class Factories:
    """The definitions of a file that was run."""

    def __init__(self, framework: Framework, tracer: Tracer, path: str, run: Run) -> None:
        self._framework = framework
        self._tracer = tracer
        self._path = path
        self._module = run.module
        self._tree = _parsed(path)
        self._stand_ins = run.stand_ins
        self._program = run.program
        self.failures: list[dict[str, Any]] = []
        """Functions that failed."""
        self.made_up: dict[str, str] = {}
        """Calls with arguments that were made up: how they were chosen, and in words."""
        self.choices: expressions.Choices = {}
        """The layers among them that were made from their expressions."""
        self.refused: dict[str, dict[str, Any]] = {}
        """By site what its layer fails with on all inputs that were tried, where that is the same."""

    def call_named(self, name: str, given: list[Any] | dict[str, Any] | None) -> None:
        """Call what has a dotted name; raise `NoSuchFactoryError` where it does not exist or does not take the arguments."""
        factory: Any = self._module
        for part in name.split("."):
            if not hasattr(factory, part):
                raise NoSuchFactoryError(f"there is no `{name}`")
            factory = getattr(factory, part)
        if not callable(factory):
            raise NoSuchFactoryError(f"`{name}` is no function or class")
        args, options = ([], given) if isinstance(given, dict) else (given or [], {})
        args, options = [_shape(value) for value in args], {key: _shape(value) for key, value in options.items()}
        try:
            inspect.signature(factory).bind(*args, **options)
        except TypeError as error:
            raise NoSuchFactoryError(f"`{name}`: {error}: give --factory-args") from None
        except ValueError:
            pass  # It has no signature, such as a class written in C.
        self._attempt(name, lambda: factory(*args, **options), getattr(factory, "__code__", None))

    def call_all(self) -> None:
        """Call the public functions that need no argument and that the file did not call itself, in order."""
        rows = self._tracer.rows()
        for factory in list(self._without_parameters()):
            if not rows & _rows(factory.__code__):
                self._attempt(factory.__name__, factory, factory.__code__)

    def call_with_guesses(self, preferred: list[str]) -> None:
        """Call what reaches replaced expressions that did not run yet with made-up arguments.

        Inputs of several shapes are tried; where there is `preferred`, which are calls in words, these only: so that the fixed
        program is called as the original was.
        """
        definitions = self._definitions()
        reaching = [each for each in definitions if self._reaches(each, definitions)]
        called = {name for each in reaching for name in each.reads if name != each.name}
        for each in sorted(reaching, key=lambda definition: definition.name in called):
            if self._reaches(each, definitions):
                self._guess(each, definitions, preferred)

    def call_layers(self, preferred: list[str], choices: expressions.Choices | None, not_made: set[int]) -> None:
        """Call the layers of replaced expressions that nothing calls on made-up inputs, so that they can be compared alone.

        Those that a model holds are left: what that model takes is for a person to say. `preferred` and `choices` were made for
        the original; None while that itself is run. Layers of the rows `not_made` were made by calls with made-up arguments at
        best: these are made from their expressions first, where names mean what they mean there.
        """
        held: set[int] = set()
        for model, _ in self._tracer.models():
            with Attempt(self._path):  # A model that is half made may have none.
                held.update(id(layer) for layer in model.layers)
        for index, layers in enumerate(self._tracer.layers_of_sites()):
            if any(id(layer) in held or self._tracer.calls(layer) for layer in layers):
                continue
            is_guess = self._tracer.sites[index].place[0] in not_made
            by_expression = is_guess if choices is None else expressions.was_chosen(index, choices)
            if by_expression and (self._call_expression(index, choices) or choices):
                continue
            if layers and self._call_layer(index, layers[0], preferred):
                continue
            if not by_expression:
                self._call_expression(index, choices)

    def _call_layer(self, index: int, layer: Any, preferred: list[str]) -> bool:
        """Call a layer on inputs of the first shape that it takes; return whether there is one."""
        row = self._tracer.sites[index].place[0]
        tries = [(each, f"site {index}: {each}") for each in guesses.ALONE]
        failures: dict[str, dict[str, Any]] = {}
        for given, label in sorted(tries, key=lambda tried: tried[1] not in preferred):
            with Attempt(self._path) as attempt:
                given.call(self._framework, layer, given.inputs(self._framework))
            if attempt.failure is None:
                self.made_up[label] = f"the layer of line {row} on {given}"
                return True
            failures[attempt.failure["message"]] = attempt.failure
            self._tracer.forget_calls(layer)
        if len(failures) == 1:
            self.refused[str(index)] = next(iter(failures.values()))
        return False

    def _call_expression(self, index: int, choices: expressions.Choices | None) -> bool:
        """Make and call a layer from its expression alone; return whether that could be done."""
        if self._program is None:
            return False
        surroundings = (self._path, self._module, self._program, self._instance)
        with Attempt(self._path):  # The tree of somebody's file may be deeper than Python counts.
            called = expressions.Expressions(self._framework, self._tracer, *surroundings).call(index, choices)
            if called is not None:
                choice, words, values = called
                self.made_up[choice], self.choices[choice] = words, values
                return True
        return False

    def _instance(self, kind: type, shapes: guesses.Shapes) -> Any:
        """Return an instance of a class of the file, made with arguments that are made up, past what fails in that."""
        lists = guesses.lists(self._tree, kind.__name__)
        with Attempt(self._path) as attempt:
            made, _, _ = guesses.arguments(kind, self._framework, shapes, {}, lists)
        return self._stepped(kind, made) if attempt.failure is None else None

    def _without_parameters(self) -> Iterator[types.FunctionType]:
        for name, value in list(vars(self._module).items()):
            if name.startswith("_") or name == "main" or not isinstance(value, types.FunctionType):
                continue
            if value.__module__ != self._module.__name__ or inspect.iscoroutinefunction(value):
                continue
            parameters = inspect.signature(value).parameters.values()
            if all(
                each.default is not each.empty or each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
                for each in parameters
            ):
                yield value

    def _attempt(self, name: str, call: Callable[[], Any], code: types.CodeType | None) -> bool:
        """Call something, note the models that it returns, and return whether it succeeded."""
        while True:
            mark = self._tracer.mark()
            with Attempt(self._path) as attempt:
                result = call()
            if attempt.failure is None:
                for each in self._models(result):
                    self._tracer.add_model(each, code.co_firstlineno if code else 1)
                return True
            if attempt.error is None or not self._stand_ins.take(attempt.error):
                self.failures.append({"function": name, **attempt.failure})
                return False
            self._tracer.rewind(mark)

    def _models(self, result: Any) -> Iterator[Any]:
        if isinstance(result, self._framework.Model):
            yield result
        elif isinstance(result, list | tuple):
            for item in result:
                yield from self._models(item)
        elif isinstance(result, dict):
            yield from self._models(list(result.values()))

    def _definitions(self) -> list[_Definition]:
        found = []
        for name, value in list(vars(self._module).items()):
            codes = list(self._codes(value))
            if codes and getattr(value, "__name__", None) == name:
                rows = frozenset(row for code in codes for row in _all_rows(code))
                reads = frozenset(name for code in codes for name in _all_names(code))
                found.append(_Definition(name, value, rows, reads))
        return found

    def _codes(self, value: Any) -> Iterator[types.CodeType]:
        """Yield the code of a function or of the methods of a class, where that stands in the file."""
        members = list(vars(value).values()) if isinstance(value, type) else [value]
        for member in members:
            function = inspect.unwrap(getattr(member, "__func__", member)) if callable(member) else None
            if isinstance(function, types.FunctionType) and function.__code__.co_filename == self._path:
                yield function.__code__

    def _reaches(self, definition: _Definition, definitions: list[_Definition]) -> bool:
        """Return whether a definition leads to a replaced expression whose layer was not called yet."""
        by_name = {each.name: each for each in definitions}
        open_rows = set(self._tracer.rows_not_run())
        seen: set[str] = set()
        pending = [definition]
        while pending and open_rows:
            each = pending.pop()
            if each.rows & open_rows:
                return True
            seen.add(each.name)
            pending += [by_name[name] for name in each.reads & by_name.keys() - seen]
        return False

    def _guess(self, definition: _Definition, definitions: list[_Definition], preferred: list[str]) -> None:
        """Try the values that the code compares its parameters with, until nothing is left that it leads to."""
        shapes = list(guesses.SHAPES)
        for chosen in self._choices(definition):
            if not self._reaches(definition, definitions):
                return
            fitting = self._guess_shapes(definition, chosen, shapes, preferred)
            shapes.sort(key=lambda each: each != fitting)

    def _choices(self, definition: _Definition) -> list[dict[str, Any]]:
        return guesses.choices(self._tree, definition.name, definition.value)[:_MOST_CHOICES]

    def _guess_shapes(
        self, definition: _Definition, chosen: dict[str, Any], shapes: list[guesses.Shapes], preferred: list[str]
    ) -> guesses.Shapes | None:
        """Keep the first call that succeeds, else the one that reaches most before it fails; return the shapes that do."""
        best: tuple[tuple[int, int], list[Creation], str, str] | None = None
        fitting = None
        before, made = self._tracer.rows_not_run(), self._tracer.rows_not_made()
        tries = [(each, f"{definition.name}: {each} {sorted(chosen.items())}") for each in shapes]
        for each, label in (tried for tried in tries if not preferred or tried[1] in preferred):
            mark = self._tracer.mark()
            words, succeeded = self._called(definition, each, chosen)
            covered = len(before - self._tracer.rows_not_run()), len(made - self._tracer.rows_not_made())
            creations = self._tracer.rewind(mark)
            if any(covered) and (best is None or covered > best[0] or succeeded):
                best = (covered, creations, label, words)
            if succeeded:
                # Where it leads nowhere new, other inputs would not either.
                fitting = each
                break
        if best is not None:
            self._tracer.restore(best[1])
            self.made_up[best[2]] = best[3]
        return fitting

    def _called(self, definition: _Definition, shapes: guesses.Shapes, chosen: dict[str, Any]) -> tuple[str, bool]:
        """Call a definition with made-up arguments; return that in words, and whether it succeeded."""
        lists = guesses.lists(self._tree, definition.name)
        made, text, is_whole = guesses.arguments(definition.value, self._framework, shapes, chosen, lists)
        words = f"{definition.name}({text})"
        results: list[Any] = []

        def call() -> Any:
            results.append(definition.value(**made))
            return results[-1]

        failures = len(self.failures)
        succeeded = is_whole and self._attempt(words, call, getattr(definition.value, "__code__", None))
        if not succeeded:
            results.append(self._stepped(definition.value, made))
        if isinstance(definition.value, type) and results[-1] is not None:
            words, used = self._used(words, results[-1], definition.value, shapes)
            succeeded = succeeded and used
        # What fails with arguments that nobody gave is no failure of the program.
        del self.failures[failures:]
        return words, succeeded

    def _stepped(self, value: Any, made: dict[str, Any]) -> Any:
        """Execute the body of a function or of `__init__` past what fails in it; return its result, or the instance."""
        if self._program is None:
            return None
        known = len(self._program.failures)
        try:
            if not isinstance(value, type):
                return self._program.call(value, made)
            with Attempt(self._path) as attempt:
                instance: Any = cast("Any", value).__new__(value)
            if attempt.failure is not None:
                return None
            self._program.call(instance.__init__, made)
            return instance
        finally:
            del self._program.failures[known:]

    def _used(self, words: str, instance: Any, kind: type, shapes: guesses.Shapes) -> tuple[str, bool]:
        """Call an instance of a class that is a layer or model, else its methods that need to run."""
        if isinstance(instance, self._framework.Layer):
            given = str(guesses.Given(shapes))
            succeeded = self._called_with(f"{words}({given})", instance, shapes, {})
            rows = frozenset(row for code in self._codes(kind) for row in _all_rows(code))
            for options in guesses.switches(kind.call):  # type: ignore[attr-defined]
                if succeeded and rows & self._tracer.rows_not_run():
                    self._called_with(f"{words}({given}, {options})", instance, shapes, options)
            return f"{words}({given})", succeeded
        succeeded = True
        for name, member in list(vars(kind).items()):
            codes = list(self._codes(member))
            if name.startswith("__") or not any(self._tracer.rows_not_run() & _all_rows(code) for code in codes):
                continue
            method = getattr(instance, name)
            made, text, is_whole = guesses.arguments(method, self._framework, shapes, {}, {})
            words += f".{name}({text})"
            done = is_whole and self._attempt(words, functools.partial(method, **made), codes[0])
            if not done:
                self._stepped(method, made)
            succeeded = succeeded and done
        return words, succeeded

    def _called_with(self, words: str, instance: Any, shapes: guesses.Shapes, options: dict[str, bool]) -> bool:
        return self._attempt(words, lambda: instance(guesses.Given(shapes).inputs(self._framework), **options), None)


def _parsed(path: str) -> ast.Module:
    try:
        return ast.parse(Path(path).read_bytes())
    except (SyntaxError, ValueError):  # It defines nothing then.
        return ast.Module([], [])


def _shape(value: Any) -> Any:
    """Return a JSON value with arrays of sizes as tuples, as shapes are written in Python."""
    if isinstance(value, list):
        items = [_shape(item) for item in value]
        is_shape = bool(items) and all(item is None or type(item) is int for item in items)
        return tuple(items) if is_shape else items
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    return value


def _rows(code: types.CodeType) -> set[int]:
    return {row for _, _, row in code.co_lines() if row is not None}


def _all_rows(code: types.CodeType) -> set[int]:
    """Return the rows of a function and of what is defined in it."""
    return _rows(code).union(*(_all_rows(each) for each in code.co_consts if isinstance(each, types.CodeType)))


def _all_names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    return names.union(*(_all_names(each) for each in code.co_consts if isinstance(each, types.CodeType)))
