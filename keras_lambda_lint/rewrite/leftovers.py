"""What a fix has made needless: an import, a nested function that moved, a variable that became a weight."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.spelling import may_go
from keras_lambda_lint.source.rows import row_with_comments
from keras_lambda_lint.source.scopes import Binding, BindingKind, ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites


def leftovers(before: FileSites, after: FileSites) -> tuple[Edit, ...]:
    """Return the edits of the text `after` that remove what was read in `before`, is read no more, and has no other purpose."""
    read_before = {_key(binding) for binding in _candidates(before) if before.index.reads_of(binding)}
    unread = [b for b in _candidates(after) if _key(b) in read_before and not _is_read(after, b)]
    return tuple(edit for binding in unread if (edit := removal(after, binding)) is not None)


def _is_read(sites: FileSites, binding: Binding) -> bool:
    """Return whether a binding is read, or another of its name in its scope: `import a.b` may serve the reads of `import a`."""
    return any(sites.index.reads_of(each) for each in binding.scope.bindings[binding.name])


def _candidates(sites: FileSites) -> Iterator[Binding]:
    for binding in sites.index.bound_at.values():
        if binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
            if binding.scope.kind is ScopeKind.FUNCTION or may_go(sites, binding.name):
                yield binding
        elif binding.kind is BindingKind.FUNCTION:
            if binding.scope.kind is ScopeKind.FUNCTION or _is_for_layers_alone(sites, binding):
                yield binding
        elif binding.kind is BindingKind.ASSIGNMENT and _is_needless_value(sites, binding):
            yield binding


def _is_for_layers_alone(sites: FileSites, binding: Binding) -> bool:
    """Return whether nothing reads a function of the module but `Lambda` calls that take it."""
    arguments = {function.span for site in sites.lambdas for function in site.functions}
    reads = sites.index.reads_of(binding)
    return all(sites.source.span(read.node) in arguments for read in reads) and may_go(sites, binding.name)


def _is_needless_value(sites: FileSites, binding: Binding) -> bool:
    value = binding.value
    if isinstance(value, ast.Lambda):
        return binding.scope.kind is ScopeKind.FUNCTION
    return isinstance(value, ast.Call) and any(api.is_variable_maker(name) for name in sites.names.of(value.func))


def _key(binding: Binding) -> tuple[str, BindingKind, str]:
    return binding.name, binding.kind, getattr(binding.scope.node, "name", "")


def removal(sites: FileSites, binding: Binding) -> Edit | None:
    """Return the edit that removes what a binding binds; None where it shares its statement or is all that a block holds."""
    if binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
        return _import_removal(sites, binding)
    statement = sites.index.statement(binding.node)
    parent = sites.index.parents[statement]
    for block in ("body", "orelse", "finalbody"):
        statements = getattr(parent, block, None)
        if isinstance(statements, list) and statement in statements and len(statements) == 1:
            return None
    source = sites.source
    span = source.span(statement)
    row, last = source.location(span.start).row, source.location(span.end).row
    tail = source.text[span.end : source.line_end(last)].strip()
    if source.text[source.line_starts[row - 1] : span.start].strip() or (tail and not tail.startswith("#")):
        return None
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        row = row_with_comments(source, statement)
    return Edit(_with_blank_lines(sites, row, last), "")


def _with_blank_lines(sites: FileSites, row: int, last: int) -> Span:
    """Return the span of rows with the smaller group of blank lines beside them, so that no gap grows."""
    source = sites.source
    above, below = 0, 0
    while row - above > 1 and not source.line(row - above - 1).strip():
        above += 1
    while last + below < len(source.line_starts) and not source.line(last + below + 1).strip():
        below += 1
    opens_block = row - above == 1 or source.line(row - above - 1).rstrip().endswith(":")
    first = row - above if above <= below or opens_block else row
    end = last + below if below < above or opens_block else last
    return Span(source.line_starts[first - 1], source.line_end(end))


def _import_removal(sites: FileSites, binding: Binding) -> Edit | None:
    """Remove one name of an import; the whole statement where it is the only one."""
    alias = binding.node
    assert isinstance(alias, ast.alias)
    statement = sites.index.imports[alias]
    source = sites.source
    if len(statement.names) == 1:
        parent = sites.index.parents[statement]
        alone = not isinstance(parent, ast.Module) and any(
            getattr(parent, block, None) == [statement] for block in ("body", "orelse", "finalbody")
        )
        assert statement.end_lineno is not None
        line = Span(source.line_starts[statement.lineno - 1], source.line_end(statement.end_lineno))
        shared = source.text[line.start : line.end].strip() != source.text[slice(*source.span(statement))]
        return None if alone or shared else Edit(_with_blank_lines(sites, statement.lineno, statement.end_lineno), "")
    position = statement.names.index(alias)
    span = source.span(alias)
    if position + 1 < len(statement.names):
        gap = Span(span.start, source.span(statement.names[position + 1]).start)
    else:
        gap = Span(source.span(statement.names[position - 1]).end, span.end)
    return None if "#" in source.text[gap.start : gap.end] else Edit(gap, "")
