"""What the recipes say is what the program understands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from keras_lambda_lint.server.settings import ClientSettings, read
from keras_lambda_lint.source.toml import loads

if TYPE_CHECKING:
    from conftest import Run

EDITORS = Path(__file__).parents[2] / "editors"
RECIPES = (EDITORS / "README.md").read_text(encoding="utf-8")
EXTENSION = json.loads((EDITORS / "vscode" / "package.json").read_text(encoding="utf-8"))
SETTINGS = EXTENSION["contributes"]["configuration"]["properties"]


def nested(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as VS Code sends those of our section."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        _, first, *rest = name.split(".")
        found[first] = {rest[0]: value} if rest else value
    return found


def blocks(language: str) -> list[str]:
    """Return the code of the recipes in one language."""
    return re.findall(rf"```{language}\n(.*?)```", RECIPES, re.DOTALL)


def test_the_output_filter_of_pycharm_finds_places(cli: Run, project: Path) -> None:
    (project / "m.py").write_text("import keras\n\nx = keras.layers.Lambda(lambda t: t)(x)\n", encoding="utf-8")
    (pattern,) = blocks("text")
    regex = re.escape(pattern.strip())
    for macro, what in (("FILE_PATH", ".+?"), ("LINE", r"\d+"), ("COLUMN", r"\d+")):
        regex = regex.replace(re.escape(f"${macro}$"), f"(?P<{macro}>{what})")
    place = re.search(regex, cli("check", str(project / "m.py")).out)
    assert place is not None
    assert place.groupdict() == {"FILE_PATH": "m.py", "LINE": "3", "COLUMN": "25"}


def test_every_recipe_starts_the_server() -> None:
    (helix,) = (loads(each) for each in blocks("toml"))
    (sublime,) = (json.loads(each) for each in blocks("json"))
    server = helix["language-server"]["keras-lambda-lint"]
    commands = [[server["command"], *server["args"]], sublime["clients"]["keras-lambda-lint"]["command"]]
    commands += [re.findall(r'"([^"]+)"', each) for each in re.findall(r"cmd = \{(.*?)\}", "".join(blocks("lua")))]
    commands += [re.findall(r'"([^"]+)"', each) for each in re.findall(r"\. \((.*?)\)", "".join(blocks("elisp")))]
    assert len(commands) == 5
    assert {tuple(each) for each in commands} == {("keras-lambda-lint", "server")}


def test_the_server_understands_every_setting_of_the_extension() -> None:
    problems: list[str] = []
    defaults = nested({key: each["default"] for key, each in SETTINGS.items()})
    assert read(defaults, problems.append) == ClientSettings()
    assert problems == []


@pytest.mark.parametrize("setting", list(SETTINGS))
def test_every_choice_of_the_extension_is_one_of_the_server(setting: str) -> None:
    problems: list[str] = []
    for value in SETTINGS[setting].get("enum", []):
        read(nested({setting: value}), problems.append)
    assert problems == []


def test_the_commands_that_the_extension_asks_for_are_known() -> None:
    source = (EDITORS / "vscode" / "src" / "extension.ts").read_text(encoding="utf-8")
    asked = {f"keras-lambda-lint.{each}" for each in re.findall(r'ask\("(\w+)"\)', source)}
    text = "import json\nfrom keras_lambda_lint.server import features, verifying\nprint(json.dumps([features.APPLY, features.APPLY_ALL, verifying.COMMAND]))"
    known = json.loads(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout)
    assert asked
    assert asked <= set(known)
