"""One file from text to findings with their fixes: index, sites, rules, one rewrite plan per site."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.rules import RULES
from keras_lambda_lint.rules.options import Options
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.sites.model import LambdaSite
from keras_lambda_lint.sites.project import Modules
from keras_lambda_lint.source.disk import remembered

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Span
    from keras_lambda_lint.rules.base import Rule
    from keras_lambda_lint.source.text import Source


__all__ = ["Options", "lint", "look_again"]

_DEFAULTS = Options()


def lint(
    source: Source,
    codes: frozenset[str],
    options: Options = _DEFAULTS,
    tree: ast.Module | None = None,
    *,
    fixes: bool,
    others: Iterable[Source] = (),
) -> list[Diagnostic]:
    """Return all findings of the rules `codes` in one file, sorted by place, suppressed ones included.

    With `fixes`, each finding carries its fix, which takes libcst. `others` are texts of other files of the project that count
    instead of what is on the disk. Raises `SourceError` for a syntax error.
    """
    modules = _modules(options.keras)
    modules.show(others)
    with closing(FileSites(source, tree, options.keras, modules)) as sites:
        rules = [rule(options) for rule in RULES if rule.code in codes]
        found = list(_found(rules, sites))
        plans = _plans(sites, _to_fix(found), options.fix_style) if fixes else _Plans({})
        findings = (
            _with_fix(finding, plans.of(rule.subject, site.span)) if _is_settled(rule) else finding
            for rule, site, finding in found
        )
        return sorted(_merged(findings), key=lambda finding: (finding.span, finding.code))


def look_again(keras: str) -> None:
    """Let go of what was found out about other files: `others` of the next call differ from those of the last one.

    One run may do without, where each file is read once.
    """
    _modules(keras).look_again()


@remembered(8)
def _modules(keras: str) -> Modules:
    """Return the other files of the project, which all files of a run share."""
    return Modules(keras)


def _found(rules: list[Rule[Any]], sites: FileSites) -> Iterator[tuple[Rule[Any], Any, Diagnostic]]:
    for rule in rules:
        for site in sites.of(rule.subject):
            for finding in rule.check(site):
                yield rule, site, finding


def _to_fix(found: list[tuple[Rule[Any], Any, Diagnostic]]) -> dict[type, dict[Span, frozenset[str]]]:
    """Return the sites with a finding of a rule that has fixes, by kind, and the codes of those findings."""
    reported: dict[type, dict[Span, frozenset[str]]] = {}
    for rule, site, _ in found:
        if rule.fixable != "no":
            codes = reported.setdefault(rule.subject, {})
            codes[site.span] = codes.get(site.span, frozenset()) | {rule.code}
    return reported


def _merged(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Make one of equal findings at one place, such as two lambdas that reach one layer; each keeps its second place."""
    merged: dict[tuple[str, Span, str], Diagnostic] = {}
    for finding in findings:
        key = (finding.code, finding.span, finding.message)
        first = merged.get(key)
        merged[key] = finding if first is None else replace(first, related=(*first.related, *finding.related))
    return list(merged.values())


class _Plans:
    """The plans of one file, by the kind of their site and its span."""

    def __init__(self, plans: dict[type, dict[Span, Fix | str]]) -> None:
        self._plans = plans
        self._of_any_kind = {span: plan for by_span in plans.values() for span, plan in by_span.items()}

    def of(self, kind: type, span: Span) -> Fix | str | None:
        """Return the plan of a site: of its kind, else of another kind that has the same span, such as a `Lambda` call."""
        return self._plans.get(kind, {}).get(span) or self._of_any_kind.get(span)


def _plans(sites: FileSites, reported: dict[type, dict[Span, frozenset[str]]], style: str) -> _Plans:
    """Plan the rewrites of the reported sites; imported here because linting without fixes must not import libcst."""
    if not reported:
        return _Plans({})
    from keras_lambda_lint.rewrite.planners import PLANNERS, STYLES

    planners = {kind: STYLES[style] if planner in STYLES.values() else planner for kind, planner in PLANNERS.items()}
    planned = {planner: planner(sites, reported) for planner in {planners[kind] for kind in reported}}
    plans = {kind: planned[planners[kind]] for kind in reported}
    return _Plans(
        {kind: {span: plan for span, plan in plans[kind].items() if span in reported[kind]} for kind in plans}
    )


def _is_settled(rule: Rule[Any]) -> bool:
    """Return whether a plan settles the findings of a rule: of a `Lambda` all, of other sites those of the rules that have fixes."""
    return rule.fixable != "no" or rule.subject is LambdaSite


def _with_fix(finding: Diagnostic, plan: Fix | str | None) -> Diagnostic:
    if plan is None:
        return finding
    return replace(finding, no_fix=plan) if isinstance(plan, str) else replace(finding, fix=plan)
