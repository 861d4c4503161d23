"""The tool as the fixtures use it: one text in, findings and fixed text out, with `# noqa` and the byte gate as in the command line."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.fixtures import neighbours
from keras_lambda_lint.commands.analysis import fitted
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.rules import select
from keras_lambda_lint.source.chain import is_candidate
from keras_lambda_lint.source.gate import passes
from keras_lambda_lint.source.suppression import unsuppressed
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Span
    from keras_lambda_lint.rewrite.engine import Fixed

DEFAULTS = Options()


def _folder() -> Path:
    """Return a new folder that holds what stands beside the programs."""
    folder = Path(tempfile.mkdtemp(prefix="fixtures-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, text in neighbours().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


FILENAME = str(_folder() / "example.py")
"""A file in no project: its stem is the package of generated layers."""


NOTEBOOK = str(_folder() / "example.ipynb")
"""A notebook in a folder of its own: registered names are unique in a project."""


def source_of(text: str | bytes) -> Source:
    """Return a source of the fixtures' file."""
    return Source.from_bytes(FILENAME, text) if isinstance(text, bytes) else Source(FILENAME, text)


def beside(files: Mapping[str, str]) -> list[Source]:
    """Return sources of files beside the fixtures' file, to count instead of those on the disk."""
    return [Source(str(Path(FILENAME).parent / name), text) for name, text in files.items()]


def findings(
    source: Source | str | bytes, options: Options = DEFAULTS, others: Collection[Source] = ()
) -> list[Diagnostic]:
    """Return what the command line would report."""
    if isinstance(source, (str, bytes)):
        source = source_of(source)
    if not (passes(source.to_bytes()) if source.filename == FILENAME else is_candidate(source.to_bytes(), NOTEBOOK)):
        return []
    found = lint(source, select(extend_select=options.named), options, fixes=True, others=others)
    return [fitted(source, each) for each in unsuppressed(source, found)]


def codes(source: Source | str | bytes, options: Options = DEFAULTS) -> list[str]:
    """Return the codes of the findings in the order of their places."""
    return [finding.code for finding in findings(source, options)]


def accept_all(fix: Fix, _origin: Span, _text: Source) -> bool:
    """Accept what `--fix --unsafe-fixes` accepts."""
    return fix.applicability is not Applicability.DISPLAY


def fixed(source: Source | str | bytes, options: Options = DEFAULTS, others: Collection[Source] = ()) -> Fixed:
    """Return the outcome of `--fix --unsafe-fixes`."""
    if isinstance(source, (str, bytes)):
        source = source_of(source)
    return engine.fix(source, lambda text, others: findings(text, options, others), accept_all, others)


def changed_files(outcome: Fixed) -> dict[str, str]:
    """Return the files beside the fixtures' file that the fixes changed, by name."""
    folder = Path(FILENAME).parent
    return {
        str(Path(after.filename).resolve().relative_to(folder.resolve())): after.text for _, after in outcome.others
    }
