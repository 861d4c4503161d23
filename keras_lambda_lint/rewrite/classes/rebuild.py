"""A class that Keras cannot make again from its config gets what is missing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import layer_config as facts
from keras_lambda_lint.rewrite.classes.change import Change
from keras_lambda_lint.rewrite.classes.config_entries import completed
from keras_lambda_lint.rewrite.classes.config_text import new_methods
from keras_lambda_lint.rewrite.classes.constructor import handed_on, open_for_keywords, unpassed
from keras_lambda_lint.rewrite.classes.held import Held, Holding
from keras_lambda_lint.rewrite.classes.registration import spelling_of
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.classes.bases import own_class
from keras_lambda_lint.sites.classes.derived import derives_from
from keras_lambda_lint.sites.classes.layer_class import Root

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.classes.anatomy import Anatomy
    from keras_lambda_lint.sites.classes.layer_class import ConstructorParameter, LayerClass


def rebuildable(anatomy: Anatomy, found: LayerClass) -> tuple[Change, list[Held]]:
    """Return the change that lets Keras make a class again from its config, and how that holds the parameters.

    Raises `NoFix` where something of the class is not plain enough, or no config can hold a parameter.
    """
    if anatomy.constructor is None:
        raise NoFix("its constructor belongs to a base class")
    wanted = _wanted(anatomy, found)
    spelling = spelling_of(anatomy.sites, anatomy.node)
    holding = Holding(anatomy, spelling)
    held = [holding.held(parameter) for parameter in wanted]
    change = Change(unsafe=[reason for each in held for reason in each.unsafe])
    config = anatomy.method("get_config")
    if wanted:
        _refuse_derived(anatomy)
        _refuse_rest(anatomy, found)
        if config is not None:
            change.edits += completed(anatomy, config, held)
        methods = new_methods(anatomy, held, with_config=config is None)
        change.edits += [*([methods] if methods is not None else []), *(edit for each in held for edit in each.edits)]
        change.done.append("`get_config`")
        change.done += ["`from_config`"] if any(each.restored is not None for each in held) else []
        _doubt_raw(wanted, held, found, change)
    if not found.takes_any_keyword and _is_given_back(anatomy, found, wanted):
        change.edits += open_for_keywords(anatomy)
        change.done.append("`**kwargs`")
    elif wanted and config is None and (base := unpassed(anatomy)) is not None:
        change.edits += handed_on(anatomy, base)
    change.edits += spelling.edits
    return change, held


def _wanted(anatomy: Anatomy, found: LayerClass) -> list[ConstructorParameter]:
    """Return the parameters to put into the config: all where Keras makes it now and cannot, else those that it lacks or cannot write."""
    named = [p for p in found.parameters or () if p.is_named and p.name not in facts.BASE_PARAMETERS]
    automatic = anatomy.method("get_config") is None and found.config is None and found.root is Root.LAYER
    if automatic:
        return named if any(parameter.unsaveable is not None for parameter in named) else []
    lost = {parameter.name for parameter in found.left_out}
    return [parameter for parameter in named if parameter.name in lost or parameter.raw is not None]


def _is_given_back(anatomy: Anatomy, found: LayerClass, wanted: list[ConstructorParameter]) -> bool:
    """Return whether the config gives back what the constructor does not take: as it was, or now that it merges that of the base."""
    if found.refuses_config:
        return True
    named = {parameter.name for parameter in found.parameters or ()}
    return bool(wanted) and anatomy.method("get_config") is None and bool(facts.GIVEN_BACK - named)


def _refuse_derived(anatomy: Anatomy) -> None:
    """A key that a base class adds goes to the constructor of each class below it."""
    sites, node = anatomy.sites, anatomy.node
    below = [
        other
        for other in sites.index.scopes
        if isinstance(other, ast.ClassDef)
        and any((own := own_class(sites, base)) is not None and own.node is node for base in other.bases)
    ]
    for other in below:
        if any(name in sites.index.scopes[other].bindings for name in ("__init__", "get_config", "from_config")):
            raise NoFix(f"`{other.name}` derives from `{node.name}` and has a constructor or config of its own")
    if not below and derives_from(sites.source.filename, node.name):
        raise NoFix(f"another file derives from `{node.name}`: its constructor would get the new keys too")


def _refuse_rest(anatomy: Anatomy, found: LayerClass) -> None:
    constructor = anatomy.constructor
    assert constructor is not None
    rest = constructor.args.vararg
    if rest is not None and any(parameter.kind == "*" for parameter in found.parameters or ()):
        reads = anatomy.sites.index.reads_of(anatomy.sites.index.bound_at[rest])
        base = anatomy.base_constructor
        passed = {each.value for each in base.args if isinstance(each, ast.Starred)} if base is not None else set()
        if any(read.node not in passed for read in reads):
            raise NoFix(f"no config holds what `*{rest.arg}` takes")


def _doubt_raw(wanted: list[ConstructorParameter], held: list[Held], found: LayerClass, change: Change) -> None:
    for parameter, how in zip(wanted, held, strict=True):
        if parameter.raw is not None and how.restored is not None:
            reason = (
                f"`get_config` no longer returns {parameter.raw.what} itself for `{parameter.name}`, but its config"
            )
            if 2 in found.target:
                reason += ": SavedModel folders that Keras 2 wrote before do not load"
            change.unsafe.append(reason)
