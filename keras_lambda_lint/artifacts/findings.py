"""What is found in saved models as findings of KLL502, which every output format of `check` can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.rules.kll502_bytecode_in_model import BytecodeInModel
from keras_lambda_lint.rules.options import Options
from keras_lambda_lint.sites.stored import StoredCode
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.inspection import Inspected, Model
    from keras_lambda_lint.diagnostic import Diagnostic

_WORDS = {"pure": "it only computes", "unknown": "what it reads is unknown", "dangerous": "it is dangerous"}
_LONGEST = 300


def findings(model: Model) -> tuple[Source, list[Diagnostic]]:
    """Return one finding per stored function, and the text that they are places in: all that was recovered of the file."""
    shown = [_shown(function) for function in model.functions]
    rule = BytecodeInModel(Options())
    found: list[Diagnostic] = []
    start = 0
    for function, text in zip(model.functions, shown, strict=True):
        end = start + len(text.partition("\n")[0])
        found += rule.check(stored_code(function, Span(start, end)))
        start += len(text) + 1
    return Source(model.file.path, "".join(f"{text}\n" for text in shown)), found


def stored_code(function: Inspected, span: Span) -> StoredCode:
    """Return what the rule sees of a function."""
    first, _, rest = (function.source or "code that cannot be shown").partition("\n")
    source = f"{first} …" if rest else first
    reasons = f" ({', '.join(function.risk.reasons)})" if function.risk.reasons else ""
    return StoredCode(
        span,
        function.stored.layer,
        function.stored.role,
        function.python,
        source if len(source) <= _LONGEST else f"{source[:_LONGEST]}…",
        _WORDS[function.risk.level] + reasons,
        function.risk.level == "dangerous",
    )


def _shown(function: Inspected) -> str:
    return function.source or f"# {function.status}: {' '.join((function.reason or '').split())}"
