"""What happens when a saved model with bytecode is loaded, and why.

Measured on tf_keras 2.21.0 and keras 3.15.1 with every container, and by passing the code of lambdas from each of CPython 2.7 and 3.3 to
3.14 to each other; the rest is read in `layers/core/lambda_layer.py` and `legacy/saving/saving_utils.py` of both.
"""

from __future__ import annotations

import builtins
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.formats import Form
from keras_lambda_lint.artifacts.functions import ROLES
from keras_lambda_lint.keras_api import loaded_globals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.artifacts.bytecode import Recovery
    from keras_lambda_lint.artifacts.formats import ModelFile
    from keras_lambda_lint.artifacts.functions import StoredFunction

Version = tuple[int, int]

_BUILTINS = frozenset(vars(builtins))
_SAFE_MODE_2 = "refused (ValueError: Requested the deserialization of a Lambda layer) unless safe_mode=False"
_SAFE_MODE_3 = "refused (ValueError: Requested the deserialization of a `Lambda` layer) unless safe_mode=False"
_LAYOUTS: tuple[tuple[Version, Version], ...] = (
    ((2, 7), (2, 7)),
    ((3, 3), (3, 5)),
    ((3, 6), (3, 7)),
    ((3, 8), (3, 10)),
    ((3, 11), (3, 14)),
)
"""The first and the last Python that store code alike."""
_BYTES: tuple[Version, ...] = ((3, 3), (3, 4), (3, 5))
"""Instructions of one byte or three, in the layout of the next two, whose instructions are of two."""
_WORDS: tuple[Version, ...] = ((3, 6), (3, 7))


@dataclass(frozen=True, slots=True)
class Consequence:
    """What one of those that take part in loading does."""

    where: str
    """`Keras 2`, `Keras 3`, or the Pythons."""
    what: str


def consequences(
    stored: StoredFunction, file: ModelFile, recovery: Recovery | None, here: Version = sys.version_info[:2]
) -> tuple[Consequence, ...]:
    """Return what happens on loading with Keras 2, Keras 3, this Python and others; `recovery` is None for code that cannot be read."""
    found = [
        Consequence("Keras 2", _on_keras_2(stored, file, recovery)),
        Consequence("Keras 3", _on_keras_3(stored, file, recovery)),
    ]
    if recovery is not None:
        found += _on_pythons(recovery, here)
    return tuple(found)


# Keras


def _of_keras_3(stored: StoredFunction, file: ModelFile) -> bool:
    if stored.role in ROLES:
        return f"{stored.role}_type" not in stored.config
    return not str(file.keras).startswith(("1", "2"))


def _on_keras_2(stored: StoredFunction, file: ModelFile, recovery: Recovery | None) -> str:
    form = file.form
    if _of_keras_3(stored, file):
        return "does not read files of Keras 3 (TypeError about `InputLayer`)"
    if form is Form.YAML:
        return "has no `model_from_yaml` any more (RuntimeError); before TensorFlow 2.6 it runs the bytecode"
    first = (
        f"{_SAFE_MODE_2}, then runs the bytecode" if form in (Form.KERAS, Form.JSON) else "runs the bytecode unasked"
    )
    missing = _missing(recovery, loaded_globals.KERAS_2)
    if not missing:
        return first
    where = (
        "the script that loads it"
        if stored.module in (None, "__main__")
        else f"the module `{stored.module}`, if loaded,"
    )
    return f"{first}; when it is called, NameError: name '{missing[0]}' is not defined, unless custom_objects or {where} gives it"


def _on_keras_3(stored: StoredFunction, file: ModelFile, recovery: Recovery | None) -> str:
    unable = _unable(stored, file)
    if unable is not None:
        return unable
    if stored.defaults:
        return f"{_SAFE_MODE_3}; then TypeError: arg 4 (defaults) must be None or tuple"
    missing = _missing(recovery, loaded_globals.KERAS_3)
    then = (
        f"; when it is called, NameError: name '{missing[0]}' is not defined" if missing else ", then runs the bytecode"
    )
    return _SAFE_MODE_3 + then


