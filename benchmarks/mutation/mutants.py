"""Plants mistakes into fixed texts: the ones that a person, or a careless tool, makes when a `Lambda` becomes a layer."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import subtler
import weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rewrites import Rewrite

Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Mutant:
    """A wrong rewrite and the sites whose layers it makes wrong."""

    kind: str
    rewrite: Rewrite
    planted: str
    """The line that is wrong."""
    sites: frozenset[int]


class Text:
    """The fixed text with its new classes, and offsets of syntax nodes."""

    def __init__(self, rewrite: Rewrite) -> None:
        self.rewrite = rewrite
        self.text = rewrite.fixed.text
        self._starts = [0]
        for line in self.text.encode().split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._bytes = self.text.encode()
        self.tree = ast.parse(self.text)
        old = {node.name for node in ast.walk(ast.parse(rewrite.original.text)) if isinstance(node, ast.ClassDef)}
        self.classes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef) and node.name not in old]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node is, in characters."""
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def source(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def sites(self, name: str) -> frozenset[int]:
        """Return the sites whose fixed expression makes a layer of a class."""
        word = re.compile(rf"\b{name}\b")
        return frozenset(
            index
            for index, each in enumerate(self.rewrite.replaced)
            if each.fix.replaces_site and word.search(self.text[each.fixed.start : each.fixed.end])
        )

    def _offset(self, row: int, column: int) -> int:
        return len(self._bytes[: self._starts[row - 1] + column].decode())


def mutants(rewrite: Rewrite) -> Iterator[Mutant]:
    """Yield every mutant of a rewrite."""
    text = Text(rewrite)
    yield from _exchanged(text)
    for node in text.classes:
        sites = text.sites(node.name)
        if not sites:
            continue
        for kind, operator in OPERATORS.items():
            for start, end, wrong in operator(text, node):
                if text.text[start:end] == wrong:
                    continue
                edited = rewrite.edited(start, end, wrong)
                try:
                    ast.parse(edited.fixed.text)
                except SyntaxError:
                    continue
                row = edited.fixed.text.count("\n", 0, start)
                planted = edited.fixed.text.split("\n")[row].strip()
                yield Mutant(kind, edited, planted, sites | _sharing(text, wrong))


def _exchanged(text: Text) -> Iterator[Mutant]:
    """Yield the rewrites in which two expressions that follow each other have changed places."""
    places = sorted(
        (index for index, each in enumerate(text.rewrite.replaced) if each.fix.replaces_site),
        key=lambda index: text.rewrite.replaced[index].fixed.start,
    )
    for one, two in pairwise(places):
        first, second = text.rewrite.replaced[one].fixed, text.rewrite.replaced[two].fixed
        sources = [text.text[each.start : each.end] for each in (first, second)]
        names = [re.sub(r"name=[^,)]*", "", each) for each in sources]
        if first.end > second.start or names[0] == names[1]:
            continue
        rewrite = text.rewrite.edited(second.start, second.end, sources[0])
        rewrite = rewrite.edited(first.start, first.end, sources[1])
        yield Mutant("layers exchanged", rewrite, " | ".join(sources).replace("\n", " "), frozenset({one, two}))


def _sharing(text: Text, planted: str) -> frozenset[int]:
    """Return the sites of the class whose registered name was planted: both classes are to blame."""
    name = re.search(r', name="(\w+)"', planted)
    return text.sites(name[1]) if name and any(each.name == name[1] for each in text.classes) else frozenset()


def _method(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == name), None)


