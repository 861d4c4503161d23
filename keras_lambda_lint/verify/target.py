"""What a person names on the command line of `verify`: a file, a module, a function in one of them, and what to give it."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.verdict import InputSpec, VerifyError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_TENSOR = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*)\s*=)?\s*\((?P<shape>[^()]*)\)\s*(?::\s*(?P<dtype>\w+))?\s*(?:,|$)")
_DTYPE = re.compile(r"bool|string|bfloat16|u?int(8|16|32|64)|float(16|32|64)|complex(64|128)")
_RANGE = re.compile(r"\s*(-?\d+)\s*:\s*(-?\d+)\s*")
_SPEC_FORM = 'write it as "(None, 28, 28, 1):float32", several as "(None, 4), (None, 3):int32" or "image=(None, 4), id=(None,):int32"'


@dataclass(frozen=True)
class Target:
    """Something to verify."""

    path: str
    """The file, or a directory."""
    factory: str = ""
    """The dotted name of a function or class in the file that makes the model; empty: run the file."""


def target(text: str) -> Target:
    """Return what `FILE`, `DIR`, `pkg.mod`, `FILE:factory` or `pkg.mod:factory` names; raise `VerifyError` for nothing."""
    if os.path.exists(text):
        return Target(text)
    place, colon, factory = text.rpartition(":")
    if not colon:
        place, factory = text, ""
    elif not _DOTTED.fullmatch(factory):
        raise VerifyError(f"{text}: `{factory}` is no name of a function: write FILE:factory or pkg.mod:factory")
    path = place if os.path.exists(place) else _of_module(place)
    if path is not None and factory and os.path.isfile(os.path.join(path, "__init__.py")):
        path = os.path.join(path, "__init__.py")
    if path is None:
        what = "no such file" if not _DOTTED.fullmatch(place) or place.endswith(".py") else "no such file or module"
        raise VerifyError(f"{place}: {what}")
    if factory and os.path.isdir(path):
        raise VerifyError(f"{text}: {place} is a directory: name the file or module that holds `{factory}`")
    return Target(path, factory)


def _of_module(name: str) -> str | None:
    """Return the file of a module that can be imported from here, without importing anything; None where there is none."""
    if not _DOTTED.fullmatch(name):
        return None
    parts = name.split(".")
    for directory in (os.curdir, *(entry for entry in sys.path if entry)):
        stem = os.path.join(directory, *parts)
        for path in (f"{stem}.py", os.path.join(stem, "__init__.py")):
            if os.path.isfile(path):
                return os.path.normpath(path)
    return None


def factory_arguments(text: str) -> list[Any] | dict[str, Any]:
    """Return the arguments that JSON gives: by position (array) or by name (object); raise `VerifyError` for anything else.

    Arrays of whole numbers and null inside are shapes: tuples.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise VerifyError(f"--factory-args is no JSON: {error}") from None
    if not isinstance(value, list | dict):
        raise VerifyError('--factory-args takes a JSON object such as {"units": 4}, or an array: arguments by position')
    return value


def input_spec(text: str) -> tuple[InputSpec, ...]:
    """Return the tensors that a specification names; raise `VerifyError` for one that cannot be read."""
    specs = tuple(_specs(text))
    names = [spec.name for spec in specs]
    if not specs or ("" in names and any(names)) or len(set(names)) < len(names) > names.count(""):
        raise VerifyError(f"--input-spec `{text}` cannot be read: {_SPEC_FORM}")
    return specs


def _specs(text: str) -> Iterator[InputSpec]:
    position = 0
    while position < len(text.rstrip()):
        found = _TENSOR.match(text, position)
        if found is None:
            raise VerifyError(f"--input-spec `{text}` cannot be read: {_SPEC_FORM}")
        sizes = [size.strip() for size in found["shape"].split(",") if size.strip()]
        if not sizes or any(size not in ("None", "?") and not (size.isdecimal() and int(size)) for size in sizes):
            raise VerifyError(f"--input-spec: ({found['shape']}) is no shape with its batch dimension: {_SPEC_FORM}")
        dtype = found["dtype"] or "float32"
        if not _DTYPE.fullmatch(dtype):
            raise VerifyError(f"--input-spec: unknown dtype `{dtype}`")
        shape = tuple(int(size) if size.isdecimal() else None for size in sizes)
        yield InputSpec(shape, dtype, found["name"] or "")
        position = found.end()


def int_range(text: str) -> tuple[int, int]:
    """Return the half-open range `A:B` of whole numbers; raise `VerifyError` for one that is none or empty."""
    found = _RANGE.fullmatch(text)
    if found is None or int(found[1]) >= int(found[2]):
        raise VerifyError(f"--int-range `{text}` is no range: write A:B with A below B, such as 0:1000")
    return int(found[1]), int(found[2])
