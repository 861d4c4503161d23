"""One plan for each own class: all findings on a class are settled together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.classes.registration import registration
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.captures import name_span
from keras_lambda_lint.sites.classes.saved_class import SavedClass

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites


def plan_saved_classes(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of every class that Keras does not find, by the span of its name, or the reason why there is none."""
    nodes = _nodes(sites)
    plans: dict[Span, Fix | str] = {}
    for span in reported.get(SavedClass, ()):
        try:
            plans[span] = registration(sites, nodes[span]).fix(nodes[span].name, span)
        except NoFix as refusal:
            plans[span] = str(refusal)
    return plans


def _nodes(sites: FileSites) -> dict[Span, ast.ClassDef]:
    """Return the classes of a file by the span of their name."""
    return {name_span(sites.source, node): node for node in sites.index.scopes if isinstance(node, ast.ClassDef)}
