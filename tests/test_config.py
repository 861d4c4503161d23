from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint import config
from keras_lambda_lint.config import ConfigError, Finder, read

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


TOML = """\
[project]
name = "x"

[tool.keras-lambda-lint]
select = ["KLL1", "KLL205"]
ignore = ["KLL102"]
extend-select = ["KLL301"]
keras = 3
fix-style = "function"
output-shape = "needed"
exclude = ["old", "tests/*"]
force-exclude = true
fix = true
unsafe-fixes = false
verify = true
output-format = "json"
exit-zero = true
report-unused-noqa = true
diff = true
ask = false
output-file = "out/found.json"
report = "todo.md"
statistics = true
show-settings = false
stdin-filename = "m.py"
baseline = "old.json"
write-baseline = "../new.json"
diff-base = "origin/main"
add-noqa = false
exit-non-zero-on-fix = true

[tool.keras-lambda-lint.per-file-ignores]
"tests/*" = ["KLL101", "KLL2"]
"old.py" = ["KLL"]

[tool.other]
select = 1
"""

INI = """\
[metadata]
name = x
name = y

[keras-lambda-lint]
select = KLL1, KLL205
ignore =
    KLL102
extend-select = KLL301
keras = 3
fix-style = function
output-shape = needed
exclude =
    old
    tests/*
force-exclude = yes
fix = yes
unsafe-fixes = off
verify = True
output-format = json
exit-zero = 1
report-unused-noqa = on
diff = yes
ask = no
output-file = out/found.json
report = todo.md
statistics = 1
show-settings = 0
stdin-filename = m.py
baseline = old.json
write-baseline = ../new.json
diff-base = origin/main
add-noqa = off
exit-non-zero-on-fix = on
per-file-ignores =
    tests/*: KLL101,KLL2
    old.py:KLL
"""

VALUES = {
    "select": ("KLL1", "KLL205"),
    "ignore": ("KLL102",),
    "extend_select": ("KLL301",),
    "keras": "3",
    "fix_style": "function",
    "output_shape": "needed",
    "exclude": ("old", "tests/*"),
    "force_exclude": True,
    "fix": True,
    "unsafe_fixes": False,
    "verify": True,
    "output_format": "json",
    "exit_zero": True,
    "report_unused_noqa": True,
    "diff": True,
    "ask": False,
    "output_file": "out/found.json",
    "report": "todo.md",
    "statistics": True,
    "show_settings": False,
    "stdin_filename": "m.py",
    "baseline": "old.json",
    "write_baseline": "../new.json",
    "diff_base": "origin/main",
    "add_noqa": False,
    "exit_non_zero_on_fix": True,
    "per_file_ignores": (("tests/*", ("KLL101", "KLL2")), ("old.py", ("KLL",))),
}


@pytest.mark.parametrize(("name", "text"), [("pyproject.toml", TOML), ("setup.cfg", INI), ("tox.ini", INI)])
def test_every_key_in_every_file(project: Path, name: str, text: str) -> None:
    assert read(write(project / name, text)) == VALUES
    settings = Finder({}).settings(str(project))
    assert {key: getattr(settings, key) for key in VALUES} == VALUES
    assert settings.root == str(project)


def test_every_key_but_two_is_an_option_of_check() -> None:
    from keras_lambda_lint.cli import _parser

    _, commands = _parser()
    options = {option.lstrip("-") for option in commands["check"]._option_string_actions}
    assert set(config.KEYS) - options == {"output-shape", "per-file-ignores"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", ""),
        ("pyproject.toml", "[project]\ndependencies = ['keras-lambda-lint']\n"),
        ("pyproject.toml", "tool = 3  # keras-lambda-lint\n"),
        ("setup.cfg", "[options]\ninstall_requires =\n    keras-lambda-lint\nnonsense\n"),
        ("tox.ini", "# [keras-lambda-lint]\n"),
    ],
)
def test_a_file_without_our_section_says_nothing(project: Path, name: str, text: str) -> None:
    assert read(write(project / name, text)) is None


