"""Classes get what lets Keras make them again, in the manner of their file; where that is not plain, nothing."""

from __future__ import annotations

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.linter import Options

HEAD = "import keras\nimport numpy as np\n\n\n"
KERAS_3 = Options(keras="3")


def layer(constructor: str, *methods: str) -> str:
    parts = [constructor, "def call(self, x):\n    return x * self.k", *methods]
    body = "\n\n".join("".join(f"    {line}\n" for line in part.split("\n")).rstrip() for part in parts)
    return f"{HEAD}class A(keras.layers.Layer):\n{body}\n"


def added(program: str) -> list[str]:
    """Return the lines that a fix adds."""
    lines = fixed(program, KERAS_3).source.text.splitlines()
    return [line.strip() for line in lines if line.strip() and line not in program.splitlines()]


KEPT = "def __init__(self, k, **kwargs):\n    super().__init__(**kwargs)\n    self.k = k"
ENTRIES = {
    "return super().get_config()": ['return {**super().get_config(), "k": self.k}'],
    'return {**super().get_config(), "a": 1}': ['return {**super().get_config(), "a": 1, "k": self.k}'],
    "return {'name': 1, **super().get_config()}": ["return {'name': 1, 'k': self.k, **super().get_config()}"],
    "return dict(name=1, **super().get_config())": ["return dict(name=1, k=self.k, **super().get_config())"],
    "config = super().get_config()\n    return config": ['config["k"] = self.k'],
    "config = super().get_config()\n    config['name'] = 1\n    return config": ["config['k'] = self.k"],
    "config = super().get_config()\n    config.update({\n        'name': 1,\n    })\n    return config": [
        "'k': self.k,"
    ],
    "config = super().get_config()\n    config.update({\n        'name': 1  # one\n    })\n    return config": [
        "'name': 1,  # one",
        "'k': self.k",
    ],
    "config = super().get_config()\n    config.update(name=1)\n    return config": ["config.update(name=1, k=self.k)"],
    "config = {'name': 1}\n    base = super().get_config()\n    return dict(list(base.items()) + list(config.items()))": [
        "config = {'name': 1, 'k': self.k}"
    ],
}


@pytest.mark.parametrize("body", ENTRIES)
def test_an_entry_is_added_where_the_others_are(body: str) -> None:
    program = layer(KEPT, f"def get_config(self):\n    {body}").replace('"a": 1', '"name": 1')
    assert added(program) == [line.replace('"a": 1', '"name": 1') for line in ENTRIES[body]]


KEEPING = {
    "self.k = k": "self.k",
    "self._k = k": "self._k",
    "self.k = tuple(k)": "self.k",
    "self.k = float(k)": "self.k",
    "self.k = k or 1": "self.k",
    "self.k = 1 if k is None else k": "self.k",
    "self.k = k if k is not None else 1": "self.k",
    "self.k = np.array(k, 'float32')": "self.k.tolist()",
    "self.k = keras.initializers.get(k)": "keras.initializers.serialize(self.k)",
}


@pytest.mark.parametrize("statement", KEEPING)
def test_what_the_class_keeps_goes_into_the_config(statement: str) -> None:
    constructor = f"def __init__(self, k, **kwargs):\n    super().__init__(**kwargs)\n    {statement}"
    program = layer(constructor, "def get_config(self):\n    return super().get_config()")
    assert added(program) == [f'return {{**super().get_config(), "k": {KEEPING[statement]}}}']


@pytest.mark.parametrize("statement", ["self.twice = 2 * k", "self.k = k.lower()", "y = k"])
def test_what_it_does_not_keep_it_keeps_then(statement: str) -> None:
    constructor = f"def __init__(self, k, **kwargs):\n    super().__init__(**kwargs)  # first\n    {statement}"
    program = layer(constructor, "def get_config(self):\n    return super().get_config()").replace("x * self.k", "x")
    kept = "_k" if "self.k" in statement else "k"
    assert added(program) == [f"self.{kept} = k", f'return {{**super().get_config(), "k": self.{kept}}}']


