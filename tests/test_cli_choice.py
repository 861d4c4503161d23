"""Which findings a person wants to see: per-file ignores, opt-in rules, comments that suppress nothing."""

from __future__ import annotations

import argparse
import ast
import json
from typing import TYPE_CHECKING, Any

import pytest

from keras_lambda_lint.commands import analysis
from keras_lambda_lint.config import Settings
from keras_lambda_lint.flake8_plugin import Plugin
from keras_lambda_lint.rules import RULES, named, select

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Run

LOOP = "import keras\nfor k in (1, 2):\n    x = keras.layers.Lambda(lambda t: t * k)(x)\n"


def found(cli: Run, *argv: str) -> list[tuple[str, str]]:
    """Return file and code of each finding."""
    return [(entry["filename"], entry["code"]) for entry in json.loads(cli("check", "--output-format=json", *argv).out)]


# per-file ignores


def test_per_file_ignores_are_relative_to_the_configuration(cli: Run, project: Path) -> None:
    (project / "a" / "tests").mkdir(parents=True)
    for name in ("a/tests/m.py", "a/m.py", "a/old.py", "m.py"):
        (project / name).write_text(LOOP, encoding="utf-8")
    (project / "a" / "pyproject.toml").write_text(
        '[tool.keras-lambda-lint.per-file-ignores]\n"tests/*" = ["KLL101"]\n"old.py" = ["KLL1", "KLL205"]\n',
        encoding="utf-8",
    )
    expected = {
        ("a/m.py", "KLL101"),
        ("a/m.py", "KLL205"),
        ("a/tests/m.py", "KLL205"),
        ("m.py", "KLL101"),
        ("m.py", "KLL205"),
    }
    assert set(found(cli)) == expected
    assert found(cli, "--select", "KLL101", "a/tests/m.py") == [], "they hold below --select too"
    assert found(cli, "a/old.py") == []


def test_per_file_ignores_hold_for_standard_input(
    cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (project / "tox.ini").write_text("[keras-lambda-lint]\nper-file-ignores = tests/*: KLL\n", encoding="utf-8")
    (tmp_path / "input").write_text(LOOP, encoding="utf-8")
    for name, code in (("tests/m.py", 0), ("m.py", 1)):
        with (tmp_path / "input").open(encoding="utf-8") as stream:
            monkeypatch.setattr("sys.stdin", stream)
            assert cli("check", "--stdin-filename", name, "-").code == code


# opt-in rules


@pytest.fixture
def opt_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """KLL205 as a rule that is opt-in."""
    monkeypatch.setattr(next(rule for rule in RULES if rule.code == "KLL205"), "opt_in", True)
    analysis._codes.cache_clear()
    yield
    analysis._codes.cache_clear()


@pytest.mark.parametrize(
    ("options", "on"),
    [
        ([], False),
        (["--ignore", "KLL301"], False),
        (["--select", "KLL1"], False),
        (["--extend-select", "KLL101"], False),
        (["--select", "KLL"], True),
        (["--select", "KLL2"], True),
        (["--extend-select", "KLL205"], True),
        (["--extend-select", "KLL2", "--ignore", "KLL205"], False),
    ],
)
def test_an_opt_in_rule_speaks_where_it_is_named(
    cli: Run, project: Path, opt_in: None, options: list[str], on: bool
) -> None:
    (project / "m.py").write_text(LOOP, encoding="utf-8")
    assert (("m.py", "KLL205") in found(cli, *options)) is on


@pytest.mark.parametrize(
    ("chosen", "on"),
    [
        ({}, False),
        ({"select": ["E", "F"]}, False),
        ({"select": ["E", "KLL"]}, True),
        ({"extend_select": ["KLL2"]}, True),
        ({"extend_select": ["KLL101"]}, False),
    ],
)
def test_flake8_names_opt_in_rules_by_its_own_choice(
    project: Path, opt_in: None, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, list[str]], on: bool
) -> None:
    for attribute in ("settings", "chosen"):
        monkeypatch.setattr(Plugin, attribute, getattr(Plugin, attribute))
    defaults = {"kll_keras": None, "kll_output_shape": None, "select": None, "extend_select": None}
    Plugin.parse_options(argparse.Namespace(**{**defaults, **chosen}))
    messages = [message for _, _, message, _ in Plugin(ast.parse(LOOP), LOOP.splitlines(keepends=True)).run()]
    assert any(message.startswith("KLL205") for message in messages) is on
    assert any(message.startswith("KLL101") for message in messages)


def test_rules_know_what_was_named() -> None:
    assert analysis.options(Settings()).named == frozenset()
    assert analysis.options(Settings(select=("KLL205",), extend_select=("KLL1",))).named == {
        "KLL205",
        *(rule.code for rule in RULES if rule.code.startswith("KLL1")),
    }
    assert named(["KLL"]) == {rule.code for rule in RULES}
    assert select(["KLL"]) == named(["KLL"])


