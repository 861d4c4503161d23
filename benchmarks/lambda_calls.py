"""Says of every call of a Keras `Lambda` which rules report it, or by which fact it needs no report.

Counted with `ast` and no code of the tool. A reason is a fact that this file finds in the source; a call that neither a rule
nor a fact explains is `unexplained`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from corpus import Call, Finding, Row, calls, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

UNEXPLAINED = "unexplained"

_KERAS = ("keras", "tf_keras", "tensorflow", "tensorflow_core")
"""Top-level packages whose `Lambda` is Keras' own."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Explained:
    """A call with the codes of the rules that report it, or else a reason."""

    place: str
    anonymous: bool
    rules: tuple[str, ...]
    reason: str

    @property
    def recalled(self) -> bool:
        """Whether an anonymous call is reported as one."""
        return self.anonymous and "KLL101" in self.rules


def explained(folder: str, files: dict[str, bytes], found: list[Finding], notes: list[str]) -> Iterator[Explained]:
    """Yield every call of the files of a repository; note those that do not parse."""
    modules = {path: module for path, text in files.items() if (module := _module(text)) is not None}
    for path, known in calls(files, Row(), folder, notes).items():
        own = [each for each in found if each["filename"] == path]
        for call in sorted(known, key=lambda call: call.start):
            rules = sorted({each["code"] for each in own if _speaks_of(each, call)})
            reason = "" if rules else _Reasons(path, modules).of(call)
            yield Explained(f"{path}:{call.start[0]}", call.anonymous, tuple(rules), reason)


def _module(text: bytes) -> ast.Module | None:
    try:
        return tree(text)
    except (SyntaxError, ValueError):
        return None


def _speaks_of(finding: Finding, call: Call) -> bool:
    """Return whether a finding, or a second place of it in the same file, lies in the call."""
    second = [each["location"] for each in finding["related"] if each["filename"] == finding["filename"]]
    return any(map(call.spans, [finding["location"], *second]))


class _Reasons:
    """The facts that one file, and the files it imports from, tell about its calls."""

    def __init__(self, path: str, modules: dict[str, ast.Module]) -> None:
        self._path = path
        self._modules = modules
        self._tree = modules[path]

    def of(self, call: Call) -> str:
        """Return why the call is fine, or `unexplained`."""
        return self._class_of(call) or self._function_of(call) or UNEXPLAINED

    def _class_of(self, call: Call) -> str:
        """Return whose `Lambda` it is where it is not Keras' own."""
        name = _dotted(call.node.func)
        root = name.partition(".")[0]
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ClassDef) and node.name == name:
                return f"own class `{name}` at line {node.lineno}"
        module = self._imported(root)
        if module and not module.startswith(".") and module.partition(".")[0] not in _KERAS:
            return f"`{root}` comes from `{module}`"
        return ""

    def _function_of(self, call: Call) -> str:
        """Return what makes the function one that every process finds, or that nobody knows before the program runs."""
        for function in call.functions:
            name = _dotted(function)
            root, _, rest = name.partition(".")
            if isinstance(function, ast.Constant) and isinstance(function.value, str):
                return f"the name of a built-in function, {function.value!r}"
            if ".activations." in f".{self._imported(root)}.{rest}":
                return f"built-in activation `{name}`"
            if found := self._definition(name):
                path, definition = found
                if any("register_keras_serializable" in ast.unparse(each) for each in definition.decorator_list):
                    return f"registered function at {path}:{definition.lineno}"
            elif root:
                return self._given(root, call.node)
        return ""

    def _imported(self, name: str) -> str:
        """Return the dotted origin of a name that an import of the file binds, else ''; relative ones keep their dots."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom):
                for each in node.names:
                    if (each.asname or each.name) == name:
                        return f"{'.' * node.level}{node.module or ''}.{each.name}"
            elif isinstance(node, ast.Import):
                for each in node.names:
                    if (each.asname or each.name.partition(".")[0]) == name:
                        return each.name if each.asname else name
        return ""

    def _definition(self, name: str) -> tuple[str, _Function] | None:
        """Return the `def` of a name, in this file or in the one it is imported from, and the path of that file."""
        root, _, rest = name.partition(".")
        origin = self._imported(root)
        if not origin:
            return self._def_in(self._path, name)
        module, _, function = f"{origin}.{rest}".rstrip(".").rpartition(".")
        tail = PurePosixPath(*module.strip(".").split("."))
        for path in self._modules:
            if PurePosixPath(path).with_suffix("").parts[-len(tail.parts) :] == tail.parts:
                return self._def_in(path, function)
        return None

    def _def_in(self, path: str, name: str) -> tuple[str, _Function] | None:
        for node in ast.walk(self._modules[path]):
            if isinstance(node, _Function) and node.name == name:
                return path, node
        return None

    def _given(self, name: str, call: ast.Call) -> str:
        """Return where a name comes in from outside: from a loop, or as a parameter of the function around the call."""
        reason = ""
        for node in ast.walk(self._tree):
            if not isinstance(node, _Function | ast.For) or not node.lineno <= call.lineno <= (node.end_lineno or 0):
                continue
            bound = node.target if isinstance(node, ast.For) else node.args
            if any(name == getattr(each, "arg", getattr(each, "id", None)) for each in ast.walk(bound)):
                origin = (
                    f"an element of `{ast.unparse(node.iter)}`"
                    if isinstance(node, ast.For)
                    else f"a parameter of `{node.name}`"
                )
                reason = f"`{name}` is {origin} (line {node.lineno}), unknown before the program runs"
        return "" if name in ("self", "cls") else reason


def _dotted(node: ast.expr) -> str:
    """Return a dotted name as it is written, else ''."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""
