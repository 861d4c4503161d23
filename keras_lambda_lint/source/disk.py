"""What is remembered of the disk while a run lasts, and how a process that outlives its runs forgets it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    _Function = TypeVar("_Function", bound=Callable[..., Any])

_REMEMBERED: list[Callable[[], None]] = []


def remembered(most: int) -> Callable[[_Function], _Function]:
    """Return a decorator for a function of the disk's state: so many of its results are kept until `forget` is called."""

    def keeping(function: _Function) -> _Function:
        keeper = lru_cache(maxsize=most)(function)
        _REMEMBERED.append(keeper.cache_clear)
        return cast("_Function", keeper)

    return keeping


def forget() -> None:
    """Let everything be looked up anew: files have changed."""
    for clear in _REMEMBERED:
        clear()
