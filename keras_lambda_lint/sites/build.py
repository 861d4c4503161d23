"""The domain model of one file: the sites of each kind that rules ask for, built when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from keras_lambda_lint.sites.bodies.idioms import BuiltinUse, Redundant, find_builtin_uses, find_redundant
from keras_lambda_lint.sites.captures import assigned_attributes
from keras_lambda_lint.sites.classes.finder import find_layer_classes
from keras_lambda_lint.sites.classes.layer_class import LayerClass
from keras_lambda_lint.sites.classes.registration import Registration, find_registrations
from keras_lambda_lint.sites.classes.saved_class import SavedClass, find_saved_classes
from keras_lambda_lint.sites.flow import Flow
from keras_lambda_lint.sites.functions import Functions
from keras_lambda_lint.sites.gone.backend_uses import BackendUse, find_backend_uses
from keras_lambda_lint.sites.gone.removed_uses import RemovedUse, find_removed_uses
from keras_lambda_lint.sites.gone.tensorflow_uses import TensorflowUse, find_tensorflow_uses
from keras_lambda_lint.sites.lambdas import find_lambdas
from keras_lambda_lint.sites.model import LambdaSite
from keras_lambda_lint.sites.pins import rules_out
from keras_lambda_lint.sites.project import Definition, Modules, definition
from keras_lambda_lint.sites.saving.loads import LoadCall, find_loads
from keras_lambda_lint.sites.saving.project_facts import ProjectFacts
from keras_lambda_lint.sites.saving.slots import FunctionSlot, find_slots
from keras_lambda_lint.sites.shape.input_arguments import InputArgument, find_input_arguments
from keras_lambda_lint.sites.shape.shapes import Shapes
from keras_lambda_lint.sites.stored import StoredCode
from keras_lambda_lint.sites.target import decide, demanded
from keras_lambda_lint.sites.values import Values
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.indexing import index_of
from keras_lambda_lint.source.names import Names
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.model import Target
    from keras_lambda_lint.sites.pins import Decision
    from keras_lambda_lint.source.text import Source

Site = TypeVar("Site")

FINDERS: dict[type, Callable[[FileSites], tuple[Any, ...]]] = {
    LambdaSite: find_lambdas,
    InputArgument: find_input_arguments,
    LayerClass: find_layer_classes,
    BackendUse: find_backend_uses,
    TensorflowUse: find_tensorflow_uses,
    FunctionSlot: find_slots,
    RemovedUse: find_removed_uses,
    LoadCall: find_loads,
    Registration: find_registrations,
    SavedClass: find_saved_classes,
    BuiltinUse: find_builtin_uses,
    Redundant: find_redundant,
    # No Python file holds any.
    StoredCode: lambda _sites: (),
}
"""What finds the sites of each kind."""


class FileSites:
    """The domain model of one file, with what `rewrite` needs to know of the text."""

    def __init__(self, source: Source, tree: ast.Module | None, keras: str, modules: Modules | None = None) -> None:
        self.source = source
        self.modules = modules or Modules(keras)
        self._keras = keras
        try:
            self.index = self.modules.index(source) or index_of(tree or parse(source))
        except RecursionError:
            raise SourceError(source.filename, 1, "nested too deeply to be analysed") from None
        self.names = Names(self.index, lambda name: self.modules.expanded(name, source.filename))
        self.values = Values(self)
        self._assigned: dict[ast.ClassDef, dict[str, list[ast.expr]]] = {}
        self._found: dict[type, tuple[Any, ...]] = {}

    def close(self) -> None:
        """Let go of all that is known of the file; nothing can be asked of it any more.

        Its parts refer to each other: Python would have to look for them, which takes as long as parsing the file.
        """
        if self.modules.index(self.source) is not self.index:
            self.index.release()
        vars(self).clear()

    @cached_property
    def keras(self) -> Decision:
        """The Keras versions that the file may run on, and why."""
        return decide(self.source, self.index, self._keras)

    @property
    def target(self) -> Target:
        """The Keras versions that the file may run on."""
        return self.keras.versions

    @cached_property
    def demanded(self) -> Target:
        """The Keras versions that the file has to run on, whatever it imports."""
        return demanded(self.source, self._keras)

    def rules_out(self, since: Mapping[str, tuple[int, ...]]) -> str | None:
        """Return the pin that keeps distributions below their releases in `since`; None too where the option `keras` decides."""
        return rules_out(self.source.filename, since) if self._keras == "auto" else None

    @cached_property
    def functions(self) -> Functions:
        """What describes the functions that expressions hold."""
        return Functions(self)

    @cached_property
    def flow(self) -> Flow:
        """What follows expressions to where their values come from."""
        return Flow(self)

    @cached_property
    def shapes(self) -> Shapes:
        """What infers shapes."""
        return Shapes(self.index, self.names, self.values)

    @cached_property
    def facts(self) -> ProjectFacts:
        """What the project around the file says of saving and loading."""
        return ProjectFacts(self)

    def of(self, kind: type[Site]) -> tuple[Site, ...]:
        """Return the sites of a kind, sorted by place."""
        if kind not in self._found:
            self._found[kind] = FINDERS[kind](self)
        return self._found[kind]

    @property
    def lambdas(self) -> tuple[LambdaSite, ...]:
        """The calls that make `Lambda` layers."""
        return self.of(LambdaSite)

    def assigned_attributes(self, node: ast.ClassDef) -> dict[str, list[ast.expr]]:
        """Return what the methods of a class assign to the attributes of `self`, as `captures.assigned_attributes` does."""
        if node not in self._assigned:
            self._assigned[node] = assigned_attributes(node, self.index)
        return self._assigned[node]

    def definition(self, node: ast.expr) -> Definition | None:
        """Return what an expression means, where the project defines it, and only once."""
        return definition(self, node)

    def text(self, span: Span) -> str:
        """Return the source text of a span."""
        return self.source.text[span.start : span.end]
