"""Captured arrays: small ones go into the config as a list, all others become weights that do not train."""

from __future__ import annotations

import ast
from math import ceil, prod
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.rewrite.lambdas.layer_class import Setting, Weight
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.source.names import imported
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture

MOST_ELEMENTS = 1000
"""How many numbers a config may hold (DESIGN section 5)."""
_SHAPED = frozenset({"empty", "full", "ones", "zeros"})
_ARITHMETIC = (ast.BinOp, ast.Compare, ast.UnaryOp)


class _Made(NamedTuple):
    """What a call of NumPy tells of the array that it makes."""

    length: int
    dtype: str
    """As source text; empty where the call states none."""


def add_array(making: Making, capture: Capture) -> str:
    """Give the layer a captured array, and return the attribute that holds it; raise `NoFix` where it cannot hold it."""
    name = making.new_name(capture.text)
    made = _made(making.sites, capture.value.node)
    if made is None or made.length > MOST_ELEMENTS:
        _add_weight(making, capture, name, "" if made is None else made.dtype)
        return name
    array = f"{_numpy(making)}.asarray({name}{f', dtype={made.dtype}' if made.dtype else ''})"
    making.body.settings.append(Setting(name, capture.text, made=array, stored=f"self.{name}.tolist()"))
    return name


def _add_weight(making: Making, capture: Capture, name: str, dtype: str) -> None:
    """Make a weight of an array; the config keeps its shape alone, and a file of weights its numbers."""
    parents = making.sites.index.parents
    computed = all(isinstance(parents[node], _ARITHMETIC) for node in capture.nodes)
    if "float" not in dtype and (dtype or not computed):
        raise NoFix(
            f"`{capture.text}` is an array that may hold no floats: make it a weight of a Layer, with its dtype"
        )
    shape = making.new_name(f"{name}_shape")
    initial = f"{making.spelling.name('initializers.Constant')}(0.0 if {name} is None else {name})"
    making.body.settings += [
        Setting(name, capture.text, by_keyword=True, default="None", stored=""),
        Setting(shape, "", default="None", made=f"tuple({name}.shape if {shape} is None else {shape})"),
    ]
    making.body.weights.append(Weight(name, (f"shape=self.{shape}", f"initializer={initial}", "trainable=False")))
    making.body.unsafe.insert(0, f"`{capture.text}` becomes a weight that does not train, and checkpoints gain it")


def _made(sites: FileSites, node: ast.expr | None) -> _Made | None:
    """Return how many numbers an array has, and of what dtype; None where its expression does not tell."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        last, first = node.func.attr, node.args[0]
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        dtype = keywords.pop("dtype", None)
        if keywords or len(node.args) > (2 if last in ("full", "linspace") else 1):
            return None
        length = _length(sites, last, first)
        if length is not None and (dtype is None or _is_plain_dtype(sites, dtype)):
            return _Made(length, "" if dtype is None else sites.text(sites.source.span(dtype)))
    return None


def _length(sites: FileSites, maker: str, first: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(sites.values.of(first).node or first)
    except ValueError:
        return None
    if maker in ("array", "asarray"):
        return _count(value)
    if maker in _SHAPED:
        return prod(value) if isinstance(value, (tuple, list)) else value if isinstance(value, int) else None
    if not isinstance(value, (int, float)):
        return None
    return int(value * value) if maker in ("eye", "identity") else ceil(value) if maker == "arange" else None


def _count(value: object) -> int | None:
    """Return the number of numbers in nested lists; None where there is anything else in them."""
    if isinstance(value, (list, tuple)):
        counts = [_count(element) for element in value]
        return None if None in counts else sum(count for count in counts if count is not None)
    return 1 if isinstance(value, (bool, int, float)) else None


def _is_plain_dtype(sites: FileSites, node: ast.expr) -> bool:
    """Return whether an expression names a dtype in the same way wherever the class of the layer stands."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    names = sites.names.of(node)
    return bool(names) and all(name.startswith(("builtins.", "numpy.")) for name in names)


def _numpy(making: Making) -> str:
    """Return the file's name for NumPy at the place of the class; raise `NoFix` where it has none there."""
    for name, [binding, *others] in making.sites.index.module.bindings.items():
        alone = binding.kind is BindingKind.IMPORT and not others and not binding.path
        if alone and imported(making.sites.index, binding) == "numpy" and making.spelling.is_above(binding):
            return name
    raise NoFix("numpy is not imported at the top of the module, and the layer has to make an array of a list")
