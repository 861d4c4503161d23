"""Writes a class that does what a function does, and keeps in its config the values that the function was made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rewrite.class_text import class_text, get_config, method

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.layout import Layout


class Form(NamedTuple):
    """What a class is that stands in a slot in place of a function."""

    base: str
    """Its base, below Keras."""
    method: str
    """What Keras calls."""
    extends: bool
    """Whether its base has a constructor and a config of its own."""


FORMS = {
    Role.ACTIVATION: Form("layers.Layer", "call", extends=True),
    Role.LOSS: Form("losses.Loss", "call", extends=True),
    Role.INITIALIZER: Form("initializers.Initializer", "__call__", extends=False),
    Role.REGULARIZER: Form("regularizers.Regularizer", "__call__", extends=False),
    Role.CONSTRAINT: Form("constraints.Constraint", "__call__", extends=False),
}
"""Keras 3 loads them from `.keras` and `.h5`, Keras 2 from `.keras`, losses from `.h5` too (measured on keras 3.15.1, tf_keras 2.21)."""

METRIC_BASE = "metrics.MeanMetricWrapper"
"""What `compile` makes of a function that is a metric, on Keras 2 and 3."""


OF_TRAINING = frozenset({"reduction", "fn"})
"""Attributes and constructor parameters of losses and metrics that layers do not have: no parameter of a class takes these names."""


class Kept(NamedTuple):
    """A parameter of the constructor, and an entry of the config."""

    name: str
    default: str | None = None
    is_tuple: bool = False
    """The config comes back from JSON as a list: the constructor makes a tuple of it again."""

    @property
    def parameter(self) -> str:
        """How the signature of the constructor says it."""
        return self.name if self.default is None else f"{self.name}={self.default}"

    @property
    def line(self) -> str:
        """How the constructor keeps it."""
        return f"self.{self.name} = {f'tuple({self.name})' if self.is_tuple else self.name}"


@dataclass(frozen=True)
class KeptClass:
    """A class in place of a function, complete but for its name and what registers it."""

    role: Role
    base: str
    parameters: tuple[str, ...]
    """The parameters of the method that Keras calls, after `self`."""
    body: tuple[str, ...]
    """The lines of that method; those of a metric are the function that it wraps."""
    settings: tuple[Kept, ...]
    constructed: tuple[str, ...] = ()
    """What the constructor does besides."""
    metric_name: str = ""
    """The name of a metric in logs."""

    def text(self, name: str, register: str, layout: Layout) -> str:
        """Return the class statement below the line that registers it, without a newline at its end."""
        methods = self._of_metric(layout) if self.role is Role.METRIC else self._of_function(layout)
        return class_text(register, name, self.base, methods, layout)

    def _of_function(self, layout: Layout) -> list[list[str]]:
        form = FORMS[self.role]
        called = method(form.method, self.parameters, self.body, layout)
        own = [setting.parameter for setting in self.settings]
        kept = [*(setting.line for setting in self.settings), *self.constructed]
        entries = self._entries(layout)
        if form.extends:
            made = method("__init__", [*own, "**kwargs"], ["super().__init__(**kwargs)", *kept], layout)
            config = [get_config(["**super().get_config()", *entries], layout)] if entries else []
            return [made, called, *config]
        return [method("__init__", own, kept, layout), called, get_config(entries, layout)]

    def _of_metric(self, layout: Layout) -> list[list[str]]:
        own = [setting.parameter for setting in self.settings]
        kept = [setting.line for setting in self.settings]
        (wrapped,) = self.body
        made = f"super().__init__({wrapped}, name=name, dtype=dtype)"
        return [
            method("__init__", [*own, f"name={layout.quoted(self.metric_name)}", "dtype=None"], [made, *kept], layout),
            get_config([_entry("name", layout), _entry("dtype", layout), *self._entries(layout)], layout),
        ]

    def _entries(self, layout: Layout) -> list[str]:
        return [_entry(setting.name, layout) for setting in self.settings]


def _entry(name: str, layout: Layout) -> str:
    return f"{layout.quoted(name)}: self.{name}"
