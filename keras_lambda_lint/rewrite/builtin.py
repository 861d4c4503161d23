"""Layers of Keras in the place of `Lambda` layers that do what those do."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Fix, IntendedChange, Span
from keras_lambda_lint.keras_api.idioms import Equal, Masks
from keras_lambda_lint.rewrite.lambdas.site_call import gives_way, site_call
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.spelling import Spelling
from keras_lambda_lint.sites.bodies.idioms import BuiltinUse, Redundant
from keras_lambda_lint.sites.shape.inputs import stated_inputs

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.safety import Safety
    from keras_lambda_lint.rewrite.layout import Layout
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites


def plan_builtins(
    sites: FileSites, reported: Reported, safety: Safety, layout: Layout, hidden: str | None
) -> dict[Span, Fix | str]:
    """Return the fixes of layers that Keras has, by the spans of their functions, or the reasons why there are none.

    A fix that may be applied settles all that is found at its site: it stands under the span of the `Lambda(...)` too.
    """
    plans: dict[Span, Fix | str] = {}
    uses: tuple[BuiltinUse | Redundant, ...] = (*sites.of(BuiltinUse), *sites.of(Redundant))
    for use in uses:
        if use.span in reported.get(type(use), {}):
            plans |= _planned(sites, use, safety, layout, hidden)
    return plans


def _planned(
    sites: FileSites, use: BuiltinUse | Redundant, safety: Safety, layout: Layout, hidden: str | None
) -> dict[Span, Fix | str]:
    if isinstance(use, Redundant) and use.unused is not None:
        return {use.span: f"whether `{use.unused}` was forgotten is not known"}
    try:
        fix = _fix(sites, use, safety, layout, hidden)
    except NoFix as refusal:
        return {use.span: str(refusal)}
    if fix.applicability is Applicability.DISPLAY:
        return {use.span: fix}
    return {use.span: fix, use.site.span: fix}


def _fix(sites: FileSites, use: BuiltinUse | Redundant, safety: Safety, layout: Layout, hidden: str | None) -> Fix:
    layer = use.layer
    call = ast.parse(layer, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    arguments = [ast.get_source_segment(layer, each) or "" for each in call.args]
    arguments += [f"{each.arg}={ast.get_source_segment(layer, each.value)}" for each in call.keywords]
    spelling = Spelling(sites, use.site.node, use.site.node.func)
    edit = site_call(sites, layout, use.site, spelling.name(f"layers.{call.func.id}"), arguments)
    shown = _shown_only(sites, use)
    reason, intended = gives_way(use.site)
    seen = reason or safety.reason(use.site, hidden)
    if 3 in use.target and use.site.takes_integers:
        intended.add(IntendedChange.DECLARED_DTYPE)
    return Fix(
        message=f"layer of Keras `{layer}`",
        edits=tuple(sorted({*spelling.edits, edit}, key=lambda each: each.span)),
        applicability=Applicability.DISPLAY if shown else Applicability.UNSAFE if seen else Applicability.SAFE,
        site=use.site.span,
        intended=tuple(sorted(intended, key=lambda change: change.value)),
        unsafe_because=shown or seen,
    )


def _shown_only(sites: FileSites, use: BuiltinUse | Redundant) -> str | None:
    """Return why a person has to decide; None where the layer computes exactly the same on everything that can reach it."""
    if "#" in sites.text(use.site.span):
        return "a comment would be lost"
    stated = stated_inputs(sites, use.site.node) or ()
    known = bool(stated) and all(each.shape is not None for each in stated)
    masked = not known or "mask" in sites.source.text.lower()
    if isinstance(use, Redundant):
        return "it passes masks on, which a `Lambda` drops" if masked else None
    if use.equal is not Equal.EXACT:
        return f"the values are equal {use.equal.value}"
    if use.is_affine:
        return "the layer is meant for scaling, and makes 0.0 of -0.0"
    masks = {masks for version, masks in ((2, use.keras_2), (3, use.keras_3)) if version in use.target}
    if masks != {Masks.DROPPED} and masked:
        return f"the layer {next(each.value for each in masks if each is not Masks.DROPPED)}, which a `Lambda` drops"
    if use.condition and not known:
        return f"it holds {use.condition}"
    if use.floats_only and not all(each.is_float for each in stated):
        return "for integers they differ"
    return None
