"""Layers that a function makes each time it runs are made once, as sublayers of the layer that takes its place."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, IntendedChange
from keras_lambda_lint.rewrite.lambdas.obstacles import makes_state
from keras_lambda_lint.rewrite.layout import on_one_line
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.bodies.state import State

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making

_REPEATED = (
    ast.For, ast.AsyncFor, ast.While, ast.If, ast.IfExp, ast.BoolOp, ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp,
    ast.DictComp, ast.GeneratorExp, ast.Try,
)  # fmt: skip
"""What may run what stands in it never, or several times."""


def add_sublayers(making: Making) -> tuple[tuple[str, ...], ...]:
    """Let the constructor make the layers with state that the function makes, and return the `build` that they need, if any.

    What the function captures is settled before. Raises `NoFix` where a layer is not made once for each call, and of what the
    constructor knows.
    """
    if not making.function.creations:
        return ()
    built: list[str] = []
    plain = True
    for call in _made(making):
        name = _name(making, call)
        span = making.sites.source.span(call)
        text = on_one_line(making.rewritten(span))
        if text is None:
            raise NoFix("the function makes a layer over several lines, with comments")
        making.replaced = [edit for edit in making.replaced if not span.contains(edit.span)]
        making.replaced.append(Edit(span, f"self.{name}"))
        making.body.constructed.append(f"self.{name} = {text}")
        around = making.sites.index.parents[call]
        assert isinstance(around, ast.Call)
        plain = plain and [making.sites.source.span(each) for each in around.args] == [
            read for read in making.first.reads if any(read == making.sites.source.span(each) for each in around.args)
        ]
        built.append(f"{making.layout.indent}self.{name}.build(input_shape)")
    if any(creation.state is State.LAYER for creation in making.function.creations):
        making.body.intended |= {IntendedChange.REPAIRS_CRASH, IntendedChange.TRAINS_WEIGHT}
        making.body.unsafe.insert(
            0, "the layer keeps the weights that the function makes at each call, and trains them"
        )
    else:
        making.body.unsafe.insert(0, "the layer keeps the seed generator that the function makes at each call")
    if not plain or making.unpacking:
        return ()
    return (("def build(self, input_shape):", *built, f"{making.layout.indent}super().build(input_shape)"),)


def _made(making: Making) -> list[ast.Call]:
    """Return the outermost calls that make the layers, sorted by place."""
    index = making.sites.index
    found: dict[ast.Call, None] = {}
    for creation in making.function.creations:
        if creation.state is State.VARIABLE:
            raise NoFix("the function creates a variable each time it runs: make it a weight of a Layer")
        call = next(each.node for each in making.function.calls if each.span == creation.span)
        for around in index.ancestors(call):
            if around is making.node:
                break
            if isinstance(around, ast.Call) and makes_state(making.sites, around):
                call = around
        _refuse_made(making, call)
        found[call] = None
    return list(found)


def _refuse_made(making: Making, call: ast.Call) -> None:
    index = making.sites.index
    parent = index.parents[call]
    if not (isinstance(parent, ast.Call) and parent.func is call):
        raise NoFix("the function creates a layer each time it runs, and does more than call it")
    for around in index.ancestors(call):
        if around is making.node:
            break
        if isinstance(around, _REPEATED):
            raise NoFix("the function creates a layer in a loop, on a condition or in a function of its own")
    own = index.scope_of(making.node)
    for inner in ast.walk(call):
        if isinstance(inner, ast.Name) and inner in index.reads and index.reads[inner].scope.owner(inner.id) is own:
            raise NoFix(f"the function creates a layer of `{inner.id}`, which is known only when it runs")


def _name(making: Making, call: ast.Call) -> str:
    """Return a name for a sublayer, after its class: `dense`."""
    last = (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower()
    taken = {line.partition(" = ")[0].removeprefix("self.") for line in making.body.constructed}
    candidates = (snake, *(f"{snake}_{number}" for number in range(2, len(taken) + 3)))
    return next((name for name in candidates if making.new_name(name, taken) == name), making.new_name(snake, taken))
