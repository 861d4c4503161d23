"""What holds in the editor: the client's settings over those of the project's files.

A client gives them as the section `keras-lambda-lint`, with the keys of the configuration file (or the same in camel case).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.config import KEYS, ConfigError, Finder, Settings, checked, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SECTION = "keras-lambda-lint"

_OPTIONS = (
    "select",
    "ignore",
    "extend-select",
    "keras",
    "fix-style",
    "output-shape",
    "exclude",
    "per-file-ignores",
    "unsafe-fixes",
    "report-unused-noqa",
)
"""The keys of the configuration file that mean something in an editor."""
_OF_EXTENSIONS = frozenset(
    "args cwd import-strategy interpreter log-level path server show-notifications show-notification trace".split()
)
"""What editors' extensions keep in the same section for themselves."""
_SWITCHES = {
    "enable": "enable",
    "fix-all": "fix_all",
    "quick-fix": "quick_fix",
    "disable-rule-comment": "disable_rule_comment",
    "code-lens": "code_lens",
}


@dataclass(frozen=True)
class ClientSettings:
    """What a client has set."""

    options: dict[str, Any] = field(default_factory=dict)
    """What wins over the project's files, as the command line does, by attribute of `Settings`."""
    enable: bool = True
    fix_all: bool = True
    """Whether all safe fixes of a file are offered as `source.fixAll`."""
    quick_fix: bool = True
    """Whether the fixes of findings are offered."""
    disable_rule_comment: bool = True
    """Whether comments that disable a rule for a line are offered."""
    code_lens: bool = True
    """Whether verdicts of the verifier are shown above their layers."""


def read(given: object, problem: Callable[[str], None]) -> ClientSettings:
    """Return the settings that a client gave, None among them for what is not set; tell `problem` what cannot be used.

    What cannot be used stays at its default.
    """
    if given is None:
        return ClientSettings()
    if not isinstance(given, dict):
        problem(f"settings `{SECTION}` must be an object, not {_short(given)}")
        return ClientSettings()
    options: dict[str, Any] = {}
    switches: dict[str, bool] = {}
    for name, value in given.items():
        key = _kebab(str(name))
        if value is None or key in _OF_EXTENSIONS:
            continue
        try:
            if key in _SWITCHES:
                switches[_SWITCHES[key]] = _switch(key, value)
            elif key in _OPTIONS:
                options[key.replace("-", "_")] = checked("settings", key, value)
            else:
                why = (
                    "is for the command line"
                    if key in KEYS
                    else f"is unknown{suggestion(key, (*_OPTIONS, *_SWITCHES))}"
                )
                problem(f"settings: `{_short(name)}` {why}")
        except ConfigError as error:
            problem(str(error))
    return ClientSettings(options, **switches)


def _switch(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"settings: `{key}` must be true or false, not {_short(value)}")
    return value


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower().replace("_", "-")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class Configuration:
    """The settings of all files, each looked up once until `forget`.

    `problem` is told what cannot be used; then what the client has set holds alone.
    """

    def __init__(self, problem: Callable[[str], None]) -> None:
        self._problem = problem
        self._global = ClientSettings()
        self._by_folder: dict[str, ClientSettings] = {}
        self._folders: tuple[str, ...] = ()
        self._finders: dict[str, Finder] = {}

    def set_folders(self, paths: Iterable[str]) -> None:
        """Take these as the folders of the workspace."""
        self._folders = tuple(sorted(paths, key=len, reverse=True))
        self._by_folder = {folder: given for folder, given in self._by_folder.items() if folder in self._folders}
        self.forget()

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the workspace."""
        return self._folders

    def set_client(self, given: object, folder: str | None = None) -> None:
        """Take what the client gave, for one folder of the workspace or for all that have nothing of their own."""
        if folder is None:
            self._global = read(given, self._problem)
        else:
            self._by_folder[folder] = read(given, self._problem)
        self.forget()

    def forget(self) -> None:
        """Read the project's files anew: they may have changed."""
        self._finders.clear()

    def folder_of(self, path: str | None) -> str | None:
        """Return the folder of the workspace that a file lies in, the first one for a text that is no file; None where there is none."""
        if path is None:
            return self._folders[-1] if self._folders else None
        inside = (folder for folder in self._folders if path.startswith(folder.rstrip(os.sep) + os.sep))
        return next(inside, None)

    def client(self, path: str | None) -> ClientSettings:
        """Return what the client has set for a file."""
        return self._by_folder.get(self.folder_of(path) or "", self._global)

    def settings(self, path: str | None) -> Settings:
        """Return what holds for a file."""
        folder = self.folder_of(path) or os.getcwd()
        options = self.client(path).options
        directory = os.path.dirname(path) if path is not None else folder
        try:
            if folder not in self._finders:
                self._finders[folder] = Finder(options, folder)
            return self._finders[folder].settings(directory)
        except ConfigError as error:
            self._problem(str(error))
            return Settings(**options, root=folder, directory=folder)