REFUSED = {
    "the constructor changes `k`": "def __init__(self, k, **kwargs):\n    super().__init__(**kwargs)\n    k = k + 1\n    self.k = k",
    "and where the constructor of the base class is called": "def __init__(self, k, **kwargs):\n    if k:\n        super().__init__(**kwargs)\n    self.k = 2 * k",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused(reason: str) -> None:
    program = layer(REFUSED[reason], "def get_config(self):\n    return super().get_config()")
    [finding] = [each for each in findings(program, KERAS_3) if each.code == "KLL107"]
    assert finding.fix is None
    assert reason in (finding.no_fix or "")


def test_a_key_that_the_constructor_does_not_take_stays_the_matter_of_a_person() -> None:
    program = layer(KEPT, 'def get_config(self):\n    return {**super().get_config(), "m": 1}')
    [finding] = [each for each in findings(program, KERAS_3) if each.code == "KLL107"]
    assert "`get_config` returns `m`, which the constructor does not take" in (finding.no_fix or "")


def test_a_class_that_others_derive_from_with_their_own_constructor_stays() -> None:
    program = layer(KEPT, "def get_config(self):\n    return super().get_config()")
    program += "\n\nclass B(A):\n    def __init__(self):\n        super().__init__(2)\n\n\nlayer = A(3)\n"
    found = [each for each in findings(program, KERAS_3) if each.code == "KLL107"]
    assert "`B` derives from `A` and has a constructor or config of its own" in {each.no_fix for each in found}


SIGNATURES = {
    "def __init__(self, k):\n    super().__init__()": [
        "def __init__(self, k, **kwargs):",
        "super().__init__(**kwargs)",
    ],
    "def __init__(self, k, name=None):\n    super(A, self).__init__(name=name)": [
        "def __init__(self, k, name=None, **kwargs):",
        "super(A, self).__init__(name=name, **kwargs)",
    ],
    "def __init__(\n    self,\n    k=(1),  # one\n):\n    keras.layers.Layer.__init__(self)": [
        "**kwargs,",
        "keras.layers.Layer.__init__(self, **kwargs)",
    ],
    "def __init__(self,\n             k: int\n             ) -> None:\n    super().__init__()": [
        "k: int,",
        "**kwargs",
        "super().__init__(**kwargs)",
    ],
    "def __init__(self, k, a_parameter_with_a_long_name=None, another_with_a_name=0):\n    super().__init__()": [
        "def __init__(",
        "self, k, a_parameter_with_a_long_name=None, another_with_a_name=0, **kwargs",
        "):",
        "super().__init__(**kwargs)",
    ],
}


@pytest.mark.parametrize("constructor", SIGNATURES)
def test_the_constructor_takes_keywords_and_hands_them_on(constructor: str) -> None:
    assert added(layer(f"{constructor}\n    self.k = k")) == SIGNATURES[constructor]


@pytest.mark.parametrize(
    ("constructor", "reason"),
    [
        ("def __init__(self, k):\n    super().__init__(dtype='float32')", "is given `dtype` here"),
        ("def __init__(self, k):\n    kwargs = {}\n    super().__init__(**kwargs)", "has a `kwargs` of its own"),
        ("def __init__(self, k):\n    if k:\n        super().__init__()", "is not plain"),
    ],
)
def test_keywords_that_would_clash(constructor: str, reason: str) -> None:
    [finding] = [each for each in findings(layer(f"{constructor}\n    self.k = k"), KERAS_3) if each.code == "KLL107"]
    assert finding.fix is None
    assert reason in (finding.no_fix or "")


def test_the_idiom_of_the_file_is_used_again() -> None:
    other = layer(
        KEPT,
        "def get_config(self):\n    config = super().get_config()\n    config.update({'k': self.k})\n    return config",
    )
    program = other + other.removeprefix(HEAD).replace("class A", "\n\nclass B").partition("    def get_config")[
        0
    ].rstrip().replace("(self, k,", "(self, k: np.ndarray,")
    assert added(program + "\n") == [
        'config.update({"k": keras.utils.serialize_keras_object(self.k)})',
        "@classmethod",
        "def from_config(cls, config):",
        'k = keras.utils.deserialize_keras_object(config["k"])',
        'return super().from_config({**config, "k": k})',
    ]


def test_methods_go_behind_call_and_the_comments_below_it() -> None:
    program = layer(KEPT.replace("k, **", "k: np.ndarray, **"), "def helps(self):\n    return 1").replace(
        "return x * self.k", "return x * self.k\n        # that is all"
    )
    lines = fixed(program, KERAS_3).source.text.splitlines()
    assert lines[lines.index("        # that is all") + 1 :][:2] == ["", "    def get_config(self):"]
    assert lines.index("    def helps(self):") > lines.index("    def from_config(cls, config):")


@pytest.mark.parametrize("kept", ["k or (lambda x: x)", "(lambda x: x) if k is None else k"])
def test_a_function_that_stands_in_for_none_is_registered_too(kept: str) -> None:
    constructor = f"def __init__(self, k=None, **kwargs):\n    super().__init__(**kwargs)\n    self.k = {kept}"
    program = layer(constructor) + "\n\nlayer = A(keras.activations.relu)\n"
    assert added(program)[:3] == [
        '@keras.utils.register_keras_serializable(package="example")',
        "def pass_through(x):",
        "return x",
    ]


@pytest.mark.parametrize("text", ["({self.k}", "[{self.k},", "),{self.k}}}", ","])
def test_brackets_in_a_string_are_text(text: str) -> None:
    program = layer(KEPT, f"def get_config(self):\n    return dict(super().get_config(), name=f'{text}')")
    assert added(program) == [f"return dict(super().get_config(), name=f'{text}', k=self.k)"]


@pytest.mark.parametrize("method", ["__init__", "get_config"])
def test_an_instance_of_another_name_stays_for_a_person(method: str) -> None:
    program = layer(KEPT, "def get_config(self):\n    return super().get_config()")
    lines = program.split("\n")
    start = next(number for number, line in enumerate(lines) if f"def {method}(" in line)
    lines[start : start + 3] = [line.replace("self", "this") for line in lines[start : start + 3]]
    reasons = {finding.no_fix for finding in findings("\n".join(lines), KERAS_3) if finding.code == "KLL107"}
    assert reasons == {f"the first parameter of `{method}` is not called `self`"}
