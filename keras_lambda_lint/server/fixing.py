"""What a code action changes: fixes as the engine applies them, which keeps its promises for one fix as for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from keras_lambda_lint.commands.fixing import accepted, apply
from keras_lambda_lint.diagnostic import Applicability, Span
from keras_lambda_lint.server.analysing import guarded, prepare

if TYPE_CHECKING:
    from collections.abc import Collection

    from keras_lambda_lint.diagnostic import Diagnostic, Fix
    from keras_lambda_lint.rewrite.engine import Accept, Fixed
    from keras_lambda_lint.server.analysing import Failure, Inputs
    from keras_lambda_lint.source.text import Source

ONE = "fix"
"""The fix of one site."""
OF_RULE = "rule"
"""The fixes of all findings of a rule in the file."""
ALL = "all"
"""All fixes of the file that the settings let be applied unseen."""
DISABLE = "disable"
"""A comment that disables a rule for a line."""


class Wanted(NamedTuple):
    """What an action is to do: small enough to travel to the client and back."""

    what: str
    uri: str
    stamp: int
    """Of the text that the action was offered for: another text has another one."""
    code: str = ""
    span: Span = Span(0, 0)
    """Of the site, or of the finding that is to be disabled."""
    unsafe: bool = False
    """Whether unsafe fixes are meant too."""

    def to_json(self) -> dict[str, Any]:
        """Return it as values of JSON."""
        return {**self._asdict(), "span": list(self.span)}

    @classmethod
    def from_json(cls, data: object) -> Wanted:
        """Return what `to_json` wrote; raise ValueError for anything else."""
        try:
            assert isinstance(data, dict)
            start, end = data["span"]
            wanted = cls(**{**data, "span": Span(start, end)})
            assert [type(value) for value in wanted] == [str, str, int, str, Span, bool]
            assert type(start) is type(end) is int
        except (AssertionError, KeyError, TypeError, ValueError):
            raise ValueError("not an action of keras-lambda-lint") from None
        return wanted


def may_be_applied(fix: Fix, *, unsafe: bool) -> bool:
    """Return whether a fix may be applied, unsafe ones included or not."""
    return fix.applicability is Applicability.SAFE or (unsafe and fix.applicability is Applicability.UNSAFE)


def fixed(inputs: Inputs, found: Collection[Diagnostic], wanted: Wanted) -> Fixed | Failure:
    """Return a text with the fixes that are wanted, or why there is none."""
    return guarded(inputs.source, lambda: _fixed(inputs, _accept(inputs, found, wanted)))


def _fixed(inputs: Inputs, accept: Accept) -> Fixed:
    prepare(inputs)
    return apply(inputs.source, inputs.settings, accept, inputs.others)


def _accept(inputs: Inputs, found: Collection[Diagnostic], wanted: Wanted) -> Accept:
    if wanted.what == ALL:
        return lambda fix, _origin, _text: accepted(fix, inputs.settings)
    sites = {wanted.span}
    if wanted.what == OF_RULE:
        sites = {each.fix.site for each in found if each.code == wanted.code and each.fix is not None}

    def accept(fix: Fix, origin: Span, _text: Source) -> bool:
        return origin in sites and may_be_applied(fix, unsafe=wanted.unsafe)

    return accept
