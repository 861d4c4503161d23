"""Plans for sites that have nothing to do with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from keras_lambda_lint.diagnostic import Fix, Span


class _Site(Protocol):
    @property
    def span(self) -> Span: ...


Site = TypeVar("Site", bound=_Site)


def planned(found: Iterable[Site], reported: Collection[Span], write: Callable[[Site], Fix]) -> dict[Span, Fix | str]:
    """Return what `write` makes of each reported site by its span: the fix, or the reason why it refuses to write one."""
    plans: dict[Span, Fix | str] = {}
    for site in found:
        if site.span in reported:
            try:
                plans[site.span] = write(site)
            except NoFix as refusal:
                plans[site.span] = str(refusal)
    return plans
