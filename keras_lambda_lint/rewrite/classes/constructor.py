"""Lets a constructor take what the config always gives back, and hand it to the base class."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import layer_config as facts
from keras_lambda_lint.rewrite.argument_list import appended
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.captures import name_span
from keras_lambda_lint.source.parameters import with_defaults

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit
    from keras_lambda_lint.rewrite.classes.anatomy import Anatomy

_KWARGS = ["**kwargs"]


def open_for_keywords(anatomy: Anatomy) -> list[Edit]:
    """Return the edits that add `**kwargs` to a constructor without it; raise `NoFix` where they would clash with something."""
    constructor, base = anatomy.constructor, anatomy.base_constructor
    assert constructor is not None
    if base is None:
        raise NoFix("where the constructor calls that of the base class is not plain: `**kwargs` has to get there")
    if "kwargs" in anatomy.sites.index.scope_of(constructor).bindings:
        raise NoFix("the constructor has a `kwargs` of its own")
    if any(isinstance(argument, ast.Starred) for argument in base.args) or any(k.arg is None for k in base.keywords):
        raise NoFix("the constructor of the base class is called with `*` or `**` arguments")
    named = {argument.arg for argument, _, _ in with_defaults(constructor.args)}
    for keyword in base.keywords:
        if keyword.arg in facts.GIVEN_BACK - named:
            raise NoFix(f"the base class is given `{keyword.arg}` here, which the config gives back too")
    source = anatomy.sites.source
    start = name_span(source, constructor).end
    return [*appended(source, start, _KWARGS, anatomy.step), *handed_on(anatomy, base)]


def handed_on(anatomy: Anatomy, base: ast.Call) -> list[Edit]:
    """Return the edits that hand `**kwargs` to the constructor of the base class."""
    source = anatomy.sites.source
    return appended(source, source.span(base.func).end, _KWARGS, anatomy.step)


def unpassed(anatomy: Anatomy) -> ast.Call | None:
    """Return the call of the base class's constructor if it lacks the `**` parameter, which nothing else reads."""
    constructor, base = anatomy.constructor, anatomy.base_constructor
    if constructor is None or constructor.args.kwarg is None or base is None:
        return None
    if constructor.args.kwarg.arg != "kwargs":
        return None
    reads = anatomy.sites.index.reads_of(anatomy.sites.index.bound_at[constructor.args.kwarg])
    return base if not reads and not base.keywords and not base.args else None
