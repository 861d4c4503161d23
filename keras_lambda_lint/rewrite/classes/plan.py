"""One plan for each own class: all findings on a class are settled together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.classes.anatomy import Anatomy
from keras_lambda_lint.rewrite.classes.arguments import registered_arguments
from keras_lambda_lint.rewrite.classes.change import Change
from keras_lambda_lint.rewrite.classes.rebuild import rebuildable
from keras_lambda_lint.rewrite.classes.registration import registration, spelling_of
from keras_lambda_lint.rewrite.classes.variables import weights
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.registering import Registering
from keras_lambda_lint.sites.captures import name_span
from keras_lambda_lint.sites.classes.layer_class import LayerClass
from keras_lambda_lint.sites.classes.saved_class import SavedClass

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites


def plan_layer_classes(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of every class that is not rebuilt or does not train, by the span of its name, or the reason why there is none."""
    planner = _Planner(sites, reported)
    return {span: planner.of_class(span) for span in reported.get(LayerClass, ())}


def plan_saved_classes(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of every class that Keras does not find, by the span of its name, or the reason why there is none.

    It is that of all findings on the class, unless those have none: then it registers the class only.
    """
    planner = _Planner(sites, reported)
    return {span: planner.of_saved(span) for span in reported.get(SavedClass, ())}


class _Planner:
    def __init__(self, sites: FileSites, reported: Reported) -> None:
        self.sites = sites
        self.own = reported.get(LayerClass, {})
        self.saved = reported.get(SavedClass, {})
        self.nodes = {
            name_span(sites.source, node): node for node in sites.index.scopes if isinstance(node, ast.ClassDef)
        }
        self.classes = {each.span: each for each in sites.of(LayerClass)}
        self.registering = Registering(sites)
        # In one order, whoever asks: functions are named on the way.
        self.mended = {span: self._tried(self._mended, span) for span in sorted(self.own)}

    def of_class(self, span: Span) -> Fix | str:
        """Return the fix for what is wrong with a class, with its registration where that is reported too."""
        change = self.mended[span]
        if isinstance(change, str):
            return change
        registered = self._tried(self._registered, span)
        both = change if isinstance(registered, str) else registered + change
        return both.fix(self.nodes[span].name, span)

    def of_saved(self, span: Span) -> Fix | str:
        """Return the same fix for a class that is not found, or its registration alone."""
        both = self.of_class(span) if span in self.own else ""
        if not isinstance(both, str):
            return both
        registered = self._tried(self._registered, span)
        return registered if isinstance(registered, str) else registered.fix(self.nodes[span].name, span)

    def _registered(self, span: Span) -> Change:
        return registration(self.sites, self.nodes[span]) if span in self.saved else Change()

    def _mended(self, span: Span) -> Change:
        anatomy = Anatomy(self.sites, self.nodes[span])
        change = Change()
        if "KLL208" in self.own[span]:
            change += weights(anatomy, self.classes[span].variables)
        if "KLL107" in self.own[span]:
            rebuilt, held = rebuildable(anatomy, self.classes[span])
            like = spelling_of(self.sites, anatomy.node).like
            change += rebuilt + registered_arguments(self.registering, held, like)
        return change

    def _tried(self, change: Callable[[Span], Change], span: Span) -> Change | str:
        try:
            return change(span)
        except NoFix as refusal:
            return str(refusal)
