"""One rewrite plan per site: which class, where it goes, what the site becomes, and how safe that is."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.draft import Draft, Drafting
from keras_lambda_lint.rewrite.lambdas.placing import Placing
from keras_lambda_lint.rewrite.lambdas.safety import Safety
from keras_lambda_lint.rewrite.layout import Layout
from keras_lambda_lint.rewrite.naming import camel, taken_names, unique
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import registered_name
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit, Fix, Span
    from keras_lambda_lint.rewrite.lambdas.layer_class import LayerClass
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites


def plan_lambdas(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of every `Lambda` site of a file by the span of its call, or the reason why there is none."""
    layout = Layout.of(sites.source, sites.index.tree)
    drafting = Drafting(sites, layout)
    drafts: dict[Span, Draft | Fix | str] = {}
    for site in sites.lambdas:
        try:
            drafts[site.span] = drafting.draft(site)
        except NoFix as refusal:
            drafts[site.span] = str(refusal)
    return _Planner(sites, layout, drafting, Safety(sites, reported.get(LambdaSite, {}))).finish(drafts)


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

    def finish(self, drafts: dict[Span, Draft | Fix | str]) -> dict[Span, Fix | str]:
        """Name the classes, place them, and decide how safe each plan is."""
        taken = taken_names(self.sites.index)
        named: dict[LayerClass, tuple[str, LayerClass]] = {}
        place: dict[LayerClass, int] = {}
        for draft in drafts.values():
            if isinstance(draft, Draft):
                identity = draft.layer.identity
                if identity not in named:
                    named[identity] = self._named(draft, taken)
                    taken.add(named[identity][0])
                position = self.placing.statement_start(draft.site.node)
                place[identity] = min(position, place.get(identity, position))
        hidden = self.safety.names_hidden(drafts)
        fixes: dict[Span, Fix | str] = {}
        pieces: dict[Span, _Pieces] = {}
        for span, draft in drafts.items():
            if not isinstance(draft, Draft):
                fixes[span] = draft
                continue
            name, layer = named[draft.layer.identity]
            if place[draft.layer.identity] < draft.needs_above:
                fixes[span] = f"keras is imported below the first use of `{name}`"
                continue
            exists = name in self.sites.index.module.bindings
            inserted = (
                [] if exists else self.placing.inserted(layer.text(name, self.layout), place[draft.layer.identity])
            )
            pieces[span] = _Pieces(inserted, draft.edits, [self.drafting.call(draft, name)])
        self._share(drafts, pieces, fixes, taken)
        for span, piece in pieces.items():
            draft = drafts[span]
            assert isinstance(draft, Draft)
            edits = [*self.placing.apart(piece.inserted, piece.others), *piece.calls]
            fixes[span] = self.safety.fix(draft, named[draft.layer.identity][0], edits, hidden)
        return fixes

    def _share(
        self,
        drafts: dict[Span, Draft | Fix | str],
        pieces: dict[Span, _Pieces],
        fixes: dict[Span, Fix | str],
        taken: set[str],
    ) -> None:
        """Join the plans of the layers that share a variable: each of them changes all, and makes the layer that hands it out."""
        known = {holder.removed: holder for d in drafts.values() if isinstance(d, Draft) for holder in d.holders}
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

    def _named(self, draft: Draft, taken: set[str]) -> tuple[str, LayerClass]:
        """Return a class name that is new in the file, and the class with a registered name that is new in the project.

        A class that an earlier fix wrote word for word is used again.
        """
        existing = self._existing(draft)
        if existing is not None:
            return existing, draft.layer
        name = unique(draft.wanted_names, taken)
        registered = registered_name(self.sites.source.filename, name)
        return name, draft.layer if registered is None else replace(draft.layer, registered_name=registered)

    def _existing(self, draft: Draft) -> str | None:
        start = self.placing.statement_start(draft.site.node)
        for statement in self.sites.index.tree.body:
            if isinstance(statement, ast.ClassDef) and statement.decorator_list:
                first: int = self.sites.source.line_starts[statement.decorator_list[0].lineno - 1]
                text = self.sites.source.text[first : self.sites.source.span(statement).end]
                if first < start and text == draft.layer.text(statement.name, self.layout):
                    return statement.name
        return None
