"""The matrix of forms in which a model is kept: what became of each before the rewrite, and what after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.compare import reason
from keras_lambda_lint.verify.reloaded import RELOADS_BUT, Outcome, outcome
from keras_lambda_lint.verify.verdict import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT = ".keras"
NOT_IMPORTED = ".keras, module not imported"
OLD = "old {}"
_NOT_FOUND = re.compile(r"reload refused: \w+: (Could not (locate|deserialize)|Unknown )")
"""What Keras 3 and tf_keras say where a class or function is not registered."""


def forms(
    original: dict[str, Any] | None,
    original_again: dict[str, Any],
    partner: int | None,
    fixed: dict[str, Any],
    fixed_again: dict[str, Any],
    number: int,
    *,
    is_random: bool,
) -> tuple[Form, ...]:
    """Return for each form what became of the original and of the fixed model."""
    before = (
        {} if original is None or partner is None else dict(_outcomes(original, original_again, partner, is_random))
    )
    after = dict(_outcomes(fixed, fixed_again, number, is_random))
    absent = Outcome("not saved", came_back=False, agrees=False)
    found = [
        Form(name, was.text, now.text, was.agrees, now.agrees)
        for name in after
        for was, now in [(before.get(name, absent), after[name])]
    ]
    return (*found, *_old_checkpoints(fixed))


def lost_forms(found: tuple[Form, ...]) -> Iterator[Form]:
    """Yield the forms that kept the original and do not keep the fixed model.

    Without its module a model of registered classes cannot be loaded, and says so: that is no loss. One that comes back as
    something else is a loss however the original fared.
    """
    return (
        each for each in found if not each.is_whole and (each.was_whole or _is_another(each)) and not _says_so(each)
    )


def _is_another(form: Form) -> bool:
    return form.name == NOT_IMPORTED and form.after.startswith(RELOADS_BUT)


def _says_so(form: Form) -> bool:
    return form.name == NOT_IMPORTED and _NOT_FOUND.match(form.after) is not None


def _outcomes(
    built: dict[str, Any], again: dict[str, Any], number: int, is_random: bool
) -> Iterator[tuple[str, Outcome]]:
    if not again.get("models") or "saved" not in built:
        return
    yield DEFAULT, outcome(built["saved"], again["models"][number], is_random=is_random)
    loaded = {**built.get("forms", {}), **again["forms"][number]}
    for name, entry in loaded.items():
        yield name, outcome(built["saved"], entry, is_random=is_random, only_outputs=True)
    yield NOT_IMPORTED, outcome(built["saved"], again["not_imported"][number], is_random=is_random)


def _old_checkpoints(fixed: dict[str, Any]) -> Iterator[Form]:
    """Yield how the checkpoints of the original load into the fixed model, and with which argument."""
    for name, entry in fixed.get("checkpoints", {}).items():
        if entry["failure"]:
            text = f"does not load: {reason(entry['failure'])}"
        else:
            arguments = ", ".join(f"{argument}=True" for argument in entry["arguments"])
            text = f"loads with {arguments}" if arguments else "loads"
        whole = entry["failure"] is None
        yield Form(OLD.format(name), "", text, is_whole=whole, was_whole=whole)
