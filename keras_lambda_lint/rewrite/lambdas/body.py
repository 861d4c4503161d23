"""Turns a function into the `call` method of a layer: what it captures becomes config or weights."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, IntendedChange, Span
from keras_lambda_lint.rewrite.lambdas.config_value import Survival, is_mutable, survival
from keras_lambda_lint.rewrite.lambdas.layer_class import Setting, Weight
from keras_lambda_lint.rewrite.lambdas.obstacles import refuse_own_self, refuse_strange
from keras_lambda_lint.rewrite.lambdas.weights import weight_of
from keras_lambda_lint.rewrite.layout import (
    WIDTH,
    Layout,
    docstring,
    line_indent,
    on_one_line,
    parses,
    reindented,
    spaces_in_slices,
    split_lines,
)
from keras_lambda_lint.rewrite.naming import parameter_name
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import Capture, FunctionForm, FunctionRef, LambdaSite, Origin, Parameter, ValueKind
from keras_lambda_lint.source.names import imported

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.concrete import Concrete
    from keras_lambda_lint.rewrite.spelling import Spelling
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.scopes import Binding

_PASSED_BY_KERAS = ("training", "mask")
_NOT_IN_CONFIG = {
    ValueKind.TENSOR: "is a symbolic tensor: pass it as an input of the layer",
    ValueKind.LAYER: "is a layer: call it outside the function",
    ValueKind.MODEL: "is a model: call it outside the function",
    ValueKind.SUBLAYER: "is a layer of another layer: call it outside the function",
    ValueKind.WEIGHT: "is a weight of another layer: pass it as an input of the layer",
    ValueKind.ARRAY: "is an array: it has to become a weight of the layer",
    ValueKind.FUNCTION: "is a function that only exists while this code runs",
    ValueKind.CLASS: "is a class that only exists while this code runs",
    ValueKind.MODULE: "is a module that only this code imports",
}


@dataclass
class Body:
    """The insides of a layer, in the making."""

    parameters: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    needless: list[Binding] = field(default_factory=list)
    """Bindings that nothing reads any more once the layer has replaced the function."""
    intended: set[IntendedChange] = field(default_factory=set)
    unsafe: list[str] = field(default_factory=list)


class BodyWriter:
    """Writes the `call` method for one site."""

    def __init__(
        self,
        sites: FileSites,
        site: LambdaSite,
        function: FunctionRef,
        spelling: Spelling,
        layout: Layout,
        concrete: Concrete,
    ) -> None:
        self.sites = sites
        self.site = site
        self.function = function
        self.spelling = spelling
        self.layout = layout
        self.concrete = concrete
        self.body = Body()
        self.replaced: list[Edit] = []

    def write(self) -> Body:
        """Return the body; raise `NoFix` where the function cannot become one."""
        node = self.function.node
        assert node is not None
        refuse_strange(self.sites, self.function)
        self._parameters()
        if self.function.form is FunctionForm.FUNCTION:
            self._called()
            return self.body
        for capture in self.function.captures:
            self._capture(capture)
        if self.replaced and "self" in self._names_inside() and any("self." in edit.content for edit in self.replaced):
            refuse_own_self(self.sites.index, node)
        self.replaced += spaces_in_slices(self.sites.source, node, self.replaced)
        if isinstance(node, ast.Lambda):
            self.body.lines = [*self._import_lines(), *self._expression(node)]
        else:
            self.body.lines = self._statements(node)
        return self.body

    def _parameters(self) -> None:
        """The first parameter takes the inputs; others come from Keras, from `arguments=` or from their defaults."""
        parameters = self.function.parameters
        if not parameters or parameters[0].kind != "positional":
            raise NoFix("the function takes no inputs by position")
        given = self._given_arguments()
        first = parameters[0]
        taken = self._names_inside()
        renamed = self.function.form is not FunctionForm.NESTED and "inputs" not in taken
        inputs = "inputs" if renamed else first.name
        if inputs in ("self", "kwargs"):
            raise NoFix(f"the function's parameter is called `{inputs}`")
        self.body.parameters.append(inputs)
        if renamed and self.function.form is FunctionForm.LAMBDA:
            self.replaced += [Edit(read, inputs) for read in first.reads]
        for parameter in parameters[1:]:
            passed = given.pop(parameter.name, None)
            if parameter.kind in ("*", "**"):
                if self.function.form is not FunctionForm.FUNCTION or given:
                    raise NoFix("the function takes `*` arguments")
            elif parameter.name in _PASSED_BY_KERAS and passed is None:
                self.body.parameters.append(f"{parameter.name}=None")
            elif passed is None and self.function.form is FunctionForm.FUNCTION and parameter.default is not None:
                continue
            elif passed is None and parameter.default is None:
                raise NoFix(f"nothing gives a value to the parameter `{parameter.name}`")
            else:
                if passed is None:
                    self._refuse_early_default(parameter)
                self._argument(parameter.name, passed or parameter.default, parameter.reads)
        if given:
            raise NoFix(f"the function has no parameter `{next(iter(given))}`")

    def _names_inside(self) -> set[str]:
        """Return all names that the function reads or binds, nested functions included."""
        assert self.function.node is not None
        own = self.sites.index.scope_of(self.function.node)
        bound = {name for scope in self.sites.index.scopes.values() if scope.within(own) for name in scope.bindings}
        return bound | {node.id for node in ast.walk(self.function.node) if isinstance(node, ast.Name)}

    def _refuse_early_default(self, parameter: Parameter) -> None:
        """A default has its value from where the function is made: elsewhere only a literal is the same."""
        node = self.function.node
        assert node is not None
        assert parameter.default is not None
        literal = not any(isinstance(inner, (ast.Name, ast.Call)) for inner in ast.walk(parameter.default))
        if not literal and not self.site.span.contains(self.sites.source.span(node)):
            raise NoFix(f"the default of `{parameter.name}` is computed where the function is made")

    def _given_arguments(self) -> dict[str, ast.expr]:
        argument = self.site.arguments.get("arguments")
        if argument is None or (isinstance(argument.node, ast.Constant) and argument.node.value is None):
            return {}
        if not isinstance(argument.node, ast.Dict):
            raise NoFix("`arguments=` is not a literal dict")
        given = {}
        for key, value in zip(argument.node.keys, argument.node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise NoFix("`arguments=` has a key that is not a literal")
            given[key.value] = value
        return given

    def _argument(self, name: str, value: ast.expr | None, reads: tuple[Span, ...]) -> None:
        assert value is not None
        node = self.function.node
        assert node is not None
        if len(self.sites.index.scope_of(node).bindings[name]) > 1:
            raise NoFix(f"the function assigns to its parameter `{name}`")
        known = self.sites.values.of(value)
        setting = self._setting(name, self.sites.text(self.sites.source.span(value)), known.kind, known.node)
        self.replaced += [Edit(read, f"self.{setting.name}") for read in reads]

    def _setting(self, text: str, value: str, kind: ValueKind, node: ast.expr | None) -> Setting:
        if kind in _NOT_IN_CONFIG:
            raise NoFix(f"`{text}` {_NOT_IN_CONFIG[kind]}")
        if kind is ValueKind.VARIABLE:
            raise NoFix(f"the variable `{text}` is passed as an argument: it has to become a weight of the layer")
        outcome = survival(node, self.sites.values) if kind is ValueKind.CONSTANT else Survival.UNSURE
        if outcome is Survival.LOST:
            raise NoFix(f"`{text}` cannot be put into a config: JSON has no such value")
        if outcome is Survival.UNSURE:
            self.body.unsafe.append(
                f"`{text}` goes into the config, so it must be a number, a string, a list or a dict"
            )
        taken = {name.partition("=")[0] for name in self.body.parameters}
        taken |= {setting.name for setting in self.body.settings} | {weight.name for weight in self.body.weights}
        name = parameter_name(text, taken)
        setting = Setting(
            name,
            on_one_line(value) or value,
            is_tuple=outcome is Survival.LIST,
        )
        self.body.settings.append(setting)
        return setting

    def _called(self) -> None:
        """A function of the module stays where it is; the layer calls it."""
        if len(self.sites.index.module.bindings[self.function.name or ""]) > 1:
            raise NoFix(f"`{self.function.name}` is bound more than once in the module")
        assert self.function.node is not None
        if self.sites.index.is_guarded_by_main(self.function.node):
            raise NoFix(f"`{self.function.name}` only exists when the file is run as a script")
        for capture in self.function.captures:
            if capture.origin is Origin.MODULE_VALUE and self._is_conditional(capture):
                raise NoFix(f"`{self.function.name}` reads `{capture.text}`, which only a run of the script sets")
            if capture.is_loop_value or (capture.is_state and capture.late_bound):
                raise NoFix(f"`{self.function.name}` reads `{capture.text}`, which changes while the script runs")
            if capture.value.is_variable or capture.value.is_layer or capture.value.is_tensor:
                raise NoFix(f"`{self.function.name}` reads `{capture.text}`, a {capture.value.kind.value}")
        passed = [parameter.partition("=")[0] for parameter in self.body.parameters]
        arguments = [passed[0], *(f"{name}={name}" for name in passed[1:])]
        arguments += [f"{setting.name}=self.{setting.name}" for setting in self.body.settings]
        by_name = {parameter.name for parameter in self.function.parameters}
        if not {setting.name for setting in self.body.settings} <= by_name:
            raise NoFix("a parameter of the function has a name that a layer uses itself")
        self.body.lines = [f"return {self.function.name}({', '.join(arguments)})"]

    def _is_conditional(self, capture: Capture) -> bool:
        """Return whether importing the module may leave a value of the module unbound."""
        root = capture.text.partition(".")[0].partition("[")[0]
        return any(binding.path for binding in self.sites.index.module.bindings.get(root, ()))

    def _capture(self, capture: Capture) -> None:
        if capture.importable:
            return
        if capture.origin is Origin.IMPORT:
            self._local_import(capture)
            return
        if capture.origin in (Origin.FUNCTION, Origin.CLASS):
            raise NoFix(f"`{capture.text}` {_NOT_IN_CONFIG[ValueKind.FUNCTION]}")
        if isinstance(capture.node, ast.Name) and capture.origin is Origin.SELF_ATTRIBUTE:
            raise NoFix("the function uses `self` as a whole")
        if capture.value.kind in _NOT_IN_CONFIG:
            raise NoFix(f"`{capture.text}` {_NOT_IN_CONFIG[capture.value.kind]}")
        for node in capture.nodes:
            self._refuse_use(capture, node)
        self._same_at_site(capture)
        if capture.value.is_variable:
            self._weight(capture)
            return
        setting = self._setting(capture.text, capture.text, capture.value.kind, capture.value.node)
        self._replace_reads(capture, setting.name)
        if capture.is_loop_value:
            self.body.intended.add(IntendedChange.BINDS_LOOP_VALUE)
            reason = "each layer gets the loop values of its own iteration"
            self.body.unsafe = [reason, *(other for other in self.body.unsafe if other != reason)]
        elif is_mutable(capture.value.node) and self._may_be_changed(capture):
            self.body.unsafe.insert(0, f"other code may change `{capture.text}`; the layer keeps the value it has here")
        elif capture.late_bound:
            self.body.unsafe.insert(0, f"`{capture.text}` is bound again later; the layer keeps the value it has here")
        elif capture.origin is Origin.SELF_ATTRIBUTE:
            self.body.unsafe.append(f"the layer keeps the value that `{capture.text}` has here")

    def _refuse_use(self, capture: Capture, node: ast.expr) -> None:
        """Refuse what no number, string, list or dict can do: being called, or having methods that are called."""
        parents = self.sites.index.parents
        parent = parents[node]
        if isinstance(parent, ast.Call) and parent.func is node:
            raise NoFix(f"`{capture.text}` is called: what it is cannot be put into a config")
        if isinstance(parent, ast.Starred):
            raise NoFix(f"`{capture.text}` is unpacked")
        around = parents[parent]
        called = isinstance(parent, ast.Attribute) and isinstance(around, ast.Call) and around.func is parent
        if called and capture.value.kind is not ValueKind.CONSTANT:
            raise NoFix(f"the function calls a method of `{capture.text}`: what that is cannot be put into a config")

    def _may_be_changed(self, capture: Capture) -> bool:
        """Return whether anything but the functions of Lambda layers reads a captured object."""
        root = capture.node
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        assert isinstance(root, ast.Name)
        functions = [
            self.sites.index.scope_of(f.node)
            for site in self.sites.lambdas
            for f in site.functions
            if f.node is not None
        ]
        reads = [read for binding in self.sites.index.reaching(root) for read in self.sites.index.reads_of(binding)]
        return any(not any(read.scope.within(scope) for scope in functions) for read in reads)

    def _weight(self, capture: Capture) -> None:
        name = parameter_name(
            capture.text, {setting.name for setting in self.body.settings} | set(self.body.parameters)
        )
        assert self.function.node is not None
        made = weight_of(self.sites, self.site, self.function, capture, name, self.spelling)
        self.body.weights.append(made.weight)
        if made.setting is not None:
            self.body.settings.append(made.setting)
        self.body.needless.append(made.binding)
        if made.trains:
            self.body.intended.add(IntendedChange.TRAINS_WEIGHT)
            self.body.unsafe.insert(0, "the weight starts to train, and checkpoints gain it")
        else:
            self.body.unsafe.append("checkpoints gain the weight")
        self._replace_reads(capture, name)

    def _same_at_site(self, capture: Capture) -> None:
        """Refuse a name that means something else where the layer is made than where the function is."""
        root = capture.node
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        assert isinstance(root, ast.Name)
        if self.site.scope.owner(root.id) is not self.sites.index.reads[root].scope.owner(root.id):
            raise NoFix(f"`{root.id}` is not the same where the layer is made")

    def _replace_reads(self, capture: Capture, name: str) -> None:
        wanted = ast.dump(ast.parse(capture.text, mode="eval"))
        for read in capture.reads:
            text = self.sites.text(read)
            if not text.startswith(capture.text[:1]) or ast.dump(ast.parse(text, mode="eval")) != wanted:
                raise NoFix(f"`{capture.text}` is read inside an f-string")
            self.replaced.append(Edit(read, f"self.{name}"))

    def _local_import(self, capture: Capture) -> None:
        root = capture.node
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        assert isinstance(root, ast.Name)
        for binding in self.sites.index.reaching(root):
            statement = self.sites.index.parents[binding.node]
            assert isinstance(binding.node, ast.alias)
            renamed = f" as {binding.node.asname}" if binding.node.asname else ""
            if isinstance(statement, ast.ImportFrom):
                module = imported(self.sites.index, binding).rpartition(".")[0] or "." * statement.level
                line = f"from {module} import {binding.node.name}{renamed}"
            else:
                line = f"import {binding.node.name}{renamed}"
            if line not in self.body.imports:
                self.body.imports.append(line)

    def _rewritten(self, span: Span) -> str:
        """Return the text of a span with the reads in it replaced."""
        inside = sorted(edit for edit in self.replaced if span.contains(edit.span))
        parts, position = [], span.start
        for edit in inside:
            parts += [self.sites.source.text[position : edit.span.start], edit.content]
            position = edit.span.end
        return "".join([*parts, self.sites.source.text[position : span.end]])

    def _expression(self, node: ast.Lambda) -> list[str]:
        """Return the body of a lambda as a return statement, on one line where it fits."""
        depth = 2 * len(self.layout.indent.expandtabs(4))
        line = on_one_line(self._rewritten(self.sites.source.span(node.body)))
        if line is not None and depth + len(f"return {line}") <= WIDTH:
            return [f"return {line}"]
        whole = self.concrete.whole(node.body)
        text = self._rewritten(whole)
        rows = split_lines(text)
        if any(isinstance(inner, ast.Constant) and inner.lineno != inner.end_lineno for inner in ast.walk(node.body)):
            raise NoFix("the lambda holds a string over several lines")
        old = line_indent(self.sites.source.line(self.sites.source.location(whole.start).row))
        rest = reindented(rows[1:], old, "")
        if parses(f"x = {text}"):
            return [f"return {rows[0]}", *rest]
        inner = [self.layout.indent + row.lstrip(" \t") if row.strip() else "" for row in [rows[0], *rows[1:]]]
        return ["return (", *inner, ")"]

    def _statements(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
        """Return the statements of a nested function's body, indented relative to the first."""
        assert isinstance(node, ast.FunctionDef)
        block = self.concrete.block(node)
        if block is None:
            whole = Span(self.sites.source.span(node.body[0]).start, self.sites.source.span(node.body[-1]).end)
            return [*self._import_lines(), *split_lines(self._rewritten(whole))]
        rows = split_lines(self._rewritten(block))
        while rows and not rows[-1].strip():
            rows.pop()
        old = line_indent(self.sites.source.line(node.body[0].lineno))
        first_row = self.sites.source.location(block.start).row
        frozen = {
            row - first_row
            for inner in ast.walk(node)
            if isinstance(inner, (ast.Constant, ast.JoinedStr))
            and inner.end_lineno is not None
            and inner is not docstring(node)
            for row in range(inner.lineno + 1, inner.end_lineno + 1)
            if isinstance(inner, ast.JoinedStr) or isinstance(inner.value, (str, bytes))
        }
        if frozen:
            raise NoFix("the function holds a string over several lines")
        lines = reindented(rows, old, "")
        if not self.body.imports:
            return lines
        documented = docstring(node)
        after = 0 if documented is None or documented.end_lineno is None else documented.end_lineno - first_row + 1
        return [*lines[:after], *self._import_lines(), *lines[after:]]

    def _import_lines(self) -> list[str]:
        """Return the imports that move into `call`, with the blank line that belongs below them."""
        return [*self.body.imports, ""] if self.body.imports else []
