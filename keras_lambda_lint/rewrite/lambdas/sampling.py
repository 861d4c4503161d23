"""Random numbers that a function draws come from a `SeedGenerator` of the layer (Keras 3 only; its state is not saved)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api import random as api
from keras_lambda_lint.keras_api.names import below_keras
from keras_lambda_lint.rewrite.lambdas.layer_class import Setting
from keras_lambda_lint.rewrite.lambdas.origin import bound_to
from keras_lambda_lint.rewrite.layout import line_indent, on_one_line
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.bodies.body import BodyCall
    from keras_lambda_lint.sites.model import Capture

_SHAPES = frozenset({"tensorflow.shape", "keras.backend.shape", "tensorflow.keras.backend.shape"})


def settle_seeds(making: Making) -> None:
    """Settle the captured seed generators that nothing but the function draws from: the layer gets one of its own."""
    if making.draws:
        for capture in making.function.captures:
            if _captured_seed(making, capture) is not None:
                making.settled.add(capture.text)
                making.body.needless += making.sites.index.reaching(capture.root)


def add_generator(making: Making) -> None:
    """Let the function draw from a generator that its layer owns; raise `NoFix` for what `keras.random` does not draw.

    It does nothing where Keras 2, which has no `SeedGenerator`, may run the layer. What the function captures is settled before.
    """
    if not making.draws:
        return
    calls = [call for call in making.function.calls if any(api.generator_of(name) for name in call.names)]
    seeds = {_drawn(making, call) for call in calls}
    if len(seeds) > 1 or "seed" in {setting.name for setting in making.body.settings}:
        raise NoFix("the function draws with several seeds, and a layer has one generator")
    making.body.settings.append(Setting("seed", seeds.pop(), by_keyword=True, default="None"))
    making.body.constructed.append(f"self.seed_generator = {making.spelling.below('random', 'SeedGenerator')}(seed)")
    making.body.unsafe.insert(0, "the layer draws other random numbers, from a seed generator of its own")


def _drawn(making: Making, call: BodyCall) -> str:
    """Replace a call by one of `keras.random`, and return the text of its literal seed, which is empty where it has none."""
    draws = {api.draw_of(name) for name in call.names}
    draw = draws.pop() if len(draws) == 1 else None
    given = None if draw is None else draw.arguments(call.node)
    if draw is None or given is None:
        raise NoFix(f"`{call.name}` draws what no call of `keras.random` does, and the layer has to own the seed")
    seed = _seed(making, call, given.pop("seed", None))
    if draw.function == "uniform" and "dtype" in given and "float" not in ast.unparse(given["dtype"]):
        raise NoFix(f"`{call.name}` may draw integers, as `keras.random.randint` does")
    given.pop("name", None)
    texts = {name: _text(making, value, is_shape=name == "shape") for name, value in given.items()}
    first = next(iter(draw.takes))
    if first == "shape":
        texts.setdefault("shape", "()")
    before = [texts.pop(first)] if first in texts else []
    rest = [*before, *(f"{name}={text}" for name, text in texts.items()), "seed=self.seed_generator"]
    span = call.span
    making.replaced = [edit for edit in making.replaced if not span.contains(edit.span)]
    making.replaced.append(Edit(span, _fitted(making, call, making.spelling.below("random", draw.function), rest)))
    return seed


def _fitted(making: Making, call: BodyCall, drawn: str, arguments: list[str]) -> str:
    """Return a call on one line, or, where that is too long and nothing follows it on its line, with the arguments on their own."""
    source, layout = making.sites.source, making.layout
    line = f"{drawn}({', '.join(arguments)})"
    if not isinstance(making.node, ast.FunctionDef):
        return line
    first, last = source.location(call.span.start), source.location(call.span.end)
    row, indent = source.line(first.row), line_indent(source.line(first.row))
    moved = making.depth * len(layout.indent) - len(line_indent(source.line(making.node.body[0].lineno)))
    length = moved + first.column - 1 + len(line)
    alone = not source.line(last.row)[last.column - 1 :].strip() and row.count("(", 0, first.column - 1) == 0
    if length <= layout.width or not alone:
        return line
    inner = f"{indent}{layout.indent}"
    if moved + len(inner) + len(", ".join(arguments)) <= layout.width:
        return f"{drawn}({layout.newline}{inner}{', '.join(arguments)}{layout.newline}{indent})"
    rows = "".join(f"{inner}{argument},{layout.newline}" for argument in arguments)
    return f"{drawn}({layout.newline}{rows}{indent})"


def _seed(making: Making, call: BodyCall, node: ast.expr | None) -> str:
    """Return the literal seed of a call as text, also that of a seed generator which the function captures."""
    if isinstance(node, ast.Name):
        for capture in making.function.captures:
            if capture.text == node.id and capture.text in making.settled:
                return _captured_seed(making, capture) or ""
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return ""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return str(node.value)
    raise NoFix(f"`{call.name}` takes its seed from elsewhere, and the layer has to own it")


def _captured_seed(making: Making, capture: Capture) -> str | None:
    """Return the literal seed of a captured generator, empty where it has none; None for anything else, and for one that others use."""
    made = bound_to(making.sites, capture)
    if not isinstance(made, ast.Call) or {below_keras(n) for n in making.sites.names.of(made.func)} != {
        "random.SeedGenerator"
    }:
        return None
    readers = [read.node for b in making.sites.index.reaching(capture.root) for read in making.sites.index.reads_of(b)]
    given = [*made.args, *(keyword.value for keyword in made.keywords)]
    literal = len(given) <= 1 and all(isinstance(value, ast.Constant) for value in given)
    if not literal or any(reader not in capture.nodes for reader in readers):
        return None
    return "".join(
        ast.unparse(value) for value in given if not (isinstance(value, ast.Constant) and value.value is None)
    )


def _text(making: Making, node: ast.expr, *, is_shape: bool) -> str:
    """Return the text of an argument on one line; the shape of a tensor is asked for with `keras.ops`."""
    if isinstance(node, ast.Tuple) and not hasattr(node, "lineno"):
        return f"({', '.join(_text(making, part, is_shape=False) for part in node.elts)}{',' * (len(node.elts) == 1)})"
    if is_shape:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and making.sites.names.of(inner.func) <= _SHAPES:
                making.replaced.append(
                    Edit(making.sites.source.span(inner.func), making.spelling.below("ops", "shape"))
                )
    span: Span = making.sites.source.span(node)
    text = making.rewritten(span)
    return on_one_line(text) or text
