"""What functions of `Lambda` layers spell out although Keras has a layer for it: pattern, layer, and when the two are equal.

Every row was measured on keras 3.15.1 and tf_keras 2.21 (FINDINGS section 11); `tests/keras_api/test_idioms.py` measures it again.

Not here, because the values or the gradients differ: `UnitNormalization` for `l2_normalize` on Keras 3 (vectors shorter than 1e-6),
`Activation("hard_sigmoid")` on Keras 3 (another slope), `Dot` for `sum(a * b, -1)` without `keepdims`, `CategoryEncoding` for `one_hot`
of several columns, `Identity` for `stop_gradient`, `LeakyReLU()` with its own default for `leaky_relu`, `Flatten` for `K.flatten`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import layouts

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.keras_api.layouts import Facts, Filled


class Equal(Enum):
    """How close the values of the layer are to those of the function."""

    EXACT = ""
    WITHIN_1_ULP = "within 1 ulp"
    ROUNDING = "up to rounding"
    NOT_GRADIENTS = "except for gradients at the bounds"


class Masks(Enum):
    """What the layer does where its input has a mask; a `Lambda` drops it."""

    DROPPED = ""
    PASSED = "passes masks on"
    USED = "takes masks into account"
    REFUSED = "fails on masked inputs"


class Idiom(NamedTuple):
    """A row of the table.

    In `body`, written with the operations of `spellings.py`, `x` is the input, `x[0]` one of several inputs, and other names stand for
    constants. `layer` is written with the same names, and with those that `when` fills in.
    """

    body: str
    layer: str
    equal: Equal = Equal.EXACT
    keras_2: Masks | None = Masks.DROPPED
    """None where the two are not equal on this Keras."""
    keras_3: Masks | None = Masks.DROPPED
    rank: int | None = None
    """The only rank of the input for which they are equal, if it matters."""
    when: Callable[[Facts], Filled | None] | None = None
    """Further names for `layer`; None where the two are not equal."""
    floats_only: bool = False
    """Whether they differ for integers, which few inputs are: it holds unless the model states integers."""
    keeps_integers: bool = False
    """Whether the function keeps integers where the layer makes floats of them: floats must be certain."""
    condition: str = ""
    """What else must hold, in words, where the code does not tell."""
    since: tuple[int, int] = (2, 0)
    """The first Keras 2, and the first TensorFlow, that has the layer with these arguments (read off keras 2.6.0 to 2.13.1)."""

    @property
    def inputs(self) -> int:
        """How many inputs the function takes: 0 for one tensor, 1 for a list of any length."""
        return max((n for n in (1, 2, 3) if f"x[{n - 1}]" in self.body), default=int(self.body.startswith(_LISTS)))

    def accepts_constants(self, facts: Facts) -> bool:
        """Return whether the constants are numbers, where the row calculates with them."""
        return not (self.keeps_integers or self.layer.startswith("Rescaling")) or layouts.are_numbers(facts)

    @property
    def is_identity(self) -> bool:
        """Whether the function returns its input."""
        return self.body in ("x", "identity(x)")


_LISTS = ("add_n(x)", "concat(x,")
_PASSED = (Masks.PASSED, Masks.PASSED)
_SAME_RANK = "for inputs of one rank"
_ACTIVATIONS_SINCE = {"swish": (2, 4), "gelu": (2, 4), "mish": (2, 13)}


def _rescaling(body: str, layer: str, equal: Equal = Equal.EXACT) -> Idiom:
    keeps_integers = "/" not in body
    return Idiom(
        body, layer, equal, keras_3=Masks.PASSED, floats_only=True, keeps_integers=keeps_integers, since=(2, 6)
    )


def _activation(body: str, name: str, when: Callable[[Facts], Filled | None] | None = None) -> Idiom:
    since = _ACTIVATIONS_SINCE.get(name, (2, 0))
    return Idiom(body, f'Activation("{name}")', Equal.EXACT, *_PASSED, when=when, floats_only=True, since=since)


def _merge(body: str, layer: str) -> Idiom:
    return Idiom(body, layer, Equal.EXACT, *_PASSED, condition=_SAME_RANK)


IDIOMS: tuple[Idiom, ...] = (
    Idiom("x", "Identity()", keras_3=Masks.PASSED),
    Idiom("identity(x)", "Identity()", keras_3=Masks.PASSED),
    # affine
    _rescaling("x / a", "Rescaling(1 / a)", Equal.WITHIN_1_ULP),
    _rescaling("x * a", "Rescaling(a)"),
    _rescaling("x * a + b", "Rescaling(a, offset=b)"),
    _rescaling("x * a - b", "Rescaling(a, offset=-b)"),
    _rescaling("x / a + b", "Rescaling(1 / a, offset=b)", Equal.ROUNDING),
    _rescaling("x / a - b", "Rescaling(1 / a, offset=-b)", Equal.ROUNDING),
    _rescaling("(x - a) / a", "Rescaling(1 / a, offset=-1)", Equal.ROUNDING),
    _rescaling("(x - a) / b", "Rescaling(1 / b, offset=-a / b)", Equal.ROUNDING),
    _rescaling("x + a", "Rescaling(1, offset=a)"),
    _rescaling("x - a", "Rescaling(1, offset=-a)"),
    _rescaling("a - x", "Rescaling(-1, offset=a)"),
    _rescaling("-x", "Rescaling(-1)"),
    # normalisation
    Idiom(
        "l2_normalize(x, a, 1e-12)",
        "UnitNormalization(axis=a)",
        keras_2=Masks.PASSED,
        keras_3=None,
        when=layouts.feature_axis,
        since=(2, 9),
    ),
    Idiom(
        "l2_normalize(x, a)",
        "UnitNormalization(axis=a)",
        keras_2=Masks.PASSED,
        keras_3=None,
        when=layouts.feature_axis,
        since=(2, 9),
    ),
    # activations
    _activation("softmax(x, -1)", "softmax"),
    Idiom("softmax(x, a)", "Softmax(axis=a)", Equal.EXACT, Masks.REFUSED, Masks.REFUSED, when=layouts.feature_axis),
    Idiom("relu(x)", "ReLU()", Equal.EXACT, *_PASSED, floats_only=True),
    Idiom("relu(x, 0.0, None, 0.0)", "ReLU()", Equal.EXACT, *_PASSED, floats_only=True),
    Idiom("relu(x, 0.0, a, 0.0)", "ReLU(a)", Equal.EXACT, *_PASSED, floats_only=True),
    Idiom("relu6(x)", "ReLU(6)", Equal.EXACT, *_PASSED, floats_only=True),
    Idiom("clip(x, 0, a)", "ReLU(a)", Equal.NOT_GRADIENTS, *_PASSED, when=layouts.positive, floats_only=True),
    Idiom("maximum(x, 0)", "ReLU()", Equal.NOT_GRADIENTS, *_PASSED, floats_only=True),
    Idiom("leaky_relu(x, a)", "LeakyReLU(a)", Equal.EXACT, *_PASSED, when=layouts.positive, floats_only=True),
    Idiom("elu(x)", "ELU()", Equal.EXACT, *_PASSED, floats_only=True),
    Idiom("elu(x, a)", "ELU(a)", Equal.EXACT, *_PASSED, when=layouts.positive, floats_only=True),
    _activation("selu(x)", "selu"),
    _activation("tanh(x)", "tanh"),
    _activation("sigmoid(x)", "sigmoid"),
    _activation("swish(x)", "swish"),
    _activation("swish(x, 1.0)", "swish"),
    _activation("x * sigmoid(x)", "swish"),
    _activation("gelu(x, False)", "gelu"),
    _activation("exp(x)", "exponential"),
    _activation("softplus(x)", "softplus"),
    _activation("softsign(x)", "softsign"),
    _activation("x * tanh(softplus(x))", "mish"),
    Idiom("hard_sigmoid(x)", 'Activation("hard_sigmoid")', keras_2=Masks.PASSED, keras_3=None, floats_only=True),
    # shape
    Idiom("expand_dims(x, a)", "Reshape(shape)", when=layouts.expanded),
    Idiom("squeeze(x, a)", "Reshape(shape)", when=layouts.squeezed),
    Idiom("reshape(x, a)", "Reshape(shape)", when=layouts.reshaped),
    Idiom("batch_flatten(x)", "Flatten()"),
    Idiom("transpose(x, a)", "Permute(axes)", when=layouts.permuted),
    Idiom("transpose(x, a, False)", "Permute(axes)", when=layouts.permuted),
    Idiom("repeat(x, a)", "RepeatVector(a)", when=layouts.whole),
    Idiom("tile(expand_dims(x, 1), a)", "RepeatVector(n)", when=layouts.repeated),
    # cutting and padding
    Idiom("cut(x, a)", "Cropping1D(steps)", rank=3, when=layouts.cropped_steps),
    Idiom("cut(x, a)", "Cropping2D(borders)", rank=4, when=layouts.cropped_images),
    Idiom("pad(x, a, 'CONSTANT', 0)", "ZeroPadding1D(steps)", when=layouts.padded_steps),
    Idiom("pad(x, a, 'CONSTANT', 0)", "ZeroPadding2D(borders)", when=layouts.padded_images),
    Idiom("pad_steps(x, a)", "ZeroPadding1D(a)"),
    Idiom("pad_images(x, a, None)", "ZeroPadding2D(a)"),
    Idiom("pad_images(x, a, b)", "ZeroPadding2D(a, data_format=b)"),
    # images
    Idiom(
        "resize(x, (a, b), m, False, False)", "Resizing(a, b)", when=layouts.bilinear, floats_only=True, since=(2, 6)
    ),
    Idiom(
        "resize(x, (a, b), m, False, False)",
        "Resizing(a, b, interpolation=m)",
        when=layouts.other_interpolation,
        floats_only=True,
        since=(2, 6),
    ),
    Idiom("resize_images(x, a, b, 'channels_last', 'nearest')", "UpSampling2D((a, b))", when=layouts.whole),
    # pooling
    Idiom(
        "mean(x, 1, False)", "GlobalAveragePooling1D()", Equal.EXACT, Masks.USED, Masks.USED, rank=3, floats_only=True
    ),
    Idiom("mean(x, a, False)", "GlobalAveragePooling2D()", rank=4, when=layouts.image_axes, floats_only=True),
    Idiom(
        "mean(x, a, True)",
        "GlobalAveragePooling2D(keepdims=True)",
        rank=4,
        when=layouts.image_axes,
        floats_only=True,
        since=(2, 6),
    ),
    Idiom("max(x, 1, False)", "GlobalMaxPooling1D()", rank=3),
    Idiom("max(x, a, False)", "GlobalMaxPooling2D()", rank=4, when=layouts.image_axes),
    Idiom("max(x, a, True)", "GlobalMaxPooling2D(keepdims=True)", rank=4, when=layouts.image_axes, since=(2, 6)),
    # several inputs
    _merge("x[0] + x[1]", "Add()"),
    _merge("x[0] + x[1] + x[2]", "Add()"),
    Idiom("add_n(x)", "Add()", Equal.EXACT, *_PASSED),
    _merge("x[0] - x[1]", "Subtract()"),
    _merge("x[0] * x[1]", "Multiply()"),
    _merge("x[0] * x[1] * x[2]", "Multiply()"),
    Idiom("(x[0] + x[1]) / 2", "Average()", Equal.EXACT, *_PASSED, condition=_SAME_RANK, floats_only=True),
    _merge("maximum(x[0], x[1])", "Maximum()"),
    _merge("minimum(x[0], x[1])", "Minimum()"),
    Idiom("concat(x, a)", "Concatenate(axis=a)", Equal.EXACT, *_PASSED, when=layouts.feature_axis),
    Idiom("concat([x[0], x[1]], a)", "Concatenate(axis=a)", Equal.EXACT, *_PASSED, when=layouts.feature_axis),
    Idiom("concat([x[0], x[1], x[2]], a)", "Concatenate(axis=a)", Equal.EXACT, *_PASSED, when=layouts.feature_axis),
    Idiom("batch_dot(x[0], x[1], a)", "Dot(axes=a)", when=layouts.dot_axes),
)
"""The rows; the first that matches counts."""

IDENTITY_ON_KERAS_3, IDENTITY_ON_BOTH = "Identity()", 'Activation("linear")'
"""Layers that return their input; every Keras has the second."""
