"""`keras-lambda-lint verify`: execute files and their fixed form, and say whether they compute, save and load the same."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.fixing import Fixer, accepted, apply
from keras_lambda_lint.commands.usage import UsageError, check_file
from keras_lambda_lint.commands.verified import show
from keras_lambda_lint.config import Finder
from keras_lambda_lint.files import Walk, read, reason
from keras_lambda_lint.report.as_json import escaped
from keras_lambda_lint.report.to_file import write
from keras_lambda_lint.source.chain import is_candidate
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.text import Source, SourceError
from keras_lambda_lint.verify import VerifyError, VerifyOptions, as_json
from keras_lambda_lint.verify.cache import Cache
from keras_lambda_lint.verify.many import Job, verify_many
from keras_lambda_lint.verify.platform import needs_keras_3
from keras_lambda_lint.verify.target import Target, factory_arguments, target
from keras_lambda_lint.verify.target import input_spec as read_input_spec
from keras_lambda_lint.verify.target import int_range as read_int_range
from keras_lambda_lint.verify.views.reports import REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.rewrite.engine import Fixed
    from keras_lambda_lint.verify import Verification

_BOTH = "2,3"
_ALL_FIXES = {"unsafe_fixes": True}


def run(
    *,
    targets: list[str],
    against: str | None,
    device: str,
    backend: str,
    keras: str,
    factory_args: str | None,
    input_spec: str | None,
    int_range: str | None,
    timeout: int,
    workers: int | None,
    cache: str | None,
    json_file: str | None,
    report: str | None,
    stdin_filename: str | None,
    console: Console,
) -> int:
    """Verify what the targets name and return the exit code; raise `UsageError` or `ConfigError` where nothing can be done."""
    if report is not None and not report.endswith(tuple(REPORTS)):
        raise UsageError(f"--report writes Markdown or a page: `{report}` must end with .md or .html")
    for path in (json_file, report):
        if path not in (None, "-"):
            check_file(str(path), "verdicts")
    finder = Finder(_ALL_FIXES)
    texts = _standard_input(targets, stdin_filename)
    done: list[Verification] = []
    try:
        options = VerifyOptions(
            keras=keras,
            backend=backend,
            device=device,
            timeout=timeout,
            input_spec=read_input_spec(input_spec) if input_spec is not None else (),
            int_range=read_int_range(int_range) if int_range is not None else None,
            factory_args=factory_arguments(factory_args) if factory_args is not None else None,
        )
        wanted = (
            _wanted(targets, against, options, finder, console)
            if stdin_filename is None
            else [(stdin_filename, options, True)]
        )
        jobs: list[Job] = []
        for name, chosen, is_named in wanted:
            try:
                made = _jobs(name, chosen, against, console, texts)
                jobs += (job for job in made if job.replacements or is_named)
            except SourceError as error:
                console.problem(error.filename, error.reason, error.row, error.cell)
            except OSError as error:
                console.problem(error.filename or name, reason(error))
        results = verify_many(jobs, workers, Cache(cache) if cache is not None else None)
        done = [each for each in results if not isinstance(each, VerifyError)]
        for failure in dict.fromkeys(str(each) for each in results if isinstance(each, VerifyError)):
            console.error(failure)
    except VerifyError as error:
        console.error(str(error))
        return 2
    if not done and not console.failed:
        console.note(f"nothing to verify under {', '.join(targets)}: no fix replaces anything there")
    if json_file == "-":
        console.write_bytes(_text(done).encode())
    else:
        show(done, sys.stdout)
        if json_file is not None:
            _save(json_file, _text(done), console)
    if report is not None:
        written_as = next(form for end, form in REPORTS.items() if report.endswith(end))
        _save(report, written_as(done), console)
    if console.failed:
        return 2
    return 0 if all(each.holds for each in done) else 1


def _wanted(
    texts: list[str], against: str | None, options: VerifyOptions, finder: Finder, console: Console
) -> list[tuple[str, VerifyOptions, bool]]:
    """Return each file with its options, and whether a person named it; raise `UsageError` for options that do not fit.

    A target that names nothing is said; the others are verified.
    """
    found: list[Target] = []
    if against is not None and len(texts) > 1:
        raise UsageError(f"--against takes one FILE to compare with, not {len(texts)}")
    for text in texts:
        try:
            found.append(target(text))
        except VerifyError as error:
            console.error(str(error))
    if against is not None and any(os.path.isdir(each.path) for each in found):
        raise UsageError("--against takes one FILE to compare with, not a directory")
    if options.factory_args is not None and not any(each.factory for each in found) and not console.failed:
        raise UsageError("--factory-args gives arguments to a factory: name it, as FILE:factory or pkg.mod:factory")
    wanted: list[tuple[str, VerifyOptions, bool]] = []
    for each in found:
        if not os.path.isdir(each.path):
            wanted.append((each.path, replace(options, factory=each.factory), True))
            continue
        files = Walk(finder, console.problem).collect([each.path])
        wanted += [
            (path, options, False)
            for path, _ in files
            if path.endswith((".py", ".ipynb")) and _is_candidate(path, console)
        ]
    return list(
        {(os.path.realpath(path), chosen.factory): (path, chosen, named) for path, chosen, named in wanted}.values()
    )


def _is_candidate(path: str, console: Console) -> bool:
    try:
        return is_candidate(read(path), path)
    except OSError as error:
        console.problem(path, reason(error))
        return False


def _standard_input(targets: list[str], filename: str | None) -> dict[str, bytes]:
    """Return the text on standard input by the name of its file, where it is to be verified."""
    if (targets == ["-"]) != (filename is not None):
        raise UsageError(
            "`-` verifies standard input as the text of --stdin-filename NAME: give both, and no other target"
        )
    return {} if filename is None else {filename: sys.stdin.buffer.read()}


def _jobs(
    name: str, options: VerifyOptions, against: str | None, console: Console, texts: Mapping[str, bytes]
) -> Iterator[Job]:
    """Yield what is to be run of a file, with the fixes that `check --keras` makes for the Keras that is asked for.

    The fixes for both are run on both; a Keras that needs others gets its own.
    """
    original = Source.from_bytes(name, texts[name] if name in texts else read(name))
    if against is not None:
        fixed = Source.from_bytes(against, read(against))
        parse(fixed)
        yield Job(name, original, fixed, (), options)
        return
    fixer = Fixer(console)
    if options.keras != _BOTH:
        settings = _settings(name, options.keras)
        yield _job(name, original, fixer.fixed(original, settings), replace(options, keras=settings.keras))
        return
    common = fixer.fixed(original, _settings(name, "auto"))
    suited = [keras for keras in _BOTH.split(",") if _suits(common, _settings(name, keras))]
    for keras in _BOTH.split(","):
        if keras not in suited:
            own = fixer.fixed(original, _settings(name, keras))
            note = f"fixed for this Keras alone, as `check --keras {keras}` does"
            yield _job(name, original, own, replace(options, keras=keras), note)
        elif keras == suited[0]:
            yield _job(name, original, common, replace(options, keras=",".join(suited)))


def _job(name: str, original: Source, fixed: Fixed, options: VerifyOptions, note: str = "") -> Job:
    return Job(name, original, fixed.source, fixed.replacements, options, fixed.others, note)


def _settings(name: str, keras: str) -> Settings:
    chosen = {} if keras == "auto" else {"keras": keras}
    return Finder(_ALL_FIXES | chosen).settings(os.path.dirname(os.path.abspath(name)))


def _suits(fixed: Fixed, settings: Settings) -> bool:
    """Return whether a fixed text may run on the Keras of the settings, and nothing is left to be fixed for that."""
    others = [after for _, after in fixed.others]
    if settings.keras == "2" and needs_keras_3(fixed.source, *others):
        return False
    again = apply(fixed.source, settings, lambda fix, _origin, _text: accepted(fix, settings), others)
    return again.source.text == fixed.source.text


def _text(done: list[Verification]) -> str:
    return escaped(json.dumps(as_json(done), indent=2, ensure_ascii=False)) + "\n"


def _save(path: str, text: str, console: Console) -> None:
    try:
        write(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        console.problem(path, f"cannot write it: {reason(error)}")
