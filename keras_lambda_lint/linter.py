"""One file from text to findings with their fixes: index, sites, rules, one rewrite plan per site."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.rules import RULES
from keras_lambda_lint.rules.options import Options
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.sites.model import LambdaSite
from keras_lambda_lint.sites.project import Modules

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Span
    from keras_lambda_lint.rules.base import Rule
    from keras_lambda_lint.source.text import Source


__all__ = ["Options", "lint"]

_DEFAULTS = Options()


def lint(
    source: Source, codes: frozenset[str], options: Options = _DEFAULTS, tree: ast.Module | None = None, *, fixes: bool
) -> list[Diagnostic]:
    """Return all findings of the rules `codes` in one file, sorted by place, suppressed ones included.

    With `fixes`, each finding carries its fix, which takes libcst. Raises `SourceError` for a syntax error.
    """
    sites = FileSites(source, tree, options.keras, _modules(options.keras))
    rules = [rule(options) for rule in RULES if rule.code in codes]
    found = list(_found(rules, sites))
    plans = _plans(sites, _to_fix(found)) if fixes else {}
    findings = (_with_fix(finding, plans[site.span]) if site.span in plans else finding for _, site, finding in found)
    return sorted(_merged(findings), key=lambda finding: (finding.span, finding.code))


@cache
def _modules(keras: str) -> Modules:
    """Return the other files of the project, which all files of a run share."""
    return Modules(keras)


def _found(rules: list[Rule[Any]], sites: FileSites) -> Iterator[tuple[Rule[Any], Any, Diagnostic]]:
    for rule in rules:
        for site in sites.of(rule.subject):
            for finding in rule.check(site):
                yield rule, site, finding


def _to_fix(found: list[tuple[Rule[Any], Any, Diagnostic]]) -> set[Span]:
    """Return the `Lambda` sites with a finding of a rule that has fixes."""
    return {site.span for rule, site, _ in found if isinstance(site, LambdaSite) and rule.fixable in ("yes", "some")}


def _merged(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Make one of equal findings at one place, such as two lambdas that reach one layer; each keeps its second place."""
    merged: dict[tuple[str, Span, str], Diagnostic] = {}
    for finding in findings:
        key = (finding.code, finding.span, finding.message)
        first = merged.get(key)
        merged[key] = finding if first is None else replace(first, related=(*first.related, *finding.related))
    return list(merged.values())


def _plans(sites: FileSites, reported: set[Span]) -> dict[Span, Fix | str]:
    """Plan the rewrites of the reported sites; imported here because linting without fixes must not import libcst."""
    if not reported:
        return {}
    from keras_lambda_lint.rewrite.plan import plan_file

    return {site: plan for site, plan in plan_file(sites, reported).items() if site in reported}


def _with_fix(finding: Diagnostic, plan: Fix | str) -> Diagnostic:
    return replace(finding, no_fix=plan) if isinstance(plan, str) else replace(finding, fix=plan)
