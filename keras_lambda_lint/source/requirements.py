"""What a project's own files require: one reader per format, each yielding names, specifiers and rows.

What cannot be read yields nothing: a broken lock file is for its own tool to report.
"""

from __future__ import annotations

import ast
import codecs
import os
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

_LARGEST = 20_000_000


class Requirement(NamedTuple):
    """One requirement of a distribution."""

    name: str
    """The normalised name."""
    specifier: str
    """Which versions; empty for any."""
    path: str
    row: int
    locked: bool
    """Whether a tool wrote down what it had resolved."""

    def __str__(self) -> str:
        specifier = "".join(self.specifier.split())
        return f"{self.name} {specifier}" if specifier[:1].isdigit() else f"{self.name}{specifier}"


_Read: TypeAlias = "Iterator[tuple[str, str, int]]"

_REQUIREMENT = re.compile(
    r"\s*(?:[\w-]+::)?(?P<name>[A-Za-z][\w.-]*)\s*(?:\[[^]]*\])?\s*\(?(?P<specifier>[^;@()]*)\)?\s*(?:[;@].*)?",
    re.DOTALL,
)
_SPECIFIER = re.compile(r"\s*(?:[=<>!~]|$)")
_OPTIONS = re.compile(r"(?:^|\s)(?:#|--?[a-z]).*|\\$")
_CONDA = re.compile(r"\s*-\s+[\"']?(?P<requirement>[^\"'#]+)")
_CONDA_BUILD = re.compile(r"(?<=[\w*])=[\w.*]+\s*$")
_LOCKED = re.compile(r"""^name\s*=\s*["']([^"']+)["']\s*^version\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_LOCKED_JSON = re.compile(r'"([\w.-]+)"\s*:\s*\{[^{}]*"version"\s*:\s*"([^"]+)"')
_DESCRIBES = frozenset(
    {"name", "keywords", "classifiers", "description", "long_description", "packages", "author", "url"}
)


def normalised(name: str) -> str:
    """Return the name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(folder: str, wanted: Collection[str]) -> list[Requirement]:
    """Return what the files of a folder and of its folder `requirements` require of the `wanted` distributions, by file and row."""
    found = []
    for path, reader in _files(folder):
        text = _text(path)
        searched = normalised(text)
        if any(name in searched for name in wanted):
            locked = path.endswith(".lock")
            found += sorted(
                Requirement(normalised(name), specifier.strip(), path, row, locked)
                for name, specifier, row in reader(text)
                if normalised(name) in wanted
            )
    return found


def _files(folder: str) -> Iterator[tuple[str, Callable[[str], _Read]]]:
    for directory, readers in ((folder, _READERS), (os.path.join(folder, "requirements"), _READERS_BELOW)):
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            continue
        for name in names:
            path = os.path.join(directory, name)
            reader = next((reader for pattern, reader in readers if fnmatchcase(name, pattern)), None)
            if reader is not None and os.path.isfile(path):
                yield path, reader


def _text(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            data = stream.read(_LARGEST)
    except OSError:
        return ""
    # `pip freeze` in a Windows shell writes UTF-16.
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf_16 else "utf-8-sig", errors="replace")


def _parsed(text: str) -> tuple[str, str] | None:
    match = _REQUIREMENT.fullmatch(text)
    return (match["name"], match["specifier"]) if match else None


def _pip(text: str) -> _Read:
    for row, line in enumerate(text.splitlines(), 1):
        one = _parsed(_OPTIONS.sub("", line))
        if one:
            yield *one, row


def _conda(text: str) -> _Read:
    for row, line in enumerate(text.splitlines(), 1):
        match = _CONDA.match(line)
        one = _parsed(_CONDA_BUILD.sub("", match["requirement"])) if match else None
        if one:
            yield *one, row


def _script(text: str) -> _Read:
    try:
        tree = parse(Source("setup.py", text))
    except (SourceError, RecursionError):
        return
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            one = _parsed(node.value)
            # A sentence may begin with a name too.
            if one and _SPECIFIER.match(one[1]):
                yield *one, node.lineno
        elif not (isinstance(node, ast.keyword) and node.arg in _DESCRIBES):
            pending += ast.iter_child_nodes(node)


def _ini(text: str) -> _Read:
    import configparser

    parser = configparser.RawConfigParser(strict=False, default_section="")
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    listed = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        listed += [value for _, value in parser.items("options.extras_require")]
    for value in listed:
        yield from _placed(text, value.splitlines())


def _pyproject(text: str) -> _Read:
    content = _toml(text)
    project, tool = _table(content, "project"), _table(content, "tool")
    listed = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(content, "dependency-groups").values(),
        *_table(_table(tool, "pdm"), "dev-dependencies").values(),
        _table(tool, "uv").get("dev-dependencies"),
    ]
    for each in listed:
        if isinstance(each, list):
            yield from _placed(text, [item for item in each if isinstance(item, str)])
    poetry = _table(tool, "poetry")
    groups = [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)]
    for table in (_table(poetry, "dependencies"), _table(poetry, "dev-dependencies"), *groups):
        yield from _keyed(text, table)


