"""Findings as workflow commands, which GitHub shows as annotations on the lines of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.report.lines import lines, message, problem_message, problem_row

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.results import Problem, Results
    from keras_lambda_lint.source.text import Source

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
# What GitHub's own toolkit escapes (`packages/core/src/command.ts`), the sign of escapes first.
_IN_MESSAGES = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTIES = (*_IN_MESSAGES, (":", "%3A"), (",", "%2C"))


def findings(results: Results) -> str:
    """Return one command for each finding, and for each thing that could not be done."""
    commands = [_problem(each) for each in results.problems]
    commands += [_finding(source, each) for source, found in results.files for each in found]
    return "".join(f"{command}\n" for command in commands)


def _finding(source: Source, diagnostic: Diagnostic) -> str:
    properties: dict[str, str | int] = {"title": f"{diagnostic.code} {diagnostic.name}", "file": source.filename}
    found = lines(source, diagnostic.span)
    if found is not None:
        start, end = found
        if start.row == end.row:
            # GitHub takes columns on one line only.
            properties |= {"col": start.column, "endColumn": end.column}
        properties |= {"line": start.row, "endLine": end.row}
    said = message(source, diagnostic.span, f"{diagnostic.code} {diagnostic.message}")
    return _command(_COMMANDS[diagnostic.severity.value], properties, said)


def _problem(problem: Problem) -> str:
    properties: dict[str, str | int] = {"title": "keras-lambda-lint"}
    if problem.filename is not None:
        properties["file"] = problem.filename
    if problem_row(problem):
        properties["line"] = problem_row(problem)
    return _command("error", properties, problem_message(problem))


def _command(name: str, properties: dict[str, str | int], text: str) -> str:
    shown = ",".join(f"{key}={_escaped(str(value), _IN_PROPERTIES)}" for key, value in properties.items())
    return f"::{name} {shown}::{_escaped(text, _IN_MESSAGES)}"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for character, escape in escapes:
        text = text.replace(character, escape)
    return text
