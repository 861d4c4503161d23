"""`check --show-settings`: what holds for files and directories, and where it comes from."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import rules_on
from keras_lambda_lint.files import read, reason
from keras_lambda_lint.report.settings import Shown, as_json, as_text
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.sites.target import of_project
from keras_lambda_lint.source.chain import is_candidate
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from keras_lambda_lint.config import Finder
    from keras_lambda_lint.report.console import Console


def run(paths: list[str], finder: Finder, stdin_filename: str | None, console: Console) -> int:
    """Print the settings of each path and return the exit code; raise `ConfigError` for a configuration that cannot be used."""
    shown = []
    for path in paths:
        try:
            shown.append(_shown(path, finder, stdin_filename))
        except (OSError, ValueError) as error:
            console.problem(path, reason(error))
        except SourceError as error:
            console.problem(error.filename, error.reason, error.row, error.cell)
    as_ = as_json if finder.settings(os.getcwd()).output_format == "json" else as_text
    console.write_bytes(as_(shown).encode("utf-8", "backslashreplace"))
    return 2 if console.failed else 0


def _shown(path: str, finder: Finder, stdin_filename: str | None) -> Shown:
    name, data = path, b""
    if path == "-":
        name, data = stdin_filename or "<stdin>", sys.stdin.buffer.read()
    elif not os.path.isdir(path):
        data = read(path)
    else:
        settings = finder.settings(os.path.realpath(path))
        keras = of_project(os.path.join(path, "directory"), settings.keras)
        return Shown(path, settings, sorted(rules_on(path, settings)), keras)
    settings = finder.settings(os.path.dirname(os.path.abspath(name)))
    try:
        keras = FileSites(Source.from_bytes(name, data), None, settings.keras).keras
    except SourceError:
        # What `check` does not parse need not be Python 3.
        if is_candidate(data, name):
            raise
        keras = of_project(name, settings.keras)
    return Shown(name, settings, sorted(rules_on(name, settings)), keras)
