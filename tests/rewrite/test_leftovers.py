"""What a fix has made needless goes; what has another purpose stays."""

from __future__ import annotations

import pytest
from harness.tool import fixed

GONE = {
    "import of Lambda": "from keras.layers import Lambda\nimport keras\n\nlayer = Lambda(lambda x: x * 2, name='a')\n",
    "Lambda among other imports": "import keras\nfrom keras.layers import Dense, Lambda, Input\nDense\n\nlayer = Lambda(lambda x: x * 2, name='a')\n",
    "Lambda at the end of the imports": "import keras\nfrom keras.layers import Dense, Lambda\nDense\n\nlayer = Lambda(lambda x: x * 2, name='a')\n",
    "Lambda on a line of its own": "import keras\nfrom keras.layers import (\n    Dense,\n    Lambda,\n)\nDense\n\nlayer = Lambda(lambda x: x * 2, name='a')\n",
    "an alias of Lambda": "import keras\nfrom keras.layers import Lambda as Lambda_\n\nlayer = Lambda_(lambda x: x * 2, name='a')\n",
}


@pytest.mark.parametrize("text", GONE.values(), ids=GONE)
def test_an_import_that_nothing_reads_goes(text: str) -> None:
    result = fixed(text).source.text
    assert "Lambda" not in result
    assert "import keras" in result
    assert "Dense" in result or "Dense" not in text
    assert result.startswith(("import keras\n", "from keras"))


STAYS = {
    "something else reads it": "import keras\nfrom keras.layers import Lambda\nprint(Lambda)\nlayer = Lambda(lambda x: x * 2, name='a')\n",
    "the text says its name": "import keras\nfrom keras.layers import Lambda\n__all__ = ['Lambda']\nlayer = Lambda(lambda x: x * 2, name='a')\n",
    "a suppressed line needs it": (
        "import keras\nfrom keras.layers import Lambda\na = Lambda(lambda x: x, name='b')  # noqa\nlayer = Lambda(lambda x: x * 2, name='a')\n"
    ),
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_an_import_with_another_purpose_stays(text: str) -> None:
    result = fixed(text).source.text
    assert "class MultiplyBy" in result
    assert "Lambda" in result.partition("class MultiplyBy")[0]


def test_a_comment_beside_an_import_is_kept() -> None:
    text = "import keras\nfrom keras.layers import (\n    Dense,\n    Lambda,  # why\n)\nlayer = Lambda(lambda x: x * 2, name='a')\n"
    assert "# why\n" in fixed(text).source.text.partition("class MultiplyBy")[0]


def test_an_import_that_nothing_read_before_is_none_of_our_business() -> None:
    text = "import os\nimport keras\nfrom keras.layers import Lambda\nlayer = keras.layers.Lambda(lambda x: x * 2, name='a')\n"
    assert fixed(text).source.text.startswith("import os\nimport keras\nfrom keras.layers import Lambda\n")


LOCAL = {
    "a nested function": "    def f(x):\n        return x * 2\n\n    return keras.layers.Lambda(f, name='a')\n",
    "a nested function, decorated line above": "    # doubles\n    def f(x):\n        return x * 2\n\n    return keras.layers.Lambda(f, name='a')\n",
    "a lambda with a name": "    f = lambda x: x * 2\n    return keras.layers.Lambda(f, name='a')\n",
    "a local import": "    from keras import ops\n\n    return keras.layers.Lambda(lambda x: ops.abs(x), name='a')\n",
    "a variable": "    v = tf.Variable(1.0)\n    return keras.layers.Lambda(lambda x: x * v, name='a')\n",
}


@pytest.mark.parametrize("body", LOCAL.values(), ids=LOCAL)
def test_what_moved_into_the_layer_goes_without_a_gap(body: str) -> None:
    result = fixed(f"import keras\nimport tensorflow as tf\n\n\ndef build():\n{body}").source.text
    head, _, rest = result.partition("def build():\n")
    assert rest.count("\n") == 1
    assert rest.startswith("    return ")
    assert "class " in head


def test_a_block_is_never_left_empty() -> None:
    text = "import keras\n\n\ndef build(a):\n    if a:\n        f = lambda x: x * 2\n    else:\n        f = None\n    return f\n\n\ndef other():\n    if True:\n        def f(x):\n            return x * 2\n    return keras.layers.Lambda(f, name='a')\n"
    compile(fixed(text).source.text, "example.py", "exec")


def test_a_statement_that_shares_its_line_stays() -> None:
    text = "import keras\nimport tensorflow as tf\nv = tf.Variable(1.0); w = 2\nlayer = keras.layers.Lambda(lambda x: x * v, name='a')\n"
    assert "v = tf.Variable(1.0); w = 2\n" in fixed(text).source.text


def test_a_name_of_the_module_that_others_may_import_stays() -> None:
    text = "import keras\ndouble = lambda x: x * 2\nlayer = keras.layers.Lambda(double, name='a')\n"
    assert "double = lambda x: x * 2\n" in fixed(text).source.text


def test_a_module_below_one_that_is_read_stays() -> None:
    text = (
        "import keras\nimport numpy\nimport numpy.linalg\n\nnumpy.linalg.norm\n"
        "layer = keras.layers.Lambda(lambda x: x * 2, name='a')\n"
    )
    assert fixed(text).source.text.startswith("import keras\nimport numpy\nimport numpy.linalg\n\nnumpy.linalg.norm\n")
