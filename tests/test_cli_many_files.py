"""Many files at once: worker processes and the cache change how long a run takes, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.commands.bulk import analyses, cache, state, workers
from keras_lambda_lint.commands.bulk.outcome import died, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from conftest import Run

LAYER = "import keras\nfrom parts import scale\n\nx = keras.layers.Lambda(lambda t: t * {0} * scale, name='l{0}')(x)\n"
UTILS = "def double(x):\n    return x * 2\n"
USES = "import keras\nfrom utils import double\n\nx = keras.layers.Lambda(double, name='d')(x)\n"
MODEL = (
    "import keras\n\ni = keras.Input((2,))\nx = keras.layers.Lambda(lambda t: t * 2)(i)\n"
    "m = keras.Model(i, keras.layers.Dense(1, name='a_long_name_of_the_last_layer')(x))\n"
)
BROKEN = "import keras\nx = keras.layers.Lambda(\n"
WHOLE = (
    "import sys; from keras_lambda_lint.commands.bulk import analyses; analyses._CACHE_PAYS = 0;"
    "from keras_lambda_lint.cli import main; code = main(['check', '.', *sys.argv[1:]]);"
    "print('keras_lambda_lint.linter' in sys.modules, file=sys.stderr); sys.exit(code)"
)
"""A run in a process of its own, which says whether it analysed anything."""


@pytest.fixture(autouse=True)
def forgotten(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every run of a test reads the project anew, as another process would, with an empty cache at first."""
    monkeypatch.setenv("KERAS_LAMBDA_LINT_CACHE_DIR", str(project.parent / "cache"))
    monkeypatch.setattr(analyses, "_WORKERS_PAY", 0)
    monkeypatch.setattr(analyses, "_CACHE_PAYS", 0)
    forget()
    yield
    forget()


def forget() -> None:
    state.digest_of.cache_clear()
    state.base_of.cache_clear()


def alone(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Check a project in a process of its own."""
    command = [sys.executable, "-c", WHOLE, *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def notebook(code: str) -> str:
    """Return a notebook of one cell."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": code}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


@pytest.fixture
def files(project: Path) -> Path:
    """A project with layers in several files, one of which is no Python."""
    (project / "setup.cfg").write_text("", encoding="utf-8")
    (project / "parts.py").write_text("import tensorflow as tf\n\nscale = tf.Variable(1.0)\n", encoding="utf-8")
    for number in range(9):
        (project / f"m{number}.py").write_text(LAYER.format(number), encoding="utf-8")
    (project / "broken.py").write_text(BROKEN, encoding="utf-8")
    return project


def stored(project: Path) -> list[Path]:
    return sorted((project.parent / "cache").glob("*.json"))


@pytest.mark.parametrize("output", ["text", "json"])
def test_workers_and_the_cache_print_the_same(cli: Run, files: Path, output: str) -> None:
    alone = cli("check", "-j", "1", "--no-cache", "--output-format", output)
    assert alone.code == 2
    assert not stored(files)
    for options in (("-j", "2", "--no-cache"), ("-j", "2"), ("-j", "1"), ("-j", "2")):
        forget()
        assert cli("check", *options, "--output-format", output) == alone


def test_another_file_of_the_project_changes_what_is_found(cli: Run, project: Path) -> None:
    (project / "setup.cfg").write_text("", encoding="utf-8")
    (project / "model.py").write_text(USES, encoding="utf-8")
    (project / "utils.py").write_text(UTILS, encoding="utf-8")
    assert "KLL102" in cli("check").out
    decorated = "import keras\n\n\n@keras.saving.register_keras_serializable('p')\n" + UTILS
    (project / "utils.py").write_text(decorated, encoding="utf-8")
    forget()
    assert "KLL102" not in cli("check", "--keras", "3").out


def test_what_the_project_pins_changes_what_is_found(project: Path) -> None:
    text = USES.replace("import keras", "import tensorflow as tf").replace("keras.", "tf.keras.")
    (project / "model.py").write_text(text, encoding="utf-8")
    (project / "utils.py").write_text(UTILS, encoding="utf-8")
    outputs = []
    for pin in ("keras>=3", "keras<3"):
        (project / "requirements.txt").write_text(f"{pin}\n", encoding="utf-8")
        outputs += [alone(project).stdout for _ in range(2)]
    assert outputs[0] == outputs[1] != outputs[2] == outputs[3]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("look.ipynb", "import keras", "import keras\nm.get_layer('lambda_1')"),
        ("ruff.toml", "line-length = 88\n", "line-length = 40\n"),
        ("../.ruff.toml", "line-length = 88\n", "line-length = 40\n"),
    ],
)
def test_whatever_a_fix_depends_on_changes_it(project: Path, name: str, before: str, after: str) -> None:
    (project / "setup.cfg").write_text("", encoding="utf-8")
    (project / "model.py").write_text(MODEL, encoding="utf-8")
    outputs = []
    for text in (before, after):
        content = notebook(text) if name.endswith(".ipynb") else text
        (project / name).write_text(content, encoding="utf-8")
        outputs += [alone(project, "--output-format", "json").stdout for _ in range(2)]
    assert outputs[0] == outputs[1] != outputs[2] == outputs[3]
    assert outputs[2] == alone(project, "--output-format", "json", "--no-cache").stdout


