"""Rebuilds lists, tuples, sets, dictionaries and calls: what may hold `*` and `**`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.normal import Call, Do, OldCall
from keras_lambda_lint.artifacts.bytecode.rebuild.constants import constant, is_constant
from keras_lambda_lint.artifacts.bytecode.rebuild.emitter import Emitter, Label

if TYPE_CHECKING:
    from collections.abc import Sequence

# How many values the compiler since 3.10 is willing to have on the stack for one display or call.
_MANY = 30
_SHORT_CUTS = {"all": True, "any": False, "tuple": None}


class DisplayEmitter(Emitter):
    """Adds displays and calls."""

    def many(self, count: int) -> bool:
        return self.version >= (3, 10) and count > _MANY

    # tuples, lists and sets

    def sequence(self, kind: str, items: Sequence[ast.expr]) -> None:
        starred = any(isinstance(item, ast.Starred) for item in items)
        if self.version >= (3, 9):
            self.grown(kind, items, starred)
        elif starred:
            self.joined(kind, items)
        else:
            self.plain(kind, items)

    def plain(self, kind: str, items: Sequence[ast.expr]) -> None:
        for item in items:
            self.expression(item)
        self.emit(Do.BUILD, (kind, len(items)))

    def grown(self, kind: str, items: Sequence[ast.expr], starred: bool) -> None:
        """Since 3.9: an empty one that grows where there are stars, many items, or only constants."""
        grows = "list" if kind == "tuple" else kind
        if kind != "tuple" and len(items) > 2 and all(is_constant(item, self.version) for item in items):
            values = tuple(constant(item, self.version) for item in items)
            self.emit(Do.BUILD, (kind, 0))
            self.emit(Do.CONST, frozenset(values) if kind == "set" else values)
            self.emit(Do.EXTEND, (kind, 1))
            return
        many = self.many(len(items))
        if not starred and not many:
            self.plain(kind, items)
            return
        built = many
        if many:
            self.emit(Do.BUILD, (grows, 0))
        for index, item in enumerate(items):
            if isinstance(item, ast.Starred):
                if not built:
                    self.emit(Do.BUILD, (grows, index))
                    built = True
                self.expression(item.value)
                self.emit(Do.EXTEND, (grows, 1))
            else:
                self.expression(item)
                if built:
                    self.emit(Do.APPEND, (grows, 1))
        if kind == "tuple":
            self.emit(Do.TO_TUPLE)

    def joined(self, kind: str, items: Sequence[ast.expr], *, alone: bool = False) -> None:
        """From 3.5 to 3.8: all parts first, then one step that joins them, if it is not `alone` that it may stand."""
        parts, plain = 0, 0
        inner = "set" if kind == "set" else "tuple"
        for item in [*items, None]:
            if plain and (item is None or isinstance(item, ast.Starred)):
                self.emit(Do.BUILD, (inner, plain))
                parts, plain = parts + 1, 0
            if isinstance(item, ast.Starred):
                self.expression(item.value)
                parts += 1
            elif item is not None:
                self.expression(item)
                plain += 1
        if alone and parts == 1:
            return
        self.emit(Do.JOIN, (kind, parts))

    # dictionaries

    def dictionary(self, node: ast.Dict) -> None:
        pairs = list(zip(node.keys, node.values, strict=True))
        if self.version < (3, 5):
            self.emit(Do.BUILD, ("map", 0))
            for key, value in pairs:
                self.expression(value)
                self.expression(_given(key, self))
                self.emit(Do.STORE_MAP)
        elif self.version < (3, 9):
            self.joined_map("map", pairs)
        else:
            self.grown_map("map", pairs)

    def pairs(self, pairs: Sequence[tuple[ast.expr | None, ast.expr]]) -> None:
        """One dictionary without stars."""
        keys = [_given(key, self) for key, _ in pairs]
        many = self.many(2 * len(pairs))
        if many:
            self.emit(Do.BUILD, ("map", 0))
        for key, (_, value) in zip(keys, pairs, strict=True):
            self.expression(key)
            self.expression(value)
            if many:
                self.emit(Do.APPEND, ("map", 1))
        if not many:
            self.emit(Do.BUILD, ("map", len(pairs)))

    def joined_map(self, kind: str, pairs: Sequence[tuple[ast.expr | None, ast.expr]]) -> None:
        parts = 0
        for chunk in _chunks(pairs, len(pairs)):
            if chunk[0][0] is None:
                self.expression(chunk[0][1])
            else:
                self.pairs(chunk)
            parts += 1
        if parts == 0:
            self.emit(Do.BUILD, ("map", 0))
        elif parts > 1 or (kind == "map" and pairs[0][0] is None):
            self.emit(Do.JOIN, (kind, parts))

    def grown_map(self, kind: str, pairs: Sequence[tuple[ast.expr | None, ast.expr]]) -> None:
        started = False
        for chunk in _chunks(pairs, _MANY // 2 + 2 if self.version >= (3, 10) and kind == "map" else len(pairs)):
            if chunk[0][0] is not None:
                self.pairs(chunk)
                if started:
                    self.emit(Do.EXTEND, (kind, 1))
            else:
                if not started:
                    self.emit(Do.BUILD, ("map", 0))
                self.expression(chunk[0][1])
                self.emit(Do.EXTEND, (kind, 1))
            started = True
        if not started:
            self.emit(Do.BUILD, ("map", 0))

    # calls

    def call(self, node: ast.Call) -> None:
        self.expression(node.func)
        if self.version == (3, 5):
            self.call_of_3_5(node)
            return
        if self.version < (3, 6):
            self.old_call(node)
            return
        spread = any(isinstance(each, ast.Starred) for each in node.args) or any(k.arg is None for k in node.keywords)
        if spread or self.many(len(node.args) + 2 * len(node.keywords)):
            self.spread_call(node)
            return
        end = Label()
        if self.version >= (3, 14):
            self.short_cut(node, end)
        for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.expression(value)
        names = tuple(keyword.arg or "" for keyword in node.keywords)
        self.emit(Do.CALL, Call(len(node.args) + len(names), names, paired=False))
        self.place(end)

    def short_cut(self, node: ast.Call, end: Label) -> None:
        """A loop in place of the call of a built-in with a generator, taken if the name means that built-in."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _SHORT_CUTS or len(node.args) != 1 or node.keywords:
            return
        if not isinstance(node.args[0], ast.GeneratorExp):
            return
        goes_on = _SHORT_CUTS[name]
        other, again, done = Label(), Label(), Label()
        self.emit(Do.COPY, 1)
        self.emit(Do.COMMON, name)
        self.emit(Do.COMPARE, "is")
        self.emit(Do.BRANCH, False, other)
        self.emit(Do.POP)
        if goes_on is None:
            self.emit(Do.BUILD, ("list", 0))
        self.expression(node.args[0])
        self.place(again)
        self.emit(Do.NEXT, None, done)
        if goes_on is None:
            self.emit(Do.APPEND, ("list", 2))
            self.emit(Do.JUMP, None, again)
        else:
            self.emit(Do.BRANCH, goes_on, again)
            self.emit(Do.POP)
            self.emit(Do.CONST, not goes_on)
            self.emit(Do.JUMP, None, end)
        self.place(done)
        if goes_on is None:
            self.emit(Do.TO_TUPLE)
        else:
            self.emit(Do.CONST, goes_on)
        self.emit(Do.JUMP, None, end)
        self.place(other)

    def spread_call(self, node: ast.Call) -> None:
        pairs = [(ast.Constant(word.arg) if word.arg is not None else None, word.value) for word in node.keywords]
        if len(node.args) == 1 and isinstance(node.args[0], ast.Starred):
            self.expression(node.args[0].value)
        elif not node.args:
            self.emit(Do.BUILD, ("tuple", 0))
        elif self.version >= (3, 9):
            self.sequence("tuple", node.args)
        else:
            self.joined("arguments", node.args, alone=True)
        if pairs and self.version >= (3, 9):
            self.grown_map("keywords", pairs)
        elif pairs:
            self.joined_map("keywords", pairs)
        self.emit(Do.SPREAD_CALL, (bool(pairs), False))

    def old_call(self, node: ast.Call) -> None:
        plain = [value for value in node.args if not isinstance(value, ast.Starred)]
        star = [value.value for value in node.args if isinstance(value, ast.Starred)]
        words = [word for word in node.keywords if word.arg is not None]
        stars = [word.value for word in node.keywords if word.arg is None]
        if len(star) > 1 or len(stars) > 1 or (star and not isinstance(node.args[-1], ast.Starred)):
            raise self.refuse(node)
        for value in plain:
            self.expression(value)
        for word in words:
            self.emit(Do.CONST, word.arg)
            self.expression(word.value)
        for value in [*star, *stars]:
            self.expression(value)
        self.emit(Do.OLD_CALL, OldCall(len(plain), len(words), bool(star), bool(stars)))

    def call_of_3_5(self, node: ast.Call) -> None:
        """What follows the first star is joined, and lies before the keywords."""
        stars = [index for index, value in enumerate(node.args) if isinstance(value, ast.Starred)]
        plain = stars[0] if stars else len(node.args)
        for value in node.args[:plain]:
            self.expression(value)
        if stars:
            self.joined("list", node.args[plain:], alone=True)
        double = [index for index, word in enumerate(node.keywords) if word.arg is None]
        words = double[0] if double else len(node.keywords)
        for word in node.keywords[:words]:
            self.emit(Do.CONST, word.arg)
            self.expression(word.value)
        if double:
            rest = node.keywords[words:]
            self.joined_map("keywords", [(ast.Constant(word.arg) if word.arg else None, word.value) for word in rest])
        self.emit(Do.OLD_CALL, OldCall(plain, words, bool(stars), bool(double), star_first=bool(stars)))


def _given(key: ast.expr | None, emitter: Emitter) -> ast.expr:
    if key is None:
        raise emitter.refuse(ast.Dict([], []))
    return key


def _chunks(
    pairs: Sequence[tuple[ast.expr | None, ast.expr]], longest: int
) -> list[list[tuple[ast.expr | None, ast.expr]]]:
    """Return runs of plain pairs, and each `**` alone."""
    found: list[list[tuple[ast.expr | None, ast.expr]]] = []
    for pair in pairs:
        last = found[-1] if found else None
        if pair[0] is None or last is None or last[0][0] is None or len(last) == longest:
            found.append([pair])
        else:
            last.append(pair)
    return found
