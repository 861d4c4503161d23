"""A function of the module is registered where it is defined."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.classes.registration import registering
from keras_lambda_lint.rewrite.layout import Layout
from keras_lambda_lint.rewrite.project import package_name
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import REGISTER, decorator, registered_name

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit
    from keras_lambda_lint.rewrite.saving.keras_names import KerasNames
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef


def decorated(home: FileSites, function: FunctionRef, names: KerasNames) -> list[Edit]:
    """Return the edits that register a function of the module `home`; raise `NoFix` where a decorator would do something else."""
    node = function.node
    assert isinstance(node, ast.FunctionDef)
    if node.decorator_list:
        raise NoFix(f"`{node.name}` is decorated: what that makes of it is not known")
    if len(home.index.module.bindings[node.name]) > 1:
        raise NoFix(f"`{node.name}` is bound more than once in the module")
    if home.index.is_guarded_by_main(node):
        raise NoFix(f"`{node.name}` only exists when the file is run as a script")
    start = home.source.line_starts[node.lineno - 1]
    if start < names.needs_above:
        raise NoFix(f"`{node.name}` is defined above the import of Keras")
    return [*names.edits, registering(home, node, names.name(REGISTER))]


def registering_line(home: FileSites, name: str, names: KerasNames) -> str:
    """Return the decorator, on one line or more, that registers a function or class of a file: under a name that is new in the project."""
    filename = home.source.filename
    layout = Layout.of(home.source, home.index.tree)
    return decorator(names.name(REGISTER), package_name(filename), registered_name(filename, name), layout)
