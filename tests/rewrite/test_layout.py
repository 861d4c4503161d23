"""How generated text is laid out."""

from __future__ import annotations

import ast

import pytest
from harness.tool import source_of

from keras_lambda_lint.rewrite.lambdas.layer_class import LayerClass, Setting, Weight
from keras_lambda_lint.rewrite.layout import (
    Layout,
    call_lines,
    line_indent,
    on_one_line,
    reindented,
    split_lines,
)

FOUR = Layout("    ", "\n")


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("x = 1\n", Layout("    ", "\n")),
        ("if x:\n  y = 1\n", Layout("  ", "\n")),
        ("def f():\n\treturn 1\n", Layout("\t", "\n")),
        ("class C:\r\n   a = 1\r\n", Layout("   ", "\r\n")),
        ("if x: y = 1\nif z:\n  y = 2\n", Layout("  ", "\n")),
        ("@a\ndef f():\n  return 1\n", Layout("  ", "\n")),
    ],
)
def test_layout_of_a_file(text: str, layout: Layout) -> None:
    source = source_of(text)
    assert Layout.of(source, ast.parse(text)) == layout


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x)", "f(x)"),
        ("f(\n    x,\n    y,\n)", "f(x, y)"),
        ("(\n    x\n    + 1\n)", "(x + 1)"),
        ("f(\r\n    x\r\n)", "f(x)"),
        ("[\n    1,\n]", "[1]"),
        ("(\n    1,\n)", "(1,)"),
        ("f(\n    x,  # one\n)", None),
        ("f('''a\nb''')", None),
        ("a + \\\n    b", None),
        ("f(\n    'a, )',\n)", None),
    ],
)
def test_on_one_line(text: str, expected: str | None) -> None:
    assert on_one_line(text) == expected


def test_lines_split_as_python_splits_them() -> None:
    assert split_lines("a\nb\r\nc\rd\x0ce\u2028f") == ["a", "b", "c", "d\x0ce\u2028f"]


@pytest.mark.parametrize(("line", "indent"), [("  x", "  "), ("\t x", "\t "), ("x", ""), ("", ""), ("\x0cx", "")])
def test_indent_of_a_line(line: str, indent: str) -> None:
    assert line_indent(line) == indent


def test_reindented() -> None:
    assert reindented(["    a", "        b", "", "  c", "    "], "    ", "\t") == ["\ta", "\t    b", "", "\tc", "\t"]


def test_a_call_that_fits_is_one_line() -> None:
    assert call_lines("Square", ["name='a'"], 80, FOUR, "") == ["Square(name='a')"]
    assert call_lines("Square", [], 0, FOUR, "") == ["Square()"]


def test_a_long_call_has_its_arguments_on_the_next_line() -> None:
    assert call_lines("Square", ["name='a'", "b=1"], 10, FOUR, "  ") == ["Square(", "      name='a', b=1", "  )"]


def test_a_very_long_call_has_one_argument_a_line() -> None:
    arguments = ["a=" + "1" * 40, "b=" + "2" * 50]
    assert call_lines("Square", arguments, 10, FOUR, "") == [
        "Square(",
        f"    {arguments[0]},",
        f"    {arguments[1]},",
        ")",
    ]


# classes

BARE = LayerClass(
    "keras.layers.Layer", "keras.utils.register_keras_serializable", "app", ("inputs",), ("return inputs",)
)


def of(**changes: object) -> str:
    from dataclasses import replace

    return replace(BARE, **changes).text("Keep", FOUR)  # type: ignore[arg-type]


def test_a_layer_without_config_has_no_constructor() -> None:
    assert of() == (
        '@keras.utils.register_keras_serializable(package="app")\n'
        "class Keep(keras.layers.Layer):\n"
        "    def call(self, inputs):\n"
        "        return inputs"
    )


def test_a_setting_is_parameter_attribute_and_config() -> None:
    text = of(settings=(Setting("axis", "1"),))
    assert "def __init__(self, axis, **kwargs):\n        super().__init__(**kwargs)\n        self.axis = axis\n" in text
    assert 'return {**super().get_config(), "axis": self.axis}' in text


def test_a_tuple_is_made_a_tuple_again() -> None:
    assert "self.axes = tuple(axes)" in of(settings=(Setting("axes", "(1, 2)", is_tuple=True),))


def test_a_weight_is_made_in_the_constructor() -> None:
    text = of(weights=(Weight("scale", ("shape=()", 'initializer="ones"')),))
    assert (
        "        self.scale = self.add_weight(\n"
        '            name="scale",\n'
        "            shape=(),\n"
        '            initializer="ones",\n'
        "        )\n"
    ) in text
    assert "get_config" not in text


def test_an_output_shape_is_declared() -> None:
    text = of(methods=(("def compute_output_shape(self, input_shape):", "    return (input_shape[0], 3)"),))
    assert "    def compute_output_shape(self, input_shape):\n        return (input_shape[0], 3)" in text


def test_a_registered_name_of_its_own() -> None:
    assert of(registered_name="model.Keep").startswith(
        '@keras.utils.register_keras_serializable(package="app", name="model.Keep")\n'
    )


def test_long_lines_are_wrapped() -> None:
    settings = tuple(Setting(f"parameter_number_{number}", "1") for number in range(6))
    text = of(settings=settings)
    assert all(len(line) <= Layout.width for line in text.split("\n"))
    assert (
        '        return {\n            **super().get_config(),\n            "parameter_number_0": self.parameter_number_0,\n'
        in text
    )
    ast.parse(text)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_classes_use_the_newline_and_indent_of_the_file(newline: str) -> None:
    text = BARE.text("Keep", Layout("\t", newline))
    assert text.split(newline)[-1] == "\t\treturn inputs"


def test_sites_share_a_class_that_differs_in_values_only() -> None:
    from dataclasses import replace

    one, two = (replace(BARE, settings=(Setting("axis", value),)) for value in "12")
    assert one.identity == two.identity
    assert one.identity != replace(BARE, settings=(Setting("axes", "1"),)).identity


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        ((), []),
        ((Setting("axis", "1"),), ["1"]),
        ((Setting("axis", "1", by_keyword=True),), ["axis=1"]),
        ((Setting("low", "0"), Setting("high", "1")), ["low=0", "high=1"]),
    ],
)
def test_a_single_setting_is_passed_by_position(settings: tuple[Setting, ...], arguments: list[str]) -> None:
    from dataclasses import replace

    assert replace(BARE, settings=settings).arguments() == arguments
