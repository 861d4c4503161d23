"""Which arms of conditional expressions ran: a replaced expression that chooses between layers makes one of them only."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.verify.child.trace import Site

_RAN = "__keras_lambda_lint_ran__"


class Arm(NamedTuple):
    """A part of a replaced expression that runs or does not."""

    site: int
    text: str


class Arms:
    """The arms of the replaced expressions of one file."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = sites
        self.all: list[Arm] = []
        self._ran: set[int] = set()

    def install(self, tree: ast.Module, text: str) -> None:
        """Change the tree of a file so that its arms say when they run."""
        setattr(builtins, _RAN, self._ran.add)
        _Marker(self._sites, self.all, text).visit(tree)

    def taken(self) -> frozenset[int]:
        """Return the numbers of the arms that ran since this was called last."""
        taken = frozenset(self._ran)
        self._ran.clear()
        return taken

    def of_site(self, index: int) -> list[int]:
        """Return the numbers of the arms of a site."""
        return [number for number, arm in enumerate(self.all) if arm.site == index]


class _Marker(ast.NodeTransformer):
    def __init__(self, sites: Sequence[Site], arms: list[Arm], text: str) -> None:
        self._sites = sites
        self._arms = arms
        self._text = text

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Leave a function within a site: what it chooses is compared by running it."""
        return node if self._site(node) is not None else self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Mark both arms."""
        site = self._site(node)
        if site is not None:
            node.body, node.orelse = self._marked(node.body, site), self._marked(node.orelse, site)
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """Mark what is evaluated only where that before it does not decide."""
        site = self._site(node)
        if site is not None:
            node.values[1:] = [self._marked(each, site) for each in node.values[1:]]
        return self.generic_visit(node)

    def _site(self, node: ast.expr) -> int | None:
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        holding = [index for index, site in enumerate(self._sites) if site.holds(place)]
        return min(holding, key=lambda index: self._sites[index].size, default=None)

    def _marked(self, arm: ast.expr, site: int) -> ast.expr:
        """Return `(ran(number), arm)[1]`."""
        call = ast.Call(ast.Name(_RAN, ast.Load()), [ast.Constant(len(self._arms))], [])
        self._arms.append(Arm(site, ast.get_source_segment(self._text, arm) or ""))
        pair = ast.Subscript(ast.Tuple([call, arm], ast.Load()), ast.Constant(1), ast.Load())
        return ast.fix_missing_locations(ast.copy_location(pair, arm))
