"""An `Input` in front of a layer says the shape that an argument of the layer says."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, Span
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.layout import line_indent
from keras_lambda_lint.rewrite.planned import planned
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.spelling import Spelling
from keras_lambda_lint.sites.shape.input_arguments import InputArgument

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites


def plan_input_arguments(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return what an `Input` in front would look like, for a person to apply, by the span of the argument; or why there is none."""
    return planned(sites.of(InputArgument), reported.get(InputArgument, {}), lambda argument: _fix(sites, argument))


def _fix(sites: FileSites, argument: InputArgument) -> Fix:
    spelling = Spelling(sites, argument.layer, argument.layer.func)
    said = spelling.name("layers.Input")
    if said == f"{spelling.alias}.layers.Input":
        said = f"{spelling.alias}.Input"
    shape = "batch_shape" if argument.with_batch else "shape"
    made = f"{said}({shape}={sites.text(sites.source.span(argument.value))})"
    edits = [*spelling.edits, _in_front(sites, argument.layer, made), _without(sites, argument)]
    return Fix(
        message=f"put `{made}` in front",
        edits=in_order(edits),
        applicability=Applicability.DISPLAY,
        site=argument.span,
        unsafe_because="a layer more stands in the list of the model, which other code may count",
    )


def _in_front(sites: FileSites, layer: ast.Call, made: str) -> Edit:
    """Return the insertion of an input in front of the first layer of a list, or in a line above `model.add(...)`."""
    source, parent = sites.source, sites.index.parents[layer]
    start = source.span(layer).start
    location = source.location(start)
    line = source.line(location.row)
    if isinstance(parent, (ast.List, ast.Tuple)) and parent.elts[0] is layer and _makes_model(sites, parent):
        alone = not line[: location.column - 1].strip()
        gap = f"{source.newline}{line_indent(line)}" if alone else " "
        return Edit(Span(start, start), f"{made},{gap}")
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "add":
        statement = sites.index.parents[parent]
        if isinstance(statement, ast.Expr):
            begin = source.line_starts[statement.lineno - 1]
            indent = line_indent(source.line(statement.lineno))
            receiver = sites.text(source.span(parent.func.value))
            return Edit(Span(begin, begin), f"{indent}{receiver}.add({made}){source.newline}")
    raise NoFix("the layer is not the first in the list of a model: which one is in front is not known")


def _makes_model(sites: FileSites, layers: ast.expr) -> bool:
    around = sites.index.parents[layers]
    around = sites.index.parents[around] if isinstance(around, ast.keyword) else around
    return isinstance(around, ast.Call) and any(map(api.makes_model, sites.names.of(around.func)))


def _without(sites: FileSites, argument: InputArgument) -> Edit:
    """Return the removal of an argument with the comma that separates it."""
    source = sites.source
    given: list[ast.expr | ast.keyword] = [*argument.layer.args, *argument.layer.keywords]
    spans = sorted(source.span(each) for each in given)
    position = spans.index(argument.span)
    if position + 1 < len(spans):
        gap = Span(argument.span.start, spans[position + 1].start)
    else:
        gap = Span(spans[position - 1].end if position else argument.span.start, argument.span.end)
    between = sites.text(gap).replace(sites.text(argument.span), "")
    if between.strip() not in ("", ","):
        raise NoFix("a comment or parentheses stand between the arguments")
    return Edit(gap, "")
