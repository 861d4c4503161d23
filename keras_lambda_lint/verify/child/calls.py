"""Calls the functions and layers of a file that a run as a script leaves out, each within its share of the time."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child import script
from keras_lambda_lint.verify.child.confine import TimeUp

if TYPE_CHECKING:
    from keras_lambda_lint.verify.child.factories import Factories
    from keras_lambda_lint.verify.child.trace import Tracer

_SHARE_OF_LAYERS = 0.4
"""Share of the time for calls that goes to layers which nothing calls, and the least that goes to arguments made up."""


def make(made: Factories, tracer: Tracer, request: dict[str, Any], reference: dict[str, Any]) -> tuple[int, set[int]]:
    """Call the functions that a run as a script leaves out.

    Return how many models were built, and the rows that did not run, before arguments were made up.
    """
    limit = request["timeout"] * script.SHARE
    if request["factory"]:
        with contextlib.suppress(TimeUp), script.Alarm(limit):
            made.call_named(request["factory"], request["factory_args"])
        return len(tracer.models()), set()
    started = time.monotonic()
    with contextlib.suppress(TimeUp), script.Alarm(limit):
        made.call_all()
    not_run, not_made = tracer.rows_not_run(), tracer.rows_not_made()
    built = len(tracer.models())
    preferred = list(reference["made_up"])
    left = limit - (time.monotonic() - started)
    with contextlib.suppress(TimeUp), script.Alarm(max(left, limit * _SHARE_OF_LAYERS)):
        made.call_with_guesses(preferred)
    if not request["input_spec"]:
        # What is given for a model that has no input shape is for its layers too.
        left = limit - (time.monotonic() - started)
        with contextlib.suppress(TimeUp), script.Alarm(max(left, limit * _SHARE_OF_LAYERS)):
            made.call_layers(preferred, None if request["reference"] is None else reference["choices"], not_made)
    # Also when time was up: what ran since did so with arguments that were made up.
    guessed = not_made | (not_run - tracer.rows_not_run())
    tracer.drop_uncalled(guessed)
    return built, guessed
