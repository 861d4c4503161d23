"""Arguments for functions that need some, made up from the names of their parameters: said wherever it is done."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from keras_lambda_lint.verify.child.framework import Framework

Shapes = tuple[tuple[int, ...], ...]
"""Shapes of inputs without the batch dimension."""
SHAPES: tuple[Shapes, ...] = (
    ((64, 64, 3),),
    ((12, 8),),
    ((16,),),
    ((16,), (16,)),
    ((16,), (1,)),
    ((12, 8), (12, 8)),
    ((224, 224, 3),),
    ((12,),),
    ((16, 16, 16, 1),),
)
"""What inputs are tried: one image, a sequence, a vector, two vectors ..."""


@dataclass(frozen=True)
class Given:
    """What a layer alone is called with."""

    shapes: Shapes
    whole: tuple[int, ...] = ()
    """Which of the inputs are whole numbers, by index."""

    def inputs(self, framework: Framework) -> Any:
        """Return symbolic inputs: one, or a list."""
        made = [
            framework.keras.Input(shape, dtype="int32" if index in self.whole else None)
            for index, shape in enumerate(self.shapes)
        ]
        return made[0] if len(made) == 1 else made

    def call(self, framework: Framework, layer: Any, made: Any) -> None:
        """Call a layer on symbolic inputs, and on ones: what is no shape for it may show in numbers only."""
        layer(made)
        ones = [
            framework.tensor(np.ones((1, *shape), "int32" if index in self.whole else "float32"))
            for index, shape in enumerate(self.shapes)
        ]
        for output in framework.flatten(layer(ones[0] if len(ones) == 1 else ones)):
            if 0 in tuple(getattr(output, "shape", ())):
                raise ValueError("it returns nothing of this input")

    def __str__(self) -> str:
        """Return the inputs as they are told to people."""
        texts = [f"{shape}{' int32' * (index in self.whole)}" for index, shape in enumerate(self.shapes)]
        return f"Input({', '.join(texts)})"


ALONE: tuple[Given, ...] = (
    *map(Given, SHAPES),
    Given(((16, 16, 3), (16, 16, 3))),
    Given(((16,), (16,), (16,))),
    Given(((12, 8), (12,))),
    Given(((12,), (12, 8))),
    Given(((6, 1, 1, 8),)),
    Given(((16, 16, 16, 1), (16, 16, 16, 1))),
    Given(((16, 16, 16, 3),)),
    Given(((12, 8), (12, 8), (12, 8))),
    Given(((12, 4),)),
    Given(((12, 4), (12, 4))),
    Given(((12, 1), (12, 2))),
    Given(((16,),) * 4),
    Given(((16,),) * 5),
    Given(((12,),), whole=(0,)),
    Given(((1,),), whole=(0,)),
    Given(((12, 8), (12,)), whole=(1,)),
    Given(((12, 8), (12, 1)), whole=(1,)),
    Given(((12, 8), (12, 8)), whole=(1,)),
    Given(((16,), (1,)), whole=(1,)),
    Given(((12,), (12, 8)), whole=(0,)),
)
"""What a layer alone is tried on: that takes little time."""

_SHAPE = re.compile(
    r"(.*_)?(in|inp|input|image|img|data|feature|batch|vol|volume|in_?vol|input_?image)?_?(shape|shp|dims)s?"
)
_TENSOR = re.compile(
    r"(x|y|z|t|inp|inputs?|tensors?|net|layer_in|layer_input|prev|features?|feats?|h|seq|sequence|embeddings?)"
    r"|.*(_tensor|_inputs?|_layer|_features?|_feature_maps?|_img|_image)|(input|img|image|feature)_.*|img|images?|tensor\d|x\d|input\d"
)
_MODEL = re.compile(r"(.*_)?(model|network|backbone)")
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
        (r"(image_)?data_format|image_ordering", "channels_last"),
        (r"interp\w*", "nearest"),
        (r"(\w+_)?dtype", "float32"),
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
            r"\w+_(count|num)|(n|nb|num|no)_\w+|\w*(filters?|units|dims?|size|depth|hidden\w*|nodes|neurons|layers|blocks|heads|kernels|out_channels|n_out)|\w+_features",
            8,
        ),
    )
)
UNKNOWN = object()
"""Stands for the value of a name that says nothing."""
_ANNOTATED = {int: 4, float: 0.5, bool: False, str: "made_up", "int": 4, "float": 0.5, "bool": False, "str": "made_up"}


def choices(tree: ast.Module, name: str, value: Any) -> list[dict[str, Any]]:
    """Return arguments to choose, besides those that are needed: none first, then what may make other parts of the code run.

    These are values in place of None, the other value of each switch, and what the code compares a parameter with: each of
    these last also with all switches turned, as what it chooses may lie behind one.
    """
    definition = _definition(tree, name)
    if definition is None:
        return [{}]
    parameters = inspect.signature(value).parameters
    unset = {each.name: _of_name(each.name) for each in parameters.values() if each.default is None}
    unset = {key: each for key, each in unset.items() if isinstance(each, int) and each is not False}
    others = [{each.name: not each.default} for each in parameters.values() if isinstance(each.default, bool)]
    switches = {key: value for each in others for key, value in each.items()}
    for key, literals in _compared(definition, parameters).items():
        compared = [{key: each} for each in literals if each != parameters[key].default]
        others += [*compared, *({**switches, **each} for each in compared if switches)]
    for name in _tested(definition):
        if name in parameters and parameters[name].default is inspect.Parameter.empty and _of_name(name) is UNKNOWN:
            others += [{name: True}, {name: False}]
    found = [{}, unset, *({**unset, **each} for each in others)]
    return [each for index, each in enumerate(found) if each not in found[:index]]


def lists(tree: ast.Module, name: str) -> dict[str, int]:
    """Return the parameters of a definition that its code takes single items of, and how many items that needs."""
    definition = _definition(tree, name)
    return items(definition) if definition else {}


def items(code: ast.AST) -> dict[str, int]:
    """Return the names that code takes single items of, and how many items that needs."""
    needed: dict[str, int] = {}
    for node in ast.walk(code):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            try:
                index = ast.literal_eval(node.slice)
            except (ValueError, TypeError):
                continue
            if type(index) is int:
                needed[node.value.id] = max(needed.get(node.value.id, 0), index + 1 if index >= 0 else -index)
    return needed


def _definition(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """Return the function of a name, or `__init__` of the class of that name."""
    definition: Any = next((each for each in tree.body if getattr(each, "name", None) == name), None)
    if isinstance(definition, ast.ClassDef):
        methods = [each for each in definition.body if isinstance(each, ast.FunctionDef)]
        definition = next((each for each in methods if each.name == "__init__"), None)
    return definition if isinstance(definition, ast.FunctionDef) else None


def switches(function: Callable[..., Any]) -> Iterator[dict[str, bool]]:
    """Yield the other value of each switch that a function has, but for `training`, which is tried anyway."""
    for each in inspect.signature(function).parameters.values():
        if isinstance(each.default, bool) and each.name != "training":
            yield {each.name: not each.default}


def _tested(definition: ast.FunctionDef) -> Iterator[str]:
    """Yield the names that decide, as they are, what a function runs."""
    for node in ast.walk(definition):
        if isinstance(node, ast.If | ast.IfExp):
            parts = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
            bare = (each.operand if isinstance(each, ast.UnaryOp) else each for each in parts)
            yield from dict.fromkeys(each.id for each in bare if isinstance(each, ast.Name))


def _compared(definition: ast.FunctionDef, parameters: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the constants that a function compares its parameters with."""
    compared: dict[str, list[Any]] = {}
    for node in ast.walk(definition):
        if not isinstance(node, ast.Compare):
            continue
        # What a class compares is an attribute of the parameter's name.
        left = node.left.id if isinstance(node.left, ast.Name) else str(getattr(node.left, "attr", ""))
        if left in parameters:
            literals = [each for side in node.comparators for each in ast.walk(side) if isinstance(each, ast.Constant)]
            compared.setdefault(left, []).extend(
                each.value for each in literals if isinstance(each.value, str | int) and each.value != ""
            )
    return compared


