"""How a config holds what a constructor parameter is: what `get_config` returns, and what gives it back."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api import layer_config as facts
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.lambdas.config_value import Survival, survival
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.classes.bases import lineage
from keras_lambda_lint.sites.classes.constructions import constructions, given
from keras_lambda_lint.source.parameters import with_defaults

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.classes.anatomy import Anatomy
    from keras_lambda_lint.rewrite.spelling import Spelling
    from keras_lambda_lint.sites.classes.layer_class import ConstructorParameter

FUNCTION, LAYER, EITHER, ARRAY = "a function", "a layer", "a function or a layer", "an array"
_REPEATABLE = frozenset({"tuple", "list", "int", "float", "str", "bool"})


class Held(NamedTuple):
    """One parameter of the constructor, in the config."""

    name: str
    entry: str
    """What `get_config` returns for it."""
    restored: str | None = None
    """What makes it again of `config[name]`, where the constructor cannot take that as it is."""
    edits: tuple[Edit, ...] = ()
    """What the constructor lacks to keep it."""
    unsafe: tuple[str, ...] = ()
    functions: tuple[ast.expr, ...] = ()
    """What the file gives it, where that is to be functions."""
    takes_functions: bool = False


class Holding:
    """Finds how the parameters of one class are held."""

    def __init__(self, anatomy: Anatomy, spelling: Spelling) -> None:
        self.anatomy = anatomy
        self.sites = anatomy.sites
        self.spelling = spelling
        constructor = anatomy.constructor
        assert constructor is not None
        self.constructor = constructor
        positional = tuple(a.arg for a, kind, _ in list(with_defaults(constructor.args))[1:] if kind == "positional")
        self.given: dict[str, list[ast.expr]] = {}
        self.calls = constructions(self.sites, anatomy.node)
        for call in self.calls:
            for name, value in given(call.node, positional):
                self.given.setdefault(name, []).append(value)

    def held(self, parameter: ConstructorParameter) -> Held:
        """Return how a config holds a parameter; raise `NoFix` where none can, or the class does not keep it."""
        evidence = parameter.unsaveable or parameter.raw
        what = evidence.what if evidence is not None else None
        if what in ("a tensor", "a variable"):
            raise NoFix(
                f"`{parameter.name}` is {what}, which no config holds: pass it as an input, or make it a weight"
            )
        attribute, edits = self._attribute(parameter.name)
        kept = f"self.{attribute}"
        stored = self.anatomy.kept[attribute].value if not edits else None
        getter = self._getter(stored)
        if getter is not None:
            return Held(parameter.name, f"{getter}.serialize({kept})", None, functions=self._values(parameter.name))
        if isinstance(stored, ast.Call) and self._is_array(stored):
            return self._array(parameter.name, kept, stored)
        if what == ARRAY:
            return self._kept_array(parameter.name, attribute, stored, edits)
        if what in (LAYER, "a model"):
            return self._layer(parameter.name, kept, edits)
        if what in (FUNCTION, EITHER):
            functions = (*self._values(parameter.name), *_alternatives(stored))
            return self._object(parameter.name, kept, edits, functions)._replace(takes_functions=True)
        return Held(parameter.name, kept, None, edits, self._doubts(parameter.name))

    def _attribute(self, name: str) -> tuple[str, tuple[Edit, ...]]:
        """Return the attribute that keeps a parameter, or keeps it after these edits."""
        for attribute, statement in self.anatomy.kept.items():
            value = statement.value
            assert value is not None
            if self._source_of(value) == name:
                return attribute, ()
        if len(self.sites.index.scope_of(self.constructor).bindings[name]) > 1:
            raise NoFix(f"the constructor changes `{name}` before it keeps it")
        base = self.anatomy.base_constructor
        if base is None:
            raise NoFix(f"nothing keeps `{name}`, and where the constructor of the base class is called is not plain")
        passed = [*base.args, *(keyword.value for keyword in base.keywords)]
        reads = any(isinstance(node, ast.Name) and node.id == name for each in passed for node in ast.walk(each))
        if reads and self._has_own_base():
            raise NoFix(f"`{name}` goes to the constructor of a base class, which may keep it under any name")
        free = [each for each in (name, f"_{name}") if each not in self.anatomy.attributes | api.LAYER_MEMBERS]
        if not free:
            raise NoFix(f"nothing keeps `{name}`, and `self.{name}` is something else")
        source = self.sites.source
        row = base.end_lineno or 0
        end = source.line_starts[row - 1] + len(source.line(row))
        line = f"{source.newline}{self.anatomy.room(1)}self.{free[0]} = {name}"
        return free[0], (Edit(Span(end, end), line),)

    def _has_own_base(self) -> bool:
        line = lineage(self.sites, self.anatomy.node)
        return line is None or len(line.own) > 1

    def _source_of(self, value: ast.expr) -> str | None:
        """Return the parameter that an expression is made of so that making it again of the result changes nothing."""
        if isinstance(value, ast.Name):
            return value.id if self._is_parameter(value) else None
        if isinstance(value, ast.Call) and len(value.args) >= 1 and isinstance(value.args[0], ast.Name):
            plain = isinstance(value.func, ast.Name) and value.func.id in _REPEATABLE and len(value.args) == 1
            if (plain and not value.keywords) or self._is_array(value) or self._getter(value) is not None:
                return self._source_of(value.args[0])
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            return self._source_of(value.values[0])
        if isinstance(value, ast.IfExp) and isinstance(value.test, ast.Compare) and len(value.test.ops) == 1:
            first = value.body if isinstance(value.test.ops[0], ast.IsNot) else value.orelse
            none = value.test.comparators[0]
            same = isinstance(first, ast.Name) and ast.dump(first) == ast.dump(value.test.left)
            if same and isinstance(none, ast.Constant) and none.value is None:
                return self._source_of(first)
        return None

    def _is_parameter(self, node: ast.Name) -> bool:
        bindings = self.sites.index.reaching(node) if node in self.sites.index.reads else ()
        own = self.sites.index.scope_of(self.constructor)
        return len(bindings) == 1 and bindings[0].scope is own and bindings[0] is own.bindings[node.id][0]

    def _getter(self, stored: ast.expr | None) -> str | None:
        """Return the module whose `get` makes an attribute of a parameter, such as `keras.activations`, as the file says it."""
        if not (isinstance(stored, ast.Call) and isinstance(stored.func, ast.Attribute) and len(stored.args) == 1):
            return None
        names = self.sites.names.of(stored.func)
        known = bool(names) and all(api.below_keras(name) in facts.GETTERS for name in names)
        return self.sites.text(self.sites.source.span(stored.func.value)) if known else None

    def _is_array(self, call: ast.Call) -> bool:
        names = self.sites.names.of(call.func)
        return bool(names) and names <= {"numpy.array", "numpy.asarray"}

    def _array(self, name: str, kept: str, stored: ast.Call) -> Held:
        typed = len(stored.args) > 1 or any(keyword.arg == "dtype" for keyword in stored.keywords)
        doubts = (
            () if typed else (f"the numbers of `{name}` come back as Python's, whatever the dtype of the array was",)
        )
        return Held(name, f"{kept}.tolist()", None, (), doubts)

    def _kept_array(self, name: str, attribute: str, stored: ast.expr | None, edits: tuple[Edit, ...]) -> Held:
        """Return how an array is held: as a list where its dtype is known, else as Keras writes arrays."""
        numpy = self._numpy()
        dtypes = {self._dtype(value) for value in self.given.get(name, ())}
        dtype = dtypes.pop() if len(dtypes) == 1 else None
        if numpy is None or dtype is None or stored is None or name in self.anatomy.defaults:
            return self._object(name, f"self.{attribute}", edits, ())
        edit = Edit(self.sites.source.span(stored), f"{numpy}.asarray({name}, {dtype})")
        return Held(name, f"self.{attribute}.tolist()", None, (*edits, edit))

    def _numpy(self) -> str | None:
        """Return the name of NumPy in the module."""
        for bindings in self.sites.index.module.bindings.values():
            node = bindings[0].node
            if len(bindings) == 1 and isinstance(node, ast.alias) and node.name == "numpy" and not bindings[0].path:
                return bindings[0].name
        return None

    def _dtype(self, value: ast.expr) -> str | None:
        """Return the dtype with which an array is made, as source text, where it is a literal."""
        made = self.sites.values.of(value).node
        if not isinstance(made, ast.Call):
            return None
        said = next((keyword.value for keyword in made.keywords if keyword.arg == "dtype"), None)
        said = said or (made.args[1] if len(made.args) == 2 else None)
        if not (isinstance(said, ast.Constant) and isinstance(said.value, str)):
            return None
        return f'"{said.value}"'

    def _layer(self, name: str, kept: str, edits: tuple[Edit, ...]) -> Held:
        """Return how a layer is held; one that may be None by what takes None too."""
        values = self.given.get(name, [])
        if any(isinstance(value, (ast.List, ast.Tuple)) for value in values):
            if not all(isinstance(value, (ast.List, ast.Tuple)) for value in values) or name in self.anatomy.defaults:
                raise NoFix(f"`{name}` is a layer or a list of layers")
            each = f"[{self.spelling.name('layers.serialize')}(layer) for layer in {kept}]"
            again = f'[{self.spelling.name("layers.deserialize")}(layer) for layer in config["{name}"]]'
            return Held(name, each, again, edits)
        default = self.anatomy.defaults.get(name)
        if default is not None or any(isinstance(value, ast.Constant) for value in values):
            return self._object(name, kept, edits, ())
        entry = f"{self.spelling.name('layers.serialize')}({kept})"
        return Held(name, entry, f'{self.spelling.name("layers.deserialize")}(config["{name}"])', edits)

    def _object(self, name: str, kept: str, edits: tuple[Edit, ...], functions: tuple[ast.expr, ...]) -> Held:
        entry = f"{self.spelling.name('utils.serialize_keras_object')}({kept})"
        again = f'{self.spelling.name("utils.deserialize_keras_object")}(config["{name}"])'
        return Held(name, entry, again, edits, (), functions)

    def _values(self, name: str) -> tuple[ast.expr, ...]:
        default = self.anatomy.defaults.get(name)
        return (*self.given.get(name, ()), *([default] if default is not None else []))

    def _doubts(self, name: str) -> tuple[str, ...]:
        """Return why the config may not hold a parameter as it is: what it is given is not known, or JSON changes it."""
        values = self._values(name)
        outcomes = {survival(self.sites.values.of(value).node or value, self.sites.values) for value in values}
        if Survival.LOST in outcomes:
            raise NoFix(f"`{name}` cannot be put into a config: JSON has no such value")
        if not self.given.get(name) or Survival.UNSURE in outcomes:
            return (f"`{name}` goes into the config, so it must be a number, a string, a list or a dict",)
        return (f"`{name}` is a tuple, and comes back as a list",) if Survival.LIST in outcomes else ()


def _alternatives(stored: ast.expr | None) -> tuple[ast.expr, ...]:
    """Return what an attribute is made of where the parameter is None: `other` of `fn or other`."""
    if isinstance(stored, ast.BoolOp):
        return tuple(stored.values[1:])
    if isinstance(stored, ast.IfExp) and isinstance(stored.test, ast.Compare):
        return (stored.orelse if isinstance(stored.test.ops[0], ast.IsNot) else stored.body,)
    return ()
