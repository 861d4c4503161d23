"""What a function reads of the model's graph becomes an input of the layer: captured tensors, and results of captured layers."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, IntendedChange, Span
from keras_lambda_lint.rewrite.lambdas.captured import refuse_other_meaning
from keras_lambda_lint.rewrite.lambdas.evidence import is_tensor
from keras_lambda_lint.rewrite.naming import parameter_name
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.bodies.state import Use

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.model import Capture


@dataclass(frozen=True)
class _Result:
    """What a captured layer returns for the inputs: the equal calls of it, and its name as an input."""

    capture: Capture
    calls: tuple[ast.Call, ...]
    name: str


def add_inputs(making: Making) -> None:
    """Settle the captures that become inputs of the layer, and name the parameter of `call` that takes all inputs.

    Raises `NoFix` for a captured tensor where the layer is not called where it is made.
    """
    captures = [each for each in making.function.captures if not each.importable]
    same = [each for each in captures if _is_argument(making, each)]
    held = [each for each in captures if each.text in making.held]
    given = [each for each in captures if each not in same and is_tensor(making.sites, each)]
    tensors = [*held, *(each for each in captures if each.value.is_tensor and each not in same), *given]
    results = _results(making)
    reads_inputs = _reads_beside(making, results)
    if results:
        names = " and ".join(f"`{result.capture.text}`" for result in results)
        making.body.unsafe.insert(0, f"the model gains {names}, with all weights")
    if any(trains(making, result.capture) for result in results):
        making.body.intended.add(IntendedChange.TRAINS_WEIGHT)
        making.body.unsafe.insert(0, "the model gains the layer: its weights train, and checkpoints hold them")
        if 2 in making.site.target:
            making.body.intended.add(IntendedChange.REPAIRS_CRASH)
    if any(each.is_loop_value for each in same):
        making.body.intended.add(IntendedChange.BINDS_LOOP_VALUE)
        making.body.unsafe.insert(0, "each layer gets the loop values of its own iteration")
    if given:
        names = " and ".join(f"`{each.text}`" for each in given)
        making.body.unsafe.insert(0, f"{names} becomes an input of the layer, so it must be a tensor of the model")
    if any(each.value.is_tensor for each in (*tensors, *same)):
        making.body.intended.add(IntendedChange.REPAIRS_CRASH)
        making.body.unsafe.insert(0, "the model does not run as it is: the tensor becomes an input of the layer")
    making.settled.update(each.text for each in (*same, *tensors, *(result.capture for result in results)))
    if not tensors and not results:
        _name_inputs(making)
    elif len(results) == 1 and not tensors and not reads_inputs:
        _name_inputs(making)
        _read(making, results[0], making.body.parameters[0])
        before, after = _around_argument(making, results[0].calls[0])
        argument = making.concrete.whole(_argument(making, results[0].capture.text))
        making.body.edits += [_insertion(argument.start, before), _insertion(argument.end, after)]
    else:
        _pass_several(making, tensors, results, keep_argument=bool(tensors) or reads_inputs)
    first = making.first.name if making.unpacking else making.body.parameters[0]
    making.replaced += [Edit(read, first) for capture in same for read in capture.reads]


def _is_argument(making: Making, capture: Capture) -> bool:
    """Return whether what a function captures is what its layer is called with, where it is made."""
    call = making.sites.index.parents[making.site.node]
    if not (isinstance(call, ast.Call) and call.func is making.site.node and len(call.args) == 1) or call.keywords:
        return False
    argument = call.args[0]
    if not (isinstance(argument, ast.Name) and isinstance(capture.node, ast.Name) and argument.id == capture.text):
        return False
    scope = making.sites.index.reads[argument].scope
    return scope.owner(capture.text) is making.sites.index.reads[capture.node].scope.owner(capture.text)


def _name_inputs(making: Making) -> None:
    """Name the parameter of a layer that takes one thing, as the function does."""
    first = making.first
    renamed = isinstance(making.node, ast.Lambda) and "inputs" not in making.names_inside
    if renamed:
        making.replaced += [Edit(read, "inputs") for read in first.reads]
    else:
        _refuse_own(first.name)
    making.body.parameters.append("inputs" if renamed else first.name)


def _pass_several(making: Making, tensors: list[Capture], results: list[_Result], *, keep_argument: bool) -> None:
    """Let `call` unpack its inputs, and the code that calls the layer pass them as a list."""
    names, values = [], []
    argument = _argument(making, (tensors or [result.capture for result in results])[0].text)
    text = making.sites.text(making.sites.source.span(argument))
    for capture in tensors:
        refuse_other_meaning(making, capture)
        names.append(_tensor_name(making, capture))
        values.append(capture.text)
    for result in results:
        _read(making, result, result.name)
        before, after = _around_argument(making, result.calls[0])
        names.append(result.name)
        values.append(f"{before}{text}{after}")
    first = making.first.name
    _refuse_own(first)
    if first in names:
        raise NoFix(f"the function has a parameter `{first}` too")
    if any(parameter.name == "mask" for parameter in making.function.parameters):
        raise NoFix("the function takes the mask of its one input, and the layer gets several inputs")
    elements = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else []
    whole = making.concrete.whole(argument)
    if elements and keep_argument:
        making.body.edits.append(_insertion(making.concrete.whole(elements[-1]).end, f", {', '.join(values)}"))
        first = f"*{first}"
    elif keep_argument:
        making.body.edits += [_insertion(whole.start, "["), _insertion(whole.end, f", {', '.join(values)}]")]
    else:
        making.body.edits.append(Edit(whole, f"[{', '.join(values)}]"))
    parameter = "tensors" if "inputs" in {*making.names_inside, *names} else "inputs"
    making.body.parameters.append(parameter)
    making.unpacking.append(f"{', '.join([first] * keep_argument + names)} = {parameter}")


def _refuse_own(name: str) -> None:
    if name in ("self", "kwargs"):
        raise NoFix(f"the function's parameter is called `{name}`")


def _insertion(offset: int, text: str) -> Edit:
    return Edit(Span(offset, offset), text)


def _argument(making: Making, text: str) -> ast.expr:
    """Return what the layer is called with, where it is made; raise `NoFix` where it is called elsewhere or with more."""
    call = making.sites.index.parents[making.site.node]
    if not (isinstance(call, ast.Call) and call.func is making.site.node):
        raise NoFix(f"`{text}` has to be an input of the layer, which is not called where it is made")
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        raise NoFix(f"`{text}` has to be an input of the layer, which is called with more than its inputs")
    return call.args[0]


def _tensor_name(making: Making, capture: Capture) -> str:
    if isinstance(capture.node, ast.Name):
        return capture.text
    name = parameter_name(capture.text, making.names_inside)
    making.replaced += [Edit(read, name) for read in capture.reads]
    return name


def _results(making: Making) -> list[_Result]:
    """Return the results of captured layers that the code which calls the layer can compute; none where it cannot compute all.

    It can where the function calls them on its inputs as they are, and need not repeat an expression for that.
    """
    results: list[_Result] = []
    for capture in making.function.captures:
        if capture.value.is_layer and not capture.importable:
            calls = [_call_on_inputs(making, node) for node in capture.nodes]
            if len({call and ast.dump(call) for call in calls}) != 1:
                return []
            name = parameter_name(f"{capture.text}_output", making.names_inside)
            results.append(_Result(capture, tuple(call for call in calls if call is not None), name))
    if not results or not all(result.calls for result in results):
        return []
    try:
        argument = _argument(making, results[0].capture.text)
        for result in results:
            refuse_other_meaning(making, result.capture)
    except NoFix:
        return []
    repeated = len(results) > 1 or _reads_beside(making, results)
    return results if isinstance(argument, ast.Name) or not repeated else []


def _call_on_inputs(making: Making, node: ast.expr) -> ast.Call | None:
    """Return the call of a captured layer on the function's inputs and nothing else but literals."""
    call = making.sites.index.parents[node]
    if not isinstance(call, ast.Call) or call.func is not node or len(call.args) != 1:
        return None
    literal = all(keyword.arg and isinstance(keyword.value, ast.Constant) for keyword in call.keywords)
    taken = making.sites.source.span(call.args[0]) in making.first.reads
    return call if literal and taken else None


