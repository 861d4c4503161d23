"""The parameters of a function in the order of its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator


def with_defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, str, ast.expr | None]]:
    """Yield every parameter with its kind (`positional`, `keyword`, `*` or `**`) and its default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    for argument, default in zip(positional, [*[None] * missing, *arguments.defaults], strict=True):
        yield argument, "positional", default
    if arguments.vararg is not None:
        yield arguments.vararg, "*", None
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument, "keyword", default
    if arguments.kwarg is not None:
        yield arguments.kwarg, "**", None
