"""`keras-lambda-lint rule`: what a rule finds, why, and what its fix changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.commands.usage import UsageError
from keras_lambda_lint.config import suggestion
from keras_lambda_lint.report.rules import document, section
from keras_lambda_lint.rules import RULES, with_digits

if TYPE_CHECKING:
    from keras_lambda_lint.report.console import Console


def run(code: str | None, console: Console) -> int:
    """Print one rule, or all where `code` is None, and return the exit code; raise `UsageError` for an unknown one."""
    if code is None:
        console.write(document(RULES))
        return 0
    for rule in RULES:
        if code.upper() == rule.code or code == rule.name:
            console.write(section(rule))
            return 0
    family = [rule.code for rule in RULES if code and rule.code.startswith(code.upper())]
    if family:
        raise UsageError(f"`{code}` is no rule, but how several codes start: {', '.join(family)}")
    near = suggestion(with_digits(code), [rule.code for rule in RULES]) or "; rule --all prints all of them"
    raise UsageError(f"unknown rule `{code}`{near}")
