"""The rules: one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.rules.kll101_anonymous_lambda import AnonymousLambda
from keras_lambda_lint.rules.kll102_unregistered_function import UnregisteredFunction
from keras_lambda_lint.rules.kll103_captured_local import CapturedLocal
from keras_lambda_lint.rules.kll104_unsaveable_callable import UnsaveableCallable
from keras_lambda_lint.rules.kll105_lambda_in_shape_or_mask import LambdaInShapeOrMask
from keras_lambda_lint.rules.kll106_unsaveable_arguments import UnsaveableArguments
from keras_lambda_lint.rules.kll107_layer_not_rebuildable import LayerNotRebuildable
from keras_lambda_lint.rules.kll108_unregistered_layer import UnregisteredLayer
from keras_lambda_lint.rules.kll109_wrong_custom_object import WrongCustomObject
from keras_lambda_lint.rules.kll110_unregistered_custom_function import UnregisteredCustomFunction
from keras_lambda_lint.rules.kll111_duplicate_registration import DuplicateRegistration
from keras_lambda_lint.rules.kll201_captured_variable import CapturedVariable
from keras_lambda_lint.rules.kll202_captured_layer import CapturedLayer
from keras_lambda_lint.rules.kll203_state_created_in_call import StateCreatedInCall
from keras_lambda_lint.rules.kll204_captured_tensor import CapturedTensor
from keras_lambda_lint.rules.kll205_loop_variable import LoopVariable
from keras_lambda_lint.rules.kll206_side_effect import SideEffect
from keras_lambda_lint.rules.kll207_random_in_lambda import RandomInLambda
from keras_lambda_lint.rules.kll208_untracked_variable_attribute import UntrackedVariableAttribute
from keras_lambda_lint.rules.kll301_missing_output_shape import MissingOutputShape
from keras_lambda_lint.rules.kll302_wrong_output_shape import WrongOutputShape
from keras_lambda_lint.rules.kll303_input_shape_argument import InputShapeArgument
from keras_lambda_lint.rules.kll401_removed_backend_function import RemovedBackendFunction
from keras_lambda_lint.rules.kll402_backend_bound_op import BackendBoundOp
from keras_lambda_lint.rules.kll403_numpy_in_function import NumpyInFunction
from keras_lambda_lint.rules.kll404_removed_api import RemovedApi
from keras_lambda_lint.rules.kll501_unsafe_loading import UnsafeLoading
from keras_lambda_lint.rules.kll502_bytecode_in_model import BytecodeInModel
from keras_lambda_lint.rules.kll601_builtin_layer import BuiltinLayer
from keras_lambda_lint.rules.kll602_redundant_lambda import RedundantLambda

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.rules.base import Rule

RULES: tuple[type[Rule[Any]], ...] = (
    AnonymousLambda,
    UnregisteredFunction,
    CapturedLocal,
    UnsaveableCallable,
    LambdaInShapeOrMask,
    UnsaveableArguments,
    LayerNotRebuildable,
    UnregisteredLayer,
    WrongCustomObject,
    UnregisteredCustomFunction,
    DuplicateRegistration,
    CapturedVariable,
    CapturedLayer,
    StateCreatedInCall,
    CapturedTensor,
    LoopVariable,
    SideEffect,
    RandomInLambda,
    UntrackedVariableAttribute,
    MissingOutputShape,
    WrongOutputShape,
    InputShapeArgument,
    RemovedBackendFunction,
    BackendBoundOp,
    NumpyInFunction,
    RemovedApi,
    UnsafeLoading,
    BytecodeInModel,
    BuiltinLayer,
    RedundantLambda,
)

_LOOK_LIKE_DIGITS = str.maketrans("OIL", "011")


def select(select: Iterable[str] = (), ignore: Iterable[str] = (), extend_select: Iterable[str] = ()) -> frozenset[str]:
    """Return the codes of the rules that a choice by code or prefix turns on; without `select` all that are not opt-in.

    Any prefix names an opt-in rule, `KLL` too. The longer prefix wins between `select` and `ignore`, as in flake8.
    Raises ValueError naming a code that is no rule's.
    """
    chosen, ignored, extended = tuple(select), tuple(ignore), tuple(extend_select)
    for prefix in (*chosen, *ignored, *extended):
        _known(prefix)
    return frozenset(rule.code for rule in RULES if _is_on(rule, chosen, ignored, extended))


def named(prefixes: Iterable[str]) -> frozenset[str]:
    """Return the codes of the rules that have one of the prefixes."""
    chosen = tuple(prefixes)
    return frozenset(rule.code for rule in RULES if rule.code.startswith(chosen))


def _is_on(rule: type[Rule[Any]], chosen: tuple[str, ...], ignored: tuple[str, ...], extended: tuple[str, ...]) -> bool:
    by_default = -1 if chosen or rule.opt_in else 0
    wanted = max(by_default, _match(rule.code, chosen), _match(rule.code, extended))
    return wanted >= 0 and wanted > _match(rule.code, ignored)


def _match(code: str, prefixes: tuple[str, ...]) -> int:
    """Return the length of the longest prefix of a code; -1 where there is none."""
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)


def _known(prefix: str) -> None:
    import difflib

    if prefix and any(rule.code.startswith(prefix) for rule in RULES):
        return
    near = difflib.get_close_matches(with_digits(prefix), [rule.code for rule in RULES], n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else f"; the codes are {', '.join(rule.code for rule in RULES)}"
    raise ValueError(f"unknown rule code {prefix!r}{hint}")


def with_digits(code: str) -> str:
    """Return a mistyped code with digits in place of the letters that look like them: `KLL101` for `kll1O1`."""
    return code[:3].upper() + code[3:].upper().translate(_LOOK_LIKE_DIGITS)
