"""A lambda, or a function inside a function, becomes a registered function of the module."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.concrete import Concrete
from keras_lambda_lint.rewrite.lambdas.making import Moving
from keras_lambda_lint.rewrite.lambdas.moved import moved_body, refuse_long_strings
from keras_lambda_lint.rewrite.lambdas.obstacles import refuse_moving
from keras_lambda_lint.rewrite.lambdas.placing import Placing
from keras_lambda_lint.rewrite.layout import Layout, line_indent, reindented, split_lines
from keras_lambda_lint.rewrite.leftovers import removal
from keras_lambda_lint.rewrite.naming import taken_names, unique
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.decorated import registering_line
from keras_lambda_lint.rewrite.saving.role_names import function_names
from keras_lambda_lint.sites.captures import name_span
from keras_lambda_lint.source.rows import row_with_comments
from keras_lambda_lint.source.scopes import BindingKind, ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.keras_api.slots import Role
    from keras_lambda_lint.rewrite.saving.keras_names import KerasNames
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef
    from keras_lambda_lint.source.scopes import Binding


class Hoisting:
    """Makes registered functions at module level of the functions of one file."""

    def __init__(self, home: FileSites) -> None:
        self.home = home
        self.source = home.source
        self.layout = Layout.of(home.source, home.index.tree)
        self.concrete = Concrete(home.source, home.index)
        self.placing = Placing(home, self.layout)
        self._taken = taken_names(home.index)
        self._named: dict[str, tuple[str, int | None]] = {}
        """The name of each function that was made of a lambda, and where it goes: nowhere if the file has it."""

    def of_lambda(self, function: FunctionRef, role: Role, names: KerasNames) -> tuple[str, list[Edit]]:
        """Return the name that a lambda gets, and the edits; raise `NoFix` where a function of the module would be another."""
        node = function.node
        assert isinstance(node, ast.Lambda)
        refuse_moving(function)
        self._refuse_early_defaults(node.args)
        bound = self._only_binding(node)
        if bound is not None and bound.scope.kind is ScopeKind.MODULE:
            return bound.name, self._in_place(function, bound, names)
        if bound is not None and (gone := removal(self.home, bound)) is not None:
            text = self._registered(bound.name, self._lambda_lines(function, gone.span), names)
            self._taken.add(bound.name)
            return bound.name, self._placed(text, node, [gone], names)
        lines = self._lambda_lines(function, self.concrete.whole(node))
        name, position = self._shared(lines, function_names(node, role), node)
        edits = [Edit(self.concrete.whole(node), name)]
        if position is None:
            return name, edits
        return name, [*self._at(position, self._registered(name, lines, names), names), *edits]

    def of_nested(self, function: FunctionRef, role: Role, names: KerasNames) -> tuple[str, list[Edit]]:
        """Return the name that a function inside a function gets, and the edits; raise `NoFix` where it cannot move."""
        node = function.node
        assert isinstance(node, ast.FunctionDef)
        if node.decorator_list:
            raise NoFix(f"`{node.name}` is decorated: what that makes of it is not known")
        refuse_moving(function)
        self._refuse_early_defaults(node.args)
        refuse_long_strings(node)
        binding = self.home.index.bound_at[node]
        if binding.scope.kind is not ScopeKind.FUNCTION:
            raise NoFix(
                f"`{node.name}` {'belongs to a class' if binding.scope.kind is ScopeKind.CLASS else 'is made in a loop'}"
            )
        gone = removal(self.home, binding)
        if len(binding.scope.bindings[node.name]) > 1 or gone is None:
            raise NoFix(f"`{node.name}` is bound more than once, or is all that a block holds")
        name = node.name if self._is_free(binding) else unique([f"{node.name}_{role.value}", node.name], self._taken)
        renamed = [] if name == node.name else self._renamed(binding, name)
        self._taken.add(name)
        text = self._nested_text(function, node, name, names, renamed)
        outside = [edit for edit in renamed if not gone.span.contains(edit.span)]
        return name, self._placed(text, node, [gone, *outside], names)

    def _only_binding(self, node: ast.Lambda) -> Binding | None:
        """Return what a lambda is assigned to, where that is one name that holds nothing else and may move."""
        parent = self.home.index.parents[node]
        if (
            not isinstance(parent, ast.Assign)
            or len(parent.targets) != 1
            or not isinstance(parent.targets[0], ast.Name)
        ):
            return None
        binding = self.home.index.bound_at[parent.targets[0]]
        single = binding.kind is BindingKind.ASSIGNMENT and len(binding.scope.bindings[binding.name]) == 1
        if binding.scope.kind is ScopeKind.MODULE:
            alone = self.source.line(parent.lineno).startswith(binding.name) and not self._shares_line(parent)
            return binding if single and parent in self.home.index.tree.body and alone else None
        return binding if single and binding.scope.kind is ScopeKind.FUNCTION and self._is_free(binding) else None

    def _shares_line(self, statement: ast.stmt) -> bool:
        assert statement.end_lineno is not None
        tail = self.source.text[self.source.span(statement).end : self.source.line_end(statement.end_lineno)].strip()
        return bool(tail) and not tail.startswith("#")

    def _is_free(self, binding: Binding) -> bool:
        """Return whether the name means nothing else at module level, and in the functions between there and the binding.

        A name of Python, or one that the file reads and does not bind, means something already.
        """
        if any(name == binding.name for name, _ in self._named.values()) or hasattr(builtins, binding.name):
            return False
        name = binding.name
        if any(read.scope.owner(name) is None for node, read in self.home.index.reads.items() if node.id == name):
            return False
        scope = binding.scope.parent
        while scope is not None:
            if binding.name in scope.bindings and scope.kind is not ScopeKind.CLASS:
                return False
            scope = scope.parent
        return True

    def _renamed(self, binding: Binding, name: str) -> list[Edit]:
        edits = []
        for read in self.home.index.reads_of(binding):
            span = self.source.span(read.node)
            if self.home.text(span) != binding.name:
                raise NoFix(f"`{binding.name}` is read inside an f-string")
            edits.append(Edit(span, name))
        return edits

    def _refuse_early_defaults(self, arguments: ast.arguments) -> None:
        """A default has its value from where the function is made: elsewhere only a literal is the same."""
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                try:
                    ast.literal_eval(default)
                except ValueError:
                    shown = self.home.text(self.source.span(default))
                    raise NoFix(f"the default `{shown}` has its value from where the function is made") from None

    def _registered(self, name: str, lines: list[str], names: KerasNames) -> str:
        """Return the registered function with these parameters and this body."""
        head = [f"def {name}({lines[0]}):"]
        if len(head[0]) > self.layout.width:
            head = [f"def {name}(", f"{self.layout.indent}{lines[0]}", "):"]
        return self.layout.newline.join([registering_line(self.home, name, names), *head, *lines[1:]])

    def _lambda_lines(self, function: FunctionRef, gone: Span) -> list[str]:
        """Return the parameters of a lambda, and its body as that of a function; the comments in the span that goes stay with it."""
        node = function.node
        assert isinstance(node, ast.Lambda)
        body = self.concrete.whole(node.body)
        parameters = self.source.text[self.source.span(node).start + len("lambda") : body.start].strip()
        if "#" in parameters:
            raise NoFix("a comment stands between the parameters")
        parameters = " ".join(line.strip() for line in split_lines(parameters.removesuffix(":").rstrip()))
        lines = moved_body(Moving(self.home, function, self.layout, self.concrete, depth=1))
        kept = [body] if any("#" in line for line in lines) else []
        comments = self.concrete.comments(node, gone, outside=kept)
        return [parameters, *(self.layout.indent + line if line else line for line in (*comments, *lines))]

    def _nested_text(
        self, function: FunctionRef, node: ast.FunctionDef, name: str, names: KerasNames, renamed: list[Edit]
    ) -> str:
        """Return the whole `def` as it stands, registered, below the comments on top of it."""
        moving = Moving(self.home, function, self.layout, self.concrete, depth=1)
        own = [Edit(name_span(self.source, node), name)] if name != node.name else []
        moving.replaced = [*own, *renamed]
        first = row_with_comments(self.source, node)
        end = self.source.line_starts[(node.end_lineno or 0) - 1] + len(self.source.line(node.end_lineno or 0))
        rows = split_lines(moving.rewritten(Span(self.source.line_starts[first - 1], end)))
        lines = reindented(rows, line_indent(self.source.line(node.lineno)), "")
        above = node.lineno - first
        return self.layout.newline.join([*lines[:above], registering_line(self.home, name, names), *lines[above:]])

    def _shared(self, lines: list[str], wanted: list[str], node: ast.Lambda) -> tuple[str, int | None]:
        """Return the name of a function, and where it goes: above the first statement that needs one with these lines."""
        text = self.layout.newline.join(lines)
        if text not in self._named:
            existing = self._existing(lines, node)
            position = None if existing is not None else self.placing.statement_start(node)
            self._named[text] = (existing or unique(wanted, self._taken), position)
            self._taken.add(self._named[text][0])
        return self._named[text]

    def _existing(self, lines: list[str], node: ast.Lambda) -> str | None:
        """Return the name of a function that an earlier fix wrote word for word above a place."""
        for statement in self.home.index.tree.body:
            if isinstance(statement, ast.FunctionDef) and statement.decorator_list and statement.lineno < node.lineno:
                start = self.source.line_starts[statement.lineno - 1]
                found = self.source.text[start : self.source.span(statement).end]
                if found == self.layout.newline.join([f"def {statement.name}({lines[0]}):", *lines[1:]]):
                    return statement.name
        return None

    def _in_place(self, function: FunctionRef, bound: Binding, names: KerasNames) -> list[Edit]:
        """Return the edits that make `name = lambda ...` of the module a `def`, with two blank lines around it."""
        source, newline = self.source, self.layout.newline
        statement = self.home.index.statement(bound.node)
        span = source.span(statement)
        start = source.line_starts[row_with_comments(source, statement) - 1]
        end = source.line_end(statement.end_lineno or 0)
        following = end + len(source.text[end:]) - len(source.text[end:].lstrip(" \t\r\n\f"))
        gaps = [start] if source.text[:start].strip() else []
        gaps += [following] if following < len(source.text) else []
        edits = [Edit(span, self._registered(bound.name, self._lambda_lines(function, span), names))]
        for place in gaps:
            gap = Span(len(source.text[:place].rstrip(" \t\r\n\f")), place)
            if source.text[gap.start : gap.end] != newline * 3:
                edits.append(Edit(gap, newline * 3))
        if start < names.needs_above:
            raise NoFix(f"`{bound.name}` is defined above the import of Keras")
        return [*names.edits, *edits]

    def _placed(self, text: str, node: ast.AST, others: list[Edit], names: KerasNames) -> list[Edit]:
        position = self.placing.statement_start(node)
        if position < names.needs_above:
            raise NoFix("keras is imported below the first use")
        return [*names.edits, *self.placing.apart(self.placing.inserted(text, position), others)]

    def _at(self, position: int, text: str, names: KerasNames) -> list[Edit]:
        if position < names.needs_above:
            raise NoFix("keras is imported below the first use")
        return [*names.edits, *self.placing.inserted(text, position)]
