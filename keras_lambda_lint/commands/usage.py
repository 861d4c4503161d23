"""Options that do not go together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from keras_lambda_lint.config import Settings

_OF_FINDINGS = ("output_format", "output_file", "statistics")
"""The options that say how findings are printed."""


class UsageError(Exception):
    """Options that do not go together, or that cannot be followed: says so in one line."""


def missing_extra(error: ModuleNotFoundError) -> UsageError:
    """Return what to say where a package is missing that only verification needs."""
    return UsageError(f"verification needs {error.name}: pip install 'keras-lambda-lint[verify]'")


def reject(paths: list[str], command_line: dict[str, Any], settings: Settings) -> None:
    """Raise `UsageError` for options that contradict each other or the paths, or that would do nothing.

    What a configuration file says for all runs may do nothing in one of them.
    """
    stdin = paths == ["-"]
    given = command_line.get
    fixes = settings.fix or settings.diff
    if "-" in paths and not stdin:
        raise UsageError("`-` (standard input) cannot be checked together with other paths")
    if given("stdin_filename") is not None and not stdin:
        raise UsageError("--stdin-filename names standard input: give `-` as the only path")
    for option in ("verify", "unsafe_fixes"):
        if given(option) and not fixes:
            raise UsageError(f"{_named(option)} decides which fixes are written: give --fix or --diff too")
    if given("timeout") and not (settings.verify and fixes):
        raise UsageError("--timeout is about what --verify runs: give it, with --fix or --diff, too")
    if settings.fix_style == "function" and settings.keras == "2":
        raise UsageError(
            "--fix-style function is for Keras 3: Keras 2 saves registered functions as bytecode all the same"
        )
    if given("ask") and (settings.diff or not settings.fix):
        raise UsageError("--ask asks which fixes to write: give --fix, and no --diff")
    if settings.ask and settings.verify and fixes:
        raise UsageError("--ask and --verify both decide which fixes are written: give one of them")
    if settings.ask and stdin:
        raise UsageError("--ask reads answers from standard input: it cannot check it too")
    if settings.verify and fixes and stdin:
        raise UsageError("--verify runs files: it cannot run standard input")
    if settings.report is not None and not settings.report.endswith((".md", ".html")):
        raise UsageError(f"--report writes Markdown or a page: `{settings.report}` must end with .md or .html")
    if settings.diff:
        for option in ("output_format", "output_file", "statistics", "report_unused_noqa"):
            if given(option):
                raise UsageError(f"--diff prints a diff: it takes no {_named(option)}")
    if settings.statistics and settings.output_format not in ("text", "json"):
        raise UsageError(f"--statistics is text or json, not {settings.output_format}")
    if given("exit_non_zero_on_fix") and not settings.fix:
        raise UsageError("--exit-non-zero-on-fix is about what was fixed: give --fix too")
    if settings.show_settings:
        if settings.diff or settings.ask or settings.report is not None:
            raise UsageError("--show-settings checks nothing: it takes no --diff, --ask or --report")
        return
    _reject_adoption(command_line, settings, stdin=stdin)
    _check_files(settings)


def _reject_adoption(command_line: dict[str, Any], settings: Settings, *, stdin: bool) -> None:
    given = command_line.get
    if settings.add_noqa:
        for option in ("fix", "diff", "report", "write_baseline", *_OF_FINDINGS):
            if given(option):
                raise UsageError(f"--add-noqa writes comments and nothing else: it takes no {_named(option)}")
        if stdin:
            raise UsageError("--add-noqa writes files: it cannot write to standard input")
    if settings.write_baseline is not None:
        for option in ("diff", "baseline", "diff_base"):
            if given(option) or (option == "diff" and settings.diff):
                raise UsageError(f"--write-baseline lists all findings that remain: it takes no {_named(option)}")
        for option in _OF_FINDINGS:
            if given(option):
                raise UsageError(f"--write-baseline prints no findings: it takes no {_named(option)}")
        if stdin:
            raise UsageError("--write-baseline lists findings of files: it cannot list those of standard input")


def _check_files(settings: Settings) -> None:
    """Raise `UsageError` for a file that cannot be written, or must not: then nothing has been done yet."""
    written = (("output_file", "output"), ("report", "report"), ("write_baseline", "baseline"))
    taken = {} if settings.baseline is None else {os.path.abspath(settings.baseline): "baseline"}
    for option, what in written:
        path = getattr(settings, option)
        if path is None:
            continue
        check_file(path, what)
        other = taken.setdefault(os.path.abspath(path), option)
        if other not in (option, "baseline") or (other == "baseline" and option != "write_baseline"):
            raise UsageError(f"{path}: {_named(other)} and {_named(option)} name the same file")


def check_file(path: str, what: str) -> None:
    """Raise `UsageError` for a file that cannot be written, or whose name is that of a source."""
    from keras_lambda_lint.files import SUFFIXES, reason
    from keras_lambda_lint.report.to_file import check_writable

    refused = f"{path or repr(path)}: cannot write the {what}: "
    if path.endswith(SUFFIXES):
        raise UsageError(f"{refused}its name is that of a file to check")
    try:
        check_writable(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{refused}{reason(error)}") from None


def _named(option: str) -> str:
    return f"--{option.replace('_', '-')}"