def test_settings_change_what_is_found(cli: Run, files: Path) -> None:
    assert "KLL101" in cli("check").out
    assert "KLL101" not in cli("check", "--ignore", "KLL101").out


def test_a_run_that_remembers_everything_analyses_nothing(files: Path) -> None:
    (files / "broken.py").unlink()
    first, second = alone(files), alone(files)
    assert (first.returncode, second.returncode) == (1, 1)
    assert first.stdout == second.stdout
    assert (first.stderr, second.stderr) == ("True\n", "False\n")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 1}', b"\xff\xfe", b"[" * 100_000])
def test_a_broken_cache_is_as_good_as_none(cli: Run, files: Path, content: bytes) -> None:
    first = cli("check")
    (path,) = stored(files)
    path.write_bytes(content)
    assert cli("check") == first
    assert json.loads(path.read_bytes())["entries"]


@pytest.mark.parametrize(
    "entry", [[1], [[]], {"row": 1}, "text", [["KLL101", "n", "bad", "m", [0, 1], [], None, None]]]
)
def test_an_entry_that_makes_no_sense_is_found_anew(cli: Run, files: Path, entry: Any) -> None:
    first = cli("check")
    (path,) = stored(files)
    content = json.loads(path.read_bytes())
    content["entries"] = dict.fromkeys(content["entries"], entry)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert cli("check") == first


def test_a_cache_of_another_version_is_not_used(cli: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cli("check")
    (path,) = stored(files)
    content = json.loads(path.read_bytes())
    nothing: dict[str, list[object]] = {key: [] for key in content["entries"]}
    path.write_text(json.dumps({**content, "entries": nothing}), encoding="utf-8")
    assert "KLL101" not in cli("check").out
    monkeypatch.setattr(cache, "_version", lambda: "another")
    assert cli("check") == first


def test_a_cache_that_cannot_be_written_is_no_error(cli: Run, files: Path) -> None:
    (files.parent / "cache").write_text("a file, not a folder", encoding="utf-8")
    result = cli("check")
    assert "KLL101" in result.out
    assert result.err.count("\n") == 1


def test_two_runs_at_once_leave_a_whole_cache(files: Path) -> None:
    command = [sys.executable, "-c", WHOLE]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    outputs = {each.communicate()[0] for each in running}
    assert len(outputs) == 1
    assert [json.loads(path.read_bytes()).keys() for path in stored(files)]
    assert list((files.parent / "cache").iterdir()) == stored(files)


def test_what_nobody_has_checked_for_long_is_forgotten(cli: Run, files: Path, project: Path) -> None:
    cli("check")
    (old,) = stored(files)
    os.utime(old, (0, 0))
    another = old.with_name("thesis.json")
    another.touch()
    os.utime(another, (0, 0))
    other = project / "other"
    shutil.copytree(files, other, ignore=shutil.ignore_patterns("other"))
    cli("check", "other")
    assert old not in stored(files)
    assert another in stored(files)


def test_a_file_that_kills_its_worker_is_named_and_the_others_are_checked(
    cli: Run, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fatal(name: str, *rest: Any) -> Any:
        if name == "m4.py":
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome(name, *rest)

    if sys.platform != "linux":
        pytest.skip("workers that are not forked do not know what this test replaced")
    (files / "broken.py").unlink()
    alone = cli("check", "-j", "1", "--no-cache")
    monkeypatch.setattr(workers, "outcome", fatal)
    result = cli("check", "-j", "2", "--no-cache")
    assert result.code == 2
    assert result.err == (
        "keras-lambda-lint: error: m4.py: the process that analysed it was killed: out of memory? Check it alone, or exclude it\n"
    )
    assert [line for line in alone.out.split("\n") if line.startswith("m8.py")] == [
        line for line in result.out.split("\n") if line.startswith("m8.py")
    ]


def test_a_file_that_killed_its_worker_is_tried_again(cli: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (files / "broken.py").unlink()
    alone = cli("check", "-j", "1", "--no-cache")
    with monkeypatch.context() as once:
        once.setattr(workers, "outcomes", lambda tasks, *_: [died(each.name) for each in tasks])
        assert cli("check", "-j", "2").code == 2
    forget()
    assert cli("check", "-j", "1") == alone


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_number_of_jobs_that_is_none_is_refused(cli: Run, value: str) -> None:
    result = cli("check", "-j", value)
    assert result.code == 2
    assert result.err.count("\n") == 1
