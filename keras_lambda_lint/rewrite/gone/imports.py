"""Import paths and names that are gone: what moved is imported from, or read at, the place where it stands now."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange, Span
from keras_lambda_lint.keras_api.moved import moved, moved_names
from keras_lambda_lint.keras_api.removed import removed_attribute, removed_import
from keras_lambda_lint.rewrite.alignment import realigned
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.gone.merges import merge_calls
from keras_lambda_lint.rewrite.layout import Layout, line_indent
from keras_lambda_lint.rewrite.planned import planned
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.spelling import may_go
from keras_lambda_lint.sites.gone.removed_uses import RemovedUse
from keras_lambda_lint.source.names import imported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.scopes import Binding

_FROM = re.compile(r"from\s+(?P<module>[\w.]+)\s+import\b")


class _Name(NamedTuple):
    """One name that a rewritten statement imports."""

    module: str
    name: str
    asname: str | None = None

    @property
    def text(self) -> str:
        return self.name if self.asname is None else f"{self.name} as {self.asname}"


def plan_imports(sites: FileSites, reported: Reported) -> Mapping[Span, Fix | str]:
    """Return the fix of each import or first read of what is gone, by its span, or the reason why there is none."""
    return planned(sites.of(RemovedUse), reported.get(RemovedUse, {}), lambda use: _Move(sites, use).fix())


class _Move:
    def __init__(self, sites: FileSites, use: RemovedUse) -> None:
        self.sites = sites
        self.use = use
        self.edits: list[Edit] = []

    def fix(self) -> Fix:
        """Return the fix; raise `NoFix` where one of the names has not moved."""
        node = self.use.node
        if isinstance(node, ast.ImportFrom):
            self._from(node)
        elif isinstance(node, ast.Import):
            self._module()
        else:
            self._reads()
        return Fix(
            message=f"`{self.use.names[0].name}` by its new name",
            edits=in_order(self.edits),
            applicability=Applicability.UNSAFE,
            site=self.use.span,
            intended=(IntendedChange.REPAIRS_CRASH,),
            unsafe_because=f"{'the import' if self.use.is_import else 'reading the name'} fails as it is",
            comes_first=True,
        )

    def _from(self, statement: ast.ImportFrom) -> None:
        module = statement.module or ""
        names: list[_Name] = []
        for alias in statement.names:
            names += self._imported(module, alias)
        names = [name for name in dict.fromkeys(names) if not self._has(name, statement)]
        modules = {name.module for name in names}
        same = [name.text for name in names] == [self._written(alias) for alias in statement.names]
        span = self.sites.source.span(statement)
        found = _FROM.match(self.sites.text(span))
        if same and len(modules) == 1 and found is not None:
            place = Span(span.start + found.start("module"), span.start + found.end("module"))
            self.edits.append(Edit(place, modules.pop()))
        else:
            self._written_anew(statement, names)

    def _written_anew(self, statement: ast.ImportFrom, names: list[_Name]) -> None:
        source = self.sites.source
        span = source.span(statement)
        line = source.line(statement.lineno)
        indent = line_indent(line)
        row_end = source.line_end(statement.end_lineno or statement.lineno)
        alone = not source.text[source.line_starts[statement.lineno - 1] : span.start].strip()
        if not alone or source.text[span.end : row_end].strip().startswith(";"):
            raise NoFix("the import shares its line with another statement")
        if not names:
            if not isinstance(self.sites.index.parents[statement], ast.Module):
                raise NoFix("all that it imports is imported elsewhere already")
            self.edits.append(Edit(Span(source.line_starts[statement.lineno - 1], row_end), ""))
            return
        text = f"{source.newline}{indent}".join(self._lines(names, indent))
        head = len("from")
        self.edits.append(Edit(Span(span.start + head, span.end), text[head:]))

    def _lines(self, names: list[_Name], indent: str) -> Iterator[str]:
        layout = Layout.of(self.sites.source, self.sites.index.tree)
        for module in dict.fromkeys(name.module for name in names):
            texts = [name.text for name in names if name.module == module]
            line = f"from {module} import {', '.join(texts)}"
            if len(indent + line) <= layout.width:
                yield line
            else:
                inner = "".join(f"{layout.newline}{indent}{layout.indent}{text}," for text in texts)
                yield f"from {module} import ({inner}{layout.newline}{indent})"

    def _written(self, alias: ast.alias) -> str:
        return alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"

    def _has(self, name: _Name, statement: ast.ImportFrom) -> bool:
        """Return whether another import at the top of the module, which stands alone for it, gives the same name."""
        known = self.sites.index.module.bindings.get(name.asname or name.name, [])
        for binding in known:
            alias = binding.node
            if not binding.path and isinstance(alias, ast.alias) and self.sites.index.imports[alias] is not statement:
                above = self.sites.index.imports[alias].lineno < statement.lineno
                if above and imported(self.sites.index, binding) == f"{name.module}.{name.name}":
                    return True
        return False

    def _imported(self, module: str, alias: ast.alias) -> list[_Name]:
        """Return what to import instead of one name."""
        qualified = f"{module}.{alias.name}"
        if alias.name == "*":
            return self._starred(module)
        if removed_import(qualified) is None:
            return [_Name(module, alias.name, alias.asname)]
        binding = self.sites.index.bound_at[alias]
        if qualified.endswith("keras.layers.merge") and self._is_called(binding):
            edits, functions = merge_calls(self.sites, binding)
            for function in functions:
                self._free(function, f"{module}.{function}")
            self.edits += edits
            return [_Name(module, function) for function in functions]
        new = moved(qualified)
        if new is None:
            return self._below(qualified, binding)
        home, _, name = new.rpartition(".")
        if name == alias.name or alias.asname is not None:
            return [_Name(home, name, alias.asname)]
        return [self._renamed(binding, home, name)]

    def _renamed(self, binding: Binding, home: str, name: str) -> _Name:
        """Import a name that is called otherwise now, and read it by that name."""
        reads = self.sites.index.reads_of(binding)
        alone = all(self.sites.index.reaching(read.node) == (binding,) for read in reads)
        if not alone or not self._is_free(name, f"{home}.{name}") or not may_go(self.sites, binding.name):
            return _Name(home, name, binding.name)
        for read in reads:
            self._free_arguments(read.node, f"{home}.{name}")
            self._renamed_read(read.node, name)
        return _Name(home, name)

    def _below(self, qualified: str, binding: Binding) -> list[_Name]:
        """Return what is read of a module that is gone: imported by itself."""
        found: dict[_Name, None] = {}
        reads = self.sites.index.reads_of(binding)
        for read in reads:
            parent = self.sites.index.parents[read.node]
            if not isinstance(parent, ast.Attribute):
                raise NoFix(f"`{qualified}` has no counterpart")
            what = f"{qualified}.{parent.attr}"
            new = moved(what)
            if new is None or self.sites.index.reaching(read.node) != (binding,):
                raise NoFix(f"`{what}` has no counterpart of the same meaning")
            home, _, name = new.rpartition(".")
            self._free(name, new)
            self._free_arguments(parent, new)
            self._renamed_read(parent, name)
            found[_Name(home, name)] = None
        if not found or not may_go(self.sites, binding.name):
            raise NoFix(
                f"`{qualified}` has no counterpart"
                if not moved_names(qualified)
                else f"nothing here reads `{binding.name}`"
            )
        return list(found)

    def _starred(self, module: str) -> list[_Name]:
        """Return what the file reads of all that a module had."""
        index = self.sites.index
        known = moved_names(module)
        unbound = {read.id for read in index.reads if read.id in known and not index.reaching(read)}
        others = [star for star in index.stars if star.module != module and star.module not in ("keras.layers",)]
        if not unbound or others or not may_go(self.sites, "*"):
            raise NoFix(f"what is used of `{module}` is not known: name it")
        moves = [str(moved(f"{module}.{name}")) for name in sorted(unbound)]
        return [_Name(new.rpartition(".")[0], new.rpartition(".")[2]) for new in moves]

    def _module(self) -> None:
        raise NoFix(f"`{self.use.names[0].name}` is imported as a whole: import the names that are used")

    def _reads(self) -> None:
        gone = self.use.names[0]
        for name in self.sites.index.reads:
            node: ast.AST = name
            while isinstance(parent := self.sites.index.parents[node], ast.Attribute):
                node = parent
                known = {removed_attribute(each) for each in self.sites.names.of(parent)}
                if known == {gone}:
                    self._read(parent)
                    break
        if not self.edits:
            raise NoFix(f"`{gone.name}` has no counterpart")

    def _read(self, node: ast.Attribute) -> None:
        """Spell a dotted name that leads through what is gone by the path that it has now."""
        top: ast.expr = node
        while True:
            (qualified,) = self.sites.names.of(top)
            new = moved(qualified)
            parent = self.sites.index.parents[top]
            if new is not None or not isinstance(parent, ast.Attribute):
                break
            top = parent
        if new is None:
            raise NoFix(f"`{qualified}` has no counterpart of the same meaning")
        base: ast.expr = top
        while isinstance(base, ast.Attribute):
            base = base.value
            (root,) = self.sites.names.of(base)
            if new.startswith(f"{root}."):
                self._free_arguments(top, new)
                self._renamed_read(top, f"{self.sites.text(self.sites.source.span(base))}{new[len(root) :]}")
                return
        raise NoFix(f"the file has no name for `{new.rpartition('.')[0]}`")

    def _renamed_read(self, node: ast.expr, text: str) -> None:
        """Note that a name is read by another one, and keep what is aligned behind it."""
        edit = Edit(self.sites.source.span(node), text)
        self.edits += [edit, *realigned(self.sites.source, self.sites.index.statement(node), [edit])]

    def _free_arguments(self, node: ast.expr, new: str) -> None:
        """Refuse calls whose arguments, or the defaults of missing ones, mean something else on Keras 3."""
        call = self.sites.index.parents[node]
        if not isinstance(call, ast.Call) or call.func is not node:
            return
        if new.endswith(".regularizers.l1_l2") and 3 in self.sites.target and len(call.args) + len(call.keywords) < 2:
            raise NoFix("what `l1_l2` is not given is 0.01 on Keras 2 and 0.0 on Keras 3: write both")
        if ".optimizers." in new:
            if len(call.args) > 2:
                raise NoFix("the third argument of optimizers is not the same on Keras 2 and 3: give it by name")
            old = next((keyword.arg for keyword in call.keywords if keyword.arg in ("lr", "decay")), None)
            if old is not None:
                raise NoFix(f"optimizers of Keras 3 have no argument `{old}`")

    def _is_called(self, binding: Binding) -> bool:
        parents = self.sites.index.parents
        reads = [read.node for read in self.sites.index.reads_of(binding)]
        return any(isinstance(call := parents[node], ast.Call) and call.func is node for node in reads)

    def _is_free(self, name: str, wanted: str) -> bool:
        """Return whether a name means nothing else in the file."""
        index = self.sites.index
        bound = index.bindings.get(name, [])
        same = all(isinstance(each.node, ast.alias) and imported(index, each) == wanted for each in bound)
        unbound = [read for read in index.reads if read.id == name and not index.reaching(read)]
        return same and not unbound

    def _free(self, name: str, wanted: str) -> None:
        if not self._is_free(name, wanted):
            raise NoFix(f"the file uses the name `{name}` for something else")
