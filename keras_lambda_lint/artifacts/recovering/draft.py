"""The definition of a layer class or a function for what holds bytecode, without a name."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.functions import ROLES
from keras_lambda_lint.artifacts.recovering.body import (
    drawn,
    identifiers,
    parsed,
    positional,
    statements,
)
from keras_lambda_lint.artifacts.recovering.globals import PYTHON_2
from keras_lambda_lint.artifacts.recovering.obstacle import Obstacle
from keras_lambda_lint.artifacts.recovering.settings import Config, given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keras_lambda_lint.artifacts.inspection import Inspected
    from keras_lambda_lint.artifacts.recovering.body import Function
    from keras_lambda_lint.artifacts.recovering.held import Held
    from keras_lambda_lint.artifacts.recovering.values import Value

_INPUTS = {"function": ("inputs",), "output_shape": ("input_shape",), "mask": ("inputs", "mask")}
_METHODS = {
    "output_shape": "compute_output_shape(self, {})",
    "mask": "compute_mask(self, {}, {}=None)",
}
_INFERRED = """\
    def compute_output_shape(self, input_shape):
        return keras.Operation.compute_output_spec(self, keras.KerasTensor(input_shape, self.compute_dtype)).shape"""
"""What `Lambda` does: wrappers such as `TimeDistributed` ask for it, and other layers of Keras 3 do not infer it."""


@dataclass(frozen=True)
class Draft:
    """A class or function that takes the place of bytecode."""

    is_class: bool
    after_name: str
    """Its text after the name."""
    config: Mapping[str, Any]
    """What the layer's configuration, or for a function the layer's `arguments`, holds besides what every layer has."""
    takes: tuple[str, ...]
    """What `call` takes by keyword."""
    reads: frozenset[str]
    """Global names that it reads."""

    def text(self, name: str, package: str) -> str:
        """Return its definition, registered."""
        decorator = f'@keras.utils.register_keras_serializable(package="{package}")'
        return f"{decorator}\n{'class' if self.is_class else 'def'} {name}{self.after_name}\n"


def draft(place: Held, style: str = "layer") -> Draft:
    """Return the definition for a Lambda layer or another function; raise `Obstacle` where there can be none."""
    if not place.is_layer:
        (found,) = place.functions.values()
        return _plain_function(found)
    if "function" not in place.functions:
        raise Obstacle("the model file names its function but does not hold it")
    if style == "function":
        made = _argument_function(place)
        if made is not None:
            return made
    return _layer(place)


def _function(found: Inspected) -> Function:
    if found.source is None:
        raise Obstacle(f"its code is undecodable: {found.reason}")
    return parsed(found.source)


def _reads(found: Inspected) -> frozenset[str]:
    return frozenset(found.recovery.names if found.recovery else ())


def _python_2(found: Inspected) -> list[str]:
    return [name for name in PYTHON_2 if name in _reads(found)]


# A layer


def _layer(place: Held) -> Draft:
    config = Config()
    methods: list[str] = []
    takes: tuple[str, ...] = ()
    seed = ""
    reads = frozenset[str]()
    for role in ROLES:
        if role in place.functions:
            found = place.functions[role]
            head, body, calls = _method(role, found, place.config.get("arguments"), config)
            reads |= _reads(found)
            random = drawn(body, reads) if role == "function" else None
            if random is not None:
                body, number = random
                seed = f"self.seed_generator = keras.random.SeedGenerator({number if number is not None else ''})"
            methods.append(_indented(f"def {head}:", body))
            takes = calls if role == "function" else takes
        elif role == "output_shape":
            methods += _declared(place.config.get(role))
        elif place.config.get(role) is not None:
            raise Obstacle("its mask is a value, not a function")
    if place.is_wrapped and not any("compute_output_shape" in each for each in methods):
        methods.append(_INFERRED)
    lines = ["(keras.layers.Layer):"]
    if config.values or seed:
        lines += [_constructor(config.values, seed), ""]
    lines += ["\n\n".join(methods)]
    if config.values:
        lines += ["", _get_config(config.values)]
    values = {name: each.config for name, each in config.values.items()}
    return Draft(True, "\n".join(lines), values, takes, reads)


def _method(role: str, found: Inspected, arguments: Any, config: Config) -> tuple[str, list[ast.stmt], tuple[str, ...]]:
    """Return the head of the method that a function becomes, its statements, and what it takes by keyword."""
    function = _function(found)
    inputs = _INPUTS[role]
    values = given(function, found, len(inputs), arguments if role == "function" else None)
    names = positional(function)[: len(inputs)]
    used = identifiers(function) | set(_reads(found))
    chosen = [_free(new, old, used) for new, old in zip(inputs, [*names, *inputs[len(names) :]], strict=True)]
    renamed = dict(zip(names, chosen, strict=False))
    body = statements(function, renamed, config.add(values.settings), _python_2(found))
    if not names and function.args.vararg:
        raise Obstacle("it takes any number of inputs")
    calls = values.calls if role == "function" else ()
    if role == "function":
        head = f"call({', '.join(['self', chosen[0], *(f'{name}=None' for name in calls)])})"
    else:
        head = _METHODS[role].format(*chosen)
    return head, body, calls


def _free(new: str, old: str, used: set[str]) -> str:
    """Return the name that a method gives its input: that of Keras, or the function's own where it means something else."""
    if new == old or new not in used:
        return new
    if old == "self":
        raise Obstacle("its parameter is called `self`")
    return old


