"""A variable that several `Lambda` layers read becomes the weight of one layer, whose output is an input of each of them.

Measured: one weight in each of the layers trains differently, the output of one layer trains as the variable would have.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.lambdas.layer_class import LayerClass
from keras_lambda_lint.rewrite.lambdas.weights import refuse_methods, single_binding, weight_from
from keras_lambda_lint.rewrite.layout import line_indent
from keras_lambda_lint.rewrite.leftovers import removal
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import REGISTER
from keras_lambda_lint.source.rows import row_with_comments

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.concrete import Concrete
    from keras_lambda_lint.rewrite.layout import Layout
    from keras_lambda_lint.rewrite.spelling import Spelling
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture, LambdaSite
    from keras_lambda_lint.source.scopes import Binding


@dataclass(frozen=True)
class Holder:
    """The layer that hands out one variable."""

    name: str
    """What the variable is called, and then the layer's output."""
    layer: LayerClass
    sites: tuple[Span, ...]
    """The layers that read it, sorted by place."""
    first: LambdaSite
    argument: str
    """What the first of them is called with, and so the holder, which needs an input and ignores it."""
    trains: bool
    removed: Edit
    comments: tuple[str, ...]
    """Those of the statement that made the variable."""

    def call(self, class_name: str, sites: FileSites, layout: Layout) -> Edit:
        """Return the edit that calls the holder above the first layer that reads it."""
        statement = sites.index.statement(self.first.node)
        start = sites.source.line_starts[statement.lineno - 1]
        indent = line_indent(sites.source.line(statement.lineno))
        made = f"{class_name}({', '.join(self.layer.arguments())})"
        lines = [*self.comments, f"{self.name} = {made}({self.argument})"]
        return Edit(Span(start, start), "".join(f"{indent}{line}{layout.newline}" for line in lines))


def readers(sites: FileSites) -> dict[Binding, list[tuple[LambdaSite, Capture]]]:
    """Return the variables that the functions of several `Lambda` layers capture, with these layers."""
    found: dict[Binding, list[tuple[LambdaSite, Capture]]] = {}
    for site in sites.lambdas:
        for capture in site.function.captures if site.function is not None and site.function.source is None else ():
            if capture.value.is_variable and isinstance(capture.node, ast.Name):
                for binding in sites.index.reaching(capture.node)[:1]:
                    found.setdefault(binding, []).append((site, capture))
    return {binding: read for binding, read in found.items() if len(read) > 1}


def holder_of(
    concrete: Concrete,
    sites: FileSites,
    binding: Binding,
    read: list[tuple[LambdaSite, Capture]],
    spelling: Spelling,
    package: str,
) -> Holder:
    """Return the layer that holds a variable; raise `NoFix` where something else uses it, or the layers are not called at once."""
    capture = read[0][1]
    if single_binding(sites, capture) is not binding:
        raise NoFix(f"`{capture.text}` is bound more than once")
    inside = [sites.index.scope_of(f.node) for site, _ in read for f in site.functions if f.node is not None]
    for each in sites.index.reads_of(binding):
        if not any(each.scope.within(scope) for scope in inside):
            raise NoFix(f"the variable `{capture.text}` is also used outside the layers that share it")
        refuse_methods(sites, capture, each)
    for site, _ in read:
        if site.scope is not binding.scope or site.path != binding.path:
            raise NoFix(f"several layers share the variable `{capture.text}`, and are not made where it is")
        if any("noqa" in sites.source.line(row) for row in _rows(sites, site)):
            raise NoFix(f"several layers share the variable `{capture.text}`, and one of them has to stay")
    made = weight_from(sites, capture.text, capture.value.node, binding, capture.text, spelling)
    gone = removal(sites, binding)
    if gone is None:
        raise NoFix(f"`{capture.text}` shares its statement with something else")
    above = sites.source.line_starts[row_with_comments(sites.source, sites.index.statement(binding.node)) - 1]
    gone = Edit(Span(min(above, gone.span.start), gone.span.end), "")
    first = min((site for site, _ in read), key=lambda site: site.span)
    layer = LayerClass(
        base=spelling.name("layers.Layer"),
        register=spelling.name(REGISTER),
        package=package,
        parameters=("inputs",),
        body=(f"return self.{made.weight.name}",),
        settings=() if made.setting is None else (made.setting,),
        weights=(made.weight,),
    )
    return Holder(
        name=capture.text,
        layer=layer,
        sites=tuple(sorted(site.span for site, _ in read)),
        first=first,
        argument=_argument(sites, first, capture),
        trains=made.trains,
        removed=gone,
        comments=tuple(concrete.comments(binding.node, gone.span)),
    )


def _rows(sites: FileSites, site: LambdaSite) -> range:
    first, last = (sites.source.location(offset).row for offset in site.span)
    return range(first, last + 1)


def _argument(sites: FileSites, site: LambdaSite, capture: Capture) -> str:
    call = sites.index.parents[site.node]
    if not (isinstance(call, ast.Call) and call.func is site.node and len(call.args) == 1):
        raise NoFix(f"several layers share the variable `{capture.text}`, and are not called where they are made")
    if not isinstance(call.args[0], ast.Name):
        raise NoFix(
            f"several layers share the variable `{capture.text}`: a layer that hands it out needs a named input"
        )
    return call.args[0].id
