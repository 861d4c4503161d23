"""One rewrite plan per site: which class, where it goes, what the site becomes, and how safe that is."""

from __future__ import annotations

import ast
import itertools
import os
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange, Span
from keras_lambda_lint.keras_api import ops
from keras_lambda_lint.rewrite.concrete import Concrete
from keras_lambda_lint.rewrite.lambdas.body import Body, BodyWriter
from keras_lambda_lint.rewrite.lambdas.function import function_of
from keras_lambda_lint.rewrite.lambdas.layer_class import LayerClass
from keras_lambda_lint.rewrite.layout import WIDTH, Layout, call_lines, line_indent
from keras_lambda_lint.rewrite.leftovers import removal
from keras_lambda_lint.rewrite.naming import camel, class_names, taken_names, unique
from keras_lambda_lint.rewrite.project import package_name, project_of, sees_class, sees_names
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.spelling import Spelling
from keras_lambda_lint.sites.model import Effect, FunctionForm, FunctionRef, LambdaSite
from keras_lambda_lint.sites.usage import feeds_layers_only
from keras_lambda_lint.source.rows import row_with_comments
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites

_DROPPED = ("output_shape", "arguments")


@dataclass
class _Draft:
    """A plan before its class has a name."""

    site: LambdaSite
    function: FunctionRef
    layer: LayerClass
    body: Body
    edits: list[Edit]
    unsafe: list[str]
    wanted_names: list[str]
    needs_above: int
    """The class cannot stand above this offset: an import that it needs ends there."""


