"""Programs with `Lambda` layers whose functions are put together at random: same seed, same program.

Shapes are known at each step, so that every program runs. What a function reads besides its inputs comes from everywhere a program
can keep a value: literals, the module, parameters and locals of the function around it, defaults, `arguments=`, objects and dicts.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LAYERS = 8
"""Layers of one program."""

_FUNCTIONS = {
    "ops": {"concat": "ops.concatenate([{0}, {1}], axis=-1)", "sum": "ops.sum({0}, axis={1}, keepdims={2})"},
    "K": {"concat": "K.concatenate([{0}, {1}], axis=-1)", "sum": "K.sum({0}, axis={1}, keepdims={2})"},
    "tf": {"concat": "tf.concat([{0}, {1}], axis=-1)", "sum": "tf.reduce_sum({0}, axis={1}, keepdims={2})"},
}
"""How the three families of functions spell what they spell differently."""

_HEADS = {
    "ops": "import keras\nfrom keras import layers, ops\nfrom keras.layers import Lambda\n",
    "K": "import keras\nfrom keras import backend as K\nfrom keras import layers\nfrom keras.layers import Lambda\n",
    "tf": "import keras\nimport tensorflow as tf\nfrom keras import layers\nfrom keras.layers import Lambda\n",
}
_MODULE = '''
GAIN = 0.75
STEPS = 2
SIZES = [2, 3]
OPTIONS = {"gain": 1.25, "deep": {"bias": -0.5}}


class Settings:
    gain = 1.5


settings = Settings()


def scaled(x, by, offset=0.25):
    return x * by + offset


def halved(x):
    """Half of it."""
    return x / 2


def build(k, flag, gains):
    local = 0.5
    first = 1
    name, dtype, weights, inputs = 1.5, 0.25, -2.0, 3.0
    other = Settings()
    other.gain = 0.125
    a = keras.Input((4, 6))
    b = keras.Input((4, 6))
    outputs = []
'''
_END = """
    return keras.Model([a, b], outputs)


