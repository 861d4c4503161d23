"""Writes a registered function, which a `Lambda` layer of Keras 3 finds again (`--fix-style function`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.registered import decorator

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.layer_class import Setting
    from keras_lambda_lint.rewrite.layout import Layout


@dataclass(frozen=True)
class RegisteredFunction:
    """A function of the module, complete but for the name it gets in its file; what it captured is a parameter."""

    register: str
    package: str
    parameters: tuple[str, ...]
    body: tuple[str, ...]
    settings: tuple[Setting, ...] = ()
    registered_name: str | None = None

    dropped = ("arguments",)
    """The arguments of `Lambda` that it replaces."""

    @property
    def identity(self) -> RegisteredFunction:
        """What two sites must have in common to share a function: all but the values that they pass."""
        return replace(self, settings=tuple(replace(setting, value="") for setting in self.settings))

    def message(self, name: str) -> str:
        """Return what the fix is, for a person."""
        return f"registered function `{name}`"

    def made(self, name: str, callee: str) -> tuple[str, list[str]]:
        """Return what a site calls to make its layer, and the arguments that this takes."""
        values = ", ".join(f'"{setting.name}": {setting.value}' for setting in self.settings)
        return callee, [name, *([f"arguments={{{values}}}"] if values else [])]

    def text(self, name: str, layout: Layout) -> str:
        """Return the function, decorator included, without a newline at its end."""
        first, *others = self.parameters
        parameters = [first, *(setting.name for setting in self.settings), *others]
        head = [f"def {name}({', '.join(parameters)}):"]
        if len(head[0]) > layout.width:
            together = f"{layout.indent}{', '.join(parameters)}"
            fits = len(together) <= layout.width
            head = [f"def {name}(", *([together] if fits else [f"{layout.indent}{each}," for each in parameters]), "):"]
        lines = [decorator(self.register, self.package, self.registered_name, layout), *head]
        return layout.newline.join([*lines, *(layout.indent + line if line else line for line in self.body)])
