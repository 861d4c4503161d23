from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.sites.pins import _upward
from keras_lambda_lint.source.project import root_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

LOOP = "import keras\nfor k in (1, 2):\n    x = keras.layers.Lambda(lambda t: t * k)(x)\n"

TEXTS = {
    "plain": LOOP,
    "nothing": "import keras.backend as K\n",
    "wide characters": LOOP.replace("x = ", "日本, é = '😀', "),
    "tabs": LOOP.replace("    ", "\t"),
    "carriage returns": LOOP.replace("\n", "\r\n"),
    "old Mac": LOOP.replace("\n", "\r"),
    "mark": "\ufeff" + LOOP,
    "form feed": "\x0c" + LOOP + "\x0c\n",
    "no final newline": LOOP.rstrip(),
    "several lines": "import keras\nx = keras.layers.Lambda(\n    lambda t: (\n        t * 2\n    ),\n)(x)\n",
    "noqa": LOOP.replace("(x)", "(x)  # noqa"),
    "noqa of one": LOOP.replace("(x)", "(x)  # noqa: KLL205"),
    "noqa of a prefix": LOOP.replace("(x)", "(x)  # noqa: KLL1"),
    "noqa in small letters": LOOP.replace("(x)", "(x)  # noqa: kll101"),
    "noqa of a file": LOOP + "# flake8: noqa\n",
    "noqa of a file for others": LOOP + "# flake8: noqa: E501\n",
    "noqa in a string": LOOP.replace("k)", "k, name='# noqa')"),
    "noqa inside parentheses": "import keras\nx = keras.layers.Lambda(  # noqa: KLL101\n    lambda t: (\n        t * 2  # noqa\n    )\n)\n",
    "noqa on the lambda's own row": "import keras\nx = keras.layers.Lambda(\n    lambda t: t * 2,  # noqa: KLL101\n)\n",
    "noqa after a backslash": "import keras\nx = 1 + \\\n    keras.layers.Lambda(lambda t: t * 2) + \\\n    2  # noqa: KLL101\n",
    "noqa in a formatted string": "import keras\nx = keras.layers.Lambda(lambda t: t * 2, name=f'''# noqa: KLL1\n{keras}''')\n",
    "two noqa": LOOP.replace("(x)", "(x)  # noqa: E501  # noqa: KLL101"),
    "noqa of several": LOOP.replace("(x)", "(x)  # noqa:E501,KLL101 KLL2"),
    "noqa with a remark": LOOP.replace("(x)", "(x)  # noqa: KLL205 because"),
    "noqa of the file in a string": LOOP + "'''\n# flake8: noqa\n'''\n",
    "noqa after a long string": "import keras\nx = keras.layers.Lambda(lambda t: t * 2, name='''\n''')  # noqa: KLL101\n",
}


def flake8(project: Path, *options: str, name: str = "m.py") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "flake8",
            "-j1",
            "--select=KLL",
            "--format=%(row)d:%(col)d:%(code)s:%(text)s",
            *options,
            name,
        ],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def found_by_check(cli: Run, *options: str) -> list[str]:
    entries = json.loads(cli("check", "--output-format", "json", *options, "m.py").out)
    return sorted(
        f"{entry['location']['row']}:{entry['location']['column']}:{entry['code']}:{entry['message']}"
        for entry in entries
    )


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_flake8_and_check_report_the_same(cli: Run, project: Path, text: str) -> None:
    (project / "m.py").write_bytes(text.encode())
    done = flake8(project)
    assert done.stderr == ""
    assert sorted(done.stdout.splitlines()) == found_by_check(cli)


def test_both_follow_imports_from_where_the_file_lies(cli: Run, project: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "ops.py").write_text("def scale(x):\n    return x * 2\n", encoding="utf-8")
    text = "import keras\nfrom .ops import scale\nlayer = keras.layers.Lambda(scale)\n"
    (project / "deep" / "m.py").write_text(text, encoding="utf-8")
    entries = json.loads(cli("check", "--output-format", "json", "deep").out)
    assert [entry["code"] for entry in entries] == ["KLL102"]
    done = flake8(project, name="deep/m.py")
    assert [line.split(":")[2] for line in done.stdout.splitlines()] == [entry["code"] for entry in entries]


