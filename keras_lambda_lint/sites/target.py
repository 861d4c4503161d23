"""Which Keras a file runs on, as far as its imports and switches tell, or else the version pins of its project."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.sites.pins import BOTH, Decision, pinned
from keras_lambda_lint.source.names import imported
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.model import Target
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.text import Source

_BY_OPTION: dict[str, Target] = {"2": frozenset({2}), "3": frozenset({3})}

ONLY_KERAS_2 = (
    "tf_keras",
    "tensorflow.contrib",
    "tensorflow.python.keras",
    "keras.engine",
    "keras.legacy",
    "keras.layers.core",
    "keras.layers.merge",
    "keras.layers.recurrent",
    "keras.layers.convolutional",
    "keras.layers.normalization",
    "keras.layers.advanced_activations",
    "keras.layers.embeddings",
    "keras.layers.wrappers",
    "keras.layers.pooling",
    "keras.utils.np_utils",
    "keras.utils.visualize_util",
    "keras.preprocessing.image.ImageDataGenerator",
)
"""Imports that exist in Keras 1 and 2 only (measured against keras 3.15.1)."""

ONLY_KERAS_3 = ("keras.ops", "keras.saving", "keras.random", "keras.src")
"""Imports that tell Keras 3 (DESIGN section 4)."""

_LEGACY_SWITCH = re.compile(r"""["']TF_USE_LEGACY_KERAS["']\s*(?:\]\s*=|,)\s*["'](?:1|[Tt]rue)["']""")


def decide(source: Source, index: Index, option: str) -> Decision:
    """Return the Keras versions that a file may run on: what the option says, else what the file tells, else what its project pins."""
    if option in _BY_OPTION:
        return of_project(source.filename, option)
    names = _imported_names(index)
    told: dict[int, str] = {}
    switch = _LEGACY_SWITCH.search(source.text)
    if switch:
        told[2] = f"line {source.location(switch.start()).row} sets TF_USE_LEGACY_KERAS"
    for version, roots in ((2, ONLY_KERAS_2), (3, ONLY_KERAS_3)):
        name = _first_below(names, roots)
        if name is not None:
            told.setdefault(version, f"it imports {name}")
    if told:
        reason = " and ".join(told[version] for version in sorted(told))
        return Decision(frozenset(told), f"{reason}, which contradict each other" if len(told) > 1 else reason)
    return of_project(source.filename, option)


def of_project(filename: str, option: str) -> Decision:
    """Return the Keras versions of a file that itself tells nothing: what the option says, else what its project pins."""
    if option in _BY_OPTION:
        return Decision(_BY_OPTION[option], f"the option `keras` is {option}")
    return pinned(filename) or Decision(BOTH, "no import and no version pin decides")


def demanded(source: Source, option: str) -> Target:
    """Return the Keras versions that a file has to run on, whatever it imports: what the option, its switch or its project says."""
    if option in _BY_OPTION:
        return _BY_OPTION[option]
    if _LEGACY_SWITCH.search(source.text):
        return _BY_OPTION["2"]
    decision = pinned(source.filename)
    return BOTH if decision is None else decision.versions


def _first_below(names: set[str], roots: tuple[str, ...]) -> str | None:
    return min((name for name in names for root in roots if name == root or name.startswith(root + ".")), default=None)


def _imported_names(index: Index) -> set[str]:
    """Return what a file imports, and what it reads directly below a plain `keras`."""
    names = {"." * star.level + (star.module or "") for star in index.stars}
    aliases = set()
    for node, binding in index.bound_at.items():
        # What stands in one arm of an `if` or `try` says what the file may run on, not what it does.
        imports = binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT) and not binding.path
        if imports and isinstance(node, ast.alias):
            names.add(node.name if binding.kind is BindingKind.IMPORT else imported(index, binding))
            if binding.kind is BindingKind.IMPORT and node.name.partition(".")[0] == "keras":
                aliases.add((binding.name, node.name if node.asname else "keras"))
    for alias, qualified in aliases:
        names.update(f"{qualified}.{attribute}" for attribute in index.attributes.get(alias, ()))
    return names
