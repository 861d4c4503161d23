"""One file from bytes to the findings that count. Imported only when a file passes the gate."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rules import select
from keras_lambda_lint.source.suppression import Suppression, unsuppressed
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source

TOO_DEEP = "nested too deeply to analyse"

# Forms that Python 2 has and Python 3 has not.
_PYTHON_2 = re.compile(
    r"""^\s*(?:print\s+[\w"'%]|exec\s+["'\w]|except\s+[\w.()]+(?:\s*,\s*[\w.]+)*\s*,\s*\w+\s*:|raise\s+[\w.]+\s*,)"""
    r"""|<>|\b0\d+\b|\bur["']|\b\d+L\b|`"""
)


def findings(source: Source, settings: Settings) -> list[Diagnostic]:
    """Return the findings of a file that no comment suppresses, with fixes; raise `SourceError` where it has to give up."""
    if Suppression(source).whole_file:
        return []
    codes = _codes(settings.select, settings.ignore, settings.extend_select)
    try:
        found = lint(source, codes, Options(settings.keras, settings.output_shape), fixes=True)
    except (RecursionError, MemoryError):
        raise SourceError(source.filename, 0, TOO_DEEP) from None
    except SourceError as error:
        if error.row and _PYTHON_2.search(source.line(error.row)):
            raise SourceError(error.filename, error.row, f"{error.reason} (looks like Python 2)") from None
        raise
    return unsuppressed(source, found)


@cache
def _codes(select_: tuple[str, ...], ignore: tuple[str, ...], extend_select: tuple[str, ...]) -> frozenset[str]:
    return select(select_, ignore, extend_select)
