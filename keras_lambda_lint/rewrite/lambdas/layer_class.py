"""Writes a registered Layer subclass."""

from __future__ import annotations

from dataclasses import dataclass, replace

from keras_lambda_lint.rewrite.layout import WIDTH, Layout
from keras_lambda_lint.rewrite.registered import decorator


@dataclass(frozen=True)
class Setting:
    """A constructor parameter that the layer keeps in its config."""

    name: str
    value: str
    """The expression that the site passes."""
    is_tuple: bool = False
    """The config comes back from JSON as a list: the constructor makes a tuple of it again."""
    by_keyword: bool = False


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
    methods: tuple[tuple[str, ...], ...] = ()
    """Further methods, each as its lines."""
    registered_name: str | None = None

    @property
    def identity(self) -> LayerClass:
        """What two sites must have in common to share a class: all but the values that they pass."""
        return replace(self, settings=tuple(replace(setting, value="") for setting in self.settings))

    def arguments(self) -> list[str]:
        """Return the arguments by which a site passes the settings: a single one by position, several by keyword."""
        if len(self.settings) == 1 and not self.settings[0].by_keyword:
            return [self.settings[0].value]
        return [f"{setting.name}={setting.value}" for setting in self.settings]

    def text(self, name: str, layout: Layout) -> str:
        """Return the class statement, decorator included, without a newline at its end."""
        methods = [self._constructor(layout)] if self.settings or self.weights else []
        methods.append([f"def call({', '.join(('self', *self.parameters))}):", *_indented(self.body, layout)])
        methods += map(list, self.methods)
        if self.settings:
            methods.append(self._config(layout))
        lines = [decorator(self.register, self.package, self.registered_name), f"class {name}({self.base}):"]
        for number, method in enumerate(methods):
            lines += [""] * bool(number) + _indented(method, layout)
        return layout.newline.join(lines)

    def _constructor(self, layout: Layout) -> list[str]:
        names = ["self", *(setting.name for setting in self.settings), "**kwargs"]
        head = [f"def __init__({', '.join(names)}):"]
        if len(layout.indent) + len(head[0]) > WIDTH:
            together = f"{layout.indent}{', '.join(names)}"
            fits = len(layout.indent) + len(together) <= WIDTH
            head = ["def __init__(", *([together] if fits else [f"{layout.indent}{name}," for name in names]), "):"]
        lines = ["super().__init__(**kwargs)"]
        for setting in self.settings:
            lines.append(f"self.{setting.name} = {f'tuple({setting.name})' if setting.is_tuple else setting.name}")
        for weight in self.weights:
            lines += [f"self.{weight.name} = self.add_weight(", f'{layout.indent}name="{weight.name}",']
            lines += [*(f"{layout.indent}{argument}," for argument in weight.arguments), ")"]
        return [*head, *_indented(lines, layout)]

    def _config(self, layout: Layout) -> list[str]:
        entries = ["**super().get_config()", *(f'"{setting.name}": self.{setting.name}' for setting in self.settings)]
        line = f"return {{{', '.join(entries)}}}"
        lines = [line]
        if len(layout.indent) * 2 + len(line) > WIDTH:
            lines = ["return {", *(f"{layout.indent}{entry}," for entry in entries), "}"]
        return ["def get_config(self):", *_indented(lines, layout)]


def _indented(lines: list[str] | tuple[str, ...], layout: Layout) -> list[str]:
    return [layout.indent + line if line else line for line in lines]
