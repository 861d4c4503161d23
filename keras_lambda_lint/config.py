"""The configuration of a directory: `[tool.keras-lambda-lint]` in pyproject.toml, `[keras-lambda-lint]` in setup.cfg or tox.ini.

Looks for the section's name in the bytes before it imports a reader: most runs never import one.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

FILES = ("pyproject.toml", "setup.cfg", "tox.ini")
_NAME = b"keras-lambda-lint"
_HEADER_TOML = b"tool.keras-lambda-lint"
_HEADER = re.compile(rb"^[ \t]*\[((?:tool[.:])?keras[-_]lambda[-_]lint)[].]", re.MULTILINE)

COMMAND_LINE = "command line"

CODES = "codes"
GLOBS = "globs"
SWITCH = "switch"
PATH = "path"
TEXT = "text"
NUMBER = "number"
CODES_BY_GLOB = "codes by glob"
KEYS: dict[str, str | tuple[str, ...]] = {
    "select": CODES,
    "ignore": CODES,
    "extend-select": CODES,
    "keras": ("2", "3", "auto"),
    "fix-style": ("layer", "function"),
    "output-shape": ("changed", "needed", "always"),
    "exclude": GLOBS,
    "force-exclude": SWITCH,
    "per-file-ignores": CODES_BY_GLOB,
    "fix": SWITCH,
    "unsafe-fixes": SWITCH,
    "diff": SWITCH,
    "ask": SWITCH,
    "verify": SWITCH,
    "timeout": NUMBER,
    "output-format": FORMATS,
    "output-file": PATH,
    "report": PATH,
    "statistics": SWITCH,
    "show-settings": SWITCH,
    "stdin-filename": PATH,
    "baseline": PATH,
    "write-baseline": PATH,
    "diff-base": TEXT,
    "report-unused-noqa": SWITCH,
    "models": SWITCH,
    "add-noqa": SWITCH,
    "jobs": NUMBER,
    "cache": SWITCH,
    "exit-zero": SWITCH,
    "exit-non-zero-on-fix": SWITCH,
}
"""Every key with what it takes: codes, globs, globs that lead to codes, a switch, a path, a text, a number from 1, or one of some words."""

_PER_FILE_HEADER = r"\[\s*tool\s*\.\s*[\"']?keras-lambda-lint[\"']?\s*\.\s*[\"']?per-file-ignores[\"']?\s*\]"
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class ConfigError(Exception):
    """A configuration that cannot be used; the text is one line that names the file and, where known, the line."""


class Settings:
    """What holds for the files of one directory: the defaults, below the configuration file, below the command line."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    keras: str = "auto"
    fix_style: str = "layer"
    output_shape: str = "changed"
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    ask: bool = False
    verify: bool = False
    timeout: int = 120
    output_format: str = "text"
    output_file: str | None = None
    report: str | None = None
    statistics: bool = False
    show_settings: bool = False
    stdin_filename: str | None = None
    baseline: str | None = None
    write_baseline: str | None = None
    diff_base: str | None = None
    report_unused_noqa: bool = False
    models: bool = False
    add_noqa: bool = False
    jobs: int | None = None
    cache: bool = True
    exit_zero: bool = False
    exit_non_zero_on_fix: bool = False

    def __init__(
        self, *, root: str = "", directory: str = "", origins: dict[str, str] | None = None, **values: Any
    ) -> None:
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"no such setting: {name}")
            setattr(self, name, value)
        self.root = root
        """The directory that `exclude` is relative to."""
        self.directory = directory
        """The directory that `per_file_ignores` is relative to: that of the configuration file."""
        self.origins = origins or {}
        """Where the values come from that are not the defaults, by attribute."""

    @property
    def analysis(self) -> tuple[object, ...]:
        """What the findings of a file depend on."""
        chosen = (self.select, self.ignore, self.extend_select, self.keras, self.fix_style, self.output_shape)
        return (*chosen, self.exclude, self.per_file_ignores, self.root, self.directory)


class Finder:
    """Finds the settings of directories: the nearest configuration file that has our section wins."""

    def __init__(self, command_line: dict[str, Any], here: str | None = None) -> None:
        self._command_line = command_line
        self._here = here or os.getcwd()
        """What the globs of the command line are relative to."""
        self._default = self._merged({}, self._here, "")
        self._found: dict[str, Settings] = {}

    def settings(self, directory: str) -> Settings:
        """Return the settings of an absolute directory; raise `ConfigError` for a file that cannot be used."""
        known = self._found.get(directory)
        if known is not None:
            return known
        parent = os.path.dirname(directory)
        inherited = self.settings(parent) if parent != directory else self._default
        return self.inside(directory, FILES, inherited)

    def inside(self, directory: str, names: Collection[str], inherited: Settings) -> Settings:
        """Return the settings of a directory that holds `names`, whose parent's settings are `inherited`."""
        known = self._found.get(directory)
        if known is None:
            known = inherited
            for name in FILES:
                if name in names:
                    path = os.path.join(directory, name)
                    section = read(path)
                    if section is not None:
                        known = self._merged(section, directory, path)
                        break
            self._found[directory] = known
        return known

    def _merged(self, section: dict[str, Any], directory: str, path: str) -> Settings:
        root = self._here if "exclude" in self._command_line else directory
        origins = {**dict.fromkeys(section, _shown(path)), **dict.fromkeys(self._command_line, COMMAND_LINE)}
        return Settings(**{**section, **self._command_line}, root=root, directory=directory, origins=origins)


