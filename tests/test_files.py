from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from keras_lambda_lint.config import Finder
from keras_lambda_lint.files import Walk


def make(project: Path, *names: str) -> None:
    for name in names:
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")


def found(*paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    problems: list[tuple[str, str]] = []
    walk = Walk(Finder({"exclude": exclude} if exclude else {}), lambda *problem: problems.append(problem))
    collected = [path for path, _ in walk.collect(paths)]
    assert problems == []
    return collected


def test_python_files_and_notebooks_below_a_directory_sorted_by_their_parts(project: Path) -> None:
    make(project, "b.py", "a/z.py", "a.py", "a/y.pyi", "a-b.py", "a/notes.txt", "nb.ipynb", "a/b/c/d.py", "script")
    assert found(".") == ["a/b/c/d.py", "a/y.pyi", "a/z.py", "a-b.py", "a.py", "b.py", "nb.ipynb"]


def test_each_file_once_however_it_is_named(project: Path) -> None:
    make(project, "a/x.py")
    os.symlink("x.py", project / "a" / "link.py")
    os.symlink("a", project / "other")
    assert found("a/x.py", "./a/x.py", str(project / "a" / "x.py"), ".", "a", "other/x.py") == ["a/x.py"]


def test_paths_are_shown_relative_to_the_current_directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(project, "in/x.py", "out/y.py")
    monkeypatch.chdir(project / "in")
    assert found(str(project / "in"), "../out", str(project / "out" / "y.py")) == ["../out/y.py", "x.py"]
    assert found(str(project / "out")) == [str(project / "out" / "y.py")]


SKIPPED = [".git", ".venv", "venv", "node_modules", "build", "dist", "__pycache__", ".tox", "site-packages"]


@pytest.mark.parametrize("name", SKIPPED)
def test_some_directories_are_skipped_where_they_are_met(project: Path, name: str) -> None:
    make(project, f"a/{name}/x.py", "y.py")
    assert found(".") == ["y.py"]


@pytest.mark.parametrize("name", SKIPPED)
def test_they_are_walked_when_they_are_named_or_lie_above_what_is_named(project: Path, name: str) -> None:
    make(project, f"{name}/sub/x.py")
    assert found(name) == [f"{name}/sub/x.py"]
    assert found(f"{name}/sub") == [f"{name}/sub/x.py"]
    assert found(f"{name}/sub/x.py") == [f"{name}/sub/x.py"]


def test_a_virtual_environment_is_known_by_its_marker(project: Path) -> None:
    make(project, "env/pyvenv.cfg", "env/lib/x.py", "y.py")
    assert found(".") == ["y.py"]
    assert found("env") == ["env/lib/x.py"]


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("old", ["new/x.py", "x.py"]),
        ("old/", ["new/x.py", "x.py"]),
        ("x.py", ["old/deep/y.py"]),
        ("old/*", ["new/x.py", "x.py"]),
        ("new/x.py", ["old/deep/y.py", "old/x.py", "x.py"]),
        ("./new/x.py", ["old/deep/y.py", "old/x.py", "x.py"]),
        ("*/y*", ["new/x.py", "old/x.py", "x.py"]),
        ("[no][el][wd]", ["x.py"]),
        ("nothing", ["new/x.py", "old/deep/y.py", "old/x.py", "x.py"]),
    ],
)
def test_exclude_matches_names_and_paths_from_the_current_directory(project: Path, glob: str, left: list[str]) -> None:
    make(project, "x.py", "old/x.py", "old/deep/y.py", "new/x.py")
    assert found(".", exclude=(glob,)) == left


def test_exclude_of_a_configuration_is_relative_to_its_file(project: Path) -> None:
    make(project, "a/gen/x.py", "gen/x.py")
    (project / "a" / "pyproject.toml").write_text(
        "[tool.keras-lambda-lint]\nexclude = ['gen/x.py']\n", encoding="utf-8"
    )
    assert found(".") == ["gen/x.py"]


def test_a_file_that_is_named_is_checked_although_it_is_excluded_or_ignored(project: Path) -> None:
    make(project, ".git/HEAD", "old/x.py", "script")
    (project / ".gitignore").write_text("old\n", encoding="utf-8")
    assert found("old/x.py", "script", exclude=("old",)) == ["old/x.py", "script"]
    assert found("old") == ["old/x.py"]


