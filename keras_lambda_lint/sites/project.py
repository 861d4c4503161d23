"""Names across the files of a project: what a name that is imported from another file means there.

Files are read and indexed when a name leads to them, and only then.
"""

from __future__ import annotations

import ast
import os
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.source.names import HERE, UNRESOLVED, joined
from keras_lambda_lint.source.project import module_file
from keras_lambda_lint.source.scopes import BindingKind
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.scopes import Binding

_MAX_STEPS = 8
_MOST_FILES = 400
"""How many indexed files are kept: those that a run asks for again lie near each other."""

Defined: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.expr


class Definition(NamedTuple):
    """Where the project itself makes what a name means: a class, a function, or the expression that is assigned."""

    file: FileSites
    node: Defined


class Modules:
    """The other files of a project, each indexed once, and again when it has changed."""

    def __init__(self, keras: str) -> None:
        self._keras = keras
        self._files: dict[str, tuple[tuple[int, int], FileSites | None]] = {}
        self._shown: dict[str, Source] = {}

    def show(self, others: Iterable[Source]) -> None:
        """Let these texts count instead of the files on the disk, from now on and no others."""
        self._shown = {os.path.abspath(source.filename): source for source in others}

    def look_again(self) -> None:
        """Let go of what was found out about files: the texts that count have changed, and what a file means depends on others."""
        self._files.clear()

    def file(self, path: str) -> FileSites | None:
        """Return the domain model of a file; None for one that cannot be read or parsed."""
        try:
            stamp = self._stamp(path)
        except OSError:
            return None
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            known = self._files[path] = (stamp, self._read(path))
            if len(self._files) > _MOST_FILES:
                del self._files[next(iter(self._files))]
        return known[1]

    def _stamp(self, path: str) -> tuple[int, int]:
        """Return what is different when the text of a file is."""
        if path in self._shown:
            return -1, hash(self._shown[path].text)
        status = os.stat(path)
        return status.st_mtime_ns, status.st_size

    def index(self, source: Source) -> Index | None:
        """Return the index of a file that has been read before, if its text is still the same: indexing takes longest."""
        known = self._files.get(os.path.abspath(source.filename), (None, None))[1]
        return known.index if known is not None and known.source.text == source.text else None

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that names have led to."""
        return tuple(self._files)

    def _read(self, path: str) -> FileSites | None:
        from keras_lambda_lint.sites.build import FileSites

        try:
            return FileSites(self._shown.get(path) or _text(path), None, self._keras, self)
        except (OSError, SourceError):
            return None

    def definition(self, qualified: str, importer: str, steps: int = _MAX_STEPS) -> Definition | None:
        """Return what a qualified name that the file `importer` uses means, where the project defines it, and only once.

        After so many `steps` from name to name nothing is found: names may run in a circle.
        """
        return self._definition(qualified, os.path.abspath(importer), steps)

    def _definition(self, qualified: str, importer: str, steps: int) -> Definition | None:
        place = self._place(qualified, importer) if steps else None
        if place is None:
            return None
        path, file, rest = place
        if len(rest) != 1:
            return self._inner(file, path, rest, steps)
        bindings = file.index.module.at_end(rest[0])
        if len(bindings) == 1:
            return self._bound(file, bindings[0], steps)
        if bindings:
            return None
        found = (self._definition(joined(star, rest[0]), path, steps - 1) for star in file.names.stars)
        return next((each for each in found if each is not None), None)

    def _inner(self, file: FileSites, path: str, rest: tuple[str, ...], steps: int) -> Definition | None:
        """Follow `name.attribute` where the name is an import of the module: `from . import layers` in an `__init__.py`."""
        bindings = file.index.module.at_end(rest[0]) if rest else ()
        names = {name for binding in bindings for name in file.names.of_binding(binding)}
        if len(names) != 1 or any(name.startswith((HERE, UNRESOLVED)) for name in names):
            return None
        return self._definition(".".join((names.pop(), *rest[1:])), path, steps - 1)

    def _bound(self, file: FileSites, binding: Binding, steps: int) -> Definition | None:
        if binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
            (name,) = file.names.of_binding(binding)
            return self._definition(name, os.path.abspath(file.source.filename), steps - 1)
        return _local(file, binding, steps)

    def expanded(self, qualified: str, importer: str) -> frozenset[str]:
        """Return the names that a qualified name has where it comes from: `compat.keras.layers` is `keras.layers`.

        A name that the project defines, or knows nothing of, stays as it is.
        """
        if _is_foreign(qualified):
            return frozenset({qualified})
        return self._expanded(qualified, os.path.abspath(importer), _MAX_STEPS)

    def _expanded(self, qualified: str, importer: str, steps: int) -> frozenset[str]:
        place = self._place(qualified, importer) if steps else None
        if place is None or not place[2]:
            return frozenset({qualified})
        path, file, (first, *rest) = place
        found: set[str] = set()
        for binding in file.index.module.at_end(first):
            for name in file.names.of_binding(binding):
                known = not name.startswith((HERE, UNRESOLVED))
                found |= self._expanded(".".join((name, *rest)), path, steps - 1) if known else {qualified}
        if found:
            return frozenset(found)
        for star in file.names.stars:
            starred = joined(star, ".".join((first, *rest)))
            if api.keras_root(starred) is not None or self._binds(star, first, path, steps - 1):
                found |= self._expanded(starred, path, steps - 1)
        return frozenset(found or {qualified})

    def _binds(self, module: str, name: str, importer: str, steps: int) -> bool:
        """Return whether a module of the project has a name, of its own or through a star import."""
        place = self._place(module, importer) if steps else None
        if place is None or place[2]:
            return False
        path, file, _ = place
        if name in file.index.module.bindings:
            return True
        return any(
            api.keras_root(joined(star, name)) is not None or self._binds(star, name, path, steps - 1)
            for star in file.names.stars
        )

    def _place(self, qualified: str, importer: str) -> tuple[str, FileSites, tuple[str, ...]] | None:
        """Return the file of the project that the first part of a name means, and the rest of the name."""
        if _is_foreign(qualified):
            return None
        dots = len(qualified) - len(qualified.lstrip("."))
        parts = qualified[dots:].split(".")
        for length in range(len(parts), -1, -1):
            module = qualified[:dots] + ".".join(parts[:length])
            path = module_file(module, importer) if module else None
            if path is not None and path != importer:
                file = self.file(path)
                return None if file is None else (path, file, tuple(parts[length:]))
        return None


def definition(file: FileSites, node: ast.expr, steps: int = _MAX_STEPS) -> Definition | None:
    """Return what an expression of a file means, where the project defines it, and only once; see `Definition`."""
    if steps == 0:
        return None
    if isinstance(node, ast.Name) and node in file.index.reads:
        bindings = file.index.reaching(node)
        if len(bindings) > 1:
            return None
        if bindings and bindings[0].kind not in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
            return _local(file, bindings[0], steps)
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return None
    found = {file.modules.definition(name, file.source.filename, steps - 1) for name in file.names.written(node)}
    return found.pop() if len(found) == 1 else None


def _local(file: FileSites, binding: Binding, steps: int) -> Definition | None:
    if isinstance(binding.node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return Definition(file, binding.node)
    value = binding.value if binding.kind is BindingKind.ASSIGNMENT else None
    if isinstance(value, (ast.Name, ast.Attribute)):
        return definition(file, value, steps - 1)
    return None if value is None else Definition(file, value)


def _text(path: str) -> Source:
    with open(path, "rb") as stream:
        return Source.from_bytes(os.path.relpath(path), stream.read())


@lru_cache(maxsize=8192)
def _is_foreign(qualified: str) -> bool:
    """Return whether a name certainly is of no file of the project."""
    first = qualified.partition(".")[0]
    return (
        first in (HERE, UNRESOLVED, "builtins", "tensorflow")
        or first in api.FOREIGN
        or (api.keras_root(qualified + ".x") is not None)
    )
