"""How much of a file is read at most, and text into plain values within that."""

from __future__ import annotations

import json
from typing import Any

from keras_lambda_lint.artifacts.errors import ModelError

MOST_BYTES = 64 * 1024 * 1024
"""Configurations are text: the largest that were seen (nested EfficientNets) have 1 MB."""


def parsed(text: str | bytes, place: str) -> Any:
    """Return what a JSON text says; raise `ModelError` where it is no JSON, or nested or long beyond reason."""
    if len(text) > MOST_BYTES:
        raise ModelError(f"{place} is larger than {MOST_BYTES // 2**20} MiB: no configuration")
    try:
        return json.loads(text)
    except RecursionError:
        raise ModelError(f"{place} is nested too deeply") from None
    except ValueError as error:
        reason = str(error).partition(":")[0].lower()
        raise ModelError(f"{place} is no JSON ({reason})") from None