def arguments(
    function: Callable[..., Any],
    framework: Framework,
    shapes: Shapes,
    chosen: dict[str, Any],
    lengths: Mapping[str, int],
) -> tuple[dict[str, Any], str, bool]:
    """Return `chosen` and values for the parameters that need one, all in words, and whether none is left out.

    Left out is one whose name says nothing. Of those in `lengths` a list of so many items is made.
    """
    values: dict[str, Any] = {}
    given: list[str] = []
    is_whole = True
    for parameter in _parameters(function):
        is_open = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if parameter.name not in chosen and (is_open or parameter.default is not parameter.empty):
            continue
        if parameter.name in chosen:
            value, text = chosen[parameter.name], repr(chosen[parameter.name])
        else:
            value, text = _value(parameter, framework, shapes)
        if value is UNKNOWN or parameter.kind is parameter.POSITIONAL_ONLY:
            is_whole = False
            continue
        if parameter.name in lengths and isinstance(value, int | float) and not isinstance(value, bool):
            value = [value] * lengths[parameter.name]
            text = repr(value)
        values[parameter.name] = value
        given.append(f"{parameter.name}={text}")
    return values, ", ".join(given), is_whole


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a function or class; with those that the classes below need, where it takes any option."""
    found = {each.name: each for each in inspect.signature(function).parameters.values()}
    if isinstance(function, type):
        for base in function.__mro__[1:]:
            if not any(each.kind is each.VAR_KEYWORD for each in found.values()) or "__init__" not in vars(base):
                continue
            for each in list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]:
                is_needed = each.default is each.empty and each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
                if is_needed and each.name not in found:
                    found[each.name] = each
    return list(found.values())


def _model(framework: Framework, shapes: Shapes) -> Any:
    """Return a small model of one output that takes inputs of some shapes."""
    layers = framework.keras.layers
    made = [framework.keras.Input(shape) for shape in shapes]
    flat = [layers.Flatten()(each) for each in made]
    hidden = layers.Dense(8)(flat[0] if len(flat) == 1 else layers.Concatenate()(flat))
    return framework.Model(made, layers.Dense(4)(hidden))


def of_name(name: str, framework: Framework, shapes: Shapes) -> tuple[Any, str]:
    """Return what a parameter of that name may be given, and in words; `UNKNOWN` where the name says nothing."""
    return _value(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD), framework, shapes)


def _value(parameter: inspect.Parameter, framework: Framework, shapes: Shapes) -> tuple[Any, str]:
    name = parameter.name.lower()
    if parameter.annotation in (int, float, bool, str, "int", "float", "bool", "str"):
        matching = [value for pattern, value in _VALUES if pattern.fullmatch(name)]
        default = _ANNOTATED[parameter.annotation]
        value = next((each for each in matching if type(each) is type(default)), default)
        return value, repr(value)
    if _SHAPE.fullmatch(name):
        return shapes[0], repr(shapes[0])
    value = _of_name(name)
    if value is not UNKNOWN:
        return value, repr(value)
    if _MODEL.fullmatch(name):
        return _model(framework, shapes), f"Model({Given(shapes)})"
    if _TENSOR.fullmatch(name):
        return Given(shapes).inputs(framework), str(Given(shapes))
    return UNKNOWN, ""


def _of_name(name: str) -> Any:
    """Return what a parameter of that name may be given; `UNKNOWN` where the name says nothing."""
    return next((value for pattern, value in _VALUES if pattern.fullmatch(name.lower())), UNKNOWN)
