"""Builds the domain model of one file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.captures import Captures
from keras_lambda_lint.sites.functions import Functions
from keras_lambda_lint.sites.model import Argument, FunctionRef, LambdaSite
from keras_lambda_lint.sites.shapes import Shapes
from keras_lambda_lint.sites.target import BOTH, target
from keras_lambda_lint.sites.values import Values
from keras_lambda_lint.source.index import Call, parse
from keras_lambda_lint.source.indexing import index_of
from keras_lambda_lint.source.names import UNRESOLVED, Names
from keras_lambda_lint.source.scopes import ScopeKind
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.model import Target
    from keras_lambda_lint.source.text import Source

_PARAMETERS = ("function", "output_shape", "mask", "arguments")
"""The positional parameters of `Lambda` in Keras 2 and 3."""


class FileSites:
    """The domain model of one file, with what `rewrite` needs to know of the text."""

    def __init__(self, source: Source, tree: ast.Module | None, keras: str) -> None:
        self.source = source
        try:
            self.index = index_of(tree or parse(source))
        except RecursionError:
            raise SourceError(source.filename, 1, "nested too deeply to be analysed") from None
        self.names = Names(self.index)
        self.values = Values(self.index, self.names)
        calls = [
            call
            for name in ("Lambda", *self._aliases())
            for call in self.index.calls.get(name, ())
            if self._makes_lambda(call)
        ]
        self.target: Target = target(source.text, self.index, keras) if calls else BOTH
        captures = Captures(source, self.index, self.values, self.target)
        self._functions = Functions(source, self.index, self.names, captures)
        self._shapes = Shapes(self.index, self.names, self.values)
        self.lambdas = tuple(sorted(map(self._site, calls), key=lambda site: site.span))

    def _aliases(self) -> set[str]:
        """Return the names other than `Lambda` that an import or an assignment gives to something called `Lambda`."""
        found = {"Lambda"}
        grown = True
        while grown:
            grown = False
            for binding in self.index.bound_at.values():
                original = (
                    getattr(binding.node, "name", None)
                    if isinstance(binding.node, ast.alias)
                    else _last_name(binding.value)
                )
                if original in found and binding.name not in found:
                    found.add(binding.name)
                    grown = True
        return found - {"Lambda"}

    def _makes_lambda(self, call: Call) -> bool:
        """Return whether a call makes a Keras `Lambda` layer; a callee of unknown origin counts where it is called `Lambda`."""
        callee = call.node.func
        if (
            isinstance(callee, ast.Attribute)
            and isinstance(callee.value, ast.Name)
            and callee.value.id in ("self", "cls")
        ):
            return False
        names = self.names.of(callee)
        if any(is_lambda(name) for name in names):
            return True
        return _last_name(call.node.func) == "Lambda" and any(self._may_be_lambda(name) for name in names)

    def _may_be_lambda(self, name: str) -> bool:
        """Return whether a name of unknown origin may be Keras' `Lambda`: an injected namespace, or a star import of an unknown module."""
        if "keras" not in self.source.text.lower():
            return False
        module = name.rpartition(".")[0]
        if module == UNRESOLVED or module.startswith(UNRESOLVED + "."):
            return True
        starred = module in self.names.stars
        return starred and (
            api.below_keras(module + ".x") is not None or module.lstrip(".").partition(".")[0] not in api.FOREIGN
        )

    def _site(self, call: Call) -> LambdaSite:
        node = call.node
        arguments: dict[str, Argument] = {}
        for name, value in zip(_PARAMETERS, node.args, strict=False):
            arguments[name] = Argument(self.source.span(value), value)
        for keyword in node.keywords:
            if keyword.arg is not None:
                arguments[keyword.arg] = Argument(self.source.span(keyword), keyword.value)
        function = arguments.pop("function", None)
        at_module_level = call.scope.kind in (ScopeKind.MODULE, ScopeKind.COMPREHENSION) and call.scope.module is _home(
            call
        )
        functions: tuple[FunctionRef, ...] = ()
        if function is not None:
            functions = self._functions.of(function.node, script=at_module_level)
        return LambdaSite(
            span=self.source.span(node),
            callee=self.source.span(node.func),
            callee_names=self.names.of(node.func),
            functions=functions,
            arguments=arguments,
            unknown_arguments=any(isinstance(a, ast.Starred) for a in node.args)
            or any(k.arg is None for k in node.keywords),
            target=self.target,
            shape=self._shapes.of(node, functions[0].node if len(functions) == 1 else None),
            takes_integers=self._shapes.takes_integers(node),
            scope=call.scope,
            path=call.path,
            node=node,
        )

    def text(self, span: Span) -> str:
        """Return the source text of a span."""
        return self.source.text[span.start : span.end]


def is_lambda(name: str) -> bool:
    """Return whether a qualified name is Keras' `Lambda`, in whatever module below `layers` it is found."""
    rest = api.below_keras(name)
    return rest is not None and rest.rpartition(".")[2] == "Lambda" and not rest.startswith("backend")


def _last_name(node: ast.expr | None) -> str | None:
    """Return the name that a dotted name ends with; None for other expressions."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _home(call: Call) -> object:
    """Return the scope around a call that is no comprehension."""
    scope = call.scope
    while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
        scope = scope.parent
    return scope