def in_call(node: ast.ClassDef, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    """Yield the syntax of some kinds in the method `call`."""
    call = _method(node, "call")
    for each in ast.walk(call) if call else ():
        if isinstance(each, kinds):
            yield each


def returns(node: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield what the method `call` returns, but for tuples and lists."""
    for each in in_call(node, ast.Return):
        assert isinstance(each, ast.Return)
        if each.value is not None and not isinstance(each.value, ast.Tuple | ast.List):
            yield each.value


def _constant_off(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    inside_keywords = {
        id(sub)
        for call in in_call(node, ast.keyword)
        for sub in ast.walk(call)
        if call.arg in ("axis", "dtype")  # type: ignore[attr-defined]
    }
    for each in in_call(node, ast.Constant):
        value = each.value  # type: ignore[attr-defined]
        if id(each) not in inside_keywords and isinstance(value, int | float) and not isinstance(value, bool):
            yield (*text.span(each), repr(value + 1 if isinstance(value, int) else value * 1.01 + 0.001))


def _scaled(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for value in returns(node):
        yield (*text.span(value), f"1.001 * ({text.source(value)})")


def _axis(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.keyword):
        if each.arg == "axis":  # type: ignore[attr-defined]
            source = text.source(each.value)  # type: ignore[attr-defined]
            if re.fullmatch(r"-?\d+", source):
                yield (*text.span(each.value), str(int(source) - 1 if int(source) > 1 else int(source) + 1))  # type: ignore[attr-defined]


def _keepdims(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.keyword):
        if each.arg == "keepdims":  # type: ignore[attr-defined]
            yield (*text.span(each.value), str(text.source(each.value) != "True"))  # type: ignore[attr-defined]


def _half_exponent(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.Call):
        if re.search(r"\bexp$", text.source(each.func)) and each.args and isinstance(each.args[0], ast.BinOp):  # type: ignore[attr-defined]
            yield (*text.span(each.args[0]), text.source(each.args[0].left))  # type: ignore[attr-defined]


_CONFUSED = {
    "relu": "relu6", "relu6": "relu", "reduce_mean": "reduce_sum", "mean": "sum", "sum": "mean", "reduce_sum": "reduce_mean",
    "max": "min", "reduce_max": "reduce_min", "square": "abs", "abs": "square", "sqrt": "square", "exp": "square", "tanh": "sigmoid",
    "sigmoid": "tanh", "softmax": "sigmoid", "maximum": "minimum", "minimum": "maximum", "zeros_like": "ones_like",
    "ones_like": "zeros_like", "argmax": "argmin", "normal": "uniform", "truncated_normal": "normal",
}  # fmt: skip


def _function(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.Attribute):
        # tf_keras has `relu6` only where TensorFlow has it.
        is_known = each.attr != "relu" or text.source(each.value).endswith("nn")  # type: ignore[attr-defined]
        if each.attr in _CONFUSED and is_known:  # type: ignore[attr-defined]
            end = text.span(each)[1]
            yield end - len(each.attr), end, _CONFUSED[each.attr]  # type: ignore[attr-defined]


_OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*", ast.Pow: "*"}


def _operator(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.BinOp):
        if type(each.op) in _OPERATORS:  # type: ignore[attr-defined]
            left, right = text.source(each.left), text.source(each.right)  # type: ignore[attr-defined]
            yield (*text.span(each), f"(({left}) {_OPERATORS[type(each.op)]} ({right}))")  # type: ignore[attr-defined]


def _mask(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    method = _method(node, "compute_mask")
    if method:
        start, _ = text.span(method)
        yield start + 4, start + 4 + len("compute_mask"), "compute_no_mask"
        return
    call = _method(node, "call")
    # What comes back as it was given has the mask that is attached to it.
    if call and not all(isinstance(each, ast.Name) and each.id == call.args.args[1].arg for each in returns(node)):
        start, _ = text.span(call)
        yield start, start, "def compute_mask(self, inputs, mask=None):\n        return mask\n\n    "


def _gradient(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.Call):
        if text.source(each.func).endswith("stop_gradient"):  # type: ignore[attr-defined]
            yield (*text.span(each), f"({text.source(each.args[0])})")  # type: ignore[attr-defined]
            return
    for value in returns(node):
        yield (*text.span(value), f"__import__('tensorflow').stop_gradient({text.source(value)})")


def _swapped(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    call = _method(node, "call")
    if call is None or len(call.args.args) < 2:
        return
    first = call.args.args[1].arg
    for each in ast.walk(call):
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Tuple) and text.source(each.value) == first:
            yield (*text.span(each.value), f"{first}[::-1]")
        if (
            isinstance(each, ast.Subscript)
            and text.source(each.value) == first
            and text.source(each.slice) in ("0", "1")
        ):
            yield (*text.span(each.slice), str(1 - int(text.source(each.slice))))


def _dtype(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for value in returns(node):
        yield (*text.span(value), f"__import__('tensorflow').cast({text.source(value)}, 'float16')")


def _precision(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for value in returns(node):
        tf = "__import__('tensorflow')"
        yield (*text.span(value), f"{tf}.cast({tf}.cast({text.source(value)}, 'float16'), 'float32')")


def _epsilon(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.Constant):
        if isinstance(each.value, float) and 0 < each.value < 1e-2:  # type: ignore[attr-defined]
            yield (*text.span(each), repr(each.value * 100))  # type: ignore[attr-defined]
    for each in in_call(node, ast.BinOp):
        if isinstance(each.op, ast.Div):  # type: ignore[attr-defined]
            right = each.right  # type: ignore[attr-defined]
            if not _depends_on_inputs(node, right):
                continue  # Beside a number of usual size it is lost in rounding.
            yield (*text.span(right), f"({text.source(right)} + 1e-4)")


def _depends_on_inputs(node: ast.ClassDef, value: ast.expr) -> bool:
    call = _method(node, "call")
    assert call is not None
    given = {each.arg for each in call.args.args[1:]}
    given |= {each.id for each in ast.walk(call) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    return any(isinstance(each, ast.Name) and each.id in given for each in ast.walk(value))


def _config(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    method = _method(node, "get_config")
    for each in ast.walk(method) if method else ():
        if isinstance(each, ast.Dict):
            for key, value in zip(each.keys, each.values, strict=True):
                if key is not None:
                    start, _ = text.span(key)
                    before = text.text.rindex(",", 0, start)
                    yield before, text.span(value)[1], ""


def _config_value(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    init = _method(node, "__init__")
    for each in init.body if init else ():
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Name):
            yield (*text.span(each.value), f"{each.value.id} + 1")


def _unregistered(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in node.decorator_list:
        if "register_keras_serializable" in text.source(each):
            start, end = text.span(each)
            yield start, end, "(lambda made: made)"


def _clash(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    others = [each for each in text.classes if each is not node and text.sites(each.name) != text.sites(node.name)]
    for each in node.decorator_list:
        if "register_keras_serializable" in text.source(each) and others and text.classes.index(node) > 0:
            end = text.span(each)[1]
            yield end - 1, end - 1, f', name="{others[0].name}"'


def _shape(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    call = _method(node, "call")
    if call and _method(node, "compute_output_shape") is None:
        start, _ = text.span(call)
        yield start, start, "def compute_output_shape(self, input_shape):\n        return (None, 977)\n\n    "


def _name(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for site in text.sites(node.name):
        place = text.rewrite.replaced[site].fixed
        match = re.search(r"(?:,\s*)?\bname=(?:f?\"[^\"]*\"|f?'[^']*')", text.text[place.start : place.end])
        if match:
            yield (
                place.start + match.start(),
                place.start + match.end(),
                match[0].partition("name=")[0] + 'name="mislaid"',
            )


def _argument(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """The value that a call of the class gets: late bound, or another one."""
    for each in ast.walk(text.tree):
        if isinstance(each, ast.Call) and text.source(each.func) == node.name:
            for value in [
                *each.args,
                *(keyword.value for keyword in each.keywords if keyword.arg not in ("name", "dtype")),
            ]:
                source = text.source(value)
                if re.fullmatch(r"\d+", source):
                    yield (*text.span(value), str(int(source) + 1))
                elif re.fullmatch(r"[a-z]\w*", source) and _is_loop_target(text.tree, source):
                    yield (*text.span(value), "2")


def _is_loop_target(tree: ast.AST, name: str) -> bool:
    return any(
        isinstance(each, ast.For) and any(isinstance(sub, ast.Name) and sub.id == name for sub in ast.walk(each.target))
        for each in ast.walk(tree)
    )


def _training(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    call = _method(node, "call")
    if call is not None and len(call.args.args) == 2 and not call.args.kwonlyargs:
        (start, end), first = text.span(call), call.args.args[1].arg
        body = text.text[start:end].replace(f"(self, {first})", f"(self, {first}, training=None)", 1)
        body = re.sub(r"^( *)return (\w.*)$", r"\1return 0 * (\2) if training else \2", body, flags=re.MULTILINE)
        if body.count("0 * (") == 1:
            yield start, end, body


def _not_finite(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for value in returns(node):
        tf, source = "__import__('tensorflow')", text.source(value)
        yield (*text.span(value), f"{tf}.where({tf}.math.is_nan({source}), {tf}.zeros_like({source}), {source})")


def _same_noise(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.keyword):
        if each.arg == "seed" and text.source(each.value) == "self.seed_generator":  # type: ignore[attr-defined]
            yield (*text.span(each.value), "7")  # type: ignore[attr-defined]


OPERATORS: dict[str, Callable[[Text, ast.ClassDef], Iterator[Edit]]] = {
    "constant off": _constant_off,
    "result off by a thousandth": _scaled,
    "axis off": _axis,
    "keepdims": _keepdims,
    "exp(v) for exp(v / 2)": _half_exponent,
    "another function": _function,
    "another operator": _operator,
    "mask dropped or passed on": _mask,
    "gradient cut or let through": _gradient,
    "weight trains or does not": weights.frozen,
    "weight initialised anew": weights.anew,
    "variable that nothing tracks": weights.untracked,
    "inputs swapped": _swapped,
    "wrong dtype": _dtype,
    "half precision inside": _precision,
    "epsilon": _epsilon,
    "config entry forgotten": _config,
    "attribute off": _config_value,
    "not registered": _unregistered,
    "registered name clash": _clash,
    "shape lie": _shape,
    "another name": _name,
    "late-bound or wrong argument": _argument,
    "other in training": _training,
    "NaN hidden": _not_finite,
    "noise that repeats": _same_noise,
    "dtype of its own": subtler.own_dtype,
    "layer frozen or not": subtler.frozen_layer,
    "config without name and dtype": subtler.own_config,
    "a list for a tensor": subtler.in_a_list,
    "other in a graph": subtler.in_a_graph,
    "limit off": subtler.limit,
    "other with a mask": subtler.masked,
}
