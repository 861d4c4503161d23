"""Finds the own `Layer` and `Model` classes of a file."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import layer_config as facts
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.captures import name_span
from keras_lambda_lint.sites.classes.bases import Lineage, OwnClass, lineage
from keras_lambda_lint.sites.classes.config import Mapping, returned
from keras_lambda_lint.sites.classes.constructions import constructions, given, makers, unsaveable
from keras_lambda_lint.sites.classes.derived import derives_from
from keras_lambda_lint.sites.classes.layer_class import (
    Config,
    ConstructorParameter,
    Evidence,
    LayerClass,
    Root,
    UntrackedVariable,
)
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import BindingKind
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.classes.bases import Method
    from keras_lambda_lint.source.index import Call

_HARMLESS_DECORATORS = frozenset({"typing.final"})


def find_layer_classes(file: FileSites) -> tuple[LayerClass, ...]:
    """Return the classes of a file that derive from a layer or model of Keras, sorted by place."""
    nodes = [node for node in file.index.scopes if isinstance(node, ast.ClassDef) and node.bases]
    found = ((node, lineage(file, node)) for node in nodes)
    return tuple(sorted((_site(file, n, line) for n, line in found if line is not None), key=lambda site: site.span))


def _site(file: FileSites, node: ast.ClassDef, line: Lineage) -> LayerClass:
    calls = constructions(file, node)
    maker = line.binder("__init__")
    constructor = maker.method("__init__") if maker is not None and _answers(line, maker) else None
    config = _config(line)
    around = [call.scope.owning_class for call in calls]
    made = any(outer is None or lineage(file, outer) is None for outer in around)
    site = LayerClass(
        span=name_span(file.source, node),
        name=node.name,
        root=line.root,
        complete=line.complete and all(_is_known(file, decorator) for decorator in node.decorator_list),
        abstract=_is_abstract(file, node, calls),
        local=file.index.scopes[node].parent is not file.index.module,
        parameters=_parameters(file, line, constructor, config, calls) if constructor is not None else None,
        constructor=_place(line, maker, constructor) if maker is not None and constructor is not None else None,
        config=config,
        from_config=line.binder("from_config") is not None,
        registered=not all(_is_harmless(file, decorator) for decorator in node.decorator_list)
        or _is_handed_over(file, node)
        or any(map(_sees_subclasses, line.own)),
        inner=bool(calls) and not made,
        made=made,
        variables=() if line.is_module else tuple(_variables(OwnClass(file, node))),
        target=file.target,
        made_by=makers(file, node, calls),
    )
    only_base = (
        not calls and site.is_suspect and not node.decorator_list and derives_from(file.source.filename, node.name)
    )
    return site._replace(abstract=True) if only_base else site


def _answers(line: Lineage, maker: OwnClass) -> bool:
    """Return whether what the constructor does wrong is this class's matter, and not already that of the base that it comes from."""
    own = line.own[0]
    return maker is own or own.binds("get_config") or _is_abstract(maker.file, maker.node, [])


def _place(line: Lineage, owner: OwnClass, node: Method | ast.expr | ast.arg) -> Span:
    """Return where a part of a class stands; the name of the first class where it is inherited."""
    first = line.own[0]
    if owner is not first:
        return name_span(first.file.source, first.node)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return name_span(owner.file.source, node)
    return owner.file.source.span(node)


