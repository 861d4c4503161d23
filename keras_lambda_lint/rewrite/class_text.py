"""The text of a new class: its methods, each as lines, in the width and the quotes of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keras_lambda_lint.rewrite.layout import Layout


def class_text(register: str, name: str, base: str, methods: Iterable[Sequence[str]], layout: Layout) -> str:
    """Return a class statement below the line that registers it, without a newline at its end."""
    lines = [register, f"class {name}({base}):"]
    for number, each in enumerate(methods):
        lines += [""] * bool(number) + indented(each, layout)
    return layout.newline.join(lines)


def method(name: str, parameters: Iterable[str], body: Sequence[str], layout: Layout) -> list[str]:
    """Return a method as it stands in a class of the module; its parameters are those after `self`."""
    names = ["self", *parameters]
    head = [f"def {name}({', '.join(names)}):"]
    if len(layout.indent) + len(head[0]) > layout.width:
        together = f"{layout.indent}{', '.join(names)}"
        fits = len(layout.indent) + len(together) <= layout.width
        head = [f"def {name}(", *([together] if fits else [f"{layout.indent}{each}," for each in names]), "):"]
    return [*head, *indented(body, layout)]


def get_config(entries: Sequence[str], layout: Layout) -> list[str]:
    """Return the method `get_config` with these entries of a display."""
    lines = [f"return {{{', '.join(entries)}}}"]
    if len(layout.indent) * 2 + len(lines[0]) > layout.width:
        lines = ["return {", *(f"{layout.indent}{entry}," for entry in entries), "}"]
    return method("get_config", (), lines, layout)


def indented(lines: Iterable[str], layout: Layout) -> list[str]:
    """Return lines one block deeper."""
    return [layout.indent + line if line else line for line in lines]
