"""`keras-lambda-lint check`: from paths to an exit code. Imports nothing heavy before a file passes the gate."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.config import Finder
from keras_lambda_lint.files import Walk, read, reason
from keras_lambda_lint.report.summary import NO_FINDINGS
from keras_lambda_lint.source.chain import is_candidate
from keras_lambda_lint.source.gate import names_our_codes

if TYPE_CHECKING:
    from typing import Any

    from keras_lambda_lint.commands.fixing import Fixer
    from keras_lambda_lint.commands.modes import Mode
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.report.handover import Handover


class UsageError(Exception):
    """Options that do not go together: says so in one line."""


def missing_extra(error: ModuleNotFoundError) -> UsageError:
    """Return what to say where a package is missing that only verification needs."""
    return UsageError(f"verification needs {error.name}: pip install 'keras-lambda-lint[verify]'")


class Candidate:
    """A file that has to be looked at."""

    def __init__(self, name: str, settings: Settings, data: bytes) -> None:
        self.name = name
        self.settings = settings
        self.data = data
        self.gated = is_candidate(data, name)
        """Whether rules look at it; else only its comments are of interest."""

    @property
    def matters(self) -> bool:
        """Whether there is anything to check."""
        return self.gated or (self.settings.report_unused_noqa and names_our_codes(self.data))


def run(
    paths: list[str],
    command_line: dict[str, Any],
    *,
    diff: bool,
    ask: bool,
    report: str | None,
    show_settings: bool,
    stdin_filename: str | None,
    console: Console,
) -> int:
    """Check files and return the exit code; raise `UsageError` or `ConfigError` where nothing can be done."""
    finder = Finder(command_line)
    settings = finder.settings(os.getcwd())
    chosen = Choice(diff, ask, report)
    _reject(paths, command_line, settings, chosen, stdin_filename)
    if show_settings:
        if chosen != Choice():
            raise UsageError("--show-settings checks nothing: it takes no --diff, --ask or --report")
        from keras_lambda_lint.commands.show import run as show

        return show(paths or ["."], finder, stdin_filename, console)
    if paths == ["-"]:
        return _stdin(finder, settings, chosen, stdin_filename, console)
    candidates = _candidates(_targets(paths or ["."], finder, console), console)
    return _checked(candidates, settings, chosen, console)


class Choice(NamedTuple):
    """What the command line alone decides of a run."""

    diff: bool = False
    ask: bool = False
    report: str | None = None


def _reject(
    paths: list[str], command_line: dict[str, Any], settings: Settings, chosen: Choice, stdin_filename: str | None
) -> None:
    diff = chosen.diff
    if "-" in paths and len(paths) > 1:
        raise UsageError("`-` (standard input) cannot be checked together with other paths")
    if stdin_filename is not None and paths != ["-"]:
        raise UsageError("--stdin-filename names standard input: give `-` as the only path")
    if command_line.get("verify") and not settings.fix and not diff:
        raise UsageError("--verify decides which fixes are written: give --fix or --diff too")
    if command_line.get("unsafe_fixes") and not settings.fix and not diff:
        raise UsageError("--unsafe-fixes decides which fixes are written: give --fix or --diff too")
    if settings.fix_style == "function" and settings.keras == "2":
        raise UsageError(
            "--fix-style function is for Keras 3: Keras 2 saves registered functions as bytecode all the same"
        )
    if chosen.ask and (diff or not settings.fix):
        raise UsageError("--ask asks which fixes to write: give --fix, and no --diff")
    if chosen.ask and settings.verify:
        raise UsageError("--ask and --verify both decide which fixes are written: give one of them")
    if chosen.ask and paths == ["-"]:
        raise UsageError("--ask reads answers from standard input: it cannot check it too")
    if chosen.report is not None and not chosen.report.endswith((".md", ".html")):
        raise UsageError(f"--report writes Markdown or a page: `{chosen.report}` must end with .md or .html")
    if diff and "output_format" in command_line:
        raise UsageError("--diff prints a diff: it takes no --output-format")
    if diff and command_line.get("report_unused_noqa"):
        raise UsageError("--diff prints a diff: it takes no --report-unused-noqa")
    if settings.verify and (settings.fix or diff) and paths == ["-"]:
        raise UsageError("--verify runs files: it cannot run standard input")


def _targets(paths: list[str], finder: Finder, console: Console) -> list[tuple[str, Settings]]:
    targets = Walk(finder, console.problem).collect(paths)
    if not targets and not console.failed:
        console.note(f"no Python files found under {', '.join(paths)}")
    return targets


def _candidates(targets: list[tuple[str, Settings]], console: Console) -> list[Candidate]:
    candidates = []
    for path, settings in targets:
        try:
            data = read(path)
        except OSError as error:
            console.problem(path, reason(error))
            continue
        candidate = Candidate(path, settings, data)
        if candidate.matters:
            candidates.append(candidate)
    return candidates


def _stdin(finder: Finder, settings: Settings, chosen: Choice, stdin_filename: str | None, console: Console) -> int:
    data = sys.stdin.buffer.read()
    if stdin_filename is not None:
        settings = finder.settings(os.path.dirname(os.path.abspath(stdin_filename)))
    candidate = Candidate(stdin_filename or "<stdin>", settings, data)
    if candidate.matters or not settings.fix or chosen.diff:
        return _checked([candidate] if candidate.matters else [], settings, chosen, console, stdin=True)
    console.write_bytes(data)
    return 0


def _nothing(settings: Settings, diff: bool, console: Console) -> None:
    if not diff:
        console.write("[]\n" if settings.output_format == "json" else f"{NO_FINDINGS}\n")


def _checked(
    candidates: list[Candidate], settings: Settings, chosen: Choice, console: Console, *, stdin: bool = False
) -> int:
    if chosen.report is None:
        return _worked(candidates, settings, chosen, console, None, stdin=stdin)
    from keras_lambda_lint.report.handover import FORMS, Handover

    written_as = next(form for end, form in FORMS.items() if chosen.report.endswith(end))
    handover = Handover()
    code = _worked(candidates, settings, chosen, console, handover, stdin=stdin)
    try:
        with open(chosen.report, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(written_as(handover, console.problems))
    except OSError as error:
        console.problem(chosen.report, f"cannot write it: {reason(error)}")
    return 2 if console.failed else code


def _worked(
    candidates: list[Candidate],
    settings: Settings,
    chosen: Choice,
    console: Console,
    handover: Handover | None,
    *,
    stdin: bool,
) -> int:
    if not candidates:
        _nothing(settings, chosen.diff, console)
        return 2 if console.failed else 0
    from keras_lambda_lint.commands.modes import Diff, Fix, Report

    mode: Mode
    if not settings.fix and not chosen.diff:
        mode = Report(console, settings, sys.stdout, handover)
        return _run(mode, candidates)
    fixer = _fixer(settings, chosen, console, others=not stdin)
    try:
        if chosen.diff:
            mode = Diff(console, settings, fixer, handover)
        elif stdin:
            mode = Fix(console, settings, sys.stderr, fixer, lambda done: console.write_bytes(done[0].new), handover)
        else:
            from keras_lambda_lint.commands.fixing import in_place

            mode = Fix(console, settings, sys.stdout, fixer, in_place, handover)
        return _run(mode, candidates)
    finally:
        fixer.close()


def _run(mode: Mode, candidates: list[Candidate]) -> int:
    # What is known of a file is let go of once it is done: looking for more garbage finds little.
    gc.set_threshold(1_000_000, 20, 20)
    for candidate in candidates:
        mode.check(candidate)
    # Python looks for garbage several times as it ends: what is kept of other files goes with the process anyway.
    gc.freeze()
    return mode.finish()


def _fixer(settings: Settings, chosen: Choice, console: Console, *, others: bool) -> Fixer:
    if chosen.ask:
        from keras_lambda_lint.commands.asking import AskingFixer

        return AskingFixer(console, sys.stderr, sys.stdin)
    if settings.verify:
        try:
            from keras_lambda_lint.commands.verified import VerifiedFixer
        except ModuleNotFoundError as error:
            raise missing_extra(error) from None
        return VerifiedFixer(console)
    from keras_lambda_lint.commands.fixing import Fixer

    return Fixer(console, others=others)
