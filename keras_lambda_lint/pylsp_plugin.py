"""A plugin for python-lsp-server: the findings of the text in the editor, and their fixes as quick fixes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pylsp import hookimpl

from keras_lambda_lint.commands.analysis import findings
from keras_lambda_lint.config import ConfigError, Finder
from keras_lambda_lint.diagnostic import Applicability, Severity
from keras_lambda_lint.files import in_excluded
from keras_lambda_lint.source import disk
from keras_lambda_lint.source.chain import is_candidate
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Diagnostic, Edit, Span

_SOURCE = "keras-lambda-lint"
_SEVERITIES = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFO: 3}


@hookimpl
def pylsp_lint(document: Any) -> list[dict[str, Any]]:
    """Return the findings of a document as the protocol's diagnostics; positions count UTF-16 code units."""
    source, found = _findings(document)
    return [
        {
            "source": _SOURCE,
            "code": each.code,
            "severity": _SEVERITIES[each.severity],
            "message": each.message,
            "range": _range(source, each.span),
        }
        for each in found
    ]


@hookimpl
def pylsp_document_did_save() -> None:
    """Look at files anew: findings in one depend on others."""
    disk.forget()


@hookimpl
def pylsp_code_actions(document: Any, range: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - as the hook says
    """Return the safe and unsafe fixes of the findings that the range touches, which change this document alone."""
    source, found = _findings(document)
    actions = []
    for each in found:
        place = _range(source, each.span)
        fix = each.fix
        if fix is None or fix.elsewhere or fix.applicability is Applicability.DISPLAY or not _touch(place, range):
            continue
        actions.append(
            {
                "title": f"{_SOURCE} ({each.code}): {fix.message}{fix.caveat}",
                "kind": "quickfix",
                "isPreferred": fix.applicability is Applicability.SAFE,
                "edit": {"changes": {document.uri: [_edit(source, edit) for edit in fix.edits]}},
            }
        )
    return actions


def _findings(document: Any) -> tuple[Source, list[Diagnostic]]:
    source = Source(document.path, document.source)
    try:
        settings = Finder({}).settings(os.path.dirname(document.path))
        wanted = is_candidate(document.source.encode(errors="replace"), document.path)
        if not wanted or in_excluded(settings, document.path):
            return source, []
        return source, findings(source, settings)
    except (SourceError, ConfigError):
        # Half-typed code is the normal state of a text; what is wrong with a configuration, `check` says.
        return source, []


def _edit(source: Source, edit: Edit) -> dict[str, Any]:
    return {"range": _range(source, edit.span), "newText": edit.content}


def _range(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _position(source, span.start), "end": _position(source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    row, column = source.location(offset)
    before = source.line(row)[: column - 1]
    return {"line": row - 1, "character": len(before.encode("utf-16-le", "surrogatepass")) // 2}


def _touch(first: dict[str, Any], second: dict[str, Any]) -> bool:
    def place(position: dict[str, int]) -> tuple[int, int]:
        return position["line"], position["character"]

    return place(first["start"]) <= place(second["end"]) and place(second["start"]) <= place(first["end"])
