"""What the functions of `Lambda` layers that can change their backend compute with TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef, LambdaSite


class TensorflowUse(NamedTuple):
    """A function of a `Lambda` layer, or of several, that computes with TensorFlow, or is an operation of TensorFlow itself."""

    span: Span
    """Where it first calls TensorFlow, or where the function of another file is passed; of an operation itself, the layer."""
    function: FunctionRef
    layers: tuple[LambdaSite, ...]
    """The layers of this file that take it."""


def find_tensorflow_uses(file: FileSites) -> tuple[TensorflowUse, ...]:
    """Return the functions of a file's layers that bind these to TensorFlow, sorted by place."""
    found: dict[tuple[Span, Span], TensorflowUse] = {}
    for site in file.lambdas:
        for function in site.functions if site.can_change_backend else ():
            calls = function.tensorflow_calls
            if not calls and not function.is_tensorflow_operation:
                continue
            span = function.here(calls[0].callee) if calls else site.span
            key = (span, span if calls else function.span)
            known = found.get(key, TensorflowUse(span, function, ()))
            found[key] = known._replace(layers=(*known.layers, site))
    return tuple(sorted(found.values(), key=lambda use: use.span))
