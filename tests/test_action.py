"""The GitHub action: valid by the schema that others keep, and its steps do what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
MODEL = 'import keras\n\nmodel = keras.layers.Lambda(lambda t: t * 2, name="double")(inputs())\n'


def checked(project: Path, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Run the second step as the runner does; return its exit code, what it prints, and its outputs."""
    given = {name: inputs.get(name.replace("-", "_"), each["default"]) for name, each in ACTION["inputs"].items()}
    (step,) = [step for step in ACTION["runs"]["steps"] if step.get("id") == "check"]
    values = {f"${{{{ inputs.{name} }}}}": value for name, value in given.items()}
    values["${{ github.action_path }}"] = str(ROOT)
    temporary = project.parent / "temporary"
    temporary.mkdir()
    (temporary / "outputs").touch()
    environment = {
        **os.environ,
        **{name: values[value] for name, value in step["env"].items()},
        "KERAS_LAMBDA_LINT_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join((str(ROOT), sysconfig.get_path("purelib"))),
        "RUNNER_TEMP": str(temporary),
        "GITHUB_OUTPUT": str(temporary / "outputs"),
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in (temporary / "outputs").read_text(encoding="utf-8").splitlines())
    return done.returncode, done.stdout + done.stderr, outputs


@pytest.mark.parametrize("file", ["action.yml"])
def test_the_action_fits_the_schema(file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", str(ROOT / file)]

    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_no_input_reaches_a_shell_as_code() -> None:
    assert not [step["name"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]]


def test_findings_are_annotations(project: Path) -> None:
    (project / "model.py").write_text(MODEL, encoding="utf-8")

    code, out, outputs = checked(project)

    assert (code, outputs) == (1, {})
    assert out.startswith("::error title=KLL101 anonymous-lambda,file=model.py,")


def test_options_and_files_are_taken_as_a_shell_would(project: Path) -> None:
    (project / "a b.py").write_text(MODEL, encoding="utf-8")
    (project / "c.py").write_text(MODEL, encoding="utf-8")

    code, out, _ = checked(project, args="--exit-zero --ignore 'KLL3,KLL6'", src="'a b.py'")

    assert code == 0
    assert "file=a b.py" in out
    assert "c.py" not in out


def test_sarif_is_a_file_that_the_next_step_knows(project: Path) -> None:
    (project / "model.py").write_text(MODEL, encoding="utf-8")

    code, _, outputs = checked(project, output_format="sarif")

    assert code == 1
    log = json.loads(Path(outputs["sarif-file"]).read_text(encoding="utf-8"))
    assert log["runs"][0]["results"][0]["ruleId"] == "KLL101"
