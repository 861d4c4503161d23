"""Arguments of `Lambda` layers that say the shape of the input, which Keras 3 wants an `Input` in front to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ast

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Target

_NAMES = ("input_shape", "batch_input_shape")


class InputArgument(NamedTuple):
    """One argument of a `Lambda` layer that says the shape of its input."""

    span: Span
    name: str
    """Its keyword."""
    value: ast.expr
    layer: ast.Call
    """The call that makes the layer."""
    target: Target

    @property
    def with_batch(self) -> bool:
        """Whether the shape starts with the batch dimension."""
        return self.name == "batch_input_shape"


def find_input_arguments(file: FileSites) -> tuple[InputArgument, ...]:
    """Return the arguments of the layers of a file that say input shapes, sorted by place."""
    found = (
        InputArgument(site.arguments[name].span, name, site.arguments[name].node, site.node, site.target)
        for site in file.lambdas
        for name in _NAMES
        if name in site.arguments
    )
    return tuple(sorted(found, key=lambda argument: argument.span))
