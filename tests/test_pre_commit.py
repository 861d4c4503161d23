"""Our hooks under a real `pre-commit run`, in a repository of their own: they fail, fix and pass. No network: the tool is this one."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parent.parent
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
FLAKE8 = {"id": "flake8", "name": "flake8", "entry": "flake8", "types": ["python"], "require_serial": True}

MODEL = 'import keras\n\n\ndef model(x):\n    return keras.layers.Lambda(lambda t: t * 2, name="double")(x)\n'


class Repository:
    """A git repository with hooks."""

    def __init__(self, directory: Path, home: Path) -> None:
        self.directory = directory
        # Where the commands of this environment are, as in the one that pre-commit would make.
        path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
        self._environment = {
            **kept,
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "PRE_COMMIT_HOME": str(home),
            "PRE_COMMIT_COLOR": "never",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self.run("git", "init", "--quiet")

    def run(self, *command: str) -> tuple[int, str]:
        done = subprocess.run(
            command, cwd=self.directory, env=self._environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def use(self, *hooks: dict[str, Any]) -> None:
        # `python` would install the tool from a network.
        local = [{**hook, "language": "system"} for hook in hooks]
        for hook in local:
            hook.pop("additional_dependencies", None)
        config = {"repos": [{"repo": "local", "hooks": local}]}
        (self.directory / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")

    def check(self) -> tuple[int, str]:
        self.run("git", "add", "--all")
        return self.run("pre-commit", "run", "--all-files")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    directory = tmp_path / "repository"
    directory.mkdir()
    return Repository(directory, tmp_path / "home")


def notebook(code: str) -> str:
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])))


def test_the_hook_fails_on_findings_in_files_and_notebooks(repository: Repository) -> None:
    (repository.directory / "model.py").write_text(MODEL, encoding="utf-8")
    (repository.directory / "nb.ipynb").write_text(notebook(MODEL), encoding="utf-8")
    (repository.directory / "notes.txt").write_text(MODEL, encoding="utf-8")
    repository.use(HOOKS["keras-lambda-lint"])

    code, out = repository.check()

    assert code == 1
    assert "model.py:5:32: KLL101" in out
    assert "nb.ipynb:cell 1:5:32: KLL101" in out
    assert "notes.txt" not in out


def test_the_fixing_hook_fails_fixes_and_passes(repository: Repository) -> None:
    file, book = repository.directory / "model.py", repository.directory / "nb.ipynb"
    file.write_text(MODEL, encoding="utf-8")
    book.write_text(notebook(MODEL), encoding="utf-8")
    repository.use(HOOKS["keras-lambda-lint-fix"])

    code, out = repository.check()
    assert code == 1
    assert "files were modified by this hook" in out
    assert "Lambda" not in file.read_text(encoding="utf-8")
    nbformat.validate(nbformat.reads(book.read_text(encoding="utf-8"), as_version=4))

    code, out = repository.check()
    assert (code, "Passed" in out) == (0, True), out


def test_what_the_configuration_excludes_stays_excluded(repository: Repository) -> None:
    (repository.directory / "model.py").write_text(MODEL, encoding="utf-8")
    settings = '[tool.keras-lambda-lint]\nexclude = ["model.py"]\n'
    (repository.directory / "pyproject.toml").write_text(settings, encoding="utf-8")
    repository.use(HOOKS["keras-lambda-lint"])

    assert repository.check()[0] == 0


def test_flake8_with_our_plugin(repository: Repository) -> None:
    file = repository.directory / "model.py"
    file.write_text(MODEL, encoding="utf-8")
    repository.use(FLAKE8)

    code, out = repository.check()
    assert code == 1
    assert "model.py:5:32: KLL101" in out

    file.write_text(MODEL.replace("(x)\n", "(x)  # noqa\n"), encoding="utf-8")
    assert repository.check()[0] == 0


def test_this_repository_passes_its_own_hooks(repository: Repository) -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (hook,) = [hook for entry in config["repos"] for hook in entry["hooks"] if hook["id"] == "keras-lambda-lint"]
    own = HOOKS["keras-lambda-lint"]
    assert {key: hook[key] for key in ("entry", "types_or", "require_serial")} == {
        key: own[key] for key in ("entry", "types_or", "require_serial")
    }
    for path in (ROOT / "keras_lambda_lint").rglob("*.py"):
        copy = repository.directory / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    repository.use(hook)

    code, out = repository.check()
    assert code == 0, out
