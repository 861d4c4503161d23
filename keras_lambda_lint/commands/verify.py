"""`keras-lambda-lint verify`: execute files and their fixed form, and say whether they compute, save and load the same."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.check import UsageError
from keras_lambda_lint.commands.fixing import Fixer
from keras_lambda_lint.commands.verified import show
from keras_lambda_lint.config import Finder
from keras_lambda_lint.files import read, reason
from keras_lambda_lint.report.as_json import escaped
from keras_lambda_lint.source.text import Source, SourceError
from keras_lambda_lint.verify import Sandbox, VerifyError, VerifyOptions, as_json, verify_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.rewrite.engine import Replacement
    from keras_lambda_lint.verify import Verification


def run(
    *, files: list[str], against: str | None, device: str, keras: str, json_file: str | None, console: Console
) -> int:
    """Verify files and return the exit code; raise `UsageError` or `ConfigError` where nothing can be done."""
    if against is not None and len(files) > 1:
        raise UsageError(f"--against takes one FILE to compare with, not {len(files)}")
    options = VerifyOptions(keras=keras, device=device)
    finder = Finder({"unsafe_fixes": True})
    done: list[Verification] = []
    try:
        with Sandbox() as sandbox:
            for name in files:
                try:
                    original, fixed, replacements = _pair(name, against, finder, console)
                    done.append(verify_file(name, original, fixed, replacements, options, sandbox))
                except SourceError as error:
                    console.error(str(error))
                except OSError as error:
                    console.problem(error.filename or name, reason(error))
    except VerifyError as error:
        console.error(str(error))
        return 2
    if json_file == "-":
        console.write_bytes(_text(done).encode())
    else:
        show(done, sys.stdout)
        if json_file is not None:
            _save(json_file, _text(done), console)
    if console.failed:
        return 2
    return 0 if all(each.holds for each in done) else 1


def _pair(
    name: str, against: str | None, finder: Finder, console: Console
) -> tuple[Source, Source, Sequence[Replacement]]:
    """Return the original and the fixed text, and the sites that the fixes replaced."""
    original = Source.from_bytes(name, read(name))
    if against is not None:
        return original, Source.from_bytes(against, read(against)), ()
    fixed = Fixer(console).fixed(original, finder.settings(os.path.dirname(os.path.abspath(name))))
    return original, fixed.source, fixed.replacements


def _text(done: list[Verification]) -> str:
    return escaped(json.dumps(as_json(done), indent=2, ensure_ascii=False)) + "\n"


def _save(path: str, text: str, console: Console) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        console.problem(path, f"cannot write it: {reason(error)}")