def _unable(stored: StoredFunction, file: ModelFile) -> str | None:
    """Return why Keras 3 never makes the function, whatever it is told."""
    form = file.form
    if form is Form.SAVED_MODEL:
        return "does not read SavedModels (ValueError: File format not supported)"
    if form is Form.YAML:
        return "has no `model_from_yaml`"
    if _of_keras_3(stored, file):
        return _unable_to_rebuild(stored)
    if form is Form.KERAS:
        return "does not read `.keras` files of Keras 2 (ValueError: Unrecognized keyword arguments passed to Lambda)"
    if form is Form.JSON:
        return "does not read the JSON of Keras 2 (TypeError: Could not locate class)"
    if stored.config.get("mask") is not None:
        return "does not read a Lambda of Keras 2 with a mask (ValueError: Unrecognized keyword arguments passed to Lambda)"
    if stored.role == "output_shape":
        return "takes the stored code for a shape and fails (TypeError)"
    return None


def _unable_to_rebuild(stored: StoredFunction) -> str | None:
    if stored.role == "mask":
        return "does not make the mask's function: the mask becomes the stored configuration, without an error"
    if stored.role not in ROLES:
        return "cannot make this function, whatever safe_mode is (TypeError)"
    return None


def _missing(recovery: Recovery | None, given: frozenset[str]) -> list[str]:
    """Return the names that the function reads and nobody defines."""
    if recovery is None or recovery.status == "undecodable":
        return []
    return [name for name in recovery.names if name not in given and name not in _BUILTINS]


# Python


def _on_pythons(recovery: Recovery, here: Version) -> Iterator[Consequence]:
    if recovery.repairs:
        yield Consequence(
            "every Python", "fails or computes something else: Keras on Windows wrote `/` for each `\\` in the bytecode"
        )
    yield Consequence(f"this Python ({here[0]}.{here[1]})", _on(here, recovery))
    yield Consequence("other Pythons", _elsewhere(recovery))


def _on(here: Version, recovery: Recovery) -> str:
    if here in recovery.python:
        return "reads it"
    layout = _layout(recovery.python[0])
    if layout != _layout(here):
        return _refusal(recovery.python[0], here)
    return f"does not refuse it, and {_misreading(here)}"


def _elsewhere(recovery: Recovery) -> str:
    first, last = _layout(recovery.python[0])
    others = f"those before {_name(first)}" + (f" or after {_name(last)}" if last < _LAYOUTS[-1][1] else "")
    alike = [version for version in _within(first, last) if version not in recovery.python]
    if first == (3, 3):
        return (
            f"{recovery.python_range} reads it, others of 3.3 to 3.5 mostly; 3.6 and 3.7 do not refuse it, and raise SystemError: "
            "unknown opcode; all others refuse it: ValueError: bad marshal data, or EOFError"
        )
    refuse = "refuse it: mostly ValueError: bad marshal data (unknown type code)"
    if not alike:
        return f"{recovery.python_range} reads it; {others} {refuse}"
    return f"{_names(alike)} {_misreading(alike[-1], several=len(alike) > 1)}; {others} {refuse}"


def _refusal(writer: Version, here: Version) -> str:
    if writer in _BYTES and here in _WORDS:
        return "does not refuse it, and raises SystemError: unknown opcode"
    if writer in _WORDS and here in _BYTES:
        return "does not refuse it, and crashes or raises SystemError (unknown opcode)"
    if writer >= (3, 11) and here < (3, 8) and here >= (3, 0):
        return "refuses it: SystemError: bad argument to internal function"
    if writer in (*_BYTES, *_WORDS) and here >= (3, 11):
        return "refuses it: EOFError: EOF read where object expected"
    return "refuses it: ValueError: bad marshal data (unknown type code)"


def _misreading(version: Version, *, several: bool = False) -> str:
    """Return what a Python does with code of the same layout whose instructions are numbered otherwise."""
    s = "" if several else "s"
    if version >= (3, 11):
        return f"crash{'' if several else 'es'} or raise{s} SystemError (unknown opcode) for most functions"
    if version in _BYTES:
        return f"run{s} most functions, and crash{'' if several else 'es'} or raise{s} SystemError: unknown opcode for others"
    if version < (3, 8):
        return f"run{s} most functions, and raise{s} SystemError: unknown opcode for others"
    return f"run{s} most functions, and may misread others"


def _layout(version: Version) -> tuple[Version, Version]:
    return next((layout for layout in _LAYOUTS if layout[0] <= version <= layout[1]), _LAYOUTS[-1])


def _within(first: Version, last: Version) -> list[Version]:
    return [(first[0], minor) for minor in range(first[1], last[1] + 1)]


def _names(versions: list[Version]) -> str:
    *others, last = map(_name, versions)
    return f"{', '.join(others)} and {last}" if others else last


def _name(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def as_data(found: tuple[Consequence, ...]) -> list[dict[str, Any]]:
    """Return consequences as JSON holds them."""
    return [{"where": each.where, "what": each.what} for each in found]
