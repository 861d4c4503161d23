"""Settings for a person and for programs: each key with its value and where it comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.config import KEYS
from keras_lambda_lint.report.as_json import escaped
from keras_lambda_lint.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.sites.pins import Decision


class Shown(NamedTuple):
    """What holds for one file or directory."""

    path: str
    settings: Settings
    rules: list[str]
    keras: Decision


def as_text(every: Iterable[Shown]) -> str:
    """Return a paragraph for each path, each line ended."""
    return "\n".join("".join(f"{plain(line)}\n" for line in _lines(shown)) for shown in every)


def _lines(shown: Shown) -> Iterator[str]:
    rows = [
        (key, "every rule that is not opt-in" if key == "select" and not value else _text(value), origin)
        for key, value, origin in _values(shown.settings)
    ]
    width = max(len(key) for key, _, _ in rows)
    versions = " or ".join(str(version) for version in sorted(shown.keras.versions))
    yield shown.path
    yield f"  runs on Keras {versions}: {shown.keras.reason}"
    yield f"  rules that are on: {', '.join(shown.rules) or 'none'}"
    for key, value, origin in rows:
        yield f"  {key:{width}} = {value}  ({origin})"


def as_json(every: Iterable[Shown]) -> str:
    """Return one JSON list, ended by a newline."""
    listed = [
        {
            "path": shown.path,
            "keras": {"versions": sorted(shown.keras.versions), "reason": shown.keras.reason},
            "rules": shown.rules,
            "settings": {key: {"value": value, "source": origin} for key, value, origin in _values(shown.settings)},
        }
        for shown in every
    ]
    return escaped(json.dumps(listed, indent=2, ensure_ascii=False)) + "\n"


def _values(settings: Settings) -> Iterator[tuple[str, object, str]]:
    for key in KEYS:
        attribute = key.replace("-", "_")
        value = getattr(settings, attribute)
        if key == "per-file-ignores":
            value = {glob: list(codes) for glob, codes in value}
        elif isinstance(value, tuple):
            value = list(value)
        yield key, value, settings.origins.get(attribute, "default")


def _text(value: object) -> str:
    """Return a value as TOML would write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_text(each) for each in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_text(key)} = {_text(each)}' for key, each in value.items())} }}" if value else "{}"
    return json.dumps(value, ensure_ascii=False)