def _declared(shape: Any) -> list[str]:
    """Return the method for a shape that a layer declares as numbers, without its batch dimension."""
    if isinstance(shape, dict) and isinstance(shape.get("items"), list):
        shape = shape["items"]
    if not isinstance(shape, list) or not shape:
        return []
    one = _is_shape(shape)
    if not one and not all(map(_is_shape, shape)):
        return []
    whole = (None, *shape) if one else [(None, *each) for each in shape]
    return [f"    def compute_output_shape(self, input_shape):\n        return {whole!r}"]


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, list) and all(each is None or type(each) is int for each in shape)


def _constructor(values: Mapping[str, Value], seed: str) -> str:
    parameters = "".join(f", {name}" for name in values)
    lines = [f"def __init__(self{parameters}, **kwargs):", "    super().__init__(**kwargs)"]
    lines += [f"    self.{name} = {each.made.format(name)}" for name, each in values.items()]
    return textwrap.indent("\n".join([*lines, *([f"    {seed}"] if seed else [])]), "    ")


def _get_config(values: Mapping[str, Value]) -> str:
    entries = ", ".join(f'"{name}": {each.kept.format(f"self.{name}")}' for name, each in values.items())
    return f"    def get_config(self):\n        return {{**super().get_config(), {entries}}}"


def _indented(head: str, body: Sequence[ast.stmt], depth: int = 1) -> str:
    """Return a function or method; raise `Obstacle` where indented text no longer says the same, as with texts of several lines."""
    text = "\n".join(ast.unparse(ast.fix_missing_locations(each)) for each in body)
    whole = f"{head}\n{textwrap.indent(text, '    ')}"
    try:
        (read,) = ast.parse(whole).body
    except SyntaxError:
        raise Obstacle("its parameters cannot be those of a function") from None
    assert isinstance(read, ast.FunctionDef)
    if [*map(ast.dump, read.body)] != [*map(ast.dump, ast.parse(text).body)]:
        raise Obstacle("a text of several lines in it cannot be indented")
    return textwrap.indent(whole, "    " * depth)


# A function


def _plain_function(found: Inspected) -> Draft:
    """Return a function that needs nothing but its parameters: what it captured becomes their defaults."""
    function = _function(found)
    names = positional(function)
    values = given(function, found, 1)
    body = statements(function, {}, {}, _python_2(found))
    parameters = [*names[:1], *(f"{name}=None" for name in values.calls)]
    parameters += [f"{name}={each.literal()}" for name, each in values.settings.items()]
    return Draft(False, _after_name(parameters, body), {}, (), _reads(found))


def _argument_function(place: Held) -> Draft | None:
    """Return a function for a Lambda layer of Keras 3, which gives it what it captured as `arguments`; None where it needs a layer."""
    found = place.functions["function"]
    function = _function(found)
    if len(place.functions) > 1 or "K" in _reads(found) or place.config.get("mask") is not None:
        return None
    values = given(function, found, 1, place.config.get("arguments"))
    if any(each.made != "{}" for each in values.settings.values()) or not positional(function):
        return None
    body = statements(function, {}, {}, _python_2(found))
    parameters = [positional(function)[0], *values.settings, *(f"{name}=None" for name in values.calls)]
    config = {name: each.config for name, each in values.settings.items()}
    return Draft(False, _after_name(parameters, body), config, values.calls, _reads(found))


def _after_name(parameters: Sequence[str], body: Sequence[ast.stmt]) -> str:
    return _indented(f"def _({', '.join(parameters)}):", body, 0).removeprefix("def _")
