"""Findings as the protocol's diagnostics."""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules import RULES
from keras_lambda_lint.source.suppression import UNUSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Related
    from keras_lambda_lint.server.edits import WorkspaceEdits
    from keras_lambda_lint.server.modules import Module
    from keras_lambda_lint.server.positions import Positions

SOURCE = "keras-lambda-lint"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_TAGS = {
    # Their functions are gone: what editors strike through.
    "KLL401": types.DiagnosticTag.Deprecated,
    "KLL404": types.DiagnosticTag.Deprecated,
    # Without these the program does the same: what editors show faint.
    "KLL602": types.DiagnosticTag.Unnecessary,
    UNUSED: types.DiagnosticTag.Unnecessary,
}


class Diagnostics:
    """Makes diagnostics, with as much in them as the client takes."""

    def __init__(
        self,
        capabilities: types.TextDocumentClientCapabilities | None,
        positions: Positions,
        edits: WorkspaceEdits,
    ) -> None:
        # Clients that ask for diagnostics say what these may hold under either name.
        told = [getattr(capabilities, name, None) for name in ("publish_diagnostics", "diagnostic")]
        self._related = any(getattr(each, "related_information", None) for each in told)
        self._documented = any(getattr(each, "code_description_support", None) for each in told)
        self._takes_data = any(getattr(each, "data_support", None) for each in told)
        supported = [getattr(each, "tag_support", None) for each in told]
        self._tags = {tag for each in supported if each is not None for tag in each.value_set}
        self._positions = positions
        self._edits = edits

    def by_text(self, module: Module, found: Iterable[Diagnostic]) -> dict[str, list[types.Diagnostic]]:
        """Return the diagnostics of findings, by the URI of each text of their module."""
        by_uri: dict[str, list[types.Diagnostic]] = {uri: [] for uri in module.uris}
        for uri, diagnostic in (self.of(module, each) for each in found):
            by_uri[uri].append(diagnostic)
        return by_uri

    def of(self, module: Module, finding: Diagnostic) -> tuple[str, types.Diagnostic]:
        """Return the diagnostic of a finding, and the URI of the text that it lies in."""
        place = module.location(finding.span, self._positions)
        tag = _TAGS.get(finding.code)
        href = documentation(finding.code) if self._documented else None
        related = [self._see(module, each) for each in finding.related] if self._related else []
        return place.uri, types.Diagnostic(
            range=place.range,
            message=finding.message,
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            code_description=None if href is None else types.CodeDescription(href),
            source=SOURCE,
            tags=[tag] if tag is not None and tag in self._tags else None,
            related_information=related or None,
            data=self._data(module, finding) if self._takes_data else None,
        )

    def _see(self, module: Module, related: Related) -> types.DiagnosticRelatedInformation:
        place = (
            module.location(related.span, self._positions)
            if related.source is None
            else types.Location(
                self._edits.uri(related.source.filename), self._positions.range(related.source, related.span)
            )
        )
        return types.DiagnosticRelatedInformation(place, related.message)

    def _data(self, module: Module, finding: Diagnostic) -> dict[str, Any]:
        """Return what tools that read diagnostics may want: the fix with its edits, by URI."""
        data: dict[str, Any] = {"name": finding.name, "fix": None}
        fix = finding.fix
        if fix is not None:
            data["fix"] = {
                "message": fix.message,
                "applicability": fix.applicability.value,
                "unsafeBecause": fix.unsafe_because,
                "intended": [change.value for change in fix.intended],
                "edits": self._all_edits(module, fix),
            }
        elif finding.no_fix is not None:
            data["noFix"] = finding.no_fix
        return data

    def _all_edits(self, module: Module, fix: Fix) -> dict[str, list[types.TextEdit]]:
        return dict(
            [
                *module.text_edits(fix.edits, self._positions),
                *(self._edits.of_file(other.filename, other.source, other.edits) for other in fix.elsewhere),
            ]
        )


@cache
def documentation(code: str) -> str | None:
    """Return the URI of a rule's documentation: its docstring, at the top of its own file; None for what is no rule."""
    rule = next((rule for rule in RULES if rule.code == code), None)
    return None if rule is None else Path(inspect.getfile(rule)).as_uri()