class TestGitignore:
    @pytest.fixture(autouse=True)
    def repository(self, project: Path) -> None:
        (project / ".git").mkdir()

    def ignore(self, path: Path, *patterns: str) -> None:
        path.mkdir(parents=True, exist_ok=True)
        (path / ".gitignore").write_text("".join(f"{pattern}\n" for pattern in patterns), encoding="utf-8")

    def test_patterns_of_the_root(self, project: Path) -> None:
        self.ignore(project, "# comment", "gen/", "*_pb2.py", "/top.py", "!kept_pb2.py", "docs/**/x.py")
        make(
            project,
            "gen/x.py",
            "a/gen/x.py",
            "a_pb2.py",
            "kept_pb2.py",
            "top.py",
            "a/top.py",
            "docs/a/b/x.py",
            "docs/y.py",
        )
        assert found(".") == ["a/top.py", "docs/y.py", "kept_pb2.py"]

    def test_an_inner_file_adds_and_takes_back(self, project: Path) -> None:
        self.ignore(project, "*.py")
        self.ignore(project / "a", "!*.py", "b.py")
        make(project, "x.py", "a/x.py", "a/b.py")
        assert found(".") == ["a/x.py"]

    def test_parents_up_to_the_root_of_the_repository_count(self, project: Path) -> None:
        self.ignore(project, "a/b/x.py", "y.py")
        self.ignore(project.parent, "z.py")
        make(project, "a/b/x.py", "a/b/y.py", "a/b/z.py")
        assert found("a/b") == ["a/b/z.py"]

    def test_a_repository_inside_is_its_own(self, project: Path) -> None:
        self.ignore(project, "x.py")
        make(project, "inner/.git/HEAD", "inner/x.py", "x.py")
        assert found(".") == ["inner/x.py"]

    def test_without_a_repository_only_the_walked_files_count(self, project: Path) -> None:
        (project / ".git").rmdir()
        self.ignore(project, "x.py")
        self.ignore(project / "a", "y.py")
        make(project, "a/x.py", "a/y.py", "a/z.py")
        assert found("a") == ["a/x.py", "a/z.py"]

    def test_a_pattern_that_means_nothing_is_left_out(self, project: Path) -> None:
        (project / ".gitignore").write_bytes(b"!\n\xff\n***//\\\nx.py\n")
        make(project, "x.py", "y.py")
        assert found(".") == ["y.py"]


TREE = (
    *("a.py", "b.py", " s.py", "s .py", "#h.py", "!n.py", "[z].py", "a\\b.py", "ä.py", "A.py", "a\x0cb.py"),
    *("dir.py/a.py", "d/a.py", "d/b.py", "d/e/a.py", "d/e/f/a.py", "e/d/a.py", "foo/a.py", "foo/bar/a.py"),
    *("foo/bar/baz/b.py", "foo/keep/a.py", "lib/a.py", "src/lib/a.py", "tmp1/a.py"),
)
PATTERNS = [
    *("a.py", "/a.py", "d/", "d/*\n!d/a.py", "d/\n!d/a.py", "d/**", "**/a.py", "d/**/a.py", "**/d/a.py", "d/e"),
    *("*\n!*/\n!b.py", "foo/*\n!foo/keep/", "foo/**\n!foo/**/\n!foo/keep/a.py", "lib/\n!src/lib/", "dir.py/"),
    *(
        "\\#h.py\n\\!n.py",
        "#h.py",
        "s .py ",
        "s\\ .py\\ ",
        "[ab].py",
        "[!a].py",
        "[^a].py",
        "\\[z\\].py",
        "[a-",
        "?.py",
    ),
    *(
        "[[:upper:]]*",
        "[]a]*",
        "a\\\\b.py",
        "a\x0cb.py",
        "a.py\r\nb.py\r",
        "\ufeffa.py",
        "a.py\t",
        "//a.py",
        "!\n/\n",
        "tmp?/",
    ),
    *("***/a.py", "foo**/a.py", "[[:none:]]", "[z-a].py", "\\a.py", "a.py\\", "/*\n!/d\n/d/*\n!/d/e"),
]


@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git itself")
def test_gitignore_means_what_it_means_to_git(project: Path) -> None:
    make(project, *TREE)

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=project, capture_output=True, check=True, encoding="utf-8"
        ).stdout

    git("init", "--quiet")
    for patterns in PATTERNS:
        (project / ".gitignore").write_bytes(f"{patterns}\n".encode())
        listed = git("ls-files", "-z", "--others", "--exclude-per-directory=.gitignore").split("\0")
        assert set(found(".")) == {name for name in listed if name.endswith(".py")}, patterns


def test_links_to_directories_are_not_followed_so_loops_end(project: Path) -> None:
    make(project, "a/x.py")
    os.symlink("..", project / "a" / "up")
    os.symlink(".", project / "self")
    assert found(".") == ["a/x.py"]
    assert found("self") == ["self/a/x.py"]


def test_a_very_deep_tree_is_walked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(300):
        os.mkdir("d")
        os.chdir("d")
    Path("x.py").touch()
    os.chdir(project)
    assert found(".") == ["d/" * 300 + "x.py"]


def test_a_lock_of_emacs_is_no_file(project: Path) -> None:
    os.symlink("user@host.1234", project / ".#x.py")
    make(project, "x.py", "dir.py/y.py")
    assert found(".") == ["dir.py/y.py", "x.py"]


def test_what_is_excluded_and_named_is_left_out_on_demand(project: Path) -> None:
    make(project, "old/a.py", "b.py")
    walk = Walk(Finder({"exclude": ("old",), "force_exclude": True}), lambda *problem: None)

    assert [path for path, _ in walk.collect(["old/a.py", "b.py"])] == ["b.py"]
