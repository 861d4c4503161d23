"""`--diff-base REV`: only the findings on lines that changed since a git revision. git comes from PATH and runs without a shell."""

from __future__ import annotations

import difflib
import os
import subprocess
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.commands.scope import Scope
from keras_lambda_lint.commands.usage import UsageError
from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.report.fingerprint import Fingerprints
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class ChangedLines(Scope):
    """Leaves in the findings that a change since a revision touches: the lines of their place, or of the site around it.

    The work tree counts, committed or not, and files that git does not track are new. Files of submodules have no changed lines.
    Raises `UsageError` where there is no git, no repository or no such revision.
    """

    narrows = True

    def __init__(self, revision: str, paths: list[str]) -> None:
        self._repository = _Repository(paths)
        self._commit = self._repository.commit(revision)
        self._known: dict[tuple[str, str], _Changes] = {}

    def reported(self, source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that lie on changed lines; raise `UsageError` for a file that is not in the repository."""
        if not found:
            return []
        changes = self._changes(source)
        prints = Fingerprints(source)
        return [each for each in found if any(changes.touch(source, span) for span in _places(each, prints))]

    def _changes(self, source: Source) -> _Changes:
        key = (source.filename, source.text)
        if key not in self._known:
            self._known[key] = self._compared(source)
        return self._known[key]

    def _compared(self, source: Source) -> _Changes:
        path = self._repository.path(source.filename)
        if path is None:
            return _Changes((), ())
        before = self._repository.content(self._commit, self._renamed.get(path, path))
        everything = _Changes((Span(1, len(source.line_starts) + 1),), ())
        if before is None:
            return everything
        try:
            return _changes(_lines(Source.from_bytes(source.filename, before)), _lines(source))
        except SourceError:
            return everything

    @cached_property
    def _renamed(self) -> dict[bytes, bytes]:
        """The names of moved files, as they were at the revision, by those that they have now."""
        listed = self._repository.git(
            "diff",
            "--name-status",
            "-z",
            "-M",
            "--diff-filter=R",
            "--no-ext-diff",
            "--ignore-submodules=all",
            self._commit,
        )
        parts = listed.split(b"\0")[:-1]
        return {new: old for old, new in zip(parts[1::3], parts[2::3], strict=True)}


def _places(finding: Diagnostic, prints: Fingerprints) -> Iterator[Span]:
    yield finding.span
    yield prints.of(finding).site
    if finding.fix is not None and finding.fix.replaces_site:
        yield finding.fix.site


class _Changes(NamedTuple):
    rows: tuple[Span, ...]
    """Ranges of rows that are new or other than before."""
    gaps: tuple[int, ...]
    """The rows that stand in front of lines that are gone."""

    def touch(self, source: Source, span: Span) -> bool:
        """Return whether a change lies on the rows of a span, or between two of them."""
        first = source.location(span.start).row
        last = source.location(max(span.start, span.end - 1)).row
        if any(rows.start <= last and first < rows.end for rows in self.rows):
            return True
        return any(first <= row < last for row in self.gaps)


def _lines(source: Source) -> list[str]:
    return [source.shown_line(row) for row in range(1, len(source.line_starts) + 1)]


def _changes(before: list[str], after: list[str]) -> _Changes:
    # What both begin and end with is cut off: then files of many equal lines are compared quickly too.
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    rows, gaps = [], []
    for tag, _, _, first, last in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag in ("replace", "insert"):
            rows.append(Span(start + first + 1, start + last + 1))
        elif tag == "delete":
            gaps.append(start + first)
    return _Changes(tuple(rows), tuple(gaps))


def _common(left: list[str], right: list[str]) -> int:
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return number
    return min(len(left), len(right))


class _Repository:
    """The repository of the current directory, else that of the first path."""

    def __init__(self, paths: list[str]) -> None:
        first = os.path.abspath(paths[0])
        directory = first if os.path.isdir(first) else os.path.dirname(first)
        found = self._top(os.getcwd()) or self._top(directory)
        if found is None:
            raise UsageError(f"--diff-base: not a git repository: {os.getcwd()}")
        self._root = os.path.realpath(found)

    def _top(self, directory: str) -> str | None:
        if not os.path.isdir(directory):
            return None
        done = _git(directory, "rev-parse", "--show-toplevel")
        if done.returncode == 0:
            return os.fsdecode(done.stdout.removesuffix(b"\n"))
        if b"not a git repository" in done.stderr:
            return None
        raise UsageError(f"--diff-base: {_said(done.stderr)}")

    def commit(self, revision: str) -> str:
        """Return the commit that a revision names; raise `UsageError` where there is none."""
        done = _git(self._root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if done.returncode or not done.stdout.strip():
            raise UsageError(f"--diff-base: git knows no revision `{revision}`")
        return done.stdout.decode().split()[-1]

    def path(self, name: str) -> bytes | None:
        """Return a file's path inside the repository; None for a file of a submodule or of another repository inside it."""
        real = os.path.realpath(name)
        prefix = self._root.rstrip(os.sep) + os.sep
        if not real.startswith(prefix):
            raise UsageError(f"{name}: not in the git repository {self._root}, which --diff-base looks at")
        above = os.path.dirname(real)
        while above != self._root:
            if os.path.lexists(os.path.join(above, ".git")):
                return None
            above = os.path.dirname(above)
        return os.fsencode(real[len(prefix) :]).replace(os.sep.encode(), b"/")

    def content(self, commit: str, path: bytes) -> bytes | None:
        """Return what a file held at a commit; None where there was none."""
        done = _git(self._root, "cat-file", "blob", commit.encode() + b":" + path)
        return done.stdout if done.returncode == 0 else None

    def git(self, *arguments: str) -> bytes:
        """Return what a command prints; raise `UsageError` with what git says where it fails."""
        done = _git(self._root, *arguments)
        if done.returncode:
            raise UsageError(f"--diff-base: {_said(done.stderr)}")
        return done.stdout


def _git(directory: str, *arguments: str | bytes) -> subprocess.CompletedProcess[bytes]:
    # What git says is looked at: it must not be translated. It must not ask either.
    environment = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("--diff-base needs git, which is not on the PATH") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"--diff-base: cannot run git: {error}") from None


def _said(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0] if lines else "git failed and said nothing"
