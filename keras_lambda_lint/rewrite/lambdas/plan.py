"""One rewrite plan per site: which class, where it goes, what the site becomes, and how safe that is."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Fix
from keras_lambda_lint.rewrite.builtin import plan_builtins
from keras_lambda_lint.rewrite.lambdas.draft import Choice, Draft, Drafting, Loop, parts
from keras_lambda_lint.rewrite.lambdas.layer_class import LayerClass
from keras_lambda_lint.rewrite.lambdas.placing import Placing
from keras_lambda_lint.rewrite.lambdas.safety import Safety
from keras_lambda_lint.rewrite.layout import Layout
from keras_lambda_lint.rewrite.naming import camel, taken_names, unique
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import registered_name
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from typing import TypeAlias

    from keras_lambda_lint.diagnostic import Edit, Span
    from keras_lambda_lint.rewrite.lambdas.function_style import RegisteredFunction

    _Definition: TypeAlias = LayerClass | RegisteredFunction
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites


def plan_lambdas(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of every `Lambda` site of a file by the span of its call, or the reason why there is none: Layer subclasses.

    Where Keras has a layer that does the same, its fix stands under the span of the function too.
    """
    return _planned(sites, reported, "layer")


def plan_functions(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the same with registered functions, where the file runs on Keras 3 only and the function has no state."""
    return _planned(sites, reported, "function")


def _planned(sites: FileSites, reported: Reported, style: str) -> dict[Span, Fix | str]:
    layout = Layout.of(sites.source, sites.index.tree)
    drafting = Drafting(sites, layout, style)
    drafts: dict[Span, Draft | Choice | Loop | Fix | str] = {}
    for site in sites.lambdas:
        try:
            drafts[site.span] = drafting.draft(site)
        except NoFix as refusal:
            drafts[site.span] = str(refusal)
    safety = Safety(sites, reported.get(LambdaSite, {}))
    hidden = safety.names_hidden(drafts)
    fixes = _Planner(sites, layout, drafting, safety).finish(drafts, hidden)
    return {**fixes, **plan_builtins(sites, reported, safety, layout, hidden)}


@dataclass(frozen=True)
class _Pieces:
    """The edits of a plan: what is inserted above, what changes or goes elsewhere, and what takes the place of the sites."""

    inserted: list[Edit]
    others: list[Edit]
    calls: list[Edit]

    def with_those_of(self, other: _Pieces) -> _Pieces:
        """Return the edits of both plans, each of them once."""
        return _Pieces(
            list(dict.fromkeys([*self.inserted, *other.inserted])),
            list(dict.fromkeys([*self.others, *other.others])),
            list(dict.fromkeys([*self.calls, *other.calls])),
        )


class _Planner:
    def __init__(self, sites: FileSites, layout: Layout, drafting: Drafting, safety: Safety) -> None:
        self.sites = sites
        self.layout = layout
        self.drafting = drafting
        self.safety = safety
        self.placing = Placing(sites, layout)

    def finish(
        self, drafts: dict[Span, Draft | Choice | Loop | Fix | str], hidden: str | None
    ) -> dict[Span, Fix | str]:
        """Name the classes, place them, and decide how safe each plan is."""
        taken = taken_names(self.sites.index)
        named: dict[_Definition, tuple[str, _Definition]] = {}
        place: dict[_Definition, int] = {}
        for draft in (part for planned in drafts.values() for part in parts(planned)):
            identity = draft.layer.identity
            if identity not in named:
                named[identity] = self._named(draft, taken)
                taken.add(named[identity][0])
            position = self.placing.statement_start(draft.site.node)
            place[identity] = min(position, place.get(identity, position))
        fixes: dict[Span, Fix | str] = {}
        pieces: dict[Span, _Pieces] = {}
        for span, planned in drafts.items():
            if isinstance(planned, (Fix, str)):
                fixes[span] = planned
                continue
            names = [named[draft.layer.identity][0] for draft in parts(planned)]
            low = next(
                (
                    name
                    for name, draft in zip(names, parts(planned), strict=True)
                    if place[draft.layer.identity] < draft.needs_above
                ),
                None,
            )
            if low is not None:
                fixes[span] = f"keras is imported below the first use of `{low}`"
                continue
            inserted = [
                edit
                for name, draft in zip(names, parts(planned), strict=True)
                if name not in self.sites.index.module.bindings
                for edit in self.placing.inserted(
                    named[draft.layer.identity][1].text(name, self.layout), place[draft.layer.identity]
                )
            ]
            gone = [edit for draft in parts(planned) for edit in draft.edits]
            pieces[span] = _Pieces(
                list(dict.fromkeys(inserted)), list(dict.fromkeys(gone)), self.drafting.calls(planned, names)
            )
        self._share(drafts, pieces, fixes, taken)
        for span, piece in pieces.items():
            planned = drafts[span]
            assert not isinstance(planned, (Fix, str))
            names = [named[draft.layer.identity][0] for draft in parts(planned)]
            edits = [*self.placing.apart(piece.inserted, piece.others), *piece.calls]
            fixes[span] = self.safety.fix(planned, names, edits, hidden)
        return fixes

    def _share(
        self,
        drafts: dict[Span, Draft | Choice | Loop | Fix | str],
        pieces: dict[Span, _Pieces],
        fixes: dict[Span, Fix | str],
        taken: set[str],
    ) -> None:
        """Join the plans of the layers that share a variable: each of them changes all, and makes the layer that hands it out."""
        known = {
            holder.removed: holder
            for planned in drafts.values()
            for draft in parts(planned)
            for holder in draft.holders
        }
        for holder in known.values():
            missing = [span for span in holder.sites if span not in pieces]
            if missing:
                for span in holder.sites:
                    if pieces.pop(span, None) is not None:
                        fixes[span] = f"another layer that reads `{holder.name}` has no fix: {fixes.get(missing[0])}"
                continue
            name = unique([camel(holder.name), f"{camel(holder.name)}Weight"], taken)
            taken.add(name)
            registered = registered_name(self.sites.source.filename, name)
            layer = holder.layer if registered is None else replace(holder.layer, registered_name=registered)
            position = self.placing.statement_start(holder.first.node)
            joined = _Pieces(
                self.placing.inserted(layer.text(name, self.layout), position),
                [holder.removed],
                [holder.call(name, self.sites, self.layout)],
            )
            for span in holder.sites:
                joined = joined.with_those_of(pieces[span])
            pieces.update(dict.fromkeys(holder.sites, joined))

    def _named(self, draft: Draft, taken: set[str]) -> tuple[str, _Definition]:
        """Return a class name that is new in the file, and the class with a registered name that is new in the project.

        A class that an earlier fix wrote word for word is used again.
        """
        existing = self._existing(draft)
        if existing is not None:
            return existing, draft.layer
        in_file = taken_names(self.sites.index) - draft.freed
        layers = isinstance(draft.layer, LayerClass)
        free = [name for name in draft.wanted_names if name not in in_file]
        name = unique(free or [f"{draft.wanted_names[0]}{'Layer' if layers else '_of_inputs'}"], taken - draft.freed)
        registered = registered_name(self.sites.source.filename, name)
        return name, draft.layer if registered is None else replace(draft.layer, registered_name=registered)

    def _existing(self, draft: Draft) -> str | None:
        start = self.placing.statement_start(draft.site.node)
        for statement in self.sites.index.tree.body:
            if isinstance(statement, (ast.ClassDef, ast.FunctionDef)) and statement.decorator_list:
                first: int = self.sites.source.line_starts[statement.decorator_list[0].lineno - 1]
                text = self.sites.source.text[first : self.sites.source.span(statement).end]
                if first < start and text == draft.layer.text(statement.name, self.layout):
                    return statement.name
        return None
