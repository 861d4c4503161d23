"""The flake8 plugin: the same findings at the same positions as `keras-lambda-lint check`.

Suppression by `# noqa` is flake8's own here; `source/suppression.py` gives the command line the same meaning.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from keras_lambda_lint import __version__
from keras_lambda_lint.config import KEYS, ConfigError, Finder
from keras_lambda_lint.source.chain import is_candidate

if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Iterator, Sequence

    from flake8.options.manager import OptionManager

    from keras_lambda_lint.config import Settings

_LOG = logging.getLogger(__name__)


class Plugin:
    """What flake8 makes for each file."""

    name = "keras-lambda-lint"
    version = __version__
    settings: Settings | None = None
    chosen: tuple[str, ...] = ()
    """The codes and prefixes that flake8's own `select` and `extend-select` hold."""

    def __init__(self, tree: ast.Module, lines: Sequence[str], filename: str = "stdin") -> None:
        self._tree = tree
        self._lines = lines
        self._filename = filename

    @classmethod
    def add_options(cls, manager: OptionManager) -> None:
        """Declare our options, which may also stand in flake8's configuration."""
        for key in ("keras", "output-shape"):
            choices = KEYS[key]
            manager.add_option(
                f"--kll-{key}",
                choices=choices,
                parse_from_config=True,
                help=f"keras-lambda-lint's {key}: {', '.join(choices)} (default: from its own configuration)",
            )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take flake8's options over those of our own configuration, found from the current directory."""
        cls.chosen = (*(options.select or ()), *(options.extend_select or ()))
        given = {"keras": options.kll_keras, "output_shape": options.kll_output_shape}
        chosen = {key: value for key, value in given.items() if value is not None}
        try:
            for key, value in chosen.items():
                # argparse does not look at the choices of a value that comes from a configuration file.
                if value not in KEYS[key.replace("_", "-")]:
                    known = ", ".join(KEYS[key.replace("_", "-")])
                    raise ConfigError(f"kll-{key.replace('_', '-')}: must be one of {known}, not {value!r}")
            cls.settings = Finder(chosen).settings(os.getcwd())
        except ConfigError as error:
            from flake8.exceptions import ExecutionError

            raise ExecutionError(f"keras-lambda-lint: error: {error}") from None

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield row, column from 0 in characters, and message of each finding."""
        text = "".join(self._lines)
        # Imports of the file lead on from where it lies, and pins of its project say which Keras.
        filename = "<stdin>" if self._filename in ("-", "stdin") else self._filename
        if not is_candidate(text.encode("utf-8", "surrogatepass"), filename):
            return
        from keras_lambda_lint.linter import Options, lint
        from keras_lambda_lint.rules import named, select
        from keras_lambda_lint.source.text import Source, SourceError

        settings = self.settings or Finder({}).settings(os.getcwd())
        extended = settings.extend_select
        if not settings.select:
            # What flake8 is told turns opt-in rules on; the codes of other plugins name none of ours.
            extended += tuple(prefix for prefix in self.chosen if named((prefix,)))
        codes = select(settings.select, settings.ignore, extended)
        options = Options(settings.keras, settings.output_shape, named((*settings.select, *extended)))
        source = Source(filename, text)
        try:
            found = lint(source, codes, options, self._tree, fixes=False)
        except (SourceError, RecursionError) as error:
            # flake8 names what Python cannot parse; the command line names what only we cannot.
            _LOG.warning("not analysed: %s", error)
            return
        for diagnostic in found:
            row, column = source.location(diagnostic.span.start)
            yield row, column - 1, f"{diagnostic.code} {diagnostic.message}", type(self)
