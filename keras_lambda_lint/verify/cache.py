"""Verdicts kept between runs: `verify --cache DIR` goes on where an earlier run ended."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import sys
import types
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from keras_lambda_lint import __version__
from keras_lambda_lint.report.to_file import write
from keras_lambda_lint.verify.verdict import Kind, Verification, VerifyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.many import Job

_PACKAGES = ("tensorflow", "tf_keras", "keras", "jax", "torch", "numpy")
_Value = TypeVar("_Value")


class Cache:
    """A directory of verdicts: one file each, named by everything that they depend on but the modules of the project.

    Those are named inside it, with what they held.
    """

    def __init__(self, directory: str) -> None:
        """Raise `VerifyError` where the directory cannot be made."""
        self._directory = Path(directory)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise VerifyError(f"{directory}: cannot keep verdicts there: it is no directory") from None
        except OSError as error:
            raise VerifyError(f"{directory}: cannot keep verdicts there: {error.strerror}") from None
        self._versions = [f"{name} {_version(name)}" for name in _PACKAGES]

    def get(self, job: Job) -> Verification | None:
        """Return the verdicts on a job; None where there are none, or none that can be read."""
        try:
            entry = json.loads(self._file(job).read_text(encoding="utf-8"))
            if all(_digest(path) == digest for path, digest in entry["read"].items()):
                return revived(Verification, entry["verification"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # Not there, cut short or of another shape: it is made anew.
        return None

    def put(self, job: Job, verification: Verification) -> None:
        """Keep the verdicts on a job; errors are not kept, since they may be the machine's."""
        if any(kind is Kind.ERROR for kind in _kinds(verification)):
            return
        read = {path: _digest(path) for each in (verification, *verification.also) for path in each.read}
        entry = {"read": read, "verification": asdict(verification)}
        write(str(self._file(job)), json.dumps(entry, default=_plain).encode())

    def _file(self, job: Job) -> Path:
        facts = [
            *(__version__, sys.version, platform.platform(), *self._versions),
            *(os.path.realpath(job.path), repr(job.options), "" if job.options.device == "cpu" else platform.node()),
            *(job.original.text, job.fixed.text, *(part.text for pair in job.others for part in pair)),
            *(f"{each.original} {each.fixed} {each.fix.intended} {bool(each.fix.edits)}" for each in job.replacements),
        ]
        digest = hashlib.sha256(json.dumps(facts).encode())
        return self._directory / f"{digest.hexdigest()}.json"


def _kinds(verification: Verification) -> Iterator[Kind]:
    for each in (verification, *verification.also):
        yield from (site.verdict.kind for site in each.sites)
        yield from (model.verdict.kind for model in each.models)


def _digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""  # It has gone: what depended on it is another.


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} cannot be kept")


def revived(kind: type[_Value], value: Any) -> _Value:
    """Return a value of a type from what JSON made of it; raise `TypeError`, `ValueError` or `KeyError` where it is none."""
    return _revived(kind, value)  # type: ignore[no-any-return]


def _revived(kind: Any, value: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _revived(next(each for each in arguments if each is not type(None)), value)
    if origin is tuple:
        inner = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
        return tuple(_revived(each, item) for each, item in zip(inner, value, strict=True))
    if origin in (dict, list):
        return value
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{each.name: _revived(hints[each.name], value[each.name]) for each in fields(kind)})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if not isinstance(value, float if kind is float and not isinstance(value, int) else (int, kind)):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