def read(path: str) -> dict[str, Any] | None:
    """Return the checked section of a configuration file, as arguments of `Settings`; None where it has none."""
    try:
        # A FIFO of this name would block the open.
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise ConfigError(f"{_shown(path)}: cannot read it: {error.strerror}") from None
    is_toml = path.endswith(".toml")
    if b"lambda" in data:
        _check_header(path, data, _HEADER_TOML if is_toml else _NAME)
    if _NAME not in data:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{_shown(path)}:{row}: not valid UTF-8") from None
    section = _toml(path, text) if is_toml else _ini(path, text)
    if section is None:
        return None
    header = r"\[\s*tool\s*\.\s*[\"']?keras-lambda-lint[\"']?\s*\]" if is_toml else r"\[keras-lambda-lint\]"
    checked: dict[str, Any] = {}
    for key, value in section.items():
        place = f"{_shown(path)}{_row(text, header, key)}"
        if KEYS.get(key) == CODES_BY_GLOB:
            rows = {glob: _row(text, _PER_FILE_HEADER, glob) or _row(text, header, glob) for glob in _globs(value)}
            places = {glob: f"{_shown(path)}{row}" if row else place for glob, row in rows.items()}
            checked[key.replace("-", "_")] = _codes_by_glob(place, places, key, value)
        else:
            checked[key.replace("-", "_")] = _value(place, key, value)
            if KEYS[key] == PATH:
                beside = os.path.join(os.path.dirname(path), checked[key.replace("-", "_")])
                checked[key.replace("-", "_")] = _shown(beside)
    return checked


def _check_header(path: str, data: bytes, expected: bytes) -> None:
    """Raise `ConfigError` for a section that is meant to be ours and is called otherwise."""
    for header in _HEADER.finditer(data):
        if header[1] != expected:
            row = data.count(b"\n", 0, header.start(1)) + 1
            raise ConfigError(
                f"{_shown(path)}:{row}: unknown section `[{header[1].decode()}]`; did you mean `[{expected.decode()}]`?"
            )


def _toml(path: str, text: str) -> dict[str, Any] | None:
    from keras_lambda_lint.source.toml import TOMLDecodeError, loads

    try:
        tool = loads(text).get("tool", {})
    except TOMLDecodeError as error:
        reason = str(error)
        place = re.search(r" ?\(at (?:line (\d+), column \d+|end of document)\)", reason)
        row = f":{place[1]}" if place and place[1] else ""
        reason = reason[: place.start()] if place else reason
        raise ConfigError(f"{_shown(path)}{row}: not valid TOML: {_lowered(reason)}") from None
    except RecursionError:
        raise ConfigError(f"{_shown(path)}: not usable TOML: nested too deeply") from None
    section = tool.get("keras-lambda-lint") if isinstance(tool, dict) else None
    if section is not None and not isinstance(section, dict):
        raise ConfigError(f"{_shown(path)}: `tool.keras-lambda-lint` must be a table")
    return section


def _ini(path: str, text: str) -> dict[str, Any] | None:
    # The header alone decides: these files belong to other tools too, and many mention us as a dependency only.
    if not re.search(r"^\[keras-lambda-lint\]", text, re.MULTILINE):
        return None
    import configparser

    # Other tools' repeated sections are not our business, and a section DEFAULT would add its keys to ours.
    parser = configparser.RawConfigParser(strict=False, default_section="")
    try:
        parser.read_string(text)
    except configparser.Error as error:
        rows = [number for number, _ in getattr(error, "errors", ())] or [getattr(error, "lineno", 0)]
        row = f":{rows[0]}" if rows[0] else ""
        reason = (
            "no section header" if isinstance(error, configparser.MissingSectionHeaderError) else "not `key = value`"
        )
        raise ConfigError(f"{_shown(path)}{row}: not a valid configuration file: {reason}") from None
    return dict(parser.items("keras-lambda-lint"))


def checked(place: str, key: str, value: object) -> object:
    """Return the value of a key as `Settings` takes it; raise `ConfigError`, which names the place, for one that cannot be used."""
    if KEYS.get(key) == CODES_BY_GLOB:
        return _codes_by_glob(place, dict.fromkeys(_globs(value), place), key, value)
    return _value(place, key, value)


