"""A plan for one site, before its class has a name: what the layer is, and what goes from the file."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange, Span
from keras_lambda_lint.rewrite.classes.registration import registering
from keras_lambda_lint.rewrite.concrete import Concrete
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.lambdas.body import write_body
from keras_lambda_lint.rewrite.lambdas.direct import called_directly
from keras_lambda_lint.rewrite.lambdas.function import is_in_script, taken_by, taken_from
from keras_lambda_lint.rewrite.lambdas.function_style import RegisteredFunction
from keras_lambda_lint.rewrite.lambdas.further_methods import further_methods
from keras_lambda_lint.rewrite.lambdas.holder import Holder, holder_of, readers
from keras_lambda_lint.rewrite.lambdas.layer_class import LayerClass
from keras_lambda_lint.rewrite.lambdas.making import Body, Making
from keras_lambda_lint.rewrite.lambdas.several import looped
from keras_lambda_lint.rewrite.lambdas.shared import differing
from keras_lambda_lint.rewrite.lambdas.site_call import gives_way
from keras_lambda_lint.rewrite.lambdas.taken import argument_of
from keras_lambda_lint.rewrite.layout import Layout, call_lines, line_indent, split_lines
from keras_lambda_lint.rewrite.leftovers import removal
from keras_lambda_lint.rewrite.naming import camel, class_names, shared_name, snake
from keras_lambda_lint.rewrite.project import package_name
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import REGISTER
from keras_lambda_lint.rewrite.spelling import Spelling
from keras_lambda_lint.sites.model import Effect, FunctionRef, LambdaSite
from keras_lambda_lint.source.rows import row_with_comments
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.rewrite.lambdas.taken import Taken
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture
    from keras_lambda_lint.source.scopes import Binding


@dataclass
class Draft:
    """A plan before its class has a name."""

    site: LambdaSite
    taken: Taken
    layer: LayerClass | RegisteredFunction
    body: Body
    edits: list[Edit]
    unsafe: list[str]
    wanted_names: list[str]
    needs_above: int
    """The class cannot stand above this offset: an import that it needs ends there."""
    holders: tuple[Holder, ...] = ()
    """The layers that hand out the variables which this one shares with others."""
    freed: frozenset[str] = frozenset()
    """Names that mean nothing in the file any more once the plan is applied."""


@dataclass(frozen=True)
class Choice:
    """The plan for a site whose function is a conditional expression: a layer for each of its arms."""

    site: LambdaSite
    condition: str
    arms: tuple[Draft, Draft]


@dataclass(frozen=True)
class Loop:
    """The plan for a site in a loop over functions: a loop over layers."""

    site: LambdaSite
    variable: str
    places: tuple[Span, ...]
    """Where the functions stand that the layers replace."""
    arms: tuple[Draft, ...]


class Drafting:
    """Drafts the plans of the sites of one file."""

    def __init__(self, sites: FileSites, layout: Layout, style: str) -> None:
        self.sites = sites
        self.layout = layout
        self.style = style
        self.concrete = Concrete(sites.source, sites.index)
        self.package = package_name(sites.source.filename)

    def draft(self, site: LambdaSite) -> Draft | Choice | Loop | Fix:
        """Return the draft for a site, or its whole fix; raise `NoFix` with the reason why there is none."""
        if site.functions[1:] and isinstance(choice := argument_of(site), ast.IfExp) and not site.unknown_arguments:
            condition = self.sites.text(self.concrete.whole(choice.test))
            return Choice(site, condition, (self._arm(site, choice.body), self._arm(site, choice.orelse)))
        functions = looped(self.sites, site, argument_of(site)) if site.functions[1:] else ()
        if functions:
            places = tuple(self._with_parentheses(node) for node in functions)
            variable = self.sites.text(self.sites.source.span(argument_of(site)))
            return Loop(site, variable, places, tuple(self._arm(site, node) for node in functions))
        refusal = NoFix("")
        for form in self._forms(site):
            try:
                return form(site)
            except NoFix as refused:
                refusal = refused
        raise refusal

    def _with_parentheses(self, node: ast.expr) -> Span:
        """Return the span of an element of a list or tuple, with parentheses around it, and without the comma below it."""
        whole = self.concrete.whole(node)
        text = self.sites.text(whole)
        return whole if text.startswith("(") and text.endswith(")") else self.sites.source.span(node)

    def _arm(self, site: LambdaSite, node: ast.expr) -> Draft:
        """Return the draft for a site if its function were `node` alone."""
        functions = self.sites.functions.of(node, script=is_in_script(site))
        taken = taken_from(self.sites, site, functions, node)
        drafted = self._layer_of(site._replace(functions=functions), taken)
        if not isinstance(drafted, Draft):
            raise NoFix("a captured layer is one of several functions that may reach this layer")
        return drafted

    def _forms(self, site: LambdaSite) -> list[Callable[[LambdaSite], Draft | Fix]]:
        """Return what writes the forms that a site may take, the wanted one first: only Keras 3 finds registered functions."""
        wants_function = self.style == "function" and site.target == {3}
        return [self._decorated, self._function, self._layer] if wants_function else [self._layer]

    def _decorated(self, site: LambdaSite) -> Fix:
        """Return the fix that registers the function of the module that a site names."""
        function, named = site.function, argument_of(site)
        taken = taken_by(self.sites, site)
        node = taken.function.node
        plain = taken.callee is named and isinstance(named, ast.Name) and taken.makes is None and not taken.by_name
        if (
            function is None
            or not plain
            or taken.before
            or not isinstance(node, ast.FunctionDef)
            or taken.file is not self.sites
        ):
            raise NoFix("the site names no function of the module")
        if node.decorator_list or _says_more(site):
            raise NoFix("the function is decorated, or the layer has a mask or a shape of its own")
        body = write_body(self._making(site, taken, self._spelling(site), before_setting=""))
        spelling = Spelling(self.sites, node, site.node.func)
        register = registering(self.sites, node, spelling.name(REGISTER))
        edits = (*spelling.edits, register)
        unsafe = next(iter((*spelling.caveats, *body.unsafe)), None)
        return Fix(
            message=f"register `{node.name}`",
            edits=in_order(edits),
            applicability=Applicability.SAFE if unsafe is None else Applicability.UNSAFE,
            site=site.span,
            unsafe_because=unsafe,
        )

    def _function(self, site: LambdaSite) -> Draft:
        """Return the draft with a registered function; raise `NoFix` for what has state, a mask or a function for its shape."""
        taken = taken_by(self.sites, site)
        if _says_more(site) or taken.function.random_calls:
            raise NoFix("a function cannot say its mask or its shape, and keeps no seed")
        spelling = self._spelling(site)
        making = self._making(site, taken, spelling, before_setting="")
        body = write_body(making)
        plain = all(setting.made is setting.stored is None for setting in body.settings)
        if body.weights or body.constructed or not plain or called_directly(making) is not None:
            raise NoFix("a function has no weights, and Keras has another layer")
        comments, edits = self._moved(site, taken, body)
        function = RegisteredFunction(
            register=spelling.name(REGISTER),
            package=self.package,
            parameters=tuple(body.parameters),
            body=(*comments, *body.lines),
            settings=tuple(body.settings),
        )
        names = [snake(name) for name in self._names(site, making)]
        edits = [*spelling.edits, *body.edits, *edits]
        freed = self._freed(taken.function, edits)
        unsafe = [*spelling.caveats, *body.unsafe]
        return Draft(site, taken, function, body, edits, unsafe, names, spelling.needs_above, freed=freed)

    def _freed(self, function: FunctionRef, edits: list[Edit]) -> frozenset[str]:
        """Return the name of a nested function that goes from the file with these edits, if nothing else bears it."""
        bindings = self.sites.index.bindings.get(function.name or "", [])
        gone = len(bindings) == 1 and bindings[0].node is function.node
        span = self.sites.source.span(function.node) if gone and isinstance(function.node, ast.FunctionDef) else None
        removed = span is not None and any(not edit.content and edit.span.contains(span) for edit in edits)
        return frozenset({function.name or ""}) if removed else frozenset()

    def _layer(self, site: LambdaSite) -> Draft | Fix:
        """Return the draft with a Layer subclass, or the fix that takes no class."""
        return self._layer_of(site, taken_by(self.sites, site))

    def _layer_of(self, site: LambdaSite, taken: Taken) -> Draft | Fix:
        spelling = self._spelling(site)
        holders = self._holders(site, spelling)
        making = self._making(site, taken, spelling, before_setting="self.")
        making.held = frozenset(holder.name for holder in holders)
        if (direct := called_directly(making)) is not None:
            return direct
        body = write_body(making)
        methods = further_methods(making)
        layer = LayerClass(
            base=spelling.name("layers.Layer"),
            register=spelling.name(REGISTER),
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
        reason, changes = gives_way(site)
        body.intended |= changes
        unsafe = [*spelling.caveats, *body.unsafe, *([] if reason is None else [reason])]
        comments, edits = self._moved(site, taken, body)
        layer = replace(layer, body=(*comments, *layer.body))
        names = self._names(site, making)
        if body.weights and taken.function.is_anonymous:
            names = [camel(body.weights[0].name.removesuffix("_value")), *names]
        changed = [*spelling.edits, *body.edits, *edits]
        return Draft(site, taken, layer, body, changed, unsafe, names, spelling.needs_above, holders)

    def _holders(self, site: LambdaSite, spelling: Spelling) -> tuple[Holder, ...]:
        read = [(binding, by) for binding, by in self._shared.items() if any(each is site for each, _ in by)]
        return tuple(holder_of(self.concrete, self.sites, binding, by, spelling, self.package) for binding, by in read)

    @cached_property
    def _shared(self) -> dict[Binding, list[tuple[LambdaSite, Capture]]]:
        return readers(self.sites)

    def _spelling(self, site: LambdaSite) -> Spelling:
        return Spelling(self.sites, site.node, site.node.func)

    def _making(self, site: LambdaSite, taken: Taken, spelling: Spelling, *, before_setting: str) -> Making:
        node = taken.function.node
        return Making(
            self.sites,
            taken.function,
            self.layout,
            self.concrete,
            depth=2 if before_setting else 1,
            before_setting=before_setting,
            site=site,
            taken=taken,
            spelling=spelling,
            numbers=self._differing.get(node, ()) if isinstance(node, ast.Lambda) else (),
        )

    @cached_property
    def _differing(self) -> dict[ast.Lambda, tuple[tuple[ast.expr, str], ...]]:
        return differing(self.sites)

    def _names(self, site: LambdaSite, making: Making) -> list[str]:
        if making.numbers and isinstance(making.node, ast.Lambda) and (shared := shared_name(making.node)) is not None:
            return [shared]
        return class_names(site, making.function, self.sites.index, making.settled)

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

    def calls(self, planned: Draft | Choice | Loop, names: list[str]) -> list[Edit]:
        """Return the edits that make of the `Lambda(...)` of a plan a call of its class, a choice, or a layer of a loop."""
        if not isinstance(planned, Loop):
            return [self._call(planned, names)]
        edits = [Edit(planned.site.span, planned.variable)]
        for arm, name, place in zip(planned.arms, names, planned.places, strict=True):
            edits.append(Edit(place, self.layout.newline.join(self._call_lines(arm, name, self.layout.width, ""))))
        return edits

    def _call(self, planned: Draft | Choice, names: list[str]) -> Edit:
        source, span = self.sites.source, planned.site.span
        first, last = source.location(span.start), source.location(span.end)
        row = source.line(first.row)
        width = max(self.layout.width, len(row)) if first.row == last.row else self.layout.width
        room = width - (first.column - 1) - (len(source.line(last.row)) - (last.column - 1))
        if isinstance(planned, Draft):
            return Edit(span, self.layout.newline.join(self._call_lines(planned, names[0], room, line_indent(row))))
        arms = [
            self.layout.newline.join(self._call_lines(arm, name, self.layout.width, line_indent(row)))
            for arm, name in zip(planned.arms, names, strict=True)
        ]
        text = f"{arms[0]} if {planned.condition} else {arms[1]}"
        around = self.sites.index.parents[planned.site.node]
        alone = isinstance(around, (ast.Assign, ast.Return, ast.keyword, ast.List, ast.Tuple))
        if len(text) <= room - 2 or any(len(split_lines(arm)) > 1 for arm in arms):
            return Edit(span, text if alone else f"({text})")
        indent = line_indent(row)
        inner = [
            f"{indent}{self.layout.indent}{part}" for part in (arms[0], f"if {planned.condition}", f"else {arms[1]}")
        ]
        return Edit(span, self.layout.newline.join(["(", *inner, f"{indent})"]))

    def _call_lines(self, draft: Draft, name: str, room: int, indent: str) -> list[str]:
        callee, arguments = draft.layer.made(name, self.sites.text(draft.site.callee))
        for keyword, argument in draft.site.arguments.items():
            if keyword not in draft.layer.dropped:
                text = self.sites.text(argument.span)
                arguments.append(text if text.startswith(keyword) else f"{keyword}={text}")
        return call_lines(callee, arguments, room, self.layout, indent)


def parts(planned: Draft | Choice | Loop | Fix | str) -> tuple[Draft, ...]:
    """Return the drafts in what is planned for a site."""
    return planned.arms if isinstance(planned, (Choice, Loop)) else (planned,) if isinstance(planned, Draft) else ()


def _says_more(site: LambdaSite) -> bool:
    """Return whether a `Lambda` has a mask, or a function for its shape: Keras 3 does not load those with it."""
    return "mask" in site.arguments or any(function.node is not None for function in site.shape_functions)
