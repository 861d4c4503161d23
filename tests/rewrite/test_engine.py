"""What the engine promises whatever a rule's fix says. The fixes here come from toys, some of them hostile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from harness.tool import fixed as fixed_by_the_tool
from harness.tool import source_of

from keras_lambda_lint.diagnostic import Applicability, Diagnostic, Edit, Elsewhere, Fix, Severity, Span
from keras_lambda_lint.linter import Options
from keras_lambda_lint.rewrite.engine import MOST_ROUNDS, Fixed, comments, fix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from keras_lambda_lint.rewrite.engine import Accept, Lint
    from keras_lambda_lint.source.text import Source

    Rewrite = Callable[[str, Span], tuple[str, list[Edit]] | None]

CALL = re.compile(r"bad\((?P<inside>[^()]*(?:\([^()]*\))?[^()]*)\)")


def toy(rewrite: Rewrite, code: str = "TOY1") -> Lint:
    """Return a linter that finds each `bad(...)`; `rewrite` tells what takes its place and what else is edited."""

    def lint(source: Source, _others: Collection[Source] = ()) -> list[Diagnostic]:
        found = []
        for match in re.finditer(r"bad\(", source.text):
            call = CALL.match(source.text, match.start())
            assert call is not None
            span = Span(*call.span())
            plan = rewrite(call["inside"], span)
            plan = plan and (plan[0], sorted([*plan[1], Edit(span, plan[0])], key=lambda edit: edit.span))
            done = plan and Fix("toy", tuple(plan[1]), Applicability.SAFE, span)
            found.append(Diagnostic(code, "toy", Severity.ERROR, "message", span, fix=done or None))
        return found

    return lint


def good(inside: str, span: Span) -> tuple[str, list[Edit]]:
    return f"good({inside})", []


def run(text: str, rewrite: Rewrite, accept: Accept = lambda plan, origin, source: True) -> Fixed:
    return fix(source_of(text), toy(rewrite), accept)


def joined(text: str, outcome: Fixed) -> list[tuple[str, str]]:
    """Return each site of the original text with what took its place."""
    return [(text[slice(*done.original)], outcome.source.text[slice(*done.fixed)]) for done in outcome.replacements]


def test_all_fixes_are_applied_at_once() -> None:
    text = "a = bad(1)\nb = bad(22)\n"
    outcome = run(text, good)
    assert outcome.source.text == "a = good(1)\nb = good(22)\n"
    assert joined(text, outcome) == [("bad(1)", "good(1)"), ("bad(22)", "good(22)")]
    assert [finding.code for finding in outcome.applied] == ["TOY1", "TOY1"]
    assert not outcome.left_out


def test_only_accepted_fixes_are_applied() -> None:
    text = "a = bad(1)\nb = bad(22)\n"
    outcome = run(text, good, lambda plan, origin, source: text[slice(*origin)] == "bad(22)")
    assert outcome.source.text == "a = bad(1)\nb = good(22)\n"
    assert not outcome.left_out


def test_nothing_accepted_changes_nothing() -> None:
    outcome = run("a = bad(1)\n", good, lambda plan, origin, source: False)
    assert (outcome.source.text, outcome.replacements, outcome.applied, outcome.left_out) == (
        "a = bad(1)\n",
        (),
        (),
        {},
    )


def test_overlapping_fixes_take_turns() -> None:
    text = "a = bad(x + bad(1))\n"
    outcome = run(text, lambda inside, span: (f"good({inside})", []))
    assert outcome.source.text == "a = good(x + good(1))\n"
    outer, inner = sorted(outcome.replacements, key=lambda done: done.fixed)
    assert text[slice(*outer.original)] == "bad(x + bad(1))"
    assert outcome.source.text[slice(*inner.fixed)] == "good(1)"
    assert outer.original.contains(inner.original)


def test_what_fixes_share_is_edited_once() -> None:
    text = "a = bad(1)\nb = bad(2)\n"
    outcome = run(text, lambda inside, span: (f"good({inside})", [Edit(Span(0, 0), "import good\n")]))
    assert outcome.source.text == "import good\na = good(1)\nb = good(2)\n"
    assert joined(text, outcome) == [("bad(1)", "good(1)"), ("bad(2)", "good(2)")]


def test_sites_are_joined_with_their_place_in_the_original_over_several_rounds() -> None:
    text = "a = bad(3)\nb = bad(1)\n"

    def count_down(inside: str, span: Span) -> tuple[str, list[Edit]]:
        left = int(inside) - 1
        return (f"bad({left})" if left else "good()"), [Edit(Span(0, 0), f"# {left} left\n")]

    origins: list[str] = []
    outcome = fix(
        source_of(text),
        toy(count_down),
        lambda plan, origin, source: bool(origins.append(text[slice(*origin)]) or True),
    )
    assert outcome.source.text.endswith("a = good()\nb = good()\n")
    assert set(origins) == {"bad(3)", "bad(1)"}
    assert {original for original, _ in joined(text, outcome)} == {"bad(3)", "bad(1)"}
    assert {replaced for _, replaced in joined(text, outcome)} <= {"good()"}


def test_rounds_come_to_an_end() -> None:
    outcome = run("a = bad(1000)\n", lambda inside, span: (f"bad({int(inside) - 1})", []))
    assert outcome.source.text == f"a = bad({1000 - MOST_ROUNDS})\n"


def test_a_fix_that_breaks_the_syntax_is_left_out_and_the_others_are_not() -> None:
    outcome = run("a = bad(1)\nb = bad(2)\n", lambda inside, span: ("((" if inside == "1" else "good(2)", []))
    assert outcome.source.text == "a = bad(1)\nb = good(2)\n"
    [reason] = outcome.left_out.values()
    assert "would not parse" in reason


def test_two_fixes_that_only_break_the_syntax_together() -> None:
    outcome = run("a = [bad(1), bad(2)]\n", lambda inside, span: ("*a" if inside == "1" else "b for b in c", []))
    assert outcome.source.text in ("a = [*a, bad(2)]\n", "a = [bad(1), bad(2)]\n")
    assert len(outcome.left_out) == 1


def test_a_fix_that_loses_a_comment_is_left_out() -> None:
    text = "a = bad(\n    1  # one\n)\n"
    outcome = run(text, lambda inside, span: ("good(1)", []))
    assert outcome.source.text == text
    assert [*outcome.left_out.values()] == ["the comment `# one` would be lost"]


def test_a_fix_that_moves_a_comment_is_applied() -> None:
    outcome = run("a = bad(\n    1  # one\n)\n", lambda inside, span: ("good(1)", [Edit(Span(0, 0), "# one\n")]))
    assert outcome.source.text == "# one\na = good(1)\n"


def test_one_of_two_equal_comments_is_a_comment_too() -> None:
    text = "a = bad(\n    1  # one\n)  # one\n"
    assert run(text, lambda inside, span: ("good(1)", [])).source.text == text


def test_a_fix_that_brings_a_new_finding_is_left_out() -> None:
    outcome = run("a = bad(1)\n", lambda inside, span: ("[bad(1), bad(1)]", []))
    assert outcome.source.text == "a = bad(1)\n"
    assert [*outcome.left_out.values()] == ["the fix would bring a new TOY1"]


def test_a_fix_that_overlaps_itself_is_left_out() -> None:
    outcome = run("a = bad(1)\n", lambda inside, span: ("good(1)", [Edit(Span(span.start + 1, span.end), "x")]))
    assert outcome.source.text == "a = bad(1)\n"
    [reason] = outcome.left_out.values()
    assert "overlap" in reason


def test_bytes_outside_the_edits_stay() -> None:
    data = "\ufeff# -*- coding: utf-8 -*-\r\nx = 'ü'\t\r\n\x0c\na = bad(1)   \r\n\r\n".encode()
    outcome = fix(source_of(data), toy(good), lambda plan, origin, source: True)
    assert outcome.source.to_bytes() == data.replace(b"bad(1)", b"good(1)")


def test_a_second_run_changes_nothing() -> None:
    once = run("a = bad(bad(1))\nb = bad(2)\n", good)
    again = fix(once.source, toy(good), lambda plan, origin, source: True)
    assert again.source.text == once.source.text
    assert again.replacements == ()


def test_what_a_fix_has_made_needless_goes() -> None:
    text = "import keras\nfrom keras.layers import Lambda\n\nlayer = Lambda(lambda x: x * 2, name='a')\n"
    assert "Lambda" not in fixed_by_the_tool(text).source.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1  # a\n# b\n", {"# a": 1, "# b": 1}),
        ("x = '# no'  # a\n# a\n", {"# a": 2}),
        ("x = 1\r\n# a\r\n", {"# a": 1}),
        ("", {}),
    ],
)
def test_comments_are_counted_wherever_they_stand(text: str, expected: dict[str, int]) -> None:
    assert comments(text) == expected


def test_a_decorator_and_a_class_at_one_place_take_turns() -> None:
    text = (
        "import keras\n\n\nclass Own(keras.layers.Layer):\n    def call(self, inputs):\n        return inputs\n\n"
        "    def build(self, shape):\n        self.inner = keras.layers.Lambda(lambda t: t * 3, name='b')\n"
    )
    result = fixed_by_the_tool(text, Options(named=frozenset({"KLL108"}))).source.text
    starts = [line.partition("(")[0] for line in result.split("\n") if line.startswith(("@", "class"))]
    registered = "@keras.utils.register_keras_serializable"
    assert starts == [registered, "class MultiplyBy", registered, "class Own"]


# several files


class TwoFiles:
    """Finds `use(f)` until the other file, `f.py`, says that `f` is `known`: each fix adds a line there, and nothing here."""

    def __init__(self, other: str = "f = 1\n", added: str = "known\n") -> None:
        self.other = source_of(other).renamed("f.py")
        self.added = added

    def lint(self, source: Source, others: Collection[Source]) -> list[Diagnostic]:
        other = next((each for each in others if each.filename == "f.py"), self.other)
        if "known" in other.text or source.filename == "f.py":
            return [self.finding(Span(*found.span()), None) for found in re.finditer("new", source.text)]
        elsewhere = Elsewhere("f.py", (Edit(Span(0, 0), self.added),), other)
        return [
            self.finding(span, Fix("toy", (), Applicability.SAFE, span, elsewhere=(elsewhere,)))
            for span in (Span(*found.span()) for found in re.finditer(r"use\(f\)", source.text))
        ]

    def finding(self, span: Span, plan: Fix | None) -> Diagnostic:
        return Diagnostic("TOY1", "toy", Severity.ERROR, "message", span, fix=plan)

    def run(self, text: str, others: Collection[Source] = ()) -> Fixed:
        return fix(source_of(text), self.lint, lambda plan, origin, source: True, others)


def test_what_two_fixes_change_in_another_file_is_changed_once() -> None:
    files = TwoFiles()
    outcome = files.run("use(f)\nuse(f)\n")
    assert outcome.source.text == "use(f)\nuse(f)\n"
    [(before, after)] = outcome.others
    assert (before.text, after.text) == ("f = 1\n", "known\nf = 1\n")
    assert len(outcome.applied) == 2
    assert [done.fix.replaces_site for done in outcome.replacements] == [False, False]


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ("known (\n", "f.py: line 1: the fixed text would not parse"),
        ("known = new\n", "the fix would bring a new TOY1"),
    ],
)
def test_a_fix_that_spoils_another_file_is_left_out(added: str, reason: str) -> None:
    outcome = TwoFiles(added=added).run("use(f)\n")
    assert outcome.others == ()
    [told] = outcome.left_out.values()
    assert told.startswith(reason)


def test_a_file_that_has_changed_already_is_changed_further() -> None:
    changed = source_of("f = 2\n").renamed("f.py")
    [(before, after)] = TwoFiles().run("use(f)\n", [changed]).others
    assert (before.text, after.text) == ("f = 2\n", "known\nf = 2\n")


# findings that a fix brings to light


def veiled(settles: str | None) -> Lint:
    """Return a linter that finds `old`, then the `new` that took its place, whose fix is `settles`."""

    def lint(source: Source, _others: Collection[Source] = ()) -> list[Diagnostic]:
        found = []
        for code, word, fixed in (("OLD", "old", "new"), ("NEW", "new", settles)):
            for match in re.finditer(word, source.text):
                span = Span(*match.span())
                plan = fixed and Fix("toy", (Edit(span, fixed),), Applicability.SAFE, span, comes_first=word == "old")
                found.append(Diagnostic(code, "toy", Severity.ERROR, "message", span, fix=plan or None))
        return found

    return lint


def test_what_a_fix_brings_to_light_is_settled_in_a_later_round() -> None:
    outcome = fix(source_of("a = old\n"), veiled("done"), lambda plan, origin, text: True)
    assert (outcome.source.text, outcome.left_out) == ("a = done\n", {})


def test_a_fix_that_brings_to_light_what_nothing_settles_is_left_out() -> None:
    outcome = fix(source_of("a = old\n"), veiled(None), lambda plan, origin, text: True)
    assert (outcome.source.text, [*outcome.left_out.values()]) == ("a = old\n", ["the fix would bring a new NEW"])
