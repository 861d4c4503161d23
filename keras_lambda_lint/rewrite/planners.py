"""What plans the rewrites of each kind of site."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from keras_lambda_lint.rewrite.classes.plan import plan_layer_classes, plan_saved_classes
from keras_lambda_lint.rewrite.gone.backend import plan_backend
from keras_lambda_lint.rewrite.gone.imports import plan_imports
from keras_lambda_lint.rewrite.gone.tensorflow import plan_tensorflow
from keras_lambda_lint.rewrite.input_in_front import plan_input_arguments
from keras_lambda_lint.rewrite.lambdas.plan import plan_functions, plan_lambdas
from keras_lambda_lint.rewrite.saving.custom_objects import plan_custom_objects
from keras_lambda_lint.rewrite.saving.functions import plan_slots
from keras_lambda_lint.sites.bodies.idioms import BuiltinUse, Redundant
from keras_lambda_lint.sites.classes.layer_class import LayerClass
from keras_lambda_lint.sites.classes.saved_class import SavedClass
from keras_lambda_lint.sites.gone.backend_uses import BackendUse
from keras_lambda_lint.sites.gone.removed_uses import RemovedUse
from keras_lambda_lint.sites.gone.tensorflow_uses import TensorflowUse
from keras_lambda_lint.sites.model import LambdaSite
from keras_lambda_lint.sites.saving.loads import LoadCall
from keras_lambda_lint.sites.saving.slots import FunctionSlot
from keras_lambda_lint.sites.shape.input_arguments import InputArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.sites.build import FileSites

    Reported: TypeAlias = Mapping[type, Mapping[Span, frozenset[str]]]
    """The sites of a file with a finding that a fix may settle, by kind, and the codes of those findings."""
    Planner: TypeAlias = Callable[[FileSites, Reported], Mapping[Span, Fix | str]]
    """Returns the fix of each site of its kind by the site's span, or the reason why there is none."""

STYLES: dict[str, Planner] = {"layer": plan_lambdas, "function": plan_functions}
"""What plans the rewrites of `Lambda` sites, by the option `--fix-style`."""

PLANNERS: dict[type, Planner] = {
    BackendUse: plan_backend,
    BuiltinUse: plan_lambdas,
    LambdaSite: plan_lambdas,
    LayerClass: plan_layer_classes,
    Redundant: plan_lambdas,
    RemovedUse: plan_imports,
    SavedClass: plan_saved_classes,
    TensorflowUse: plan_tensorflow,
    InputArgument: plan_input_arguments,
    FunctionSlot: plan_slots,
    LoadCall: plan_custom_objects,
}
"""All findings of one site are settled by one plan: kinds that share a site share its planner, which returns equal fixes."""
