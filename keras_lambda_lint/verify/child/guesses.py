"""Arguments for functions that need some, made up from the names of their parameters: said wherever it is done."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.framework import Framework

Shapes = tuple[tuple[int, ...], ...]
"""Shapes of inputs without the batch dimension."""
SHAPES: tuple[Shapes, ...] = (
    ((64, 64, 3),),
    ((12, 8),),
    ((16,),),
    ((16,), (16,)),
    ((12, 8), (12, 8)),
    ((224, 224, 3),),
    ((12,),),
    ((16, 16, 16, 1),),
)
"""What inputs are tried: one image, a sequence, a vector, two vectors ..."""

_SHAPE = re.compile(
    r"(.*_)?(in|inp|input|image|img|data|feature|batch|vol|volume|in_?vol|input_?image)?_?(shape|shp|dims)s?"
)
_TENSOR = re.compile(
    r"(x|y|z|t|inp|inputs?|tensors?|net|layer_in|layer_input|prev|features?|feats?|h|seq|sequence|embeddings?)"
    r"|.*(_tensor|_inputs?|_layer|_features?|_feature_maps?|_img|_image)|(input|img|image|feature)_.*|img|images?|tensor\d|x\d|input\d"
)
_VALUES: tuple[tuple[re.Pattern[str], Any], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"name|scope|prefix|suffix|\w+_name|block_name|stage_name", "made_up"),
        (r"(weights?|path|file|filename|weights_path|\w+_path|\w+_file|\w+_dir)", None),
        (r"(use|is|has|with|include|enable|do|apply)_\w+|training|trainable|verbose|debug|bias|use_bias", False),
        (
            r"(lr|learning_rate|dropout\w*|drop\w*|rate|p|keep_prob|l2|l1|reg\w*|weight_decay|momentum|eps|epsilon|decay)",
            0.1,
        ),
        (r"alpha|beta|gamma|scale|temperature|margin|sigma|stddev|std|factor|threshold", 0.5),
        (r"kernel(_size)?|ksize|filter_size|pool_size|k", 3),
        (r"strides?|dilation\w*|rate|groups?|levels?|start|idx|index|axis|step", 1),
        (r"pad(ding)?|border_mode", "same"),
        (r"act(ivation)?\w*", "relu"),
        (
            r"(n|nb|num|no)_?(cls|classes?|labels?|categories|outputs?|out|action_?s?|actions)|classes|nclass\w*|output_(size|dim)|out_dim|action_(size|dim)",
            4,
        ),
        (
            r"(vocab\w*|max_(features|words|index)|n(b|um)?_?words|\w*vocab(ulary)?_size|input_dim|max_features|n_?tokens)",
            50,
        ),
        (
            r"(max_?len\w*|seq\w*_?len\w*|maxlen|\w*_length|length|time_?steps?|n_?steps?|window(_size)?|input_length)",
            12,
        ),
        (r"batch(_size)?", 2),
        (r"height|width|rows|cols|img_(rows|cols|height|width|size)|image_size|input_(size|height|width)|size|h|w", 64),
        (r"channels?|img_channels|n_?channels|in_channels", 3),
        (
            r"(n|nb|num|no)_\w+|\w*(filters?|units|dims?|size|depth|hidden\w*|nodes|neurons|layers|blocks|heads|features|kernels|out_channels|n_out)",
            8,
        ),
    )
)
_ANNOTATED = {int: 4, float: 0.5, bool: False, str: "made_up", "int": 4, "float": 0.5, "bool": False, "str": "made_up"}


class CannotGuessError(Exception):
    """A parameter's name says nothing about what it takes."""


def arguments(function: Callable[..., Any], framework: Framework, shapes: Shapes) -> tuple[dict[str, Any], str]:
    """Return values for the parameters that need one, and them in words; raise `CannotGuessError` where one is unknown."""
    values: dict[str, Any] = {}
    given: list[str] = []
    for parameter in list(inspect.signature(function).parameters.values()):
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise CannotGuessError(parameter.name)
        value, text = _value(parameter, framework, shapes)
        values[parameter.name] = value
        given.append(f"{parameter.name}={text}")
    return values, ", ".join(given)


def inputs(framework: Framework, shapes: Shapes) -> Any:
    """Return symbolic inputs of some shapes: one, or a list."""
    made = [framework.keras.Input(shape) for shape in shapes]
    return made[0] if len(made) == 1 else made


def _value(parameter: inspect.Parameter, framework: Framework, shapes: Shapes) -> tuple[Any, str]:
    name = parameter.name.lower()
    if parameter.annotation in (int, float, bool, str, "int", "float", "bool", "str"):
        matching = [value for pattern, value in _VALUES if pattern.fullmatch(name)]
        default = _ANNOTATED[parameter.annotation]
        value = next((each for each in matching if type(each) is type(default)), default)
        return value, repr(value)
    if _SHAPE.fullmatch(name):
        return shapes[0], repr(shapes[0])
    for pattern, value in _VALUES:
        if pattern.fullmatch(name):
            return value, repr(value)
    if _TENSOR.fullmatch(name):
        return inputs(framework, shapes), f"Input({', '.join(map(str, shapes))})"
    raise CannotGuessError(parameter.name)
