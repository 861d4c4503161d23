"""What a class of the project derives from: its own bases in the order in which Python asks them, and what of Keras stands behind them."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import layer_config as facts
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.layers import LAYER_CLASSES
from keras_lambda_lint.sites.classes.layer_class import Root

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites

Method = ast.FunctionDef | ast.AsyncFunctionDef

_MAX_STEPS = 8
_OTHERS = api.FOREIGN - {"builtins"}
_BUILTINS = frozenset(f"builtins.{name}" for name in dir(builtins))
_WITHOUT_MEANING = frozenset({"builtins.object", "abc.ABC", "typing.Generic"})


class OwnClass(NamedTuple):
    """A class of the project, and the file that it stands in."""

    file: FileSites
    node: ast.ClassDef

    def method(self, name: str) -> Method | None:
        """Return the method that the class itself defines last under a name."""
        found = [s for s in self.node.body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)) and s.name == name]
        return found[-1] if found else None

    def binds(self, name: str) -> bool:
        """Return whether the body of the class binds a name in any way."""
        return name in self.file.index.scopes[self.node].bindings


class Lineage(NamedTuple):
    """A class, its own bases, and what they all derive from."""

    own: tuple[OwnClass, ...]
    root: Root
    complete: bool
    """Whether every base is known."""
    is_module: bool
    """Whether `tf.Module` is among the bases: it tracks variables by itself."""

    def binder(self, name: str) -> OwnClass | None:
        """Return the first own class that binds a name in its body."""
        return next((each for each in self.own if each.binds(name)), None)


def lineage(file: FileSites, node: ast.ClassDef) -> Lineage | None:
    """Return what a class derives from; None where that is certainly or possibly nothing of Keras."""
    own: list[OwnClass] = []
    roots: list[Root] = []
    complete, module = _collect(OwnClass(file, node), own, roots, _MAX_STEPS)
    if not roots:
        return None
    root = next((kind for kind in (Root.MODEL, Root.BUILTIN) if kind in roots), Root.LAYER)
    return Lineage(tuple(own), root, complete, module)


def _collect(each: OwnClass, own: list[OwnClass], roots: list[Root], steps: int) -> tuple[bool, bool]:
    """Gather the own classes and Keras' classes above a class; return whether all bases are known, and whether one is `tf.Module`."""
    own.append(each)
    complete, module = steps > 0, False
    for base in each.node.bases if steps else ():
        names = each.file.names.of(base)
        found = {_root(name) for name in names}
        if names and None not in found and len(found) == 1:
            roots += [root for root in found if root is not None]
            complete = complete and all(name.rpartition(".")[2] in LAYER_CLASSES for name in names)
            continue
        above = own_class(each.file, base)
        if above is not None and all(above.node is not known.node for known in own):
            its_complete, its_module = _collect(above, own, roots, steps - 1)
            complete, module = complete and its_complete, module or its_module
        elif names == {"tensorflow.Module"}:
            module = True
        elif not names or not names <= _WITHOUT_MEANING:
            complete = False
    return complete, module


def own_class(file: FileSites, node: ast.expr) -> OwnClass | None:
    """Return the class of the project that an expression names; None where it names none, or one of several."""
    found = file.definition(node)
    return OwnClass(found.file, found.node) if found is not None and isinstance(found.node, ast.ClassDef) else None


def is_plain(file: FileSites, node: ast.ClassDef, steps: int = _MAX_STEPS) -> bool:
    """Return whether all bases of a class are known, and none is a class of Keras."""
    return steps > 0 and all(_is_plain_base(file, base, steps) for base in node.bases)


def _is_plain_base(file: FileSites, base: ast.expr, steps: int) -> bool:
    above = file.definition(base)
    if above is not None:
        return isinstance(above.node, ast.ClassDef) and is_plain(above.file, above.node, steps - 1)
    names = file.names.of(base)
    return bool(names) and all(name.partition(".")[0] in _OTHERS or name in _BUILTINS for name in names)


def _root(name: str) -> Root | None:
    if api.is_one_of(name, api.MODELS):
        return Root.MODEL
    if api.is_one_of(name, api.LAYER_BASES):
        return Root.LAYER
    if not api.is_layer_class(name):
        return None
    return Root.LAYER if name.rpartition(".")[2] in facts.AUTOMATIC_LAYERS else Root.BUILTIN
