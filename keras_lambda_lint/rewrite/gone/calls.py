"""One use of a function, written as a row of a table says, as edits that leave its arguments where they stand."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.layout import line_indent

if TYPE_CHECKING:
    from keras_lambda_lint.keras_api.backend_calls import NewCall, Place, Row
    from keras_lambda_lint.rewrite.concrete import Concrete
    from keras_lambda_lint.source.text import Source

PRIMARY = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
"""What an attribute can be read from without parentheses."""


@dataclass(frozen=True)
class Given:
    """An argument of the old call."""

    position: int | None
    """Its position; None where it is given by name."""
    node: ast.expr
    keyword: ast.keyword | None


def bound(row: Row, call: ast.Call) -> dict[str, Given] | None:
    """Return the arguments of a call by the row's parameters, in the order of the source; None where the row is not for it."""
    if any(isinstance(each, ast.Starred) for each in call.args) or len(call.args) > len(row.parameters):
        return None
    given = {row.parameters[n]: Given(n, node, None) for n, node in enumerate(call.args)}
    for keyword in call.keywords:
        if keyword.arg == "name" and "name" not in row.parameters:
            return None
        if keyword.arg not in row.parameters or keyword.arg in given:
            return None
        given[keyword.arg] = Given(None, keyword.value, keyword)
    if not set(row.required) <= given.keys():
        return None
    is_none = any(
        isinstance(given[name].node, ast.Constant) and _value(given[name].node) is None for name in row.required
    )
    return None if is_none else given


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else ...


@dataclass
class CallWriter:
    """Writes new calls in one file."""

    source: Source
    concrete: Concrete
    edits: list[Edit] = field(default_factory=list)

    def write(self, call: ast.Call, row: Row, new: NewCall) -> bool:
        """Note the edits that turn a call into the new one; return False where the row is not for it."""
        given = bound(row, call)
        if given is not None and new.method is not None:
            return self._method(call, list(given.values()), new.method)
        edits = None if given is None else self._arguments(given, row, new)
        if edits is None:
            return False
        self.edits += [Edit(self.source.span(call.func), new.function), *edits]
        return True

    def _method(self, call: ast.Call, given: list[Given], method: str) -> bool:
        """Write `f(x, value)` as `x.method(value)`."""
        owner, value = (self.concrete.whole(argument.node) for argument in given)
        if any(argument.keyword for argument in given) or not isinstance(given[0].node, PRIMARY):
            return False
        start = self.source.span(call).start
        self.edits += [Edit(Span(start, owner.start), ""), Edit(Span(owner.end, value.start), f".{method}(")]
        return True

    def _arguments(self, given: dict[str, Given], row: Row, new: NewCall) -> list[Edit] | None:
        edits: list[Edit] = []
        places = {place.parameter: (number, place) for number, place in enumerate(new.places)}
        by_position = True
        for number, (parameter, argument) in enumerate(given.items()):
            at, place = places[parameter]
            stays = by_position and argument.position is not None and at == number
            if place.keyword is None and (at != number or not by_position):
                return None
            if not stays and place.keyword is not None:
                by_position = False
            edits += self._argument(argument, place, by_name=not stays)
        if not by_position and any("=" not in each for each in new.added):
            return None
        added = [f"{name}={default}" for name, default in self._written_out(given, row, new)]
        added += new.added
        if added:
            last = max(self._span(argument).end for argument in given.values())
            suffix = next((edit for edit in edits if edit.span == Span(last, last)), None)
            edits = [edit for edit in edits if edit is not suffix]
            text = self._separator(last).join(["", *added])
            edits.append(Edit(Span(last, last), (suffix.content if suffix is not None else "") + text))
        return edits

    def _written_out(self, given: dict[str, Given], row: Row, new: NewCall) -> list[tuple[str, str]]:
        keywords = {place.parameter: place.keyword for place in new.places}
        return [
            (keywords[name] or name, default)
            for name, default in row.defaults
            if default is not None and name not in given
        ]

    def _separator(self, end: int) -> str:
        """Return what stands before an added argument: a new line where each argument has its own."""
        row = self.source.location(end).row
        line = self.source.line(row)
        alone = line.strip().endswith(",") and self.source.text[end : self.source.line_end(row)].strip() == ","
        return f",{self.source.newline}{line_indent(line)}" if alone else ", "

    def _span(self, argument: Given) -> Span:
        """Return the span of an argument with its name and the parentheses around its value."""
        whole = self.concrete.whole(argument.node)
        return whole if argument.keyword is None else Span(self.source.span(argument.keyword).start, whole.end)

    def _argument(self, argument: Given, place: Place, *, by_name: bool) -> list[Edit]:
        edits = []
        whole = self.concrete.whole(argument.node)
        before, after = place.before, place.after
        keyword = argument.keyword
        if not place.is_plain and not before.endswith("(") and not isinstance(argument.node, PRIMARY):
            bare = whole == self.source.span(argument.node) and not isinstance(argument.node, ast.Constant)
            before, after = (f"{before}(", f"){after}") if bare else (before, after)
        if place.keyword is None and keyword is not None:
            edits.append(Edit(Span(self.source.span(keyword).start, whole.start), before))
            before = ""
        elif keyword is not None and keyword.arg != place.keyword:
            start = self.source.span(keyword).start
            edits.append(Edit(Span(start, start + len(keyword.arg or "")), place.keyword or ""))
        elif keyword is None and by_name:
            before = f"{place.keyword}={before}"
        if before:
            edits.append(Edit(Span(whole.start, whole.start), before))
        if after:
            edits.append(Edit(Span(whole.end, whole.end), after))
        return edits
