"""Writes a registered Layer subclass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.class_text import class_text, get_config, indented, method
from keras_lambda_lint.rewrite.registered import decorator

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.layout import Layout


@dataclass(frozen=True)
class Setting:
    """A constructor parameter that the layer keeps in its config."""

    name: str
    value: str
    """The expression that the site passes; empty where it passes none."""
    is_tuple: bool = False
    """The config comes back from JSON as a list: the constructor makes a tuple of it again."""
    by_keyword: bool = False
    default: str | None = None
    """The default of the parameter."""
    made: str | None = None
    """What the constructor makes of the parameter, where that is no tuple."""
    stored: str | None = None
    """What the config holds, where it is not the attribute; empty where it is neither attribute nor in the config."""

    @property
    def is_kept(self) -> bool:
        """Whether it becomes an attribute, which the config holds."""
        return self.stored != ""

    @property
    def parameter(self) -> str:
        """The parameter, with its default."""
        return self.name if self.default is None else f"{self.name}={self.default}"

    @property
    def assigned(self) -> str:
        """What the constructor assigns to the attribute."""
        return self.made or (f"tuple({self.name})" if self.is_tuple else self.name)

    def entry(self, layout: Layout) -> str:
        """Return the entry in the config."""
        return f"{layout.quoted(self.name)}: {self.stored or f'self.{self.name}'}"


@dataclass(frozen=True)
class Weight:
    """A weight of the layer, made in the constructor."""

    name: str
    arguments: tuple[str, ...]
    """The arguments of `add_weight` after `name=`."""


@dataclass(frozen=True)
class LayerClass:
    """A Layer subclass, complete but for the name it gets in its file."""

    base: str
    register: str
    package: str
    parameters: tuple[str, ...]
    """The parameters of `call` after `self`."""
    body: tuple[str, ...]
    """The lines of `call`, indented relative to its first."""
    settings: tuple[Setting, ...] = ()
    weights: tuple[Weight, ...] = ()
    constructed: tuple[str, ...] = ()
    """What the constructor does besides."""
    methods: tuple[tuple[str, ...], ...] = ()
    """Further methods, each as its lines."""
    registered_name: str | None = None

    dropped = ("output_shape", "arguments", "mask")
    """The arguments of `Lambda` that it replaces."""

    @property
    def identity(self) -> LayerClass:
        """What two sites must have in common to share a class: all but the values that they pass."""
        settings = tuple(replace(setting, value=bool(setting.value) * "passed") for setting in self.settings)
        return replace(self, settings=settings)

    def message(self, name: str) -> str:
        """Return what the fix is, for a person."""
        return f"Layer subclass `{name}`" + (" with a weight" if self.weights else "")

    def made(self, name: str, _callee: str) -> tuple[str, list[str]]:
        """Return what a site calls to make its layer, and the arguments that this takes."""
        return name, self.arguments()

    def arguments(self) -> list[str]:
        """Return the arguments by which a site passes the settings: a single one by position, several by keyword."""
        passed = [setting for setting in self.settings if setting.value]
        if len(passed) == 1 and not passed[0].by_keyword:
            return [passed[0].value]
        return [f"{setting.name}={setting.value}" for setting in passed]

    def text(self, name: str, layout: Layout) -> str:
        """Return the class statement, decorator included, without a newline at its end."""
        methods = [self._constructor(layout)] if self.settings or self.weights or self.constructed else []
        methods += [list(each) for each in self.methods if each[0].startswith("def build(")]
        methods.append(method("call", self.parameters, self.body, layout))
        methods += [list(each) for each in self.methods if not each[0].startswith("def build(")]
        if self.settings:
            methods.append(self._config(layout))
        register = decorator(self.register, self.package, self.registered_name, layout)
        return class_text(register, name, self.base, methods, layout)

    def _constructor(self, layout: Layout) -> list[str]:
        required = [setting for setting in self.settings if setting.default is None]
        optional = [setting.parameter for setting in self.settings if setting.default is not None]
        lines = ["super().__init__(**kwargs)"]
        for setting in self.settings:
            if setting.is_kept:
                lines += _wrapped(f"self.{setting.name} = {setting.assigned}", layout, depth=2)
        lines += self.constructed
        for weight in self.weights:
            lines += [f"self.{weight.name} = self.add_weight(", f"{layout.indent}name={layout.quoted(weight.name)},"]
            for argument in weight.arguments:
                lines += indented(_wrapped(f"{argument},", layout, depth=3), layout)
            lines.append(")")
        names = [*(setting.name for setting in required), *optional, "**kwargs"]
        return method("__init__", names, lines, layout)

    def _config(self, layout: Layout) -> list[str]:
        entries = ["**super().get_config()", *(setting.entry(layout) for setting in self.settings if setting.is_kept)]
        return get_config(entries, layout)


def _wrapped(line: str, layout: Layout, depth: int) -> list[str]:
    """Return a line that a call ends, with its arguments on a line of their own where it would be too long."""
    if depth * len(layout.indent) + len(line) <= layout.width or "(" not in line:
        return [line]
    head, _, rest = line.partition("(")
    inner, _, tail = rest.rpartition(")")
    return [f"{head}(", f"{layout.indent}{inner}", f"){tail}"]