def test_another_encoding(cli: Run, project: Path) -> None:
    (project / "m.py").write_bytes(("# coding: latin-1\n" + LOOP.replace("x = ", "é = ")).encode("latin-1"))
    found = found_by_check(cli)
    assert found
    assert sorted(flake8(project).stdout.splitlines()) == found


@pytest.mark.parametrize(
    "config", ["select = ['KLL205']", "ignore = ['KLL1']", "select = ['KLL1']\nextend-select = ['KLL205']"]
)
def test_our_configuration_chooses_the_rules(cli: Run, project: Path, config: str) -> None:
    (project / "m.py").write_text(LOOP, encoding="utf-8")
    (project / "pyproject.toml").write_text(f"[tool.keras-lambda-lint]\n{config}\n", encoding="utf-8")
    assert sorted(flake8(project).stdout.splitlines()) == found_by_check(cli)


@pytest.mark.parametrize("keras", ["2", "3"])
def test_its_options_are_those_of_check(cli: Run, project: Path, keras: str) -> None:
    (project / "m.py").write_text(LOOP, encoding="utf-8")
    expected = found_by_check(cli, "--keras", keras)
    assert sorted(flake8(project, f"--kll-keras={keras}").stdout.splitlines()) == expected
    (project / ".flake8").write_text(f"[flake8]\nkll-keras = {keras}\n", encoding="utf-8")
    assert sorted(flake8(project).stdout.splitlines()) == expected
    assert expected != found_by_check(cli, "--keras", {"2": "3", "3": "2"}[keras])


def test_output_shape_is_taken_from_flake8_s_configuration_and_ours(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(LOOP, encoding="utf-8")
    assert "KLL301" not in flake8(project).stdout
    assert "KLL301" in flake8(project, "--kll-output-shape=always").stdout
    (project / "setup.cfg").write_text("[keras-lambda-lint]\noutput-shape = always\n", encoding="utf-8")
    assert sorted(flake8(project).stdout.splitlines()) == found_by_check(cli)
    assert "KLL301" in flake8(project).stdout
    assert "KLL301" not in flake8(project, "--kll-output-shape=changed").stdout


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "pyproject.toml",
            "[tool.keras-lambda-lint]\nkears = 3\n",
            "pyproject.toml:2: unknown key `kears`; did you mean `keras`?",
        ),
        (".flake8", "[flake8]\nkll-keras = 4\n", "must be one of 2, 3, auto, not '4'"),
    ],
)
def test_a_wrong_configuration_is_one_clear_error_of_flake8(project: Path, name: str, text: str, message: str) -> None:
    (project / "m.py").write_text(LOOP, encoding="utf-8")
    (project / name).write_text(text, encoding="utf-8")
    done = flake8(project)
    assert done.returncode == 1
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_several_processes_and_standard_input(project: Path) -> None:
    for name in "abc":
        (project / f"{name}.py").write_text(LOOP, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "-j2", "--select=KLL101", "."],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert [line.split(" ")[0] for line in sorted(done.stdout.splitlines())] == [f"./{name}.py:3:29:" for name in "abc"]
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--select=KLL101", "-"],
        cwd=project,
        input=LOOP,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith("stdin:3:29: KLL101")


def test_a_syntax_error_is_flake8_s_to_report(project: Path) -> None:
    (project / "m.py").write_text("import keras.backend\n(\n", encoding="utf-8")
    done = flake8(project, "--select=KLL,E9")
    assert "E999" in done.stdout
    assert "KLL" not in done.stdout


def test_what_only_we_cannot_analyse_does_not_end_flake8(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import ast

    from keras_lambda_lint import linter
    from keras_lambda_lint.flake8_plugin import Plugin

    def too_deep(*arguments: object, **options: object) -> None:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(linter, "lint", too_deep)
    assert list(Plugin(ast.parse(LOOP), LOOP.splitlines(keepends=True)).run()) == []
    assert "not analysed" in caplog.text


@pytest.mark.parametrize("pin", ["keras<3", "keras>=3"])
def test_both_read_the_pins_of_the_project(cli: Run, project: Path, pin: str) -> None:
    (project / "m.py").write_text(LOOP, encoding="utf-8")
    without = found_by_check(cli)
    (project / "requirements.txt").write_text(f"{pin}\n", encoding="utf-8")
    (project / "setup.py").write_text("", encoding="utf-8")
    root_of.cache_clear()
    _upward.cache_clear()
    found = found_by_check(cli)
    assert sorted(flake8(project).stdout.splitlines()) == found
    assert found != without
