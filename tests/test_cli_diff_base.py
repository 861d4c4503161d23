"""`check --diff-base REV`: only findings on lines that changed since a git revision."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

HEAD = "from keras.layers import Lambda\n\n"
LINES = [f"x{n} = Lambda(lambda t: t * {n})\n" for n in range(2, 6)]
MODEL = HEAD + "".join(LINES)


def git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "protocol.file.allow=always"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(directory: Path) -> None:
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", "m")


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q")
    (project / "net").mkdir()
    (project / "net" / "m.py").write_text(MODEL, encoding="utf-8")
    commit(project)
    return project


def changed(cli: Run, *argv: str) -> list[tuple[str, int]]:
    ran = cli("check", "--output-format=json", "--diff-base", *(argv or ("HEAD",)))
    assert ran.err == ""
    return [(each["filename"], each["location"]["row"]) for each in json.loads(ran.out)]


def test_only_changed_lines_count(cli: Run, repository: Path) -> None:
    assert changed(cli) == []
    file = repository / "net" / "m.py"
    file.write_text(f"# new\n{MODEL.replace('t * 4', 't * 40')}", encoding="utf-8")
    assert changed(cli) == [("net/m.py", 6)]
    commit(repository)
    assert changed(cli) == []
    assert changed(cli, "HEAD~1") == [("net/m.py", 6)], "committed or not"
    assert changed(cli, "HEAD~1", "net/m.py") == [("net/m.py", 6)]


def test_staged_and_not_staged_count(cli: Run, repository: Path) -> None:
    file = repository / "net" / "m.py"
    file.write_text(MODEL.replace("t * 2", "t * 20"), encoding="utf-8")
    git(repository, "add", "-A")
    file.write_text(MODEL.replace("t * 2", "t * 20").replace("t * 5", "t * 50"), encoding="utf-8")
    assert changed(cli) == [("net/m.py", 3), ("net/m.py", 6)]


def test_a_file_that_git_does_not_track_is_new(cli: Run, repository: Path) -> None:
    (repository / "n.py").write_text(HEAD + LINES[0], encoding="utf-8")
    assert changed(cli) == [("n.py", 3)]


def test_renames_are_followed(cli: Run, repository: Path) -> None:
    git(repository, "mv", "net/m.py", "net/renamed.py")
    assert changed(cli) == []
    (repository / "net" / "renamed.py").write_text(MODEL.replace("t * 5", "t * 50"), encoding="utf-8")
    assert changed(cli) == [("net/renamed.py", 6)]


def test_a_change_anywhere_in_the_site_counts(cli: Run, repository: Path) -> None:
    text = HEAD + "x = Lambda(\n    lambda t: t\n    * 2,\n    name='x',\n    trainable=False,\n)\n"
    file = repository / "net" / "m.py"
    file.write_text(text, encoding="utf-8")
    commit(repository)
    file.write_text(text.replace("* 2", "* 3"), encoding="utf-8")
    assert changed(cli) == [("net/m.py", 4)], "the finding begins a line above"
    file.write_text(text.replace("    trainable=False,\n", ""), encoding="utf-8")
    assert changed(cli) == [("net/m.py", 4)], "a line of it is gone"
    file.write_text(text.replace(")\n", ")\n\n\ny = 1\n"), encoding="utf-8")
    assert changed(cli) == []


def test_line_ends_are_no_change(cli: Run, repository: Path) -> None:
    (repository / "net" / "m.py").write_bytes(MODEL.replace("\n", "\r\n").encode())
    assert changed(cli) == []


def test_what_could_not_be_read_before_is_new(cli: Run, repository: Path) -> None:
    (repository / "net" / "m.py").write_bytes(b"# \xff\n" + MODEL.encode())
    commit(repository)
    (repository / "net" / "m.py").write_text("# ok\n" + MODEL, encoding="utf-8")
    assert len(changed(cli)) == 4


def test_lines_of_cells_count(cli: Run, repository: Path) -> None:
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for text in (HEAD, LINES[0], f"!ls\n{LINES[1]}{LINES[2]}"):
        cell = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": text}
        notebook["cells"].append(cell)  # type: ignore[attr-defined]
    file = repository / "n.ipynb"
    file.write_text(json.dumps(notebook), encoding="utf-8")
    commit(repository)
    assert changed(cli) == []
    file.write_text(json.dumps(notebook).replace("t * 4", "t * 40").replace("null", "7"), encoding="utf-8")
    assert changed(cli) == [("n.ipynb", 3)]


def test_it_works_in_a_folder_and_from_outside(cli: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "net" / "m.py").write_text(MODEL.replace("t * 2", "t * 20"), encoding="utf-8")
    monkeypatch.chdir(repository / "net")
    assert changed(cli, "HEAD", "m.py") == [("m.py", 3)]
    monkeypatch.chdir(repository.parent)
    assert changed(cli, "HEAD", "project") == [("project/net/m.py", 3)]


def test_work_trees_and_links_work(cli: Run, repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "tree"))
    (tmp_path / "tree" / "net" / "m.py").write_text(MODEL.replace("t * 2", "t * 20"), encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    for directory in ("tree", "link"):
        monkeypatch.chdir(tmp_path / directory)
        assert changed(cli) == [("net/m.py", 3)]


def test_submodules_are_left_alone(cli: Run, repository: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "i.py").write_text(MODEL, encoding="utf-8")
    commit(inner)
    git(repository, "submodule", "--quiet", "add", str(inner), "inner")
    commit(repository)
    (repository / "inner" / "i.py").write_text(MODEL.replace("t * 2", "t * 20"), encoding="utf-8")
    (repository / "net" / "m.py").write_text(MODEL.replace("t * 2", "t * 20"), encoding="utf-8")
    assert changed(cli) == [("net/m.py", 3)]


@pytest.mark.parametrize("name", ["new\nline.py", "-q.py", "a:b.py", "é\udce9.py", 'quo"te.py', "tab\t.py"], ids=ascii)
def test_hostile_names(cli: Run, repository: Path, name: str) -> None:
    (repository / name).write_text(MODEL, encoding="utf-8")
    commit(repository)
    assert changed(cli) == []
    (repository / name).rename(repository / f"moved {name}")
    git(repository, "add", "-A")
    (repository / f"moved {name}").write_text(MODEL.replace("t * 5", "t * 50"), encoding="utf-8")
    assert changed(cli) == [(f"moved {name}", 6)]


def test_fixes_touch_changed_lines_only(cli: Run, repository: Path) -> None:
    file = repository / "net" / "m.py"
    file.write_text(MODEL.replace("t * 4", "t * 40"), encoding="utf-8")
    ran = cli("check", "--fix", "--unsafe-fixes", "--diff-base", "HEAD")
    assert (ran.code, ran.out) == (0, "Found 1 finding (1 fixed, 0 remaining).\n")
    assert file.read_text(encoding="utf-8").count("Lambda(lambda") == 3


def test_with_a_baseline_both_hold(cli: Run, repository: Path) -> None:
    cli("check", "--write-baseline", "b.json")
    (repository / "net" / "m.py").write_text(MODEL.replace("t * 4)", "t * 4)  # why") + LINES[0], encoding="utf-8")
    ran = cli("check", "--output-format=json", "--diff-base", "HEAD", "--baseline", "b.json")
    assert [each["location"]["row"] for each in json.loads(ran.out)] == [7]


# what cannot work


def failed(cli: Run, *argv: str) -> str:
    ran = cli("check", *argv)
    assert (ran.code, ran.out) == (2, "")
    return ran.err.removeprefix("keras-lambda-lint: error: ")


@pytest.mark.parametrize("revision", ["nonsense", "-q", "--help", "HEAD:net/m.py", "", "a\nb", "HEAD~99", "\udce9"])
def test_an_unknown_revision_is_named(cli: Run, repository: Path, revision: str) -> None:
    said = failed(cli, f"--diff-base={revision}")
    assert said.startswith("--diff-base: git knows no revision `")
    assert said.count("\n") == 1


def test_no_repository_is_one_line(cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    (project / "m.py").write_text(MODEL, encoding="utf-8")
    assert failed(cli, "--diff-base=HEAD") == f"--diff-base: not a git repository: {project}\n"


def test_no_git_is_one_line(cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "m.py").write_text(MODEL, encoding="utf-8")
    monkeypatch.setenv("PATH", str(project))
    assert failed(cli, "--diff-base=HEAD") == "--diff-base needs git, which is not on the PATH\n"


def test_a_file_outside_the_repository_is_named(cli: Run, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "o.py").write_text(MODEL, encoding="utf-8")
    assert failed(cli, "--diff-base=HEAD", str(tmp_path / "o.py")) == (
        f"{tmp_path / 'o.py'}: not in the git repository {repository}, which --diff-base looks at\n"
    )