# comments that suppress nothing


def unused(cli: Run, *argv: str) -> list[tuple[str, int, int, str]]:
    listed = json.loads(cli("check", "--report-unused-noqa", "--output-format=json", *argv).out)
    return [
        (entry["filename"], entry["location"]["row"], entry["location"]["column"], entry["message"])
        for entry in listed
        if entry["code"] == "unused-noqa"
    ]


def test_unused_comments_are_reported_with_their_place(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(LOOP.replace("(x)", "(x)  # noqa: KLL101, KLL103, KLL205"), encoding="utf-8")
    (project / "n.py").write_text("é = 1  # noqa: KLL1\n", encoding="utf-8")
    ran = cli("check", "--report-unused-noqa")
    assert ran.code == 1
    heads = [line for line in ran.out.splitlines() if "suppresses nothing" in line]
    assert heads == [
        "m.py:3:66: unused-noqa `# noqa: KLL103` suppresses nothing",
        "n.py:1:16: unused-noqa `# noqa: KLL1` suppresses nothing",
    ]
    assert cli("check").code == 0
    assert cli("check", "--report-unused-noqa", "--exit-zero").code == 0


def test_what_is_not_ours_to_judge(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(
        "import keras\nx = 1  # noqa\ny = 2  # noqa: E501,F401\nz = '# noqa: KLL101'\n# a remark on KLL101\n",
        encoding="utf-8",
    )
    assert cli("check", "--report-unused-noqa") == (0, "No findings.\n", "")


def test_a_comment_for_a_rule_that_is_off_is_judged_by_what_the_rule_finds(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(LOOP.replace("(x)", "(x)  # noqa: KLL205"), encoding="utf-8")
    assert unused(cli, "--select", "KLL101") == []
    (project / "m.py").write_text(LOOP.replace("(x)", "(x)  # noqa: KLL103"), encoding="utf-8")
    assert len(unused(cli, "--select", "KLL101")) == 1


def test_a_comment_for_an_opt_in_rule_is_judged_as_if_the_rule_was_named(
    cli: Run, project: Path, opt_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = next(rule for rule in RULES if rule.code == "KLL205")
    check = rule.check

    def check_if_named(self: Any, site: Any) -> Iterator[Any]:
        return check(self, site) if rule.code in self.options.named else iter(())

    monkeypatch.setattr(rule, "check", check_if_named)
    (project / "m.py").write_text(LOOP.replace("(x)", "(x)  # noqa: KLL205,KLL103"), encoding="utf-8")
    assert [message for *_, message in unused(cli)] == ["`# noqa: KLL103` suppresses nothing"]


def test_the_configuration_asks_for_it_file_by_file(cli: Run, project: Path) -> None:
    for name in ("a", "b"):
        (project / name).mkdir()
        (project / name / "m.py").write_text("x = 1  # noqa: KLL101\n", encoding="utf-8")
    (project / "a" / "setup.cfg").write_text("[keras-lambda-lint]\nreport-unused-noqa = yes\n", encoding="utf-8")
    assert found(cli) == [("a/m.py", "unused-noqa")]
    assert found(cli, "--no-report-unused-noqa") == []


def test_after_fixing_what_is_left_is_judged(cli: Run, project: Path) -> None:
    text = (
        "import keras\nx = keras.layers.Lambda(lambda t: t * 2, name='double')  # noqa: KLL205\ny = 1  # noqa: KLL101\n"
    )
    (project / "m.py").write_text(text, encoding="utf-8")
    ran = cli("check", "--fix", "--unsafe-fixes", "--report-unused-noqa", "--output-format=json")
    text = (project / "m.py").read_text(encoding="utf-8")
    assert "Lambda(" not in text
    assert "# noqa: KLL205" in text
    assert [entry["code"] for entry in json.loads(ran.out)] == ["unused-noqa", "unused-noqa"]
    assert ran.code == 1


def test_a_file_that_no_rule_looks_at_stays_as_it_is(
    cli: Run, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "print 'x'  # noqa: KLL101\r\n"
    (project / "m.py").write_bytes(text.encode())
    assert unused(cli, "--fix") == [("m.py", 1, 20, "`# noqa: KLL101` suppresses nothing")]
    assert (project / "m.py").read_bytes() == text.encode()
    with (project / "m.py").open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        ran = cli("check", "--fix", "--report-unused-noqa", "-")
    assert ran.out == text
    assert "<stdin>:1:20: unused-noqa" in ran.err


def test_a_diff_has_no_place_for_it(cli: Run, project: Path) -> None:
    assert cli("check", "--diff", "--report-unused-noqa").err == (
        "keras-lambda-lint: error: --diff prints a diff: it takes no --report-unused-noqa\n"
    )
