"""How the file that defines a function says what registers it, also one that has not used Keras so far."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.naming import taken_names
from keras_lambda_lint.rewrite.new_import import KERAS_IMPORTS, new_import
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import REGISTER
from keras_lambda_lint.rewrite.spelling import Spelling, without_registration
from keras_lambda_lint.source.names import imported
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit
    from keras_lambda_lint.sites.build import FileSites


@dataclass
class KerasNames:
    """How a file says the names of Keras that a definition at one place takes, and the imports that are missing for that."""

    alias: str | None
    spelling: Spelling | None
    new: tuple[Edit, ...] = ()
    said: dict[str, str] = field(default_factory=dict)
    without_registration: str | None = None
    """Which pin of the project rules out a Keras that can register, where the file gets an import of its own."""

    @property
    def caveats(self) -> list[str]:
        """What may keep the names from being there when the file runs, for a person."""
        known = self.spelling.caveats if self.spelling is not None else []
        return [*known, *([] if self.without_registration is None else [self.without_registration])]

    def name(self, path: str) -> str:
        """Return how the file says a name below Keras; raise `NoFix` where it cannot."""
        if path not in self.said:
            if self.spelling is not None:
                self.said[path] = self.spelling.name(path)
            else:
                self.said[path] = f"{self.alias}.{path}"
        return self.said[path]

    @property
    def edits(self) -> list[Edit]:
        """The imports that are missing, those at one place sorted as isort does."""
        return sorted((*self.new, *(self.spelling.edits if self.spelling is not None else ())))

    @property
    def needs_above(self) -> int:
        """Where the imports end that the names take."""
        return max(
            self.spelling.needs_above if self.spelling is not None else 0,
            *(edit.span.end for edit in self.edits),
            0,
        )


def keras_names(file: FileSites, place: ast.AST, like: ast.expr | None, roots: frozenset[str]) -> KerasNames:
    """Return how a file says names of Keras at a place: like an expression, else like the first of the same Keras in the file.

    A file that names nothing of the Keras packages `roots` gets an import. Raises `NoFix` where none of this can be.
    """
    refusal: NoFix | None = None
    for each in (like, keras_expression(file, roots)):
        if each is not None:
            try:
                found = KerasNames(None, Spelling(file, place, each))
                found.name(REGISTER)
            except NoFix as reason:
                refusal = refusal or reason
            else:
                return found
    if refusal is not None:
        raise refusal
    return _imported(file, place, roots)


def keras_expression(file: FileSites, roots: frozenset[str] = frozenset()) -> ast.expr | None:
    """Return the first expression of a file that names something of Keras, of one of these packages if any are given."""
    for name in file.index.reads:
        whole: ast.expr = name
        while isinstance(parent := file.index.parents[whole], ast.Attribute):
            whole = parent
        found = {api.keras_root(each) for each in file.names.of(whole)}
        if found and None not in found and (not roots or found <= roots):
            return whole
    return None


def roots_of(file: FileSites, node: ast.expr | None) -> frozenset[str]:
    """Return the Keras packages that an expression of a file hangs below."""
    names = file.names.of(node) if node is not None else frozenset[str]()
    return frozenset(root for name in names if (root := api.keras_root(name)) is not None)


def _imported(file: FileSites, place: ast.AST, roots: frozenset[str]) -> KerasNames:
    if len(roots) != 1 or not roots <= KERAS_IMPORTS.keys():
        raise NoFix("which Keras this is for is not known")
    caveat = without_registration(file, roots)
    (root,) = roots
    row = file.index.top_statement(place).lineno
    for bindings in file.index.module.bindings.values():
        binding = bindings[0]
        if (
            len(bindings) == 1
            and binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT)
            and not binding.path
            and file.index.statement(binding.node).lineno < row
        ):
            qualified = imported(file.index, binding)
            if qualified == root:
                return KerasNames(binding.name, None, without_registration=caveat)
            if f"{qualified}.keras" == root:
                return KerasNames(f"{binding.name}.keras", None, without_registration=caveat)
    line, name = KERAS_IMPORTS[root]
    if name in taken_names(file.index):
        raise NoFix(f"{file.source.filename} uses the name `{name}` for something else")
    return KerasNames(name, None, (new_import(file, line),), without_registration=caveat)
