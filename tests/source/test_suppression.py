from __future__ import annotations

import argparse
import ast

import pytest
from flake8.processor import FileProcessor
from flake8.violation import Violation
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from keras_lambda_lint.diagnostic import Applicability, Diagnostic, Edit, Fix, Severity, Span
from keras_lambda_lint.source.suppression import Suppression, unsuppressed, unused
from keras_lambda_lint.source.text import Source


def finding(span: Span, code: str = "KLL101", fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(code, "some-rule", Severity.ERROR, "message", span, fix=fix)


def at(source: Source, needle: str, code: str = "KLL101") -> Diagnostic:
    start = source.text.index(needle)
    return finding(Span(start, start + len(needle)), code)


def flake8_suppresses(source: Source, row: int, code: str) -> bool:
    """What flake8 itself decides for a finding of its plugin."""
    lines = [source.line(number) + "\n" for number in range(1, len(source.line_starts) + 1)]
    options = argparse.Namespace(
        hang_closing=False,
        indent_size=4,
        max_line_length=79,
        max_doc_length=None,
        verbose=0,
        stdin_display_name="x.py",
        disable_noqa=False,
    )
    processor = FileProcessor("x.py", options, lines)
    if processor.should_ignore_file():
        return True
    violation = Violation(code, "x.py", row, 1, "message", processor.noqa_line_for(row))
    return bool(violation.is_inline_ignored(disable_noqa=False))


COMMENTS = [
    "# noqa",
    "# NoQA",
    "#noqa",
    "#  noqa",
    "# noqa: KLL101",
    "# noqa:KLL101",
    "# noqa : KLL101",
    "# noqa:  KLL101",
    "# noqa: kll101",
    "# noqa: KLL1",
    "# noqa: KLL",
    "# noqa: KLL205",
    "# noqa: E501,KLL101",
    "# noqa: E501, KLL101",
    "# noqa: E501 KLL101",
    "# noqa: E501;KLL101",
    "# noqa: because",
    "# noqa: KLL101 because",
    "# a remark # noqa: KLL101",
    "# noqa:E501,W291,KLL101,",
    "",
]


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize(
    "text",
    [
        "x = Lambda(f)  {}\n",
        "x = Lambda(f)  {}",
        "x = Lambda(\n    f,  {}\n)\n",
        "x = (\n    Lambda(f)\n)  {}\n",
        "x = '''\n''', Lambda(f)  {}\n",
        "x = Lambda(f), '''\n'''  {}\n",
        "x = 1 + \\\n    Lambda(f)  {}\n",
        "x = Lambda(f) + \\\n    1  {}\n",
        "if 1:\n    x = Lambda(f)  {}\n",
        "é = '''\n{}''', Lambda(f)\n",
        "x = Lambda(f)\n{}\n",
        "{}\nx = Lambda(f)\n",
    ],
)
def test_a_comment_means_what_it_means_to_flake8(text: str, comment: str) -> None:
    source = Source("x.py", text.format(comment))
    diagnostic = at(source, "Lambda(")
    row = source.location(diagnostic.span.start).row
    assert Suppression(source).covers(diagnostic) is flake8_suppresses(source, row, "KLL101")


@pytest.mark.parametrize(
    "line",
    [
        "# flake8: noqa",
        "    # FLAKE8: NOQA",
        "# flake8=noqa",
        "# flake8: noqa: KLL101",
        "# flake8: noqa: E501",
        "x = 1  # flake8: noqa",
        "#flake8: noqa",
        "# flake8 noqa",
    ],
)
def test_a_file_is_skipped_where_flake8_skips_it(line: str) -> None:
    source = Source("x.py", f"x = Lambda(f)\n{line.strip()}\n")
    assert Suppression(source).covers(at(source, "Lambda")) is flake8_suppresses(source, 1, "KLL101")


LINES = [
    "a = (",
    ")",
    "a = '''",
    "'''",
    "f'''{b",
    "}'''",
    "b",
    "b + \\",
    "# noqa",
    "c = 1  # noqa: KLL101",
    "c,  # noqa: E501  # noqa: KLL101",
    "'# noqa: KLL1' \\",
    "if b:",
    "    b",
    "\tb  # noqa:KLL205",
    "\x0c",
    "",
]


@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=5))
def test_every_line_of_a_program_is_judged_as_flake8_judges_it(lines: list[str]) -> None:
    source = Source("x.py", "\n".join(lines) + "\n")
    try:
        ast.parse(source.text)
    except SyntaxError:
        reject()
    for row in range(1, len(lines) + 1):
        start = source.line_starts[row - 1]
        assert Suppression(source).covers(finding(Span(start, start))) is flake8_suppresses(source, row, "KLL101")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines_do_not_matter(newline: str) -> None:
    source = Source("x.py", newline.join(["a = Lambda(f)", "b = '''", "''', Lambda(g)  # noqa", ""]))
    assert not Suppression(source).covers(at(source, "Lambda(f)"))
    assert Suppression(source).covers(at(source, "Lambda(g)"))
    assert Suppression(source).rows(2) == (2, 3)


