"""Generated programs with `Lambda` sites: whatever their form, the engine keeps its promises."""

from __future__ import annotations

import ast
import re
from collections import Counter

from harness.tool import findings, fixed, source_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_lambda_lint.rewrite.engine import comments
from keras_lambda_lint.source.islands import Island

HEADS = [
    "import keras\nfrom keras import layers\nfrom keras.layers import Lambda\n",
    "from keras import layers\nfrom keras.layers import Dense, Lambda\n",
    "import tensorflow as tf\nfrom tensorflow.keras import layers\nfrom tensorflow.keras.layers import (\n    Dense,\n    Lambda,\n)\n",
    "from keras.layers import *\nfrom keras import layers\n",
    "try:\n    from keras.layers import Lambda\nexcept ImportError:\n    from tf_keras.layers import Lambda\nfrom keras import layers\n",
]
BODIES = [
    "x * 2",
    "-x",
    "x[:, 0]",
    "x[:, c]",
    "x + c",
    "c * x + d",
    "x * self.a",
    "(x\n + c)",
    "f(x, 'ü')",
    "f(x,{comment}\n  c)",
    "x * v",
    "[x, c]",
    "x if c else d",
    "f'{x}'",
    "tf.one_hot(x, 3)",
]
CALLS = [
    "Lambda(lambda x: {body})",
    "Lambda(lambda x: {body}, name='n')",
    "Lambda(function=lambda x: {body}, name='n')",
    "Lambda({comment}\n lambda x: {body},{comment}\n name='n'{comment}\n)",
    "Lambda((lambda x: {body}), output_shape=(3,))",
    "Lambda(lambda x, k=c: {body}, name='n')",
    "layers.Lambda(lambda x: {body}, arguments={})",
    "Lambda(lambda x, a: {body}, arguments={'a': c}, **kw)",
    "Lambda(g, name='n')",
    "Lambda(h)",
]
PLACES = [
    "y = {call}(i)",
    "{call}",
    "y = layers.Dense(1)({call}(i)){comment}",
    "model = keras.Sequential([\n    {call},{comment}\n    layers.Dense(1),\n])",
    "a = 1; y = {call}; b = 2",
    "return_value = [{call} for c in range(3)]",
    "y = i; y += {call}(i) \\\n    + 1",
    "if i: y = {call}(i)",
    "y = {call}({call}(i))",
    "lay = lambda: {call}",
]
WRAPPERS = [
    "{place}\n",
    "{comment}\ndef b(c, d, *, e=1):{comment}\n    {place}\n    return y\n",
    "class C:\n    a = 1\n\n    def b(self, c):\n        # doc\n        {place}\n",
    "for c in range(3):\n    {place}\n",
    "def b(c):\n    d = 1\n    def g(x):{comment}\n        # inside\n        return x * c{comment}\n    {place}\n    return 1\n",
    "@dec{comment}\nasync def b(c):\n    with c as d:\n        {place}\n",
    "try:\n    {place}\nfinally:\n    c = 2\n",
    "v = tf.Variable(1.0){comment}\nc = 2\n{place}\n",
]

comment = st.sampled_from(["", "", "", "  # one", "  # zwei: ü", "  # three"])


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Return a program of some statements with `Lambda` sites in many places, comments everywhere."""

    def filled(template: str, **parts: str) -> str:
        while "{comment}" in template:
            template = template.replace("{comment}", draw(comment), 1)
        for name, part in parts.items():
            template = template.replace(f"{{{name}}}", part)
        return template

    def call() -> str:
        return filled(draw(st.sampled_from(CALLS)), body=filled(draw(st.sampled_from(BODIES))))

    def place() -> str:
        template = filled(draw(st.sampled_from(PLACES)))
        while "{call}" in template:
            template = template.replace("{call}", call(), 1)
        return template

    def wrapped() -> str:
        template = filled(draw(st.sampled_from(WRAPPERS)))
        indent = re.search(r"^( *)\{place\}", template, re.MULTILINE)
        assert indent is not None
        return template.replace("{place}", place().replace("\n", "\n" + indent[1]))

    statements = [draw(st.sampled_from(HEADS)), *(wrapped() for _ in range(draw(st.integers(1, 3))))]
    text = draw(st.sampled_from(["\n", "\n\n\n", ""])).join(statements)
    return text if draw(st.booleans()) else text.rstrip("\n")


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


newlines = st.sampled_from(["\n", "\r\n"])
indents = st.sampled_from(["    ", "  ", "\t"])


def variant(text: str, newline: str, indent: str) -> str:
    """Return a program with another indentation and newline."""
    indented = re.sub(r"^(?: {4})+", lambda match: indent * (len(match[0]) // 4), text, flags=re.MULTILINE)
    return indented.replace("\n", newline)


many = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@many
@given(programs().filter(parses), newlines, indents)
def test_promises_of_the_engine(text: str, newline: str, indent: str) -> None:
    text = variant(text, newline, indent)
    outcome = fixed(text)
    result = outcome.source.text
    assert parses(result)
    assert not comments(text) - comments(result)
    assert fixed(result).source.text == result
    assert not Counter(f.code for f in findings(result)) - Counter(f.code for f in findings(text))
    assert newline == "\n" or "\n" not in result.replace("\r\n", "")
    assert not re.search(r"[ \t]+$", result, re.MULTILINE) or re.search(r"[ \t]+$", text, re.MULTILINE)


@many
@given(programs().filter(parses))
def test_sites_are_joined_with_what_took_their_place(text: str) -> None:
    outcome = fixed(text)
    for done in outcome.replacements:
        assert re.match(r"(?:layers\.)?Lambda\(", text[slice(*done.original)])
        replaced = outcome.source.text[slice(*done.fixed)]
        assert re.fullmatch(r"\w+\(.*\)", replaced, re.DOTALL)
        assert parses(replaced)


@many
@given(programs().filter(parses))
def test_lines_that_no_fix_touches_stay(text: str) -> None:
    result = fixed(text).source.text
    sites = [finding.fix for finding in findings(text) if finding.fix is not None]
    source = source_of(text)
    touched: set[int] = set()
    for plan in sites:
        for edit in plan.edits:
            touched |= set(range(source.location(edit.span.start).row, source.location(edit.span.end).row + 1))
    kept = [line for row, line in enumerate(text.split("\n"), start=1) if row not in touched and line.strip()]
    left = Counter(result.split("\n"))
    lost = [line for line in kept if not left[line]]
    assert all("import" in line or line.strip().rstrip(",") == "Lambda" for line in lost)


@many
@given(programs().filter(parses))
def test_every_suppressed_program_stays(text: str) -> None:
    text = "# flake8: noqa\n" + text
    assert findings(text) == []
    assert fixed(text).source.text == text


@many
@given(programs().filter(parses), newlines, indents)
def test_the_whole_program_is_an_island_too(text: str, newline: str, indent: str) -> None:
    source = source_of(variant(text, newline, indent))
    island = Island(source, 1, len(source.line_starts))
    assert island.text == source.text
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, (ast.Name, ast.Call, ast.Lambda, ast.BinOp)) and "f'" not in source.text:
            assert source.span(node) in island._nodes
