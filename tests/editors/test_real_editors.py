"""Real editors, without a screen: what a person sees of a file, a quick fix, and all fixes of the file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

EDITORS = Path(__file__).parents[2] / "editors"
TEXT = """\
import keras

x = keras.Input((4,))
# 𝄞 λ
a = keras.layers.Lambda(lambda t: t * 2, name="double")(x)
b = keras.layers.Lambda(lambda t: t + 1, name="add_one")(a)
"""


def neovims() -> dict[str, str | None]:
    """Return the Neovim on the path and the one of this environment, which may be newer."""
    here = Path(sys.executable).with_name("nvim")
    path = os.pathsep.join(each for each in os.get_exec_path() if Path(each) != here.parent)
    return {"the system's": shutil.which("nvim", path=path), "the environment's": str(here) if here.exists() else None}


def driven(project: Path, command: list[str]) -> dict[str, Any]:
    """Return what an editor saw."""
    file, result = project / "m.py", project / "seen.json"
    file.write_text(TEXT, encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(project.parent),
        "XDG_STATE_HOME": str(project.parent),
        "KLL_SERVER": "\t".join((sys.executable, "-m", "keras_lambda_lint", "server")),
        "KLL_FILE": str(file),
        "KLL_RESULT": str(result),
    }
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert result.exists(), done.stdout + done.stderr
    seen: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    assert "problem" not in seen, seen["problem"]
    return seen


def check(seen: dict[str, Any]) -> None:
    """Compare what an editor saw with what it should have seen."""
    assert len([each for each in seen["diagnostics"] if "KLL101" in each]) == 2
    assert "lambda in a `Lambda` layer" in seen["hover"]
    assert "keras-lambda-lint (KLL101): Layer subclass `MultiplyBy`" in seen["quickfixes"]
    assert "keras-lambda-lint (KLL101): Disable for this line" in seen["quickfixes"]
    assert 'a = MultiplyBy(name="double")(x)\nb = keras.layers.Lambda(' in seen["after_quickfix"]
    assert len([each for each in seen["diagnostics_after_quickfix"] if "KLL101" in each]) == 1
    assert "# 𝄞 λ\na = MultiplyBy(" in seen["after_fix_all"]
    assert "Lambda(" not in seen["after_fix_all"]
    assert seen["diagnostics_after_fix_all"] == []


@pytest.mark.parametrize("which", list(neovims()))
def test_neovim(project: Path, which: str) -> None:
    neovim = neovims()[which]
    if neovim is None:
        pytest.skip(f"{which} Neovim is not installed")
    check(driven(project, [neovim, "--headless", "-u", "NONE", "-c", f"luafile {EDITORS / 'neovim' / 'check.lua'}"]))


SAVING = """\
vim.cmd("edit m.py")
vim.bo.filetype = "python"
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)
vim.cmd("write")
io.stdout:write(vim.bo.modified and "modified" or "saved")
vim.cmd("qall!")
"""


@pytest.mark.parametrize("start", [0, 1])
def test_what_the_readme_says_of_neovim_fixes_what_is_saved(project: Path, start: int) -> None:
    neovim = neovims()["the environment's"]
    if neovim is None:
        pytest.skip("no Neovim is installed in this environment: the system's may be too old for vim.lsp.config")
    starts = re.findall(r"```lua\n(.*?)```", (EDITORS / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (project / "init.lua").write_text(starts[start] + starts[2], encoding="utf-8")
    (project / "pyproject.toml").touch()
    (project / "save.lua").write_text(SAVING, encoding="utf-8")
    (project / "m.py").write_text(TEXT, encoding="utf-8")
    command = project / "bin" / "keras-lambda-lint"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m keras_lambda_lint "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    search = os.pathsep.join((str(command.parent), os.environ["PATH"]))
    done = subprocess.run(
        [neovim, "--headless", "-u", "init.lua", "-c", "luafile save.lua"],
        cwd=project,
        env={**os.environ, "PATH": search, "HOME": str(project.parent), "XDG_STATE_HOME": str(project.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.endswith("saved"), done.stdout + done.stderr
    written = (project / "m.py").read_text(encoding="utf-8")
    assert 'a = MultiplyBy(name="double")(x)' in written
    assert "Lambda(" not in written


def test_emacs(project: Path) -> None:
    if shutil.which("emacs") is None:
        pytest.skip("Emacs is not installed")
    has_eglot = subprocess.run(
        ["emacs", "--batch", "-q", "--eval", "(progn (package-initialize) (require 'eglot))"], check=False
    )
    if has_eglot.returncode:
        pytest.skip("this Emacs has no eglot: Debian's package is elpa-eglot")
    check(driven(project, ["emacs", "--batch", "-q", "-l", str(EDITORS / "emacs" / "check.el")]))
