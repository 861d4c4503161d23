"""One pass over a file's abstract tree: scopes, bindings, reads, parents, calls."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.source.names import last_name
from keras_lambda_lint.source.scopes import (
    Binding,
    FunctionNode,
    Path,
    Read,
    Scope,
    ScopeKind,
)
from keras_lambda_lint.source.tree import parents_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.source.text import Source


def parse(source: Source) -> ast.Module:
    """Return the abstract tree of a source; raise `SourceError` naming the row of a syntax error."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.text, source.filename)
    except SyntaxError as error:
        raise source.error(error.lineno or 1, f"syntax error: {error.msg}") from None
    except ValueError as error:
        # What Python 3.10 says of a null byte; later ones call it a syntax error.
        row = source.location(max(source.text.find("\0"), 0)).row
        raise source.error(row, f"syntax error: {error}") from None
    except (RecursionError, MemoryError):
        raise source.error(1, "nested too deeply to be parsed") from None


class Call:
    """A call with the place in scopes and control flow where it happens."""

    __slots__ = ("clock", "node", "path", "scope")

    def __init__(self, node: ast.Call, scope: Scope, path: Path, clock: int) -> None:
        self.node = node
        self.scope = scope
        self.path = path
        self.clock = clock


class Store(NamedTuple):
    """The assignment of a value to an attribute or an item."""

    target: ast.Attribute | ast.Subscript
    value: ast.expr
    scope: Scope


class Index:
    """All that one pass over the tree of a file tells; `index_of` makes it."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.module = Scope(ScopeKind.MODULE, tree, None, (), 0)
        self.reads: dict[ast.Name, Read] = {}
        self.calls: dict[str, list[Call]] = {}
        """Calls by the last name of what is called: `a.b.Lambda(...)` is found under `Lambda`."""
        self.imports: dict[ast.alias, ast.Import | ast.ImportFrom] = {}
        """The statement that each imported name belongs to."""
        self.stars: list[ast.ImportFrom] = []
        self.attributes: dict[str, set[str]] = {}
        """The attributes that are read directly below each name: `tf.keras.layers` gives `keras` for `tf`."""
        self._readers: dict[str, dict[Binding, list[Read]]] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        """The scope that a function, lambda, class or comprehension opens."""
        self.bound_at: dict[ast.AST, Binding] = {}
        """The binding that a statement, alias, argument or target name makes."""
        self.stores: list[Store] = []

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node; made when first asked for, since most files that are indexed hold no site."""
        return parents_of(self.tree)

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """The bindings of each name, whatever their scope."""
        bindings: dict[str, list[Binding]] = {}
        for binding in self.bound_at.values():
            bindings.setdefault(binding.name, []).append(binding)
        return bindings

    @cached_property
    def renamed(self) -> list[tuple[str, str]]:
        """The names that imports and assignments give to what has another last name, each with that, in the order of evaluation."""
        renamed = []
        for binding in self.bound_at.values():
            old = binding.node.name if isinstance(binding.node, ast.alias) else last_name(binding.value)
            if old is not None and old != binding.name:
                renamed.append((binding.name, old))
        return renamed

    def release(self) -> None:
        """Let scopes and bindings no longer refer to each other; only the tree can be used then."""
        for scope in (self.module, *self.scopes.values()):
            scope.bindings.clear()

    def scope_of(self, node: FunctionNode) -> Scope:
        """Return the scope that a function opens."""
        return self.scopes[node]

    def reaching(self, name: ast.Name) -> tuple[Binding, ...]:
        """Return the bindings that a read of a name can see; empty for builtins and star imports."""
        read = self.reads[name]
        return read.scope.reaching(name.id, read.clock, read.path)

    def ancestors(self, node: ast.AST) -> Iterable[ast.AST]:
        """Yield the nodes around a node, innermost first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement around a node."""
        for around in (node, *self.ancestors(node)):
            if isinstance(around, ast.stmt):
                return around
        raise ValueError("a node without a statement")

    def top_statement(self, node: ast.AST) -> ast.stmt:
        """Return the statement at module level that holds a node."""
        chain = [node, *self.ancestors(node)]
        statement = chain[-2]
        assert isinstance(statement, ast.stmt)
        return statement

    def is_guarded_by_main(self, node: ast.AST) -> bool:
        """Return whether a node stands below `if __name__ == ...`: whoever imports the module does not have it."""
        around = [outer for outer in self.ancestors(node) if isinstance(outer, ast.If)]
        return any(isinstance(n, ast.Name) and n.id == "__name__" for outer in around for n in walk(outer.test))

    def reads_of(self, binding: Binding) -> list[Read]:
        """Return the reads that can see a binding."""
        if binding.name not in self._readers:
            readers: dict[Binding, list[Read]] = {}
            for read in self._reads_by_name.get(binding.name, ()):
                for seen in read.scope.reaching(binding.name, read.clock, read.path):
                    readers.setdefault(seen, []).append(read)
            self._readers[binding.name] = readers
        return self._readers[binding.name].get(binding, [])

    @cached_property
    def _reads_by_name(self) -> dict[str, list[Read]]:
        reads: dict[str, list[Read]] = {}
        for node, read in self.reads.items():
            reads.setdefault(node.id, []).append(read)
        return reads