model = build(3, True, [0.5, 2.0])
"""
_NUMBERS = {
    "literal": ("2.0", "0.5", "-1.5", "3"),
    "module": ("GAIN", "STEPS"),
    "element": ("SIZES[1]", 'OPTIONS["gain"]', 'OPTIONS["deep"]["bias"]', "gains[0]"),
    "attribute": ("settings.gain", "other.gain", "other.gain", "Settings.gain"),
    "local": ("local", "k", "first", "gains[first]", "(local + k)"),
    "named like a part of a layer": ("name", "dtype", "weights", "inputs"),
}
_INDEXES = ("0", "1", "-1", "first", "STEPS", "k")


@dataclass
class _Tensor:
    """An expression and the shape of its value, the batch left out."""

    text: str
    shape: tuple[int, ...]


@dataclass
class _Writer:
    """Writes one function."""

    random: random.Random
    family: str
    numbers: list[str] = field(default_factory=list)
    """Parameters of the function itself that hold a number."""

    def expression(self, sources: list[_Tensor], depth: int) -> _Tensor:
        """Return an expression over the inputs."""
        made = self.random.choice(sources)
        for _ in range(depth):
            steps = self._steps(made, sources)
            made = self.random.choice(steps)()
        return made

    def number(self) -> str:
        """Return an expression that is a number."""
        if self.numbers and self.random.random() < 0.5:
            return self.random.choice(self.numbers)
        return self.random.choice(_NUMBERS[self.random.choice(list(_NUMBERS))])

    def _steps(self, x: _Tensor, sources: list[_Tensor]) -> list[Callable[[], _Tensor]]:
        steps = [self._arithmetic, self._unary, self._chosen, self._cast, self._helper, self._arithmetic]
        if len(x.shape) == 2:
            steps += [self._sliced, self._summed, self._reshaped, self._sliced]
        if len(x.shape) == 1:
            steps += [self._widened]
        if len(x.shape) > 1 or x.shape[0] > 1:
            steps += [self._concatenated, self._flipped]
        made: list[Callable[[], _Tensor]] = [lambda step=step: step(x) for step in steps]  # type: ignore[misc]
        made += [
            lambda other=other: _Tensor(f"({x.text} - {other.text})", x.shape)  # type: ignore[misc]
            for other in sources
            if other.shape == x.shape
        ]
        return made

    def _arithmetic(self, x: _Tensor) -> _Tensor:
        form = self.random.choice(
            ("({0} * {1})", "({0} + {1})", "({1} - {0})", "({0} / ({1} + 4))", "({1} * {0} + {2})")
        )
        return _Tensor(form.format(x.text, self.number(), self.number()), x.shape)

    def _unary(self, x: _Tensor) -> _Tensor:
        form = self.random.choice(
            ("(-{0})", "abs({0})", "({0} ** 2)", "{1}.tanh({0})", "{1}.abs({0})", "{1}.square({0})")
        )
        return _Tensor(form.format(x.text, self.family), x.shape)

    def _chosen(self, x: _Tensor) -> _Tensor:
        condition = self.random.choice(("flag", "k > 2", "not flag", "local < GAIN", "STEPS == first"))
        return _Tensor(f"({x.text} if {condition} else {x.text} * {self.number()})", x.shape)

    def _cast(self, x: _Tensor) -> _Tensor:
        return _Tensor(f'{self.family}.cast({x.text} > {self.number()}, "float32")', x.shape)

    def _helper(self, x: _Tensor) -> _Tensor:
        form = self.random.choice(
            (
                "halved({0})",
                "scaled({0}, {1})",
                "scaled({0}, by={1}, offset={2})",
                "(lambda t, by={1}: t * by + {2})({0})",
                "sum([{0} * j for j in range(k)], {2})",
                "[{0}, {0} * {1}][first]",
                "{{'a': {0} + {1}}}['a']",
            )
        )
        return _Tensor(form.format(x.text, self.number(), self.number()), x.shape)

    def _sliced(self, x: _Tensor) -> _Tensor:
        rows, columns = x.shape
        index = self.random.choice([each for each in _INDEXES if rows > 3 or each in ("0", "-1")])
        forms = [
            (f"{x.text}[:, {index}]", (columns,)),
            (f"{x.text}[:, {index}, :]", (columns,)),
            (f"{x.text}[..., ::-1]", x.shape),
        ]
        if columns > 3:
            forms += [(f"{x.text}[:, :, first:]", (rows, columns - 1)), (f"{x.text}[..., :STEPS]", (rows, 2))]
        return _Tensor(*self.random.choice(forms))

    def _summed(self, x: _Tensor) -> _Tensor:
        rows, columns = x.shape
        axis = self.random.choice((1, 2, -1))
        kept = self.random.random() < 0.5
        shape = (1, columns) if axis == 1 else (rows, 1)
        text = _FUNCTIONS[self.family]["sum"].format(x.text, axis, kept)
        return _Tensor(text, shape if kept else (columns if axis == 1 else rows,))

    def _reshaped(self, x: _Tensor) -> _Tensor:
        size = x.shape[0] * x.shape[1]
        return _Tensor(f"{self.family}.reshape({x.text}, (-1, {size}))", (size,))

    def _widened(self, x: _Tensor) -> _Tensor:
        return _Tensor(f"{self.family}.expand_dims({x.text}, 1)", (1, *x.shape))

    def _flipped(self, x: _Tensor) -> _Tensor:
        return _Tensor(f"{x.text}[..., ::-1]", x.shape)

    def _concatenated(self, x: _Tensor) -> _Tensor:
        text = _FUNCTIONS[self.family]["concat"].format(x.text, f"{x.text} * {self.number()}")
        return _Tensor(text, (*x.shape[:-1], x.shape[-1] * 2))


_ONE = [_Tensor("x", (4, 6))]
_INPUTS = (
    ("a", _ONE),
    ("a", _ONE),
    ("[a, b]", [_Tensor("x[0]", (4, 6)), _Tensor("x[1]", (4, 6))]),
    ('{"one": a, "two": b}', [_Tensor('x["one"]', (4, 6)), _Tensor('x["two"]', (4, 6))]),
)
_PARAMETERS = (
    ("x", ""),
    ("x", ""),
    ("x, c=2.5", ""),
    ("x, c=GAIN", ""),
    ("x, c=local", ""),
    ("x, c=None", ', arguments={"c": 1.75}'),
    ("x, c", ', arguments={"c": k}'),
    ("x, *, c=0.3", ""),
    ("x, training=None, c=2", ""),
)
_PLACES = ("inline", "inline", "named", "nested", "branches", "loop", "inner", "two", "comprehension", "sequential")


def program(seed: int, family: str) -> str:
    """Return a program that binds `model`, with some layers; `family` is `ops` (Keras 3), `K` (Keras 2) or `tf`."""
    generator = random.Random(f"{seed} {family}")
    lines = [line for number in range(LAYERS) for line in _layer(generator, family, number)]
    return _HEADS[family] + _MODULE + "".join(f"    {line}\n" if line else "\n" for line in lines) + _END


def _layer(generator: random.Random, family: str, number: int) -> Iterator[str]:
    """Yield the statements that make one layer and call it."""
    writer = _Writer(generator, family)
    inputs, sources = generator.choice(_INPUTS)
    parameters, options = generator.choice(_PARAMETERS)
    where = generator.choice(_PLACES)
    if where == "comprehension":
        parameters, options = "x, i=i", ""
    writer.numbers += [name for name in ("c", "i") if f" {name}" in parameters]
    options += generator.choice((f', name="layer_{number}"', f', name="layer_{number}"', ""))
    body = writer.expression(sources, generator.randrange(1, 6)).text
    if where == "inline":
        yield f"outputs.append(Lambda(lambda {parameters}: {body}{options})({inputs}))"
    elif where == "named":
        yield f"function_{number} = lambda {parameters}: {body}"
        yield f"outputs.append(Lambda(function_{number}{options})({inputs}))"
    elif where == "comprehension":
        options = "" if "name" in options else ', dtype="float32"'
        yield f"outputs += [Lambda(lambda {parameters}: {body}{options})({inputs}) for i in range(2)]"
    elif where == "sequential":
        body = writer.expression(_ONE, 2).text
        yield "stack = keras.Sequential(["
        yield f"    Lambda(lambda {parameters}: {body}{options}),  # first"
        yield f"    layers.Lambda(lambda x: x * {_Writer(generator, family).number()}),"
        yield "])"
        yield "outputs.append(stack(a))"
    else:
        yield f"def function_{number}({parameters}):"
        yield f'    """Computes number {number}."""'
        yield from (f"    {line}" for line in _statements(generator, writer, where, body, sources[0].text))
        yield ""
        yield f"layer_{number} = layers.Lambda(function_{number}{options})"
        yield f"outputs {'+=' if where == 'two' else '.append('}layer_{number}({inputs}){'' if where == 'two' else ')'}"


def _statements(generator: random.Random, writer: _Writer, where: str, body: str, source: str) -> Iterator[str]:
    """Yield the body of a function below its docstring."""
    if where == "branches":
        yield "if flag:  # as the caller wants it"
        yield f"    return {body}"
        yield f"return {source} * {writer.number()}"
    elif where == "loop":
        yield f"value = {body}"
        yield "for step in range(k):"
        yield "    # each time a little more"
        yield f"    value = value + step * {writer.number()}"
        yield "return value"
    elif where == "inner":
        yield "def more(t):"
        yield f"    return t * {writer.number()}"
        yield ""
        yield f"{generator.choice(('x = x', 'gain = first', 'y: int = k'))}"
        yield f"return more({body})"
    elif where == "two":
        yield f"return [{body}, {source} + {writer.number()}]"
    else:
        yield f"value = {body}  # the value"
        yield f"return value * {writer.number()}"
