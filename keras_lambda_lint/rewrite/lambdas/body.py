"""Turns a function into the `call` method of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit
from keras_lambda_lint.rewrite.lambdas.called import add_call
from keras_lambda_lint.rewrite.lambdas.captured import add_capture
from keras_lambda_lint.rewrite.lambdas.moved import moved_body
from keras_lambda_lint.rewrite.lambdas.obstacles import refuse_own_self, refuse_shown_names, refuse_strange
from keras_lambda_lint.rewrite.lambdas.parameters import add_parameters
from keras_lambda_lint.rewrite.lambdas.sampling import add_generator, settle_seeds
from keras_lambda_lint.rewrite.lambdas.sublayers import add_sublayers
from keras_lambda_lint.sites.model import ValueKind

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Body, Making


def write_body(making: Making) -> Body:
    """Return the body; raise `NoFix` where the function cannot become one."""
    taken = making.taken
    refuse_strange(taken.file, making.function, moves=taken.callee is None)
    making.body.unsafe += taken.unsafe
    if taken.callee is not None:
        add_call(making, taken.callee)
        return making.body
    settle_seeds(making)
    add_parameters(making)
    for number, name in making.numbers:
        span = making.sites.source.span(number)
        setting = making.setting(name, making.sites.text(span), ValueKind.CONSTANT, number)
        making.replaced.append(Edit(span, making.reading(setting)))
    for capture in making.function.captures:
        add_capture(making, capture)
    add_generator(making)
    making.body.methods += add_sublayers(making)
    if not taken.method and "self" in making.names_inside and any("self." in edit.content for edit in making.replaced):
        refuse_own_self(making.sites.index, making.node)
    refuse_shown_names(making.sites, making.node, {edit.span for edit in making.replaced})
    making.body.lines = moved_body(making)
    return making.body