def _around_argument(making: Making, call: ast.Call) -> tuple[str, str]:
    """Return the text of a call before and behind its argument."""
    source = making.sites.source
    span, argument = source.span(call), source.span(call.args[0])
    return source.text[span.start : argument.start], source.text[argument.end : span.end]


def _read(making: Making, result: _Result, name: str) -> None:
    spans = [making.sites.source.span(call) for call in result.calls]
    making.replaced = [edit for edit in making.replaced if not any(span.contains(edit.span) for span in spans)]
    making.replaced += [Edit(span, name) for span in spans]


def trains(making: Making, capture: Capture) -> bool:
    """Return whether a captured layer has weights that no other call of it lets a model train."""
    known = [layer for layer in making.function.layers if layer.name == capture.text]
    if all(layer.use is Use.NO_WEIGHTS for layer in known):
        return False
    index = making.sites.index
    bindings = index.reaching(capture.node) if isinstance(capture.node, ast.Name) else ()
    others = [read.node for binding in bindings for read in index.reads_of(binding) if read.node not in capture.nodes]
    return not any(isinstance(call := index.parents[other], ast.Call) and call.func is other for other in others)


def _reads_beside(making: Making, results: list[_Result]) -> bool:
    """Return whether the function reads its inputs elsewhere than in calls of these results."""
    inside = {making.sites.source.span(call.args[0]) for result in results for call in result.calls}
    return any(read not in inside for read in making.first.reads)
