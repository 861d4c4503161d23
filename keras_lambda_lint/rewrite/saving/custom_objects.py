"""How maps of custom objects come to say what Keras looks up."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.planned import planned
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.own_functions import spelled_function
from keras_lambda_lint.sites.classes.registration import Registration
from keras_lambda_lint.sites.saving.loads import LoadCall, SuppliedObject
from keras_lambda_lint.source.names import root_name

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites


def plan_custom_objects(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of each call that supplies wrong custom objects by its span, or the reason why there is none."""
    return planned(sites.of(LoadCall), reported.get(LoadCall, {}), lambda load: _fix(sites, load))


def _fix(sites: FileSites, load: LoadCall) -> Fix:
    """Return what makes all entries of a call right; raise `NoFix` if one of them has to stay."""
    edits: list[Edit] = []
    entries: list[str] = []
    for entry in load.objects:
        if entry.is_wrong_class:
            at = root_name(entry.value)
            assert entry.key is not None
            assert at is not None
            name, imports = spelled_function(sites, at, entry.key)
            edits += [*imports, Edit(entry.span, name)]
            entries.append(f'"{entry.key}": {name}')
        elif entry.has_wrong_key:
            assert entry.key_span is not None
            key = _key(sites, load, entry)
            edits.append(Edit(entry.key_span, f'"{key}"'))
            entries.append(f'"{key}": {sites.text(entry.span)}')
    return Fix(
        message=f"custom objects {{{', '.join(dict.fromkeys(entries))}}}",
        edits=in_order(edits),
        applicability=Applicability.UNSAFE,
        site=load.span,
        intended=(IntendedChange.REPAIRS_CRASH,),
        unsafe_because="a model loads that did not, or that failed when it was called",
    )


def _key(sites: FileSites, load: LoadCall, entry: SuppliedObject) -> str:
    """Return the key that Keras looks up for an entry: `package>name` for what is registered, else the name in its `def`."""
    if entry.made_name is not None and entry.key == entry.factory:
        return entry.made_name
    definition = sites.definition(entry.value)
    if definition is None or not isinstance(definition.node, (ast.ClassDef, ast.FunctionDef)):
        raise NoFix(f"under which name Keras looks for `{sites.text(entry.span)}` is not known")
    home, name = definition.file, definition.node.name
    registered = [each.key for each in home.of(Registration) if each.object_name == name]
    key = next((each for each in registered if each is not None), name)
    if any(other.key == key for other in load.objects):
        raise NoFix(f'the entry "{key}" is there already')
    return key