TOML_NAME = "pyproject.toml"
SECTION = "[tool.keras-lambda-lint]\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (TOML_NAME, SECTION + "selct = []\n", "pyproject.toml:2: unknown key `selct`; did you mean `select`?"),
        (
            TOML_NAME,
            "\n" + SECTION + "\nextend_select = []\n",
            "pyproject.toml:4: unknown key `extend_select`; did you mean `extend-select`?",
        ),
        (TOML_NAME, SECTION + "zzz = []\n", "pyproject.toml:2: unknown key `zzz`"),
        (TOML_NAME, SECTION + "select = []\n", "pyproject.toml:2: `select` names no rule"),
        (TOML_NAME, SECTION + "select = 3\n", "pyproject.toml:2: `select` must be a list of strings, not 3"),
        (TOML_NAME, SECTION + "select = [3]\n", "pyproject.toml:2: `select` must be a list of strings, not [3]"),
        (TOML_NAME, SECTION + "fix = 'maybe'\n", "pyproject.toml:2: `fix` must be true or false, not 'maybe'"),
        (TOML_NAME, SECTION + "fix = 2\n", "pyproject.toml:2: `fix` must be true or false, not 2"),
        (TOML_NAME, SECTION + "keras = 4\n", "pyproject.toml:2: `keras` must be one of 2, 3, auto, not 4"),
        (TOML_NAME, SECTION + "keras = true\n", "pyproject.toml:2: `keras` must be one of 2, 3, auto, not True"),
        (
            TOML_NAME,
            SECTION + "output-format = 'jsn'\n",
            "pyproject.toml:2: `output-format` must be one of text, json, sarif, github, gitlab, junit, rdjson, not 'jsn'; did you mean `json`?",
        ),
        (TOML_NAME, "tool.keras-lambda-lint = 3\n", "pyproject.toml: `tool.keras-lambda-lint` must be a table"),
        (
            TOML_NAME,
            "tool.keras-lambda-lint.kears = '3'\n",
            "pyproject.toml: unknown key `kears`; did you mean `keras`?",
        ),
        (TOML_NAME, SECTION + "fix = yes\n", "pyproject.toml:2: not valid TOML: invalid value"),
        (TOML_NAME, SECTION + "select = [", "pyproject.toml: not valid TOML: invalid value"),
        (
            "setup.cfg",
            "[keras-lambda-lint]\nselct = KLL101\n",
            "setup.cfg:2: unknown key `selct`; did you mean `select`?",
        ),
        ("setup.cfg", "[keras-lambda-lint]\nfix = maybe\n", "setup.cfg:2: `fix` must be true or false, not 'maybe'"),
        ("setup.cfg", "[keras-lambda-lint]\nfix\n", "setup.cfg:2: not a valid configuration file: not `key = value`"),
        (
            TOML_NAME,
            SECTION + "per-file-ignores = 3\n",
            'pyproject.toml:2: `per-file-ignores` must be a table such as { "tests/*" = ["KLL101"] }, not 3',
        ),
        (
            TOML_NAME,
            SECTION + "per-file-ignore = {}\n",
            "pyproject.toml:2: unknown key `per-file-ignore`; did you mean `per-file-ignores`?",
        ),
        (
            TOML_NAME,
            "[tool.keras-lambda-lint.per-file-ignores]\n'a.py' = ['KLL1']\n'b/*' = 3\n",
            "pyproject.toml:3: `b/*` must be a list of strings, not 3",
        ),
        (
            TOML_NAME,
            "[tool.keras-lambda-lint.per-file-ignores]\n'b/*' = []\n",
            "pyproject.toml:2: `b/*` names no rule",
        ),
        (
            TOML_NAME,
            SECTION + "fix = true\nper-file-ignores = { 'b/*' = ['KLL1O1'] }\n",
            "pyproject.toml:3: `b/*`: unknown rule code 'KLL1O1'; did you mean KLL101?",
        ),
        (
            "setup.cfg",
            "[keras-lambda-lint]\nper-file-ignores =\n    a.py: KLL1\n    b.py: KLL1O1\n",
            "setup.cfg:4: `b.py`: unknown rule code 'KLL1O1'; did you mean KLL101?",
        ),
        (
            "setup.cfg",
            "[keras-lambda-lint]\nper-file-ignores = KLL101\n",
            "setup.cfg:2: `per-file-ignores` must be lines such as `tests/*: KLL101`, not 'KLL101'",
        ),
        (
            "setup.cfg",
            "[keras-lambda-lint]\nper-file-ignores =\n    a.py: KLL1\n    b.py\n",
            "setup.cfg:2: `per-file-ignores` must be lines such as `tests/*: KLL101`, not 'b.py'",
        ),
        (
            TOML_NAME,
            "\n[tool.keras-lambda-lint.per_file_ignores]\n'b/*' = ['KLL1']\n",
            "pyproject.toml:2: unknown key `per_file_ignores`; did you mean `per-file-ignores`?",
        ),
        (
            TOML_NAME,
            SECTION + "per-file-ignores.'b/*' = ['KLL1O1']\n",
            "pyproject.toml:2: `b/*`: unknown rule code 'KLL1O1'; did you mean KLL101?",
        ),
        (
            TOML_NAME,
            "[project]\n[tool.keras_lambda_lint]\nfix = true\n",
            "pyproject.toml:2: unknown section `[tool.keras_lambda_lint]`; did you mean `[tool.keras-lambda-lint]`?",
        ),
        (
            TOML_NAME,
            "[keras-lambda-lint]\nfix = true\n",
            "pyproject.toml:1: unknown section `[keras-lambda-lint]`; did you mean `[tool.keras-lambda-lint]`?",
        ),
        (
            "setup.cfg",
            "[tool:keras-lambda-lint]\nfix = true\n",
            "setup.cfg:1: unknown section `[tool:keras-lambda-lint]`; did you mean `[keras-lambda-lint]`?",
        ),
        ("tox.ini", "[keras-lambda-lint]\nper-file-ignores = a.py:\n", "tox.ini:2: `a.py` names no rule"),
        ("tox.ini", "a = b\n[keras-lambda-lint]\n", "tox.ini:1: not a valid configuration file: no section header"),
    ],
)
def test_an_error_names_file_line_and_key_in_one_line(project: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(write(project / name, text))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.keras-lambda-lint]\nselect = ['KLL101', 'KLL102x']\n"),
        ("setup.cfg", "[keras-lambda-lint]\nignore = KLL102x\n"),
    ],
)
def test_an_unknown_code_is_an_error_with_a_suggestion(project: Path, name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=r":2: `(select|ignore)`: unknown rule code 'KLL102x'; did you mean KLL102"):
        read(write(project / name, text))


