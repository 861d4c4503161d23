"""Generated programs with `Lambda` sites in every syntactic position, comments everywhere, in every form a file can have."""

from __future__ import annotations

import ast
import re

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

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
    "y = {call} if i else None",
    "y = {'a': {call},{comment}\n     'b': 1}",
    "model = keras.Sequential(){comment}\nmodel.add({call}){comment}\nmodel.add(layers.Dense(1))",
    "model.add({call}); model.add({call}){comment}",
    "y = layers.Dense(1)(layers.add([{call}(i), i])){comment}",
    "y = \\\n    {call}(i)",
    "def m(lay={call}):{comment}\n    return lay",
    "def m(c, *, lay={call}(i)) -> None: ...{comment}",
    "@decorated({call}){comment}\ndef m(): pass",
    "print(y := {call})",
    "y: object = {call}{comment}",
    "y = z = {call}",
    "y, z = {call}(i), {call}(i){comment}",
    "layers.Dense(*[{call}], **{'a': {call}})",
    "for q in [{call}, {call}]:{comment}\n    y = q(i)",
    "with {call} as q: pass",
    "y = [{call}(i) for c in range(3) if c] + [lay for lay in ({call},)]",
    "y = (  # open\n    {call}{comment}\n    (i)\n)",
    "assert {call}, 'text'",
    "y = {call}(i){comment}\n\n# between\n\nz = {call}(y)",
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
    "class C:\n    a = 1{comment}\n    {place}\n",
    "class L(layers.Layer):{comment}\n    def __init__(self, c, **kw):\n        super().__init__(**kw)\n        {place}\n",
    "if __name__ == '__main__':{comment}\n    {place}\n",
    "with c as d:{comment}\n    {place}\n",
    "match c:\n    case 1:{comment}\n        {place}\n    case _:\n        pass\n",
    "def b(c):\n    try:\n        {place}\n    except ValueError:{comment}\n        return None\n",
    '"""A text.\n\nLambda(lambda x: x)\n"""\n{place}\n',
    "# above{comment}\n{place}\n# below\n",
    "c = 1\n\n\ndef outer(d):\n    def inner(c):{comment}\n        {place}\n    return inner\n",
    "while c:\n    c = None{comment}\n    {place}\nelse:\n    c = 3\n",
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