def _pipfile(text: str) -> _Read:
    content = _toml(text)
    for section in ("packages", "dev-packages"):
        yield from _keyed(text, _table(content, section))


def _toml(text: str) -> dict[str, Any]:
    from keras_lambda_lint.source.toml import TOMLDecodeError, loads

    try:
        content: dict[str, Any] = loads(text)
    except (TOMLDecodeError, RecursionError):
        return {}
    return content


def _table(of: dict[str, Any], key: str) -> dict[str, Any]:
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def _keyed(text: str, table: dict[str, Any]) -> _Read:
    """Yield the requirements of a table of names, as Poetry and Pipenv write it."""
    for name, value in table.items():
        key = re.search(rf"""^[ \t]*(?:\[[^]\n]*\.)?["']?{re.escape(name)}["']?[ \t]*[]=]""", text, re.MULTILINE)
        row = _row(text, key.start()) if key else 1
        for each in value if isinstance(value, list) else [value]:
            specifier = each.get("version", "") if isinstance(each, dict) else each
            yield name, specifier if isinstance(specifier, str) else "", row


def _placed(text: str, written: Iterable[str]) -> _Read:
    """Yield requirements with the row at which a file writes them."""
    for each in written:
        one = _parsed(each)
        if one and each.strip():
            yield *one, _row(text, max(text.find(each.strip()), 0))


def _lock(text: str) -> _Read:
    for match in _LOCKED.finditer(text):
        yield match[1], f"=={match[2]}", _row(text, match.start(2))


def _lock_json(text: str) -> _Read:
    for match in _LOCKED_JSON.finditer(text):
        yield match[1], match[2], _row(text, match.start(2))


def _row(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


_READERS_BELOW = (("*.txt", _pip), ("*.in", _pip))
_READERS = (
    ("requirements*.txt", _pip),
    ("requirements*.in", _pip),
    ("*[-_]requirements.txt", _pip),
    ("environment*.yml", _conda),
    ("environment*.yaml", _conda),
    ("conda*.yml", _conda),
    ("conda*.yaml", _conda),
    ("pyproject.toml", _pyproject),
    ("setup.cfg", _ini),
    ("setup.py", _script),
    ("Pipfile", _pipfile),
    ("Pipfile.lock", _lock_json),
    ("poetry.lock", _lock),
    ("uv.lock", _lock),
    ("pdm.lock", _lock),
)


def may_require(path: str) -> bool:
    """Return whether a file, by its name and that of its folder, is one whose requirements are read."""
    folder, name = os.path.split(path)
    readers = _READERS + (_READERS_BELOW if os.path.basename(folder) == "requirements" else ())
    return any(fnmatchcase(name, pattern) for pattern, _ in readers)
