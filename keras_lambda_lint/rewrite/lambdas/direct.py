"""A `Lambda` that does nothing but call a captured layer gives way to that layer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange
from keras_lambda_lint.rewrite.lambdas.captured import refuse_other_meaning
from keras_lambda_lint.rewrite.lambdas.inputs import trains
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.model import Capture

_NEEDLESS = frozenset({"output_shape"})


def called_directly(making: Making) -> Fix | None:
    """Return the fix that puts a captured layer in the place of the `Lambda` that calls it; None where the function does more.

    A layer may pass on a mask where a `Lambda` drops it, so a file that speaks of masks keeps a layer of its own around the call;
    so does a `Lambda` that was given a name, by which `get_layer` and checkpoints may ask for it.
    """
    capture = _called(making)
    site = making.site
    if capture is None or "mask" in making.sites.source.text.lower() or making.concrete.comments(site.node, site.span):
        return None
    try:
        refuse_other_meaning(making, capture)
    except NoFix:
        return None
    trained = trains(making, capture)
    return Fix(
        message=f"`{capture.text}` itself",
        edits=(Edit(site.span, capture.text),),
        applicability=Applicability.UNSAFE,
        site=site.span,
        intended=(
            *((IntendedChange.REPAIRS_CRASH,) if trained and 2 in site.target else ()),
            *((IntendedChange.TRAINS_WEIGHT,) if trained else ()),
        ),
        unsafe_because=f"the model gains the layer `{capture.text}`{' and trains its weights' if trained else ''}",
    )


def _called(making: Making) -> Capture | None:
    """Return the captured layer that a lambda calls on its input, where it does nothing else."""
    function = making.function
    node = function.node
    call = node.body if isinstance(node, ast.Lambda) and making.taken.callee is None else None
    if not isinstance(call, ast.Call) or call.keywords or len(call.args) != 1 or len(function.parameters) != 1:
        return None
    if making.site.unknown_arguments or not set(making.site.arguments) <= _NEEDLESS or len(function.captures) != 1:
        return None
    capture = function.captures[0]
    on_input = (making.sites.source.span(call.args[0]),) == function.parameters[0].reads
    alone = capture.value.is_layer and capture.nodes == (call.func,) and not capture.late_bound
    return capture if alone and on_input else None