def _is_harmless(file: FileSites, decorator: ast.expr) -> bool:
    names = file.names.of(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return bool(names) and names <= _HARMLESS_DECORATORS


def _is_handed_over(file: FileSites, node: ast.ClassDef) -> bool:
    """Return whether the file calls what another call returns on the class, or loops over a list of it: it may register it."""
    reads = [read.node for read in file.index.reads_of(file.index.bound_at[node])]
    # The parents of all nodes take long to find, and most classes are only called, derived from, and named to `super`.
    plain: set[ast.AST] = {call.node.func for call in file.index.calls.get(node.name, ())}
    plain.update(argument for call in file.index.calls.get("super", ()) for argument in call.node.args)
    plain.update(_stated_bases(file))
    for read in reads if not plain.issuperset(reads) else ():
        parent = file.index.parents[read]
        if isinstance(parent, (ast.List, ast.Tuple)) and isinstance(file.index.parents[parent], ast.For):
            return True
        if isinstance(parent, ast.Call) and read in parent.args:
            names = file.names.of(parent.func)
            if isinstance(parent.func, ast.Call) or any("regist" in name.lower() for name in names):
                return True
    return False


def _sees_subclasses(own: OwnClass) -> bool:
    """Return whether a class has code run for each class below it, which may register them: a metaclass, or `__init_subclass__`."""
    known = all(name == "abc.ABCMeta" for meta in _metaclass(own.node) for name in own.file.names.of(meta))
    return not known or own.binds("__init_subclass__")


def _is_known(file: FileSites, decorator: ast.expr) -> bool:
    """Return whether a decorator certainly leaves the class as it is."""
    names = file.names.of(decorator.func if isinstance(decorator, ast.Call) else decorator)
    registers = bool(names) and all(api.is_one_of(name, api.REGISTER) for name in names)
    return registers or _is_harmless(file, decorator)


def _stated_bases(file: FileSites) -> Iterator[ast.expr]:
    """Yield the bases of all classes of a file."""
    for node in file.index.scopes:
        if isinstance(node, ast.ClassDef):
            yield from node.bases


def _is_abstract(file: FileSites, node: ast.ClassDef, calls: list[Call]) -> bool:
    """Return whether a class is made to be derived from: it has abstract methods, or the file only derives from it."""
    if any(
        name in ("abc.ABC", "abc.ABCMeta") for base in (*node.bases, *_metaclass(node)) for name in file.names.of(base)
    ):
        return True
    if "abstractmethod" in file.index.attributes.get("abc", ()) and any(
        isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
        and any(file.names.of(decorator) == {"abc.abstractmethod"} for decorator in each.decorator_list)
        for each in node.body
    ):
        return True
    methods = [each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if any(
        isinstance(method.body[-1], ast.Raise) and "NotImplemented" in ast.unparse(method.body[-1])
        for method in methods
    ):
        return True
    if calls:
        return False
    reads = {read.node for read in file.index.reads_of(file.index.bound_at[node])}
    return any(base in reads for base in _stated_bases(file))


def _metaclass(node: ast.ClassDef) -> Iterator[ast.expr]:
    yield from (keyword.value for keyword in node.keywords if keyword.arg == "metaclass")


def _parameters(
    file: FileSites, line: Lineage, constructor: Method, config: Config | None, calls: list[Call]
) -> tuple[ConstructorParameter, ...]:
    owner = line.binder("__init__")
    assert owner is not None
    listed = list(with_defaults(constructor.args))[1:]
    positional = tuple(argument.arg for argument, kind, _ in listed if kind == "positional")
    evidence: dict[str, Evidence] = {}
    optional = {argument.arg for argument, _, default in listed if default is not None}
    for call in calls:
        for name, value in given(call.node, positional):
            found = unsaveable(file, value)
            if found is not None:
                evidence.setdefault(name, found)
    for argument, _, default in listed:
        found = _annotated(line, owner, argument, default)
        if found is not None:
            evidence.setdefault(argument.arg, found)
    attributes = _Attributes(owner, constructor)
    for name, found in _called_parameters(line, owner, attributes):
        if name not in optional:
            evidence.setdefault(name, found)
    keys = _plain_keys(line, config)
    left_out = keys is not None and any(argument.arg not in keys for argument, _, _ in listed)
    used = attributes.used if left_out else frozenset[str]()
    raw = dict(_raw(line, owner, attributes, evidence))
    return tuple(
        ConstructorParameter(
            name=argument.arg,
            kind=kind,
            has_default=default is not None,
            span=_place(line, owner, argument),
            unsaveable=evidence.get(argument.arg),
            used=argument.arg in used,
            raw=raw.get(argument.arg),
        )
        for argument, kind, default in listed
    )


def _plain_keys(line: Lineage, config: Config | None) -> frozenset[str] | None:
    """Return the keys of the config beside those of Keras; None where the code does not tell, or Keras makes the config."""
    if config is not None:
        return config.keys
    return frozenset() if line.root is Root.BUILTIN else None


def _annotated(line: Lineage, owner: OwnClass, argument: ast.arg, default: ast.expr | None) -> Evidence | None:
    """Return what the annotation of a required parameter says that it is, if no automatic config can hold that."""
    node = argument.annotation
    if node is None or default is not None:
        return None
    node = node.value if isinstance(node, ast.Subscript) else node
    names = owner.file.names.of(node)
    for known, what in (
        (facts.CALLABLE_TYPES, "a function"),
        (facts.ARRAY_TYPES, "an array"),
        (facts.TENSOR_TYPES, "a tensor"),
    ):
        if names and names <= known:
            return Evidence(what, _place(line, owner, argument))
    is_layer = all(api.is_one_of(n, api.LAYER_BASES) or api.is_one_of(n, api.MODELS) for n in names)
    return Evidence("a layer", _place(line, owner, argument)) if names and is_layer else None


class _Attributes:
    """The attributes of `self` that a constructor assigns, and what the class does with them."""

    def __init__(self, owner: OwnClass, constructor: Method) -> None:
        this = constructor.args.args[0].arg if constructor.args.args else "self"
        self.given = {
            target.attr: statement.value
            for statement in constructor.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == this
        }
        self._owner = owner
        self._apart = (constructor, owner.method("get_config"))

    @cached_property
    def _found(self) -> tuple[dict[str, int], set[str]]:
        """How often the class assigns each attribute, and which ones another method than `get_config` reads.

        Walked only for a class that something else makes suspect: most are not.
        """
        stores: dict[str, int] = {}
        read: set[str] = set()
        for method in self._owner.node.body:
            for node in walk(method):
                if isinstance(node, ast.Attribute) and node.attr in self.given:
                    if not isinstance(node.ctx, ast.Load):
                        stores[node.attr] = stores.get(node.attr, 0) + 1
                    elif method not in self._apart:
                        read.add(node.attr)
        return stores, read

    def keeps(self, attribute: str) -> bool:
        """Return whether the class assigns an attribute once, in its constructor."""
        return attribute in self.given and self._found[0][attribute] == 1

    @property
    def used(self) -> frozenset[str]:
        """The parameters that are kept in attributes which another method than `get_config` reads."""
        return frozenset(
            node.id
            for attribute, value in self.given.items()
            if self.keeps(attribute) and attribute in self._found[1]
            for node in _kept_by_config_alone(value)
            if isinstance(node, ast.Name)
        )


def _kept_by_config_alone(value: ast.expr) -> Iterator[ast.AST]:
    """Yield the nodes of what an attribute is given, without the initial values of a weight: a saved model holds the weight itself."""
    weight = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "add_weight"
    yield value
    for child in ast.iter_child_nodes(value):
        if not (weight and isinstance(child, ast.keyword) and child.arg == "initializer"):
            yield from walk(child)


def _parameter_kept(owner: OwnClass, value: ast.expr) -> str | None:
    """Return the parameter that an expression reads, if the constructor does nothing else with it."""
    if not isinstance(value, ast.Name):
        return None
    read = owner.file.index.reads.get(value)
    if read is None:
        return None
    bindings = owner.file.index.reaching(value)
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.PARAMETER:
        return None
    return value.id if len(owner.file.index.reads_of(bindings[0])) == 1 else None


def _called_parameters(line: Lineage, owner: OwnClass, attributes: _Attributes) -> Iterator[tuple[str, Evidence]]:
    """Yield the parameters that the constructor only keeps, and that another method calls."""
    for attribute, value in attributes.given.items():
        calls = owner.file.index.calls.get(attribute, ())
        name = _parameter_kept(owner, value) if calls else None
        for call in calls if name is not None else ():
            callee = call.node.func
            mine = (
                isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id == "self"
            )
            inside = mine and call.scope.owning_class is owner.node
            if name is not None and inside and attributes.keeps(attribute):
                yield name, Evidence("a function or a layer", _place(line, owner, callee))
                break


def _raw(
    line: Lineage, owner: OwnClass, attributes: _Attributes, evidence: dict[str, Evidence]
) -> Iterator[tuple[str, Evidence]]:
    """Yield the parameters that `get_config` returns as they are although they are known to be no plain values."""
    method = owner.method("get_config")
    mapping = returned(method) if method is not None else None
    if mapping is None or line.binder("from_config") is not None:
        return
    for key, value in mapping.values.items():
        if not (isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "self"):
            continue
        stored = attributes.given.get(value.attr)
        if stored is None:
            continue
        span = _place(line, owner, value)
        what = None
        if _is_array_of(owner, stored, key):
            what = "an array"
        elif key in evidence and _parameter_kept(owner, stored) == key:
            what = evidence[key].what
        if what is not None and attributes.keeps(value.attr):
            yield key, Evidence(what, span)


def _is_array_of(owner: OwnClass, stored: ast.expr, name: str) -> bool:
    """Return whether an expression makes a numpy array of a parameter that the constructor does nothing else with."""
    if not (isinstance(stored, ast.Call) and stored.args):
        return False
    made = owner.file.names.of(stored.func) <= {"numpy.array", "numpy.asarray"} and bool(
        owner.file.names.of(stored.func)
    )
    return made and _parameter_kept(owner, stored.args[0]) == name


def _config(line: Lineage) -> Config | None:
    """Return the overridden `get_config` of a class, those of own bases that it calls included."""
    first = line.binder("get_config")
    if first is None:
        return None
    method = first.method("get_config")
    own = line.own[0]
    at = name_span(own.file.source, method if first is own and method is not None else own.node)
    found = Mapping()
    for owner in line.own[line.own.index(first) :]:
        if not owner.binds("get_config"):
            continue
        method = owner.method("get_config")
        mapping = returned(method) if method is not None else None
        if mapping is None:
            return Config(at, None, merges_base=False)
        found = Mapping({**mapping.values, **found.values}, mapping.merges_base)
        if not mapping.merges_base:
            break
    return Config(at, frozenset(found.values) if line.complete else None, merges_base=found.merges_base)


def _variables(own: OwnClass) -> Iterator[UntrackedVariable]:
    """Yield the attributes of `self` that the methods of a class assign a `tf.Variable`."""
    for target, value, scope in own.file.index.stores:
        of_self = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
        if of_self and scope.owning_class is own.node and own.file.values.is_tensorflow_variable(value):
            assert isinstance(target, ast.Attribute)
            yield UntrackedVariable(target.attr, own.file.source.span(target))
