"""`keras-lambda-lint check`: from paths to an exit code. Imports nothing heavy before a file passes the gate."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.commands.memory import settle_memory
from keras_lambda_lint.commands.usage import missing_extra, reject
from keras_lambda_lint.config import Finder
from keras_lambda_lint.files import MODEL_SUFFIXES, Walk, read, reason
from keras_lambda_lint.report.summary import NO_FINDINGS, NO_FINDINGS_ELSEWHERE
from keras_lambda_lint.source.chain import is_candidate
from keras_lambda_lint.source.gate import names_our_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from keras_lambda_lint.commands.fixing import Fixer
    from keras_lambda_lint.commands.modes import Mode
    from keras_lambda_lint.commands.scope import Scope
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.report.handover import Handover


_MODELS_ONLY = (".h5", ".hdf5", ".keras")
"""Files that can be nothing else than a saved model; without `models` they are here only if they were named."""


class Candidate:
    """A file that has to be looked at."""

    def __init__(self, name: str, settings: Settings, data: bytes) -> None:
        self.name = name
        self.settings = settings
        self.data = data
        self.is_model = settings.models and name.endswith(MODEL_SUFFIXES)
        self.gated = not self.is_model and is_candidate(data, name)
        """Whether rules look at it; else only its comments are of interest."""

    @property
    def matters(self) -> bool:
        """Whether there is anything to check."""
        return self.is_model or self.gated or (self.settings.report_unused_noqa and names_our_codes(self.data))


def run(paths: list[str], command_line: dict[str, Any], console: Console) -> int:
    """Check files and return the exit code; raise `UsageError` or `ConfigError` where nothing can be done."""
    finder = Finder(command_line)
    settings = finder.settings(os.getcwd())
    reject(paths, command_line, settings)
    if settings.show_settings:
        from keras_lambda_lint.commands.show import run as show

        return show(paths or ["."], finder, settings.stdin_filename, console)
    if paths == ["-"]:
        return _stdin(finder, settings, console)
    targets = _targets(paths or ["."], finder, console)
    return _looked_at(_candidates(targets, console), settings, console, paths or ["."], targets)


class Job(NamedTuple):
    """What holds for all files of a run."""

    settings: Settings
    console: Console
    scope: Scope
    targets: list[tuple[str, Settings]]
    """All files of the run, with those that no rule looks at."""
    stdin: bool = False


def _targets(paths: list[str], finder: Finder, console: Console) -> list[tuple[str, Settings]]:
    targets = Walk(finder, console.problem).collect(paths)
    if not targets and not console.failed and not finder.settings(os.getcwd()).force_exclude:
        console.note(f"no Python files found under {', '.join(paths)}")
    return targets


def _candidates(targets: list[tuple[str, Settings]], console: Console) -> list[Candidate]:
    candidates = []
    for path, settings in targets:
        if path.endswith(_MODELS_ONLY) and not settings.models:
            console.problem(path, "a saved model: check --models looks into it, and inspect shows more")
            continue
        try:
            is_model = settings.models and path.endswith(MODEL_SUFFIXES)
            data = b"" if is_model else read(path)
        except OSError as error:
            console.problem(path, reason(error))
            continue
        candidate = Candidate(path, settings, data)
        if candidate.matters:
            candidates.append(candidate)
    return candidates


def _stdin(finder: Finder, settings: Settings, console: Console) -> int:
    data = sys.stdin.buffer.read()
    name = settings.stdin_filename
    if name is not None:
        settings = finder.settings(os.path.dirname(os.path.abspath(name)))
    candidate = Candidate(name or "<stdin>", settings, data)
    if candidate.matters or not settings.fix or settings.diff:
        paths, targets = [os.path.dirname(name or "") or "."], [(candidate.name, settings)]
        return _looked_at([candidate] if candidate.matters else [], settings, console, paths, targets, stdin=True)
    console.write_bytes(data)
    return 0


def _looked_at(
    candidates: list[Candidate],
    settings: Settings,
    console: Console,
    paths: list[str],
    targets: list[tuple[str, Settings]],
    *,
    stdin: bool = False,
) -> int:
    if not candidates and not _wants_a_mode(settings):
        return _nothing(settings, console)
    from keras_lambda_lint.commands.scope import scope_of

    return _checked(candidates, Job(settings, console, scope_of(settings, paths, targets), targets, stdin))


def _wants_a_mode(settings: Settings) -> bool:
    """Return whether there is something to do, or to say, although there is nothing to look at."""
    files = (settings.report, settings.baseline, settings.write_baseline)
    return settings.add_noqa or settings.diff_base is not None or any(each is not None for each in files)


def _nothing(settings: Settings, console: Console) -> int:
    if not settings.diff and settings.output_format == "text" and settings.output_file is None:
        console.write(f"{NO_FINDINGS_ELSEWHERE if console.failed else NO_FINDINGS}\n")
    elif not settings.diff:
        from keras_lambda_lint.commands.output import Output

        Output(console, settings, sys.stdout).show([], NO_FINDINGS)
    return 2 if console.failed else 0


def _checked(candidates: list[Candidate], job: Job) -> int:
    settings, console = job.settings, job.console
    if settings.report is None:
        return _worked(candidates, job, None)
    from keras_lambda_lint.report.handover import FORMS, Handover
    from keras_lambda_lint.report.to_file import write

    written_as = next(form for end, form in FORMS.items() if settings.report.endswith(end))
    handover = Handover()
    code = _worked(candidates, job, handover)
    try:
        text = written_as(handover, [str(each) for each in console.problems])
        write(settings.report, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        console.problem(settings.report, f"cannot write it: {reason(error)}")
    return 2 if console.failed else code


def _worked(candidates: list[Candidate], job: Job, handover: Handover | None) -> int:
    settings, console = job.settings, job.console
    mode: Mode
    if settings.add_noqa:
        from keras_lambda_lint.commands.adding_noqa import AddNoqa

        return _run(AddNoqa(job), candidates)
    if not settings.fix and not settings.diff:
        return _reported(candidates, job, handover)
    from keras_lambda_lint.commands.fixing_modes import Diff, Fix

    fixer = _fixer(job)
    try:
        if settings.diff:
            mode = Diff(job, fixer, handover)
        elif job.stdin:
            mode = Fix(job, sys.stderr, fixer, lambda done: console.write_bytes(done[0].new), handover)
        else:
            from keras_lambda_lint.commands.fixing import in_place

            mode = Fix(job, sys.stdout, fixer, in_place, handover)
        code = _run(mode, candidates)
        if handover is not None:
            fixer.hand_over(handover)
        return code
    finally:
        fixer.close()


def _reported(candidates: list[Candidate], job: Job, handover: Handover | None) -> int:
    from keras_lambda_lint.commands.bulk.analyses import Analyses
    from keras_lambda_lint.commands.modes import Report

    files = [(each.name, each.data, each.settings) for each in candidates if each.gated]
    cached = job.settings.cache and not job.stdin
    analyses = Analyses(files, job.settings.jobs, cached=cached, progress=job.console.progress)
    try:
        return _run(Report(job, sys.stdout, handover, analyses.findings), _counted(candidates, job.console))
    finally:
        analyses.close()


def _counted(candidates: list[Candidate], console: Console) -> Iterator[Candidate]:
    for done, candidate in enumerate(candidates):
        console.progress(done, len(candidates))
        yield candidate
    console.clear()


def _run(mode: Mode, candidates: Iterable[Candidate]) -> int:
    settle_memory()
    for candidate in candidates:
        mode.check(candidate)
    # Python looks for garbage several times as it ends: what is kept of other files goes with the process anyway.
    gc.freeze()
    return mode.finish()


def _fixer(job: Job) -> Fixer:
    if job.settings.ask:
        from keras_lambda_lint.commands.asking import AskingFixer

        return AskingFixer(job.console, job.scope, sys.stderr, sys.stdin)
    if job.settings.verify:
        try:
            from keras_lambda_lint.commands.verified import VerifiedFixer
        except ModuleNotFoundError as error:
            raise missing_extra(error) from None
        return VerifiedFixer(job.console, job.scope, timeout=job.settings.timeout)
    from keras_lambda_lint.commands.fixing import Fixer

    return Fixer(job.console, job.scope, others=not job.stdin)
