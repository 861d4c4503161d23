"""How a file spells a Keras name: through its own aliases, else through an import beside the one that it has."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.releases import REGISTRATION_SINCE
from keras_lambda_lint.rewrite.import_lines import import_below
from keras_lambda_lint.rewrite.new_import import KERAS_IMPORTS, new_import
from keras_lambda_lint.rewrite.project import project_of
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import REGISTER
from keras_lambda_lint.source.names import imported
from keras_lambda_lint.source.rows import row_with_comments
from keras_lambda_lint.source.scopes import Binding, BindingKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from keras_lambda_lint.sites.build import FileSites

_IMPORTS = (BindingKind.IMPORT, BindingKind.FROM_IMPORT)
_WITHOUT_REGISTRATION = ("tensorflow.contrib", "tensorflow.tools", "tensorflow.python.keras")
_PUBLIC = {"keras.src": "keras", "keras.api": "keras", "keras.engine": "keras", "tf_keras.src": "tf_keras"}


class Spelling:
    """Spells names such as `layers.Layer` at module level, and collects the imports that this takes.

    `place` is what the names will stand on top of; `like` is an expression of the file that names something of the same Keras,
    such as the `keras.layers.Lambda` of a call or the base of a class, whose spelling they follow.
    """

    def __init__(self, sites: FileSites, place: ast.AST, like: ast.expr) -> None:
        self.sites = sites
        self.like = like
        self.edits: list[Edit] = []
        self.module = sites.index.module
        self.row = row_with_comments(sites.source, sites.index.top_statement(place))
        self.needs_above = 0
        self.caveats: list[str] = []
        """What may keep the names from being there when the file runs, for a person."""
        roots = {root for name in sites.names.of(like) if (root := api.keras_root(name)) is not None}
        if not roots:
            raise NoFix(f"where `{self._shown}` comes from is not known")
        if any(root.startswith(_WITHOUT_REGISTRATION) for root in roots):
            raise NoFix(
                "this Keras has no public register_keras_serializable: import from `keras` or `tensorflow.keras`"
            )
        self.roots = roots
        self.alias = self._alias()

    @property
    def _shown(self) -> str:
        return self.sites.text(self.sites.source.span(self.like))

    def name(self, path: str) -> str:
        """Return how the file says a name below Keras, such as `utils.register_keras_serializable`; notes a missing import."""
        if path == REGISTER:
            self._note(without_registration(self.sites, self.roots))
        group, _, last = path.rpartition(".")
        callee = self.like
        if isinstance(callee, ast.Name) and self._is_imported(group, last):
            return last
        if self.alias is not None:
            return f"{self.alias}.{path}"
        if isinstance(callee, ast.Attribute) and group == "layers":
            return f"{self.sites.text(self.sites.source.span(callee.value))}.{last}"
        bindings = self._callee_bindings()
        if any(binding.scope is not self.module for binding in bindings):
            self.alias = self._imported_early(bindings)
            return f"{self.alias}.{path}"
        if not bindings:
            return self._starred(group, last)
        for binding in bindings:
            self._beside(binding, group, last)
        return last

    def is_above(self, binding: Binding) -> bool:
        """Return whether an import stands above the place of what the names are for, and note that it has to."""
        return self._is_before(binding)

    def below(self, module: str, name: str) -> str:
        """Return how the file says `ops.shape` or the like: through its own import of that module, where it has one."""
        for alias, [binding, *others] in self.module.bindings.items():
            own = binding.kind in _IMPORTS and not others and not binding.path
            if own and {f"{root}.{module}" for root in self.roots} == {imported(self.sites.index, binding)}:
                return f"{alias}.{name}" if self._is_before(binding) else self.name(f"{module}.{name}")
        return self.name(f"{module}.{name}")

    def _note(self, caveat: str | None) -> None:
        if caveat is not None and caveat not in self.caveats:
            self.caveats.append(caveat)

    def _alias(self) -> str | None:
        """Return the file's own name for the Keras package of the site, such as `keras` or `tf.keras`."""
        callee = self.like
        if (
            isinstance(callee, ast.Attribute)
            and isinstance(callee.value, ast.Attribute)
            and callee.value.attr == "layers"
        ):
            root = callee.value.value
            text = self.sites.text(self.sites.source.span(root))
            names = self.sites.names.of(root)
            known = names and all(name in api.ROOTS and name not in _PUBLIC for name in names)
            if known and self._is_at_module_level(root):
                return text
        for bindings in self.module.bindings.values():
            binding = bindings[0]
            if len(bindings) == 1 and binding.kind in _IMPORTS and not binding.path and self._is_before(binding):
                qualified = imported(self.sites.index, binding)
                if self.roots == {qualified}:
                    return binding.name
                if self.roots == {f"{qualified}.keras"} and qualified == "tensorflow":
                    return f"{binding.name}.keras"
        return None

    def _is_imported(self, group: str, last: str) -> bool:
        """Return whether the module imports a name of the same Keras under its own name, unconditionally and above the site."""
        known = self.module.bindings.get(last, ())
        above = all(not binding.path and self._is_before(binding) for binding in known)
        return len(known) == 1 and above and all(self._means(known[0], f"{root}.{group}.{last}") for root in self.roots)

    def _means(self, binding: Binding, wanted: str) -> bool:
        """Return whether a binding imports a name of Keras; the class `Layer` has stood in several modules."""
        if binding.kind is not BindingKind.FROM_IMPORT:
            return False
        qualified = imported(self.sites.index, binding)
        same_root = api.package_of(qualified) == api.package_of(wanted)
        bases = api.is_one_of(qualified, api.LAYER_BASES) and api.is_one_of(wanted, api.LAYER_BASES)
        return qualified == wanted or (same_root and bases)

    def _is_at_module_level(self, root: ast.expr) -> bool:
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return False
        owner = self.sites.index.reads[root].scope.owner(root.id)
        return owner is self.module and all(self._is_before(binding) for binding in self.sites.index.reaching(root))

    def _is_before(self, binding: Binding) -> bool:
        """Return whether an import stands above the place of a class for this site, and note that it has to."""
        statement = self.sites.index.statement(binding.node)
        assert statement.end_lineno is not None
        if statement.end_lineno >= self.row:
            return False
        self.needs_above = max(self.needs_above, self.sites.source.line_end(statement.end_lineno))
        return True

    def _imported_early(self, bindings: tuple[Binding, ...]) -> str:
        """Return the name that Keras gets at the top of the module, where functions import it; raise `NoFix` for one with a condition."""
        known = KERAS_IMPORTS.keys() & self.roots
        if any(binding.path for binding in bindings) or len(self.roots) != 1 or not known:
            raise NoFix(f"`{bindings[0].name}` is imported inside a function; import keras at the top of the module")
        line, name = KERAS_IMPORTS[known.pop()]
        self._free(name, wanted=[*self.roots])
        self.edits.append(new_import(self.sites, line))
        self._note("Keras is imported with the module now, not only where a function asks for it")
        return name

    def _callee_bindings(self) -> tuple[Binding, ...]:
        """Return the imports that bind the callee; none where it comes through a star import."""
        callee = self.like
        while isinstance(callee, ast.Attribute):
            callee = callee.value
        if not isinstance(callee, ast.Name):
            raise NoFix(f"where `{self._shown}` comes from is not known")
        bindings = self.sites.index.reaching(callee)
        if any(binding.kind not in _IMPORTS for binding in bindings):
            raise NoFix(f"`{callee.id}` is not imported under this name")
        if not all(self._is_before(binding) for binding in bindings if binding.scope is self.module):
            raise NoFix(f"`{callee.id}` is imported below its use")
        return bindings

    def _starred(self, group: str, last: str) -> str:
        for star in self.sites.index.stars:
            root = api.keras_root(f"{star.module}.x") if star.module and not star.level else None
            if root is not None and star.module == f"{root}.layers":
                if group != "layers":
                    self._free(last, wanted=[])
                    self._add_line(star, f"from {root}.{group} import {last}")
                return last
        raise NoFix(f"`{self._shown}` comes through a star import of another module")

    def _beside(self, binding: Binding, group: str, last: str) -> None:
        """Make `last` known under its own name wherever `binding` binds the callee: under the same guard, beside it."""
        statement = self.sites.index.parents[binding.node]
        assert isinstance(statement, (ast.Import, ast.ImportFrom))
        qualified = imported(self.sites.index, binding)
        found = api.keras_root(qualified) or qualified
        root = _PUBLIC.get(found, found)
        wanted = f"{root}.{group}"
        for known in self.module.bindings.get(last, ()):
            if self._means(known, f"{wanted}.{last}") and known.path in ((), binding.path) and self._is_before(known):
                return
        self._free(last, wanted=[f"{root}.{group}.{last}" for root in self.roots])
        if isinstance(statement, ast.ImportFrom) and statement.module == wanted and not statement.level:
            assert isinstance(binding.node, ast.alias)
            self._add_name(statement, binding, last)
        else:
            self._add_line(statement, f"from {wanted} import {last}")

    def _free(self, name: str, wanted: list[str]) -> None:
        """Refuse a name that the file uses for something else than one of the wanted names of Keras."""
        for scope in (self.module, *self.sites.index.scopes.values()):
            for binding in scope.bindings.get(name, ()):
                if not any(self._means(binding, qualified) for qualified in wanted):
                    raise NoFix(f"the file uses the name `{name}` for something else")

    def _add_name(self, statement: ast.ImportFrom, binding: Binding, name: str) -> None:
        alias = binding.node
        assert isinstance(alias, ast.alias)
        source = self.sites.source
        span = source.span(alias)
        if (
            alias.name == "Lambda"
            and alias.asname is None
            and len(self.sites.index.reads_of(binding)) == 1
            and self._may_go("Lambda")
        ):
            self.edits.append(Edit(span, name))
            return
        start = source.line_starts[alias.lineno - 1]
        alone = alias.lineno > statement.lineno and not source.text[start : span.start].strip()
        separator = f",{source.newline}{source.text[start : span.start]}" if alone else ", "
        self.edits.append(Edit(Span(span.end, span.end), f"{separator}{name}"))

    def _may_go(self, name: str) -> bool:
        """Return whether nothing outside this file can be told to import a name from it."""
        return may_go(self.sites, name)

    def _add_line(self, statement: ast.ImportFrom | ast.Import, line: str) -> None:
        edit, end = import_below(self.sites.source, self.sites.index, statement, line)
        self.edits.append(edit)
        self.needs_above = max(self.needs_above, end)