def _value(place: str, key: str, value: object) -> object:
    if key not in KEYS:
        raise ConfigError(f"{place}: unknown key `{key}`{suggestion(key, KEYS)}")
    kind = KEYS[key]
    if kind == SWITCH:
        switch = _WORDS.get(value.strip().lower()) if isinstance(value, str) else value
        if not isinstance(switch, bool):
            raise ConfigError(f"{place}: `{key}` must be true or false, not {value!r}")
        return switch
    if isinstance(kind, tuple):
        word = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else None
        if word not in kind:
            hint = suggestion(word, kind) if word else ""
            raise ConfigError(f"{place}: `{key}` must be one of {', '.join(kind)}, not {value!r}{hint}")
        return word
    if kind in (PATH, TEXT):
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f"{place}: `{key}` must be a text, not {value!r}")
        return value.strip()
    if kind == NUMBER:
        try:
            return number(value)
        except ValueError as error:
            raise ConfigError(f"{place}: `{key}` {error}") from None
    items = _strings(place, key, value)
    if kind == CODES:
        if not items and key == "select":
            raise ConfigError(f"{place}: `select` names no rule")
        _check_codes(place, key, items)
    return items


def _strings(place: str, key: str, value: object) -> tuple[str, ...]:
    items = split(value) if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
        raise ConfigError(f"{place}: `{key}` must be a list of strings, not {value!r}")
    return tuple(items)


def _check_codes(place: str, key: str, codes: tuple[str, ...]) -> None:
    try:
        check_codes(codes)
    except ValueError as error:
        raise ConfigError(f"{place}: `{key}`: {error}") from None


def _globs(value: object) -> list[str]:
    """Return the globs of a TOML table, or of flake8's lines `glob: codes`."""
    if isinstance(value, dict):
        return list(value)
    return [glob for glob, _ in _pairs(value)] if isinstance(value, str) else []


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return globs and codes of lines such as `a.py, b.py: KLL101`."""
    lines = [line.rpartition(":") for line in text.splitlines() if line.strip()]
    return [(glob.strip(), codes.strip()) for globs, _, codes in lines for glob in globs.split(",")]


def _codes_by_glob(
    place: str, places: dict[str, str], key: str, value: object
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if isinstance(value, str):
        pairs: list[tuple[str, Any]] = list(_pairs(value))
        for glob, codes in pairs:
            if not glob:
                raise ConfigError(f"{place}: `{key}` must be lines such as `tests/*: KLL101`, not {codes!r}")
    elif isinstance(value, dict):
        pairs = list(value.items())
    else:
        raise ConfigError(f'{place}: `{key}` must be a table such as {{ "tests/*" = ["KLL101"] }}, not {value!r}')
    found = []
    for glob, listed in pairs:
        codes = _strings(places[glob], glob, listed)
        if not codes:
            raise ConfigError(f"{places[glob]}: `{glob}` names no rule")
        _check_codes(places[glob], glob, codes)
        found.append((glob, codes))
    return tuple(found)


def check_codes(codes: tuple[str, ...]) -> None:
    """Raise `ValueError` for a code that no rule has."""
    if codes:
        from keras_lambda_lint.rules import select

        select(codes)


def number(value: object) -> int:
    """Return a whole number from 1 on, also one that is written as text; raise `ValueError` for anything else."""
    text = value.strip() if isinstance(value, str) else str(value)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise ValueError(f"must be a whole number from 1 on, not {value!r}")
    return int(text)


def split(text: str) -> list[str]:
    """Return the parts of a list that is separated by commas or white space."""
    return [part for part in re.split(r"[,\s]+", text) if part]


def suggestion(word: str, known: Collection[str]) -> str:
    """Return `; did you mean ...?`, or nothing where no known word is near."""
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _row(text: str, header: str, key: str) -> str:
    table = re.search(rf"^\s*\[\s*tool\.keras-lambda-lint\.[\"']?{re.escape(key)}[\"']?\s*(?=\])", text, re.MULTILINE)
    if table is not None:
        return f":{text.count(chr(10), 0, table.end()) + 1}"
    start = re.search(rf"^\s*{header}", text, re.MULTILINE)
    if start is None:
        return ""
    name = rf"[\"']?{re.escape(key)}[\"']?\s*"
    found = re.compile(rf"^\s*{name}[=:.]", re.MULTILINE | re.IGNORECASE).search(text, start.end())
    if found is None:
        return ""
    position = found.end() - 1
    return f":{text.count(chr(10), 0, position) + 1}"


def _shown(path: str) -> str:
    here = os.getcwd() + os.sep
    return path[len(here) :] if path.startswith(here) else path


def _lowered(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