def fix(site: Span, *edits: Edit) -> Fix:
    return Fix("Layer subclass", edits, Applicability.SAFE, site)


def test_the_fix_of_a_site_with_a_suppressed_finding_is_taken_off_the_others() -> None:
    source = Source("x.py", "x = Lambda(\n    f,  # noqa: KLL205\n    a,\n)\ny = Lambda(g)\n")
    first, second = Span(4, source.text.index("\ny")), Span(source.text.index("Lambda(g)"), len(source.text) - 1)
    f, a = source.text.index("f,"), source.text.index("a,")
    ours = fix(first, Edit(first, "Layer()"))
    other = fix(second, Edit(second, "Other()"))
    found = [
        finding(Span(f, f + 1), "KLL101", ours),
        finding(Span(f, f + 1), "KLL205", ours),
        finding(Span(a, a + 1), "KLL103", ours),
        finding(second, "KLL101", other),
    ]
    kept = unsuppressed(source, found)
    assert [(each.code, each.fix) for each in kept] == [("KLL101", None), ("KLL103", None), ("KLL101", other)]
    assert kept[0].no_fix == "a `# noqa` comment suppresses a finding of this site"


def test_a_fix_that_replaces_the_place_of_a_suppressed_finding_is_taken_off() -> None:
    source = Source("x.py", "x = Lambda(\n    lambda t: Lambda(g)(t),  # noqa\n)\n")
    outer = Span(4, len(source.text) - 1)
    inner = Span(source.text.index("Lambda(g)"), source.text.index("(t)"))
    found = [
        finding(outer, "KLL101", fix(outer, Edit(outer, "Outer()"))),
        finding(inner, "KLL101", fix(inner, Edit(inner, "Inner()"))),
    ]
    (kept,) = unsuppressed(source, found)
    assert kept.span == outer
    assert kept.fix is None


def test_without_comments_nothing_changes() -> None:
    source = Source("x.py", "x = Lambda(f)\n")
    found = [at(source, "Lambda")]
    assert unsuppressed(source, found) == found


def reported(text: str, *raw: Diagnostic) -> list[tuple[str, str]]:
    """Return the reports on comments of a text whose findings are `raw`: what each points at and says."""
    source = Source("x.py", text)
    found = unused(source, Suppression(source).named(), raw)
    return [(source.text[each.span.start : each.span.end], each.message) for each in found]


def test_a_comment_that_suppresses_nothing_is_reported_at_the_code() -> None:
    text = "x = Lambda(f)  # noqa: KLL101,E501 KLL2\n"
    found = at(Source("x.py", text), "Lambda(f)")
    assert reported(text, found) == [
        ("E501", "`# noqa: E501` suppresses nothing"),
        ("KLL2", "`# noqa: KLL2` suppresses nothing"),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("x = Lambda(f)  # noqa\n", []),
        ("x = Lambda(f)  # noqa: because\n", []),
        ("x = Lambda(f)  # noqa: KLL1\n", []),
        ("x = Lambda(f)  # noqa: kll101\n", ["kll101"]),
        ("x = Lambda(f)  # noqa: E501  # noqa: KLL101\n", ["E501", "KLL101"]),
        ("x = Lambda(f), '''\n'''  # noqa: KLL101\n", []),
        ("x = Lambda(f) + \\\n    1  # noqa: KLL101\n", []),
        ("x = (Lambda(f)\n)  # noqa: KLL101\n", ["KLL101"]),
        ("x = Lambda(f), '# noqa: KLL205'\n", []),
        ("x = Lambda(f), '''\n# noqa: KLL205\n'''  # noqa: KLL101\n", ["KLL101"]),
        ("x = Lambda(f)\n# flake8: noqa\n# noqa: KLL205\n", []),
        ("é = 1  # noqa: KLL205\r\nx = Lambda(f)\r\n", ["KLL205"]),
    ],
)
def test_which_comments_suppress_nothing(text: str, codes: list[str]) -> None:
    assert [code for code, _ in reported(text, at(Source("x.py", text), "Lambda(f)"))] == codes


@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=5))
def test_a_comment_is_unused_where_flake8_suppresses_nothing_by_it(lines: list[str]) -> None:
    source = Source("x.py", "\n".join(lines) + "\n")
    try:
        ast.parse(source.text)
    except SyntaxError:
        reject()
    rows = range(1, len(lines) + 1)
    for each in Suppression(source).named():
        suppressed = {row for row in rows if flake8_suppresses(source, row, each.code)}
        own = set(range(each.rows[0], each.rows[1] + 1)) & set(rows)
        assert own <= suppressed
