"""Which code actions are offered where."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from keras_lambda_lint.commands.fixing import accepted
from keras_lambda_lint.diagnostic import Applicability, Span
from keras_lambda_lint.server.diagnostics import SOURCE
from keras_lambda_lint.server.fixing import ALL, DISABLE, OF_RULE, ONE, Wanted, may_be_applied
from keras_lambda_lint.source.suppression import UNUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.server.settings import ClientSettings

QUICK_FIX = types.CodeActionKind.QuickFix.value
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.{SOURCE}"
NOTEBOOK_FIX_ALL = f"notebook.{FIX_ALL}"
_NOWHERE = Span(0, 0)
KINDS = (QUICK_FIX, FIX_ALL, NOTEBOOK_FIX_ALL)


class Offer(NamedTuple):
    """An action that a person can choose."""

    title: str
    kind: str
    wanted: Wanted
    settles: tuple[Diagnostic, ...] = ()
    """The findings that it is for."""
    preferred: bool = False


class Offers:
    """Finds the actions for a place in a text."""

    def __init__(self, uri: str, stamp: int, found: Sequence[Diagnostic], settings: Settings, client: ClientSettings):
        self._uri = uri
        self._stamp = stamp
        self._found = found
        self._settings = settings
        self._client = client

    def at(self, span: Span, only: Iterable[str] | None) -> Iterator[Offer]:
        """Yield the actions for findings that a span touches, of the kinds asked for; None asks for all."""
        kinds = None if only is None else tuple(only)
        if _is_asked_for(QUICK_FIX, kinds):
            here = [each for each in self._found if each.span.start <= span.end and span.start <= each.span.end]
            if self._client.quick_fix:
                yield from self._fixes(here)
                yield from self._of_rules(here)
            if self._client.disable_rule_comment:
                yield from self._comments(here)
        for kind in (FIX_ALL, NOTEBOOK_FIX_ALL):
            if self._client.fix_all and _is_asked_for(kind, kinds):
                yield from self._all(kind, asked=kinds is not None)

    def _fixes(self, here: Iterable[Diagnostic]) -> Iterator[Offer]:
        for each in here:
            if each.fix is not None and may_be_applied(each.fix, unsafe=True):
                safe = each.fix.applicability is Applicability.SAFE
                mark = "" if safe else f" (unsafe: {each.fix.unsafe_because})"
                title = f"{SOURCE} ({each.code}): {each.fix.message}{mark}"
                wanted = self._wanted(ONE, each.code, each.fix.site, unsafe=not safe)
                yield Offer(title, QUICK_FIX, wanted, (each,), preferred=safe)

    def _of_rules(self, here: Iterable[Diagnostic]) -> Iterator[Offer]:
        """Yield for each rule that has findings here what fixes all its findings, where those are of several sites."""
        for code in dict.fromkeys(each.code for each in here if each.fix is not None):
            fixable = [each for each in self._found if each.code == code and each.fix is not None]
            for unsafe, mark in ((False, ""), (True, ", unsafe fixes too")):
                chosen = [each for each in fixable if each.fix and may_be_applied(each.fix, unsafe=unsafe)]
                all_safe = unsafe and all(may_be_applied(each.fix, unsafe=False) for each in chosen if each.fix)
                if len({each.fix.site for each in chosen if each.fix}) > 1 and not all_safe:
                    title = f"{SOURCE} ({code}): Fix all in this file{mark}"
                    yield Offer(title, QUICK_FIX, self._wanted(OF_RULE, code, unsafe=unsafe), tuple(chosen))

    def _comments(self, here: Iterable[Diagnostic]) -> Iterator[Offer]:
        for each in here:
            if each.code != UNUSED:
                title = f"{SOURCE} ({each.code}): Disable for this line"
                yield Offer(title, QUICK_FIX, self._wanted(DISABLE, each.code, each.span), (each,))

    def _all(self, kind: str, *, asked: bool) -> Iterator[Offer]:
        if kind == NOTEBOOK_FIX_ALL and not asked:
            return
        if any(each.fix is not None and accepted(each.fix, self._settings) for each in self._found):
            yield Offer(f"{SOURCE}: Fix all auto-fixable problems", kind, self._wanted(ALL))

    def _wanted(self, what: str, code: str = "", span: Span = _NOWHERE, *, unsafe: bool = False) -> Wanted:
        return Wanted(what, self._uri, self._stamp, code, span, unsafe)


def _is_asked_for(kind: str, only: Sequence[str] | None) -> bool:
    """Return whether a kind, or one above it, is among those asked for."""
    return only is None or any(not each or kind == each or kind.startswith(f"{each}.") for each in only)
