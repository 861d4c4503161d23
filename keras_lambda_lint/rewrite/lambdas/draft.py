"""A plan for one site, before its class has a name: what the layer is, and what goes from the file."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Fix, IntendedChange, Span
from keras_lambda_lint.rewrite.concrete import Concrete
from keras_lambda_lint.rewrite.lambdas.body import write_body
from keras_lambda_lint.rewrite.lambdas.direct import called_directly
from keras_lambda_lint.rewrite.lambdas.function import taken_by
from keras_lambda_lint.rewrite.lambdas.further_methods import further_methods
from keras_lambda_lint.rewrite.lambdas.holder import Holder, holder_of, readers
from keras_lambda_lint.rewrite.lambdas.layer_class import LayerClass
from keras_lambda_lint.rewrite.lambdas.making import Body, Making
from keras_lambda_lint.rewrite.layout import Layout, call_lines, line_indent
from keras_lambda_lint.rewrite.leftovers import removal
from keras_lambda_lint.rewrite.naming import camel, class_names
from keras_lambda_lint.rewrite.project import package_name
from keras_lambda_lint.rewrite.spelling import Spelling
from keras_lambda_lint.sites.model import Effect, LambdaSite
from keras_lambda_lint.source.rows import row_with_comments
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.taken import Taken
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture
    from keras_lambda_lint.source.scopes import Binding


@dataclass
class Draft:
    """A plan before its class has a name."""

    site: LambdaSite
    taken: Taken
    layer: LayerClass
    body: Body
    edits: list[Edit]
    unsafe: list[str]
    wanted_names: list[str]
    needs_above: int
    """The class cannot stand above this offset: an import that it needs ends there."""
    holders: tuple[Holder, ...] = ()
    """The layers that hand out the variables which this one shares with others."""


_DROPPED = ("output_shape", "arguments", "mask")


class Drafting:
    """Drafts the plans of the sites of one file."""

    def __init__(self, sites: FileSites, layout: Layout) -> None:
        self.sites = sites
        self.layout = layout
        self.concrete = Concrete(sites.source, sites.index)
        self.package = package_name(sites.source.filename)

    def draft(self, site: LambdaSite) -> Draft | Fix:
        """Return the draft for a site, or its fix where that takes no class; raise `NoFix` with the reason why there is none."""
        taken = taken_by(self.sites, site)
        function = taken.function
        spelling = Spelling(self.sites, site.node, site.node.func)
        holders = self._holders(site, spelling)
        making = Making(
            self.sites, taken.function, self.layout, self.concrete, site=site, taken=taken, spelling=spelling
        )
        making.held = frozenset(holder.name for holder in holders)
        if (direct := called_directly(making)) is not None:
            return direct
        body = write_body(making)
        methods = further_methods(making)
        layer = LayerClass(
            base=spelling.name("layers.Layer"),
            register=spelling.name("utils.register_keras_serializable"),
            package=self.package,
            parameters=tuple(body.parameters),
            body=tuple(body.lines),
            settings=tuple(body.settings),
            weights=tuple(body.weights),
            constructed=tuple(body.constructed),
            methods=(*body.methods, *methods),
        )
        by_dtype = site.shape.effect is Effect.FAILS and site.shape.by_dtype and "output_shape" not in site.arguments
        refused = site.declared is not None and site.declared.raises_on_keras_3
        if 3 in site.target and (by_dtype or refused):
            body.intended.add(IntendedChange.REPAIRS_CRASH)
            body.unsafe.insert(0, "the model cannot be built on Keras 3 as it is")
        if holders:
            trained = any(holder.trains for holder in holders)
            body.unsafe.insert(
                0, f"{'the weight starts to train, and ' * trained}checkpoints gain {'it' if trained else 'the weight'}"
            )
            body.intended |= {IntendedChange.TRAINS_WEIGHT} if trained else set()
        unsafe = [*body.unsafe, *self._shape_reasons(site, body)]
        comments, edits = self._moved(site, taken, body)
        layer = replace(layer, body=(*comments, *layer.body))
        names = class_names(site, function, self.sites.index, making.settled)
        if body.weights and function.is_anonymous:
            names = [camel(body.weights[0].name.removesuffix("_value")), *names]
        changed = [*spelling.edits, *body.edits, *edits]
        return Draft(site, taken, layer, body, changed, unsafe, names, spelling.needs_above, holders)

    def _holders(self, site: LambdaSite, spelling: Spelling) -> tuple[Holder, ...]:
        read = [(binding, by) for binding, by in self._shared.items() if any(each is site for each, _ in by)]
        return tuple(holder_of(self.concrete, self.sites, binding, by, spelling, self.package) for binding, by in read)

    @cached_property
    def _shared(self) -> dict[Binding, list[tuple[LambdaSite, Capture]]]:
        return readers(self.sites)

    def _shape_reasons(self, site: LambdaSite, body: Body) -> list[str]:
        declared = site.arguments.get("output_shape")
        if declared is None or (isinstance(declared.node, ast.Constant) and declared.node.value is None):
            return []
        if site.shape.shape is not None and isinstance(declared.node, ast.Tuple):
            without_batch = ast.unparse(ast.Tuple([ast.Constant(None), *declared.node.elts], ast.Load()))
            if without_batch == site.shape.shape:
                return []
            if all(isinstance(element, ast.Constant) for element in declared.node.elts):
                body.intended.add(IntendedChange.DECLARED_SHAPE)
        return ["the declared `output_shape` gives way to the shape that Keras infers"]

    def _moved(self, site: LambdaSite, taken: Taken, body: Body) -> tuple[list[str], list[Edit]]:
        """Return the comments that move into the layer, and the edits that remove what has become needless."""
        source, node = self.sites.source, taken.function.node
        if node is None or taken.callee is not None:
            return self.concrete.comments(site.node, site.span), []
        in_body = isinstance(node, ast.Lambda) and any("#" in line for line in body.lines)
        kept = [self.concrete.whole(node.body)] if isinstance(node, ast.Lambda) and in_body else []
        comments = self.concrete.comments(site.node, site.span, outside=kept)
        needless = list(body.needless)
        if isinstance(node, ast.FunctionDef):
            comments = [*self.concrete.comments(node, self._header(node)), *comments]
            needless.append(self.sites.index.bound_at[node])
        elif isinstance(node, ast.Lambda) and not site.span.contains(source.span(node)):
            parent = self.sites.index.parents[node]
            if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name) and len(parent.targets) == 1:
                binding = self.sites.index.bound_at[parent.targets[0]]
                # Another module may import a function of this one.
                needless += [binding] if binding.scope.kind is ScopeKind.FUNCTION else []
        edits = []
        for binding in needless:
            reads = self.sites.index.reads_of(binding)
            gone = [
                read for read in reads if site.span.contains(source.span(read.node)) or self._is_inside(read.node, node)
            ]
            if len(gone) == len(reads):
                edit = removal(self.sites, binding)
                if edit is not None:
                    edits.append(edit)
                    if binding.node is not node:
                        comments += self.concrete.comments(binding.node, edit.span, outside=kept)
        return comments, edits

    def _header(self, node: ast.FunctionDef) -> Span:
        """Return the span from the comments on top of a function to its body."""
        source = self.sites.source
        first = source.line_starts[row_with_comments(source, node) - 1]
        block = self.concrete.block(node)
        return Span(first, block.start if block is not None else source.line_end(node.lineno))

    def _is_inside(self, node: ast.AST, function: ast.AST) -> bool:
        return any(around is function for around in self.sites.index.ancestors(node))

    def call(self, draft: Draft, name: str) -> Edit:
        """Return the edit that makes of the `Lambda(...)` of a draft a call of its class."""
        source, site = self.sites.source, draft.site
        arguments = draft.layer.arguments()
        for keyword, argument in site.arguments.items():
            if keyword not in _DROPPED:
                text = self.sites.text(argument.span)
                arguments.append(text if text.startswith(keyword) else f"{keyword}={text}")
        first, last = source.location(site.span.start), source.location(site.span.end)
        row = source.line(first.row)
        width = max(self.layout.width, len(row)) if first.row == last.row else self.layout.width
        room = width - (first.column - 1) - (len(source.line(last.row)) - (last.column - 1))
        lines = call_lines(name, arguments, room, self.layout, line_indent(row))
        return Edit(site.span, self.layout.newline.join(lines))
