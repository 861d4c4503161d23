"""One file from bytes to the findings that count. Imported only when a file passes the gate."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from keras_lambda_lint.files import ignored, in_excluded
from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rules import named, select
from keras_lambda_lint.source.python_2 import hint
from keras_lambda_lint.source.suppression import Suppression, unsuppressed, unused
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source

TOO_DEEP = "nested too deeply to analyse"


def findings(source: Source, settings: Settings, others: Collection[Source] = ()) -> list[Diagnostic]:
    """Return the findings of a file that no comment suppresses, with fixes; raise `SourceError` where it has to give up.

    `others` are texts of other files that count instead of what is on the disk.
    """
    if Suppression(source).whole_file:
        return []
    codes = rules_on(source.filename, settings)
    found = unsuppressed(source, _raw(source, codes, options(settings), fixes=True, others=others))
    return [_inside(fitted(source, finding), settings) for finding in found]


def fitted(source: Source, finding: Diagnostic) -> Diagnostic:
    """Return a finding whose fix has the form in which the file takes it; without a fix where that is not possible."""
    if finding.fix is None:
        return finding
    try:
        edits = source.fitted(finding.fix.edits)
    except ValueError as error:
        return replace(finding, fix=None, no_fix=str(error))
    return finding if edits == finding.fix.edits else replace(finding, fix=replace(finding.fix, edits=edits))


def _inside(finding: Diagnostic, settings: Settings) -> Diagnostic:
    """Return a finding without a fix that would change an excluded file."""
    for other in finding.fix.elsewhere if finding.fix is not None else ():
        if in_excluded(settings, other.filename):
            return replace(finding, fix=None, no_fix=f"{other.filename} would change too, and is excluded")
    return finding


def suppressed(source: Source, settings: Settings, found: Collection[Diagnostic]) -> list[Diagnostic]:
    """Return the findings of a file that are not among the `found`, because comments suppress them."""
    raw = _raw(source, rules_on(source.filename, settings), options(settings), fixes=False)
    kept = {(each.code, each.span) for each in found}
    return [each for each in raw if (each.code, each.span) not in kept]


def unused_noqa(source: Source, settings: Settings, *, gated: bool = True) -> list[Diagnostic]:
    """Return a report on each `# noqa` that names a code of ours and suppresses nothing, where the settings ask for it.

    The rules that a comment names are run for this also where the settings turn them off. Without `gated` no rule looks at
    the file.
    """
    if not settings.report_unused_noqa:
        return []
    ours = [each for each in Suppression(source).named() if each.code.upper().startswith("KLL")]
    codes = named(each.code for each in ours) if gated else frozenset()
    chosen = options(settings)._replace(named=codes)
    return unused(source, ours, _raw(source, codes, chosen, fixes=False) if codes else ())


def _raw(
    source: Source, codes: frozenset[str], chosen: Options, *, fixes: bool, others: Collection[Source] = ()
) -> list[Diagnostic]:
    try:
        return lint(source, codes, chosen, fixes=fixes, others=others)
    except (RecursionError, MemoryError):
        raise SourceError(source.filename, 0, TOO_DEEP) from None
    except SourceError as error:
        looks = hint(source.line(error.row)) if error.row else ""
        if looks:
            raise SourceError(error.filename, error.row, f"{error.reason}{looks}") from None
        raise


def rules_on(filename: str, settings: Settings) -> frozenset[str]:
    """Return the codes of the rules that the settings turn on for a file."""
    codes = _codes(settings.select, settings.ignore, settings.extend_select)
    left_out = ignored(settings, filename)
    return codes - named(left_out) if left_out else codes


@cache
def _codes(select_: tuple[str, ...], ignore: tuple[str, ...], extend_select: tuple[str, ...]) -> frozenset[str]:
    return select(select_, ignore, extend_select)


def options(settings: Settings) -> Options:
    """Return what rules and sites read of the settings."""
    return _options(settings.keras, settings.output_shape, settings.select + settings.extend_select, settings.fix_style)


@cache
def _options(keras: str, output_shape: str, prefixes: tuple[str, ...], fix_style: str) -> Options:
    return Options(keras, output_shape, named(prefixes), fix_style)