def plan_lambdas(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of every `Lambda` site of a file by the span of its call, or the reason why there is none."""
    planner = _Planner(sites, reported.get(LambdaSite, {}))
    drafts: dict[Span, _Draft | str] = {}
    for site in sites.lambdas:
        try:
            drafts[site.span] = planner.draft(site)
        except NoFix as refusal:
            drafts[site.span] = str(refusal)
    return planner.finish(drafts)


class _Planner:
    def __init__(self, sites: FileSites, reported: Collection[Span]) -> None:
        self.sites = sites
        self.reported = reported
        self.layout = Layout.of(sites.source, sites.index.tree)
        self.concrete = Concrete(sites.source, sites.index)
        self.package = package_name(sites.source.filename)

    def draft(self, site: LambdaSite) -> _Draft:
        function = function_of(self.sites, site)
        assert function.node is not None
        spelling = Spelling(self.sites, site.node, site.node.func)
        body = BodyWriter(self.sites, site, function, spelling, self.layout, self.concrete).write()
        layer = LayerClass(
            base=spelling.name("layers.Layer"),
            register=spelling.name("utils.register_keras_serializable"),
            package=self.package,
            parameters=tuple(body.parameters),
            body=tuple(body.lines),
            settings=tuple(body.settings),
            weights=tuple(body.weights),
            output_shape=self._output_shape(site),
        )
        by_dtype = site.shape.effect is Effect.FAILS and site.shape.by_dtype and "output_shape" not in site.arguments
        refused = site.declared is not None and site.declared.raises_on_keras_3
        if 3 in site.target and (by_dtype or refused):
            body.intended.add(IntendedChange.REPAIRS_CRASH)
            body.unsafe.insert(0, "the model cannot be built on Keras 3 as it is")
        unsafe = [*body.unsafe, *self._shape_reasons(site, body)]
        comments, edits = self._moved(site, function, body)
        layer = replace(layer, body=(*comments, *layer.body))
        names = class_names(site, function, self.sites.index)
        if body.weights and function.is_anonymous:
            names = [camel(body.weights[0].name.removesuffix("_value")), *names]
        return _Draft(site, function, layer, body, [*spelling.edits, *edits], unsafe, names, spelling.needs_above)

    def _output_shape(self, site: LambdaSite) -> str | None:
        """Return the shape to declare, where Keras cannot infer it whatever the form of the layer."""
        if not (site.shape.reason or "").endswith("no static shape"):
            return None
        declared = site.arguments.get("output_shape")
        if declared is None:
            raise NoFix("Keras cannot infer the output shape: state it in `compute_output_shape` of a Layer")
        if not isinstance(declared.node, ast.Tuple) or not all(isinstance(e, ast.Constant) for e in declared.node.elts):
            raise NoFix("Keras cannot infer the output shape, and the declared one is no literal tuple")
        return f"(input_shape[0], {', '.join(ast.unparse(e) for e in declared.node.elts)})"

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

    def _moved(self, site: LambdaSite, function: FunctionRef, body: Body) -> tuple[list[str], list[Edit]]:
        """Return the comments that move into the layer, and the edits that remove what has become needless."""
        source, node = self.sites.source, function.node
        assert node is not None
        in_body = isinstance(node, ast.Lambda) and any("#" in line for line in body.lines)
        kept = [self.concrete.whole(node.body)] if isinstance(node, ast.Lambda) and in_body else []
        comments = self.concrete.comments(site.node, site.span, outside=kept)
        needless = list(body.needless)
        if isinstance(node, ast.FunctionDef) and function.form is FunctionForm.NESTED:
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

    def finish(self, drafts: dict[Span, _Draft | str]) -> dict[Span, Fix | str]:
        """Name the classes, place them, and decide how safe each plan is."""
        taken = taken_names(self.sites.index)
        named: dict[LayerClass, tuple[str, LayerClass]] = {}
        place: dict[LayerClass, int] = {}
        for draft in drafts.values():
            if isinstance(draft, _Draft):
                identity = draft.layer.identity
                if identity not in named:
                    named[identity] = self._named(draft, taken)
                    taken.add(named[identity][0])
                position = self._statement_start(draft.site.node)
                place[identity] = min(position, place.get(identity, position))
        hidden = self._names_hidden(drafts)
        fixes: dict[Span, Fix | str] = {}
        for span, draft in drafts.items():
            if isinstance(draft, str):
                fixes[span] = draft
                continue
            name, layer = named[draft.layer.identity]
            if place[draft.layer.identity] < draft.needs_above:
                fixes[span] = f"keras is imported below the first use of `{name}`"
                continue
            inserted = self._inserted(name, layer, place[draft.layer.identity])
            edits = [*self._apart(inserted, draft.edits), self._call(draft, name)]
            fixes[span] = self._fix(draft, name, edits, hidden)
        return fixes

    def _named(self, draft: _Draft, taken: set[str]) -> tuple[str, LayerClass]:
        """Return a class name that is new in the file, and the class with a registered name that is new in the project.

        A class that an earlier fix wrote word for word is used again.
        """
        existing = self._existing(draft)
        if existing is not None:
            return existing, draft.layer
        name = unique(draft.wanted_names, taken)
        registered = project_of(self.sites.source.filename).registered
        here = os.path.abspath(self.sites.source.filename)
        if registered.setdefault(f"{self.package}>{name}", here) == here:
            return name, draft.layer
        for longer in _longer_names(os.path.relpath(here, project_of(here).root), name):
            if registered.setdefault(f"{self.package}>{longer}", here) == here:
                return name, replace(draft.layer, registered_name=longer)
        raise AssertionError("numbers do not end")

    def _existing(self, draft: _Draft) -> str | None:
        start = self._statement_start(draft.site.node)
        for statement in self.sites.index.tree.body:
            if isinstance(statement, ast.ClassDef) and statement.decorator_list:
                first: int = self.sites.source.line_starts[statement.decorator_list[0].lineno - 1]
                text = self.sites.source.text[first : self.sites.source.span(statement).end]
                if first < start and text == draft.layer.text(statement.name, self.layout):
                    return statement.name
        return None

    def _statement_start(self, node: ast.AST) -> int:
        """Return where a class goes that a node needs: above its top-level statement and the comments on top of that."""
        source = self.sites.source
        statement = self.sites.index.top_statement(node)
        return source.line_starts[row_with_comments(source, statement) - 1]

    def _inserted(self, name: str, layer: LayerClass, position: int) -> list[Edit]:
        """Return the insertion of a class with two blank lines around it; no edit where the file has it."""
        if any(name == binding for binding in self.sites.index.module.bindings):
            return []
        newline = self.layout.newline
        head = self.sites.source.text[:position].rstrip(" \t\r\n\f")
        gap = Edit(Span(len(head), position), newline * 3 if head else "")
        text = f"{layer.text(name, self.layout)}{newline * 3}"
        return [
            *([gap] if self.sites.source.text[gap.span.start : position] != gap.content else []),
            Edit(Span(position, position), text),
        ]

    def _apart(self, inserted: list[Edit], others: list[Edit]) -> list[Edit]:
        """Return both lists without overlaps: removals that touch are one, and one with the blank lines above the new class."""
        text, newline = self.sites.source.text, self.layout.newline
        removals: list[Edit] = []
        for edit in sorted((edit for edit in others if not edit.content), key=lambda edit: edit.span):
            if removals and edit.span.start <= removals[-1].span.end:
                last = removals.pop()
                edit = Edit(self._with_blank_lines(Span(last.span.start, max(last.span.end, edit.span.end))), "")
            removals.append(edit)
        edits = [*inserted, *(edit for edit in others if edit.content), *removals]
        for removed in removals:
            for edit in inserted:
                touches = removed.span.end >= edit.span.start and removed.span.start <= edit.span.start
                if touches and edit.span.start < edit.span.end:
                    start = len(text[: removed.span.start].rstrip(" \t\r\n\f"))
                    edits = [other for other in edits if other not in (removed, edit)]
                    edits.append(Edit(Span(start, edit.span.end), newline * 3 if start else ""))
        return edits

    def _with_blank_lines(self, span: Span) -> Span:
        """Return the span of removed lines with the blank lines below them, where a block would start with those."""
        source = self.sites.source
        end = span.end
        if source.text[: span.start].rstrip().endswith(":"):
            while not source.line(source.location(end).row).strip() and end < len(source.text):
                end = source.line_end(source.location(end).row)
        return Span(span.start, end)

    def _call(self, draft: _Draft, name: str) -> Edit:
        source, site = self.sites.source, draft.site
        arguments = draft.layer.arguments()
        for keyword, argument in site.arguments.items():
            if keyword not in _DROPPED and keyword != "mask":
                text = self.sites.text(argument.span)
                arguments.append(text if text.startswith(keyword) else f"{keyword}={text}")
        first, last = source.location(site.span.start), source.location(site.span.end)
        row = source.line(first.row)
        width = max(WIDTH, len(row)) if first.row == last.row else WIDTH
        room = width - (first.column - 1) - (len(source.line(last.row)) - (last.column - 1))
        lines = call_lines(name, arguments, room, self.layout, line_indent(row))
        return Edit(site.span, self.layout.newline.join(lines))

    def _names_hidden(self, drafts: dict[Span, _Draft | str]) -> str | None:
        """Return why automatic layer names of this file may change where something sees it; None where they may not.

        Keras numbers unnamed Lambdas: replacing some of them renames the others.
        """
        for draft in drafts.values():
            if isinstance(draft, str) or self._stays(draft.site):
                return "another Lambda of this file stays, and its automatic name changes"
            if draft.site.is_named:
                continue
            if draft.unsafe or draft.body.intended:
                return "another unnamed Lambda of this file is not fixed safely, and its automatic name changes"
            if not feeds_layers_only(draft.site.node, self.sites.index, self.sites.values):
                return "an unnamed Lambda of this file may be an output of the model"
        if sees_names(self.sites.source.text.encode(errors="replace")):
            return "this file looks at layer names"
        project = project_of(self.sites.source.filename)
        if project.names_seen_in is not None:
            return f"{project.names_seen_in} looks at layer names"
        return None if project.complete else "the project is too large to tell whether something looks at layer names"

    @cached_property
    def _class_seen_in(self) -> str | None:
        """The file that asks whether a layer is a `Lambda`, or for its function; None where none does."""
        here = sees_class(self.sites.source.text.encode(errors="replace"))
        return "this file" if here else project_of(self.sites.source.filename).class_seen_in

    def _stays(self, site: LambdaSite) -> bool:
        """Return whether no finding asks for a fix of an unnamed layer, or a comment switches it off."""
        first, last = (self.sites.source.location(offset).row for offset in site.span)
        lines = (self.sites.source.line(row) for row in range(first, last + 1))
        return not site.is_named and (site.span not in self.reported or any("noqa" in line.lower() for line in lines))

    def _fix(self, draft: _Draft, name: str, edits: list[Edit], hidden: str | None) -> Fix:
        unsafe = list(draft.unsafe)
        seen_in = self._class_seen_in
        if not unsafe and seen_in is not None:
            unsafe.append(f"{seen_in} asks whether a layer is a `Lambda`, or for its function")
        if not unsafe and not draft.site.is_named and hidden is not None:
            unsafe.append(f"the layer's automatic name changes: {hidden}")
        intended = set(draft.body.intended)
        if 3 in draft.site.target and self._may_change_dtype(draft):
            intended.add(IntendedChange.DECLARED_DTYPE)
        return Fix(
            message=f"Layer subclass `{name}`" + (" with a weight" if draft.body.weights else ""),
            edits=tuple(sorted(dict.fromkeys(edits), key=lambda edit: edit.span)),
            applicability=Applicability.UNSAFE if unsafe else Applicability.SAFE,
            site=draft.site.span,
            intended=tuple(sorted(intended, key=lambda change: change.value)),
            unsafe_because=unsafe[0] if unsafe else None,
        )

    def _may_change_dtype(self, draft: _Draft) -> bool:
        """Return whether the function may yield something else than a float: Keras 3 declares float32 for any Lambda."""
        assert draft.function.node is not None
        if draft.site.takes_integers:
            return True
        for node in ast.walk(draft.function.node):
            if isinstance(node, ast.Compare):
                return True
            if isinstance(node, ast.Call) and any(
                ops.operation(name) in ops.NOT_FLOAT for name in self.sites.names.of(node.func)
            ):
                return True
        return False


def _longer_names(path: str, name: str) -> Iterator[str]:
    """Yield names for a registration that another file has taken: with the module, with its folders, with a number."""
    parts = re.sub(r"[^\w/.-]", "_", os.path.splitext(path)[0].replace(os.sep, "/")).strip("./").split("/")
    for start in range(len(parts) - 1, -1, -1):
        yield ".".join((*parts[start:], name))
    for number in itertools.count(2):
        yield ".".join((*parts, f"{name}{number}"))
