"""Inspected models for programs: the list of DESIGN section 6."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keras_lambda_lint.report.as_json import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.artifacts.inspection import Model


def as_json(models: Iterable[Model]) -> str:
    """Return one JSON list of all functions, ended by a newline."""
    listed = [function.as_data() for model in models for function in model.functions]
    return escaped(json.dumps(listed, indent=2, ensure_ascii=False, default=str)) + "\n"
