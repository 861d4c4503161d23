"""What a rewrite has to know of the project around a file: its name, what it has registered, who looks at layer names."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from functools import cached_property

from keras_lambda_lint.sites.classes.registered_names import registered_in
from keras_lambda_lint.source.disk import remembered
from keras_lambda_lint.source.project import python_files, root_of

_SEES_NAMES = re.compile(rb"""["']lambda(?:_\d+)?["']""")
_LAMBDA = rb"(?<!ast\.)(?<!cst\.)\bLambda\b"
# Python finds a pattern that starts with a word many times faster than one of several.
_SEES_CLASS = tuple(
    map(
        re.compile,
        (
            rb"isinstance\([^()]*(?:\([^()]*)?" + _LAMBDA,
            rb"type\([^()]*\)\s*(?:is|==|in)[^\n]*" + _LAMBDA,
            rb"""__name__\W{1,6}(?:==|in)[^\n]*["']Lambda["']""",
            rb"""class_name\W{1,6}(?:==|in)[^\n]*["']Lambda["']""",
        ),
    )
)
_READS_FUNCTION = re.compile(rb"\.function(?<!tf\.function)(?<!tensorflow\.function)\b(?!\s*[(=])")
_IMPORTS = re.compile(rb"^[^\S\n]*from[^\S\n]+[\w.]*?(\w+)[^\S\n]+import[^\S\n]*(\([^)]*\)|[^\n#]+)", re.MULTILINE)
_NAME = re.compile(rb"\*|\w+")
_TOML_NAME = re.compile(r"""^\[project\]\s*$(?:(?!^\[)[\s\S])*?^name\s*=\s*["']([^"'\r\n]+)["']""", re.MULTILINE)
_POETRY_NAME = re.compile(r"""^\[tool\.poetry\]\s*$(?:(?!^\[)[\s\S])*?^name\s*=\s*["']([^"'\r\n]+)["']""", re.MULTILINE)
_CFG_NAME = re.compile(r"""^\[metadata\]\s*$(?:(?!^\[)[\s\S])*?^name\s*[=:]\s*(\S+)""", re.MULTILINE)
_SETUP_NAME = re.compile(r"""\bname\s*=\s*["']([^"'\r\n]+)["']""")


@dataclass
class Project:
    """The Python files below one root."""

    root: str
    names_seen_in: str | None = None
    """A file, relative to the root, that looks at automatic layer names; None where none does."""
    class_seen_in: str | None = None
    """A file, relative to the root, that asks whether a layer is a `Lambda`, or for its `.function`; None where none does."""
    complete: bool = True
    """Whether all files were read."""
    files: tuple[str, ...] = ()
    lambda_importers: dict[str, set[str]] = field(default_factory=dict)
    """As `imported`, of the files that mention `Lambda` or import all names of something."""
    registered: dict[str, str] = field(default_factory=dict)
    """Registered names, `package>name`, and the file that registers each."""

    def imports(self, module: str, names: set[str]) -> bool:
        """Return whether a file imports one of the names from a module, told by the last part of its name; `*` stands for all."""
        known = self.lambda_importers if names <= {"Lambda", "*"} else self.imported
        return bool(known.get(module, set()) & names)

    def mentions(self, name: str, besides: str) -> bool:
        """Return whether a file of the project other than `besides` holds a name as a word; so too where not all files are known."""
        word = re.compile(rb"\b" + re.escape(name).encode() + rb"\b")
        others = (path for path in self.files if os.path.abspath(path) != os.path.abspath(besides))
        return not self.complete or any(word.search(_bytes(path)) for path in others)

    @cached_property
    def imported(self) -> dict[str, set[str]]:
        """The names that files import from a module, by the last part of the module's name; `*` for all."""
        imported: dict[str, set[str]] = {}
        for path in self.files:
            _note_imports(imported, _bytes(path))
        return imported


def _bytes(path: str) -> bytes:
    """Return the content of a file; nothing for one that cannot be read."""
    with contextlib.suppress(OSError):
        return _code(path)
    return b""


def _code(path: str) -> bytes:
    """Return the code in a file; of a notebook that cannot be read all that it holds."""
    with open(path, "rb") as stream:
        data = stream.read()
    if not path.endswith(".ipynb"):
        return data
    from keras_lambda_lint.source.ipynb import Malformed, code

    try:
        return code(data)
    except Malformed:
        return data


def _note_imports(imported: dict[str, set[str]], data: bytes) -> None:
    for module, names in _IMPORTS.findall(data):
        found = {name.decode(errors="replace") for name in _NAME.findall(names)}
        imported.setdefault(module.decode(errors="replace"), set()).update(found)


def package_name(filename: str) -> str:
    """Return the `package=` for a file: the distribution's name, else the top-level package, else the file's stem.

    A text without a file, such as `<stdin>`, gets `custom`.
    """
    if filename.startswith("<"):
        return "custom"
    path = os.path.abspath(filename)
    found = _distribution(root_of(os.path.dirname(path)))
    if found is not None:
        return found
    folder, top = os.path.dirname(path), None
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, top = os.path.split(folder)
    name = top or os.path.splitext(os.path.basename(path))[0]
    return re.sub(r"[^\w.-]+", "_", name) or "custom"


def project_of(filename: str) -> Project:
    """Return the project around a file; it is read once in a run."""
    folder = os.path.dirname(os.path.abspath(filename))
    root = root_of(folder)
    return _read(root or folder)


def _distribution(root: str | None) -> str | None:
    if root is None:
        return None
    for file, patterns in (
        ("pyproject.toml", (_TOML_NAME, _POETRY_NAME)),
        ("setup.cfg", (_CFG_NAME,)),
        ("setup.py", (_SETUP_NAME,)),
    ):
        path = os.path.join(root, file)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as stream:
                text = stream.read()
            for pattern in patterns:
                match = pattern.search(text)
                if match:
                    return match.group(1)
    return None


@remembered(64)
def _read(root: str) -> Project:
    files, complete, notebooks = python_files(root)
    project = Project(root, complete=complete, files=(*files, *notebooks))
    for path in project.files:
        try:
            data = _code(path)
        except OSError:
            project.complete = False
            continue
        _note(project, path, data)
        if not path.endswith(".ipynb"):
            # Each notebook is a program of its own.
            project.registered.update((name, path) for name in registered_in(data))
    return project


def _note(project: Project, path: str, data: bytes) -> None:
    if b"keras" in data or b"Keras" in data:
        relative = os.path.relpath(path, project.root).replace(os.sep, "/")
        if project.names_seen_in is None and sees_names(data):
            project.names_seen_in = relative
        if project.class_seen_in is None and sees_class(data):
            project.class_seen_in = relative
    if b"Lambda" in data or b"import *" in data:
        _note_imports(project.lambda_importers, data)


def sees_names(data: bytes) -> bool:
    """Return whether a file looks at automatic names of Lambda layers."""
    return b"lambda" in data and _SEES_NAMES.search(data) is not None


def sees_class(data: bytes) -> bool:
    """Return whether a file asks whether a layer is a `Lambda`, or for its `.function`."""
    asks = b"Lambda" in data and any(pattern.search(data) is not None for pattern in _SEES_CLASS)
    return asks or _READS_FUNCTION.search(data) is not None
