"""What an expression in the body of a function is, as far as shapes go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from keras_lambda_lint.sites.model import Effect

if TYPE_CHECKING:
    from keras_lambda_lint.sites.shape.dims import Dim, Shape


@dataclass(frozen=True)
class Tensor:
    """A tensor under inference: its shape if the rank is known, and what happened to it since it was the input."""

    shape: Shape | None
    effect: Effect = Effect.UNKNOWN
    opaque: str | None = None
    """The operation that hid the shape from Keras, where nothing stated it again since."""
    content: Shape | None = None
    """The lengths that a vector or scalar of lengths holds, such as `tf.shape(x)`."""
    is_float: bool = False
    """Whether it certainly is a float, as the placeholder is that Keras 3 tries the function with."""

    def moved(self, shape: Shape | None) -> Tensor:
        """Return the tensor with another shape and the same dtype; without a shape it certainly has another rank than before."""
        effect = Effect.CHANGED if shape is None and self.effect is Effect.SAME else Effect.UNKNOWN
        return Tensor(shape, effect, self.opaque if shape is None else None, is_float=self.is_float)

    def with_dtype(self, *, is_float: bool) -> Tensor:
        """Return a tensor of the same shape that holds other values."""
        return replace(self, content=None, is_float=is_float)


@dataclass(frozen=True)
class Items:
    """A list or tuple whose elements are known."""

    items: tuple[Abstract, ...]


@dataclass(frozen=True)
class Plain:
    """A value of Python that the code tells."""

    value: object


@dataclass(frozen=True)
class Length:
    """A length that Keras knows when it tries the function, and this file does not."""

    dim: Dim


@dataclass(frozen=True)
class Unknown:
    """Anything else."""


Abstract: TypeAlias = Tensor | Items | Plain | Length | Unknown

UNKNOWN = Unknown()


def shape_of(value: Abstract) -> Shape | None:
    """Return the shape of a value that can stand for a tensor; None where it is not known."""
    if isinstance(value, Tensor):
        return value.shape
    if isinstance(value, Length) or (isinstance(value, Plain) and isinstance(value.value, (int, float))):
        return ()
    if isinstance(value, Items):
        inner = {shape_of(item) for item in value.items}
        first = inner.pop() if len(inner) == 1 else None
        return None if first is None else (len(value.items), *first)
    return None


def integer(value: Abstract) -> int | None:
    """Return the integer that a value is; None for anything else."""
    known = value.value if isinstance(value, Plain) else None
    return known if isinstance(known, int) and not isinstance(known, bool) else None


def integers(value: Abstract) -> list[int] | None:
    """Return the integers that a value is, one or several; None for anything else."""
    found = [integer(item) for item in (value.items if isinstance(value, Items) else (value,))]
    return None if None in found else [number for number in found if number is not None]


def length(value: Abstract) -> Dim | None:
    """Return the length that a value is: a number, or a scalar tensor of one; None for anything else."""
    if isinstance(value, Length):
        return value.dim
    if isinstance(value, Tensor) and value.shape == () and value.content is not None:
        return value.content[0]
    return integer(value)


def lengths(value: Abstract) -> Shape | None:
    """Return the lengths that a list, a tuple or a vector of lengths holds; None for anything else."""
    if isinstance(value, Tensor):
        return value.content if value.shape is not None and len(value.shape) == 1 else None
    if not isinstance(value, Items):
        return None
    found = [length(item) for item in value.items]
    return None if None in found else tuple(dim for dim in found if dim is not None)


def elements(value: Abstract) -> tuple[Abstract, ...] | None:
    """Return what a value yields when it is unpacked or joined; None where that is not known."""
    if isinstance(value, Items):
        return value.items
    if isinstance(value, Tensor) and value.shape and isinstance(value.shape[0], int):
        content = value.content or (None,) * value.shape[0]
        return tuple(
            Tensor(value.shape[1:], content=None if dim is None else (dim,), is_float=value.is_float) for dim in content
        )
    return None