def test_a_file_that_is_not_utf8_is_an_error_that_names_the_line(project: Path) -> None:
    (project / "pyproject.toml").write_bytes(b"[tool.keras-lambda-lint]\n# \xe9\n")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml:2: not valid UTF-8$"):
        read(str(project / "pyproject.toml"))


def test_a_byte_order_mark_is_no_part_of_the_file(project: Path) -> None:
    (project / "pyproject.toml").write_bytes(b"\xef\xbb\xbf[tool.keras-lambda-lint]\nfix = true\n")
    assert read(str(project / "pyproject.toml")) == {"fix": True}


def test_nested_too_deeply_is_an_error(project: Path) -> None:
    path = write(project / "pyproject.toml", "[tool.keras-lambda-lint]\nselect = " + "[" * 100_000)
    with pytest.raises(ConfigError, match=r"nested too deeply|not valid TOML"):
        read(path)


def test_the_nearest_section_wins_as_a_whole(project: Path) -> None:
    write(project / "pyproject.toml", "[tool.keras-lambda-lint]\nkeras = '2'\nfix = true\n")
    write(project / "a" / "setup.cfg", "[keras-lambda-lint]\nkeras = 3\n")
    write(project / "a" / "b" / "pyproject.toml", "[project]\nname = 'b'\n")
    finder = Finder({})
    assert finder.settings(str(project)).keras == "2"
    inner = finder.settings(str(project / "a" / "b"))
    assert (inner.keras, inner.fix) == ("3", False)
    assert finder.settings(str(project / "other")).keras == "2"


def test_pyproject_comes_before_setup_cfg_in_one_directory(project: Path) -> None:
    write(project / "pyproject.toml", "[tool.keras-lambda-lint]\nkeras = '2'\n")
    write(project / "setup.cfg", "[keras-lambda-lint]\nkeras = 3\n")
    assert Finder({}).settings(str(project)).keras == "2"


def test_the_command_line_beats_the_file(project: Path) -> None:
    write(project / "pyproject.toml", TOML)
    settings = Finder({"keras": "2", "fix": False}).settings(str(project))
    assert (settings.keras, settings.fix, settings.verify) == ("2", False, True)


def test_a_file_is_read_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project / "pyproject.toml", TOML)
    finder = Finder({})
    first = finder.settings(str(project / "a"))
    monkeypatch.setattr(config, "_toml", None)
    assert finder.settings(str(project / "a")) is first
    assert finder.settings(str(project / "b")) is first


def test_a_fifo_of_that_name_is_no_configuration(project: Path) -> None:
    import os

    os.mkfifo(project / "pyproject.toml")
    assert Finder({}).settings(str(project)).keras == "auto"


def test_several_globs_may_share_a_line(project: Path) -> None:
    write(project / "tox.ini", "[keras-lambda-lint]\nper-file-ignores = a.py, b/*: KLL1 KLL2\n")
    assert Finder({}).settings(str(project)).per_file_ignores == (
        ("a.py", ("KLL1", "KLL2")),
        ("b/*", ("KLL1", "KLL2")),
    )


def test_it_is_known_where_a_value_comes_from(project: Path) -> None:
    write(project / "pyproject.toml", "[tool.keras-lambda-lint]\nkeras = 2\nfix = true\n")
    settings = Finder({"keras": "3"}).settings(str(project))
    assert settings.origins == {"keras": "command line", "fix": "pyproject.toml"}
