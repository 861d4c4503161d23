"""Functions of `keras.backend` that Keras 3 lacks: `keras.ops` where only Keras 3 counts, TensorFlow where Keras 2 does too."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange, Span
from keras_lambda_lint.keras_api.backend_calls import DIFFERENT, ON_BOTH, ORDERINGS, NewCall, Row, rows
from keras_lambda_lint.rewrite.alignment import realigned
from keras_lambda_lint.rewrite.concrete import Concrete
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.gone.calls import PRIMARY, CallWriter, bound
from keras_lambda_lint.rewrite.gone.signs import Signs
from keras_lambda_lint.rewrite.gone.spelled import Spelled
from keras_lambda_lint.rewrite.planned import planned
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.gone.backend_uses import BackendUse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.gone.backend_uses import RemovedName

_FAILS = "it cannot run on Keras 3 as it is"


def plan_backend(sites: FileSites, reported: Reported) -> Mapping[Span, Fix | str]:
    """Return the fix of each function that uses what is gone, by the span of its first use, or the reason why there is none."""
    return planned(sites.of(BackendUse), reported.get(BackendUse, {}), lambda use: _Rewrite(sites, use).fix())


class _Rewrite:
    """The rewrite of all that one function uses."""

    def __init__(self, sites: FileSites, use: BackendUse) -> None:
        self.sites = sites
        self.use = use
        self.spelled = Spelled(sites)
        self.writer = CallWriter(sites.source, Concrete(sites.source, sites.index))
        self.signs = Signs(sites)
        self.differences: list[str] = []

    def fix(self) -> Fix:
        """Return the fix; raise `NoFix` where one of the uses stays."""
        if self.use.source is not None:
            raise NoFix(f"the function stands in {self.use.source.filename}: it is fixed there")
        way = self._way()
        for name in self.use.uses:
            self._replace(name, way)
        aligned = [
            edit
            for statement in self._statements()
            for edit in realigned(self.sites.source, statement, self.writer.edits)
        ]
        instead = "`keras.ops`" if way == "ops" else "TensorFlow"
        return Fix(
            message=f"{instead} instead of `{self.use.names[0].package}`",
            edits=in_order((*self.writer.edits, *self.spelled.edits, *aligned)),
            applicability=Applicability.UNSAFE,
            site=Span(self.use.span.start, self.sites.source.span(self._statements()[-1]).end),
            intended=(IntendedChange.REPAIRS_CRASH,),
            unsafe_because=next(iter(self.differences), _FAILS),
            comes_first=True,
        )

    def _statements(self) -> list[ast.stmt]:
        """Return the statements that change."""
        return list(dict.fromkeys(self.sites.index.statement(name.node) for name in self.use.uses))

    def _way(self) -> str:
        """Return what to compute with; raise `NoFix` where nothing runs on all Kerases that the file may run on."""
        if 2 not in self.use.target or all(name.known.name in ON_BOTH for name in self.use.uses):
            return "ops"
        if self.spelled.tensorflow(self.use.uses[0].node) is None:
            raise NoFix(
                '`keras.ops` does not exist on Keras 2, which the file may run on: if it need not, say `keras = "3"`'
            )
        return "tf"

    def _replace(self, name: RemovedName, way: str) -> None:
        parent = self.sites.index.parents[name.node]
        if isinstance(parent, ast.Call) and parent.func is name.node:
            if name.known.name == "image_dim_ordering":
                self._ordering(name, parent)
            else:
                self._call(name, parent, way)
            return
        for row in rows().get(name.known.name, ()):
            if row.same_as_value(way):
                new = self._spelled(name.node, row, way)
                assert new is not None
                self.writer.edits.append(Edit(name.span, new.function))
                self._note_difference(name, new, way)
                return
        raise NoFix(f"`{name.text}` is passed on, and nothing that is the same takes the same arguments")

    def _call(self, name: RemovedName, call: ast.Call, way: str) -> None:
        if name.known.name == "int_shape" and self._is_indexed(call) and len(call.args) == 1 and not call.keywords:
            self._length(call)
            return
        if name.known.name == "shape" and way == "ops" and not self._is_indexed(call) and not self._is_shape(call):
            raise NoFix(f"`{name.text}` is a tensor, and `keras.ops.shape` a tuple: what reads it has to take that")
        if name.known.name == "set_value" and not isinstance(self.sites.index.parents[call], ast.Expr):
            raise NoFix(f"the result of `{name.text}` is used")
        if name.known.name == "stop_gradient" and any(isinstance(each, (ast.List, ast.Tuple)) for each in call.args):
            raise NoFix(f"`{name.text}` takes several tensors here, what replaces it takes one")
        given = call.args[:1] or [keyword.value for keyword in call.keywords[:1]]
        if way == "tf" and (way, name.known.name) in DIFFERENT and any(map(self.signs.is_boolean, given)):
            raise NoFix(f"`{name.text}` takes booleans here, which TensorFlow's does not")
        positive = name.known.name == "sqrt" and all(map(self.signs.is_not_negative, given))
        for row in rows().get("sqrt_not_negative" if positive else name.known.name, ()):
            new = self._spelled(name.node, row, way)
            if new is not None and self.writer.write(call, row, new):
                self._note_difference(name, new, way)
                return
        raise NoFix(self._refusal(name, way))

    def _spelled(self, node: ast.Name | ast.Attribute, row: Row, way: str) -> NewCall | None:
        """Return the new call of a row with the file's own names; None where the row has none."""
        new = row.call(way)
        return None if new is None else new.spelled(lambda name: self._name(node, name))

    def _name(self, node: ast.Name | ast.Attribute, name: str) -> str:
        if name == "tf":
            return self.spelled.tensorflow(node) or ""
        spell = {"ops": self.spelled.ops, "keras": self.spelled.keras, "floatx": self.spelled.default_float}
        return spell[name](node)

    def _note_difference(self, name: RemovedName, new: NewCall, way: str) -> None:
        if (way, name.known.name) in DIFFERENT:
            self.differences.append(f"`{new.function}` {DIFFERENT[way, name.known.name]}")

    def _refusal(self, name: RemovedName, way: str) -> str:
        """Return why a call stays."""
        known = name.known
        if any(row.call(way) is not None for row in rows().get(known.name, ())):
            return f"an argument of `{name.text}` has no counterpart in what replaces it"
        if known.instead and (way == "tf" or known.is_exact):
            return f"how to write `{name.text}` with {'TensorFlow' if way == 'tf' else '`keras.ops`'} was not measured"
        return f"`{name.text}` has no equivalent" + (f": `{known.instead}` {known.differs}" if known.instead else "")

    def _is_indexed(self, call: ast.Call) -> bool:
        """Return whether one length is taken of a shape."""
        parent = self.sites.index.parents[call]
        if not isinstance(parent, ast.Subscript) or parent.value is not call:
            return False
        return not isinstance(parent.slice, (ast.Slice, ast.Tuple))

    def _is_shape(self, call: ast.Call) -> bool:
        """Return whether a shape is given to another function of the backend as a shape."""
        parent = self.sites.index.parents[call]
        around = self.sites.index.parents[parent] if isinstance(parent, ast.keyword) else parent
        if not isinstance(around, ast.Call):
            return False
        takers = [name.known.name for name in self.use.uses if name.node is around.func]
        given = next((bound(row, around) for taker in takers for row in rows().get(taker, ())), None)
        return given is not None and "shape" in given and given["shape"].node is call

    def _length(self, call: ast.Call) -> None:
        """Read one length of `K.int_shape(x)[i]` from `x.shape` itself."""
        whole = self.writer.concrete.whole(call.args[0])
        span = self.sites.source.span(call)
        if not isinstance(call.args[0], PRIMARY):
            raise NoFix(f"`{self.sites.text(whole)}` has no name, whose shape could be read")
        self.writer.edits += [Edit(Span(span.start, whole.start), ""), Edit(Span(whole.end, span.end), ".shape")]

    def _ordering(self, name: RemovedName, call: ast.Call) -> None:
        """Compare what Keras 2 and 3 say of the order of axes, where the name of Keras 1 is compared with its own words."""
        parent = self.sites.index.parents[call]
        other = None
        if isinstance(parent, ast.Compare) and len(parent.ops) == 1 and isinstance(parent.ops[0], (ast.Eq, ast.NotEq)):
            other = parent.comparators[0] if parent.left is call else parent.left
        word = ORDERINGS.get(str(other.value)) if isinstance(other, ast.Constant) else None
        if isinstance(name.node, ast.Name) or other is None or word is None:
            raise NoFix(
                f"`{name.text}` says `tf` or `th`, `image_data_format` says `channels_last` or `channels_first`"
            )
        span = self.sites.source.span(other)
        quote = self.sites.text(span)[0]
        place = Span(name.span.end - len(name.known.name), name.span.end)
        self.writer.edits += [Edit(place, "image_data_format"), Edit(span, f"{quote}{word}{quote}")]