def without_registration(sites: FileSites, roots: Collection[str]) -> str | None:
    """Return which pin of the project rules out every release of Keras with `register_keras_serializable`; None where none does."""
    for package in sorted({api.package_of(root) for root in roots} & REGISTRATION_SINCE.keys()):
        pin = sites.rules_out(REGISTRATION_SINCE[package])
        if pin is not None:
            return f"{pin}, which has no register_keras_serializable: raise the pin first"
    return None


def may_go(sites: FileSites, name: str) -> bool:
    """Return whether nothing can be told to read a name of this module from outside.

    No `__init__.py`, no mention in a string of the file, no file of the project that imports the name, or all names, from it.
    """
    filename = sites.source.filename.replace("\\", "/")
    # `name="..."` is what a layer is called, and names nothing of the module.
    quoted = re.search(rf"(?<!\bname=)([\"']){re.escape(name)}\1", sites.source.text) is not None
    if quoted or filename.endswith("__init__.py"):
        return False
    in_string = re.search(rf"[\"'][^\"'\n]*\b{re.escape(name)}\b[^\"'\n]*[\"']", sites.source.text) is not None
    if in_string and _in_annotation(sites.index.tree, name):
        return False
    module = filename.rpartition("/")[2].partition(".")[0]
    outside = {name} if "__all__" in sites.index.module.bindings else {name, "*"}
    return not project_of(sites.source.filename).imports(module, outside)


def _in_annotation(tree: ast.Module, name: str) -> bool:
    """Return whether an annotation that is written as a string mentions a name."""
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if annotation is not None:
                texts = [
                    n.value for n in ast.walk(annotation) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                ]
                if any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts):
                    return True
    return False
