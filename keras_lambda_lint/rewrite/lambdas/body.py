"""Turns a function into the `call` method of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.called import add_call
from keras_lambda_lint.rewrite.lambdas.captured import add_capture
from keras_lambda_lint.rewrite.lambdas.moved import moved_body
from keras_lambda_lint.rewrite.lambdas.obstacles import refuse_own_self, refuse_strange
from keras_lambda_lint.rewrite.lambdas.parameters import add_parameters
from keras_lambda_lint.sites.model import FunctionForm

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Body, Making


def write_body(making: Making) -> Body:
    """Return the body; raise `NoFix` where the function cannot become one."""
    node = making.node
    refuse_strange(making.sites, making.function)
    add_parameters(making)
    if making.function.form is FunctionForm.FUNCTION:
        add_call(making)
        return making.body
    for capture in making.function.captures:
        add_capture(making, capture)
    if making.replaced and "self" in making.names_inside and any("self." in edit.content for edit in making.replaced):
        refuse_own_self(making.sites.index, node)
    making.body.lines = moved_body(making)
    return making.body
