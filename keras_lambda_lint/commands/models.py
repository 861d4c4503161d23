"""`check --models`: findings of KLL502 in saved models. Imported only where models are checked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.errors import MissingExtra, ModelError, NoModel
from keras_lambda_lint.artifacts.findings import findings
from keras_lambda_lint.artifacts.inspection import inspect
from keras_lambda_lint.commands.analysis import rules_on
from keras_lambda_lint.files import reason

if TYPE_CHECKING:
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.source.text import Source

_CODE = "KLL502"
_LARGEST_TEXT = 64 * 1024 * 1024
_SIGNS = (b'"class_name"', b'"config"', b"Lambda")


class Models:
    """Looks into the saved models of a run, one by one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._missing: set[str] = set()

    def findings(self, path: str, settings: Settings) -> tuple[Source, list[Diagnostic]] | None:
        """Return what is found in a file; None where it holds no model, or cannot be read, which is said once."""
        if _CODE not in rules_on(path, settings):
            return None
        try:
            if path.endswith(".json") and not _may_be_model(path):
                return None
            return findings(inspect(path))
        except NoModel:
            return None
        except MissingExtra as error:
            if str(error) not in self._missing:
                self._missing.add(str(error))
                self._console.problem(path, str(error))
        except ModelError as error:
            self._console.problem(path, str(error))
        except OSError as error:
            self._console.problem(path, reason(error))
        return None


def _may_be_model(path: str) -> bool:
    """Return whether a JSON file names what the configuration of a model with a `Lambda` does."""
    if os.path.getsize(path) > _LARGEST_TEXT:
        return False
    with open(path, "rb") as stream:
        data = stream.read(_LARGEST_TEXT)
    return all(sign in data for sign in _SIGNS)
