"""One file from text to findings with their fixes: index, sites, rules, one rewrite plan per site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.rules import RULES
from keras_lambda_lint.rules.options import Options
from keras_lambda_lint.sites.build import FileSites

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Span
    from keras_lambda_lint.source.text import Source


__all__ = ["Options", "lint"]

_DEFAULTS = Options()


def lint(
    source: Source, codes: frozenset[str], options: Options = _DEFAULTS, tree: ast.Module | None = None, *, fixes: bool
) -> list[Diagnostic]:
    """Return all findings of the rules `codes` in one file, sorted by place, suppressed ones included.

    With `fixes`, each finding carries its fix, which takes libcst. Raises `SourceError` for a syntax error.
    """
    sites = FileSites(source, tree, options.keras)
    rules = [rule(options) for rule in RULES if rule.code in codes]
    found = [(site, finding) for site in sites.lambdas for rule in rules for finding in rule.check(site)]
    if fixes and found:
        plans = _plans(sites, {site.span for site, _ in found})
        found = [(site, _with_fix(finding, plans[site.span])) for site, finding in found]
    return sorted(_merged(finding for _, finding in found), key=lambda finding: (finding.span, finding.code))


def _merged(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Make one of equal findings at one place, such as two lambdas that reach one layer; each keeps its second place."""
    merged: dict[tuple[str, Span, str], Diagnostic] = {}
    for finding in findings:
        key = (finding.code, finding.span, finding.message)
        first = merged.get(key)
        merged[key] = finding if first is None else replace(first, related=(*first.related, *finding.related))
    return list(merged.values())


def _plans(sites: FileSites, reported: set[Span]) -> dict[Span, Fix | str]:
    """Plan the rewrites; imported here because linting without fixes must not import libcst."""
    from keras_lambda_lint.rewrite.plan import plan_file

    return plan_file(sites, reported)


def _with_fix(finding: Diagnostic, plan: Fix | str) -> Diagnostic:
    return replace(finding, no_fix=plan) if isinstance(plan, str) else replace(finding, fix=plan)
