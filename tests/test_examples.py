"""The programs of `examples/`: found, rewritten where that is possible yet, verified, and wrong rewrites of them refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from keras_lambda_lint.cli import main
from keras_lambda_lint.commands.fixing import Fixer
from keras_lambda_lint.config import Finder
from keras_lambda_lint.diagnostic import Fix, Span
from keras_lambda_lint.report.console import Console
from keras_lambda_lint.source.text import Source
from keras_lambda_lint.verify import Kind, Sandbox, VerifyOptions, verify_file

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[1] / "examples"
FINDINGS = {
    "antirectifier.py": [
        ("KLL401", "x -= K.mean"),
        ("KLL102", "Lambda(antirectifier"),
        ("KLL105", "output_shape=twice_as_wide"),
    ],
    "backend_import.py": [("KLL401", "K.l2_normalize(each"), ("KLL102", "Lambda(cosine")],
    "captured_variable.py": [("KLL101", "Lambda(lambda x: x * scale"), ("KLL201", "Lambda(lambda x: x * scale")],
    "compiled_function.py": [("KLL104", "Lambda(tf.function(lambda x")],
    "declared_shape.py": [("KLL102", "Lambda(slice"), ("KLL302", "output_shape=(4, 1)")],
    "function_layers.py": [
        ("KLL108", "class ElementWiseLambda"),
        ("KLL107", "def __init__(self, function, **kwargs)"),
        ("KLL108", "class WeightedLambda"),
        ("KLL107", "def __init__(self, function, **kwargs)"),
        ("KLL108", "class ComplexLambda"),
        ("KLL107", "def __init__(self, function, **kwargs)"),
    ],
    "keras_1.py": [
        ("KLL404", "import Dense, Flatten, Input, Lambda, merge"),
        ("KLL404", "from keras.utils.visualize_util import plot"),
        ("KLL101", "early = Lambda(lambda"),
        ("KLL601", "early = Lambda(lambda"),
        ("KLL101", "late = Lambda(lambda"),
        ("KLL601", "late = Lambda(lambda"),
    ],
    "migrated.py": [
        ("KLL207", "K.random_normal"),
        ("KLL102", "Lambda(with_noise"),
        ("KLL101", "query = Lambda(lambda"),
        ("KLL101", "neighbour = Lambda(lambda"),
        ("KLL205", "x[:, k]"),
        ("KLL101", "Lambda(lambda pair"),
        ("KLL101", "Lambda(lambda x: x / temperature"),
        ("KLL201", "Lambda(lambda x: x / temperature"),
        ("KLL404", "tf.keras.saving.load_model"),
    ],
    "nested_function.py": [("KLL103", "return x[:, t, :]"), ("KLL102", "Lambda(l_slice)")],
    "sampling.py": [("KLL207", "tf.random.normal"), ("KLL102", "Lambda(sampling")],
    "square.py": [("KLL101", "Lambda(lambda x: x ** 2)")],
    "submodels.py": [("KLL102", "Lambda(custom_layer")],
    "take_step.py": [
        ("KLL101", "Lambda(lambda x: x[:, t, :]"),
        ("KLL103", "Lambda(lambda x: x[:, t, :]"),
        ("KLL101", "Lambda(lambda x: x[:, LAST, :]"),
    ],
    "two_inputs.py": [("KLL102", "Lambda(change")],
    "untracked_attribute.py": [("KLL208", "self.scale = tf.Variable")],
    "wrong_custom_object.py": [("KLL102", "Lambda(l_slice"), ("KLL109", 'custom_objects={"l_slice": Lambda}')],
}
"""What `check` finds in each example, and a part of the line where; KLL301, an info, comes on top."""

FIXED = (
    "captured_variable.py",
    "compiled_function.py",
    "declared_shape.py",
    "function_layers.py",
    "migrated.py",
    "nested_function.py",
    "sampling.py",
    "square.py",
    "submodels.py",
    "take_step.py",
    "two_inputs.py",
    "untracked_attribute.py",
    "wrong_custom_object.py",
)
"""The examples that one command rewrites wholly; `examples/README.md` says what the others wait for."""

INTENDED = {
    "captured_variable.py": "agree except intended (trains-weight)",
    "declared_shape.py": "agree except intended (declared-shape)",
    "migrated.py": "agree except intended (",
    "sampling.py": "agree except intended (declared-dtype)",
    "untracked_attribute.py": "agree except intended (trains-weight)",
    "wrong_custom_object.py": "agree except intended (repairs-crash)",
}
REFUSED = {
    "compiled_function.py": "Expected 'config' to be a dict",
    "function_layers.py": "was created by passing",
    "untracked_attribute.py": "reloads, but differs",
    "declared_shape.py": "Could not locate function 'slice'",
    "migrated.py": "Could not locate function 'with_noise'",
    "nested_function.py": "Could not locate function 'l_slice'",
    "sampling.py": "Could not locate function 'sampling'",
    "submodels.py": "Could not locate function 'custom_layer'",
    "wrong_custom_object.py": "Could not locate function 'l_slice'",
}


def test_every_example_is_expected() -> None:
    assert sorted(FINDINGS) == sorted(path.name for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("name", FINDINGS)
def test_check_finds_what_breaks(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = EXAMPLES / name
    assert main(["check", "--ignore", "KLL301", "--output-format", "json", str(path)]) == 1
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [(each["code"], lines[each["location"]["row"] - 1]) for each in json.loads(capsys.readouterr().out)]
    assert len(found) == len(FINDINGS[name])
    assert all(
        code == wanted and part in line for (code, line), (wanted, part) in zip(found, FINDINGS[name], strict=True)
    )


def test_no_finding_remains_after_fixing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shutil.copytree(EXAMPLES, tmp_path / "examples"))
    assert main(["check", "--fix", "--unsafe-fixes"]) == 0
    assert main(["check"]) == 0
    assert capfd.readouterr().out.endswith("No findings.\n")


def test_a_python_2_file_is_named_with_its_line_and_the_others_are_checked(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(EXAMPLES / "python2" / "digits.py"), str(EXAMPLES / "square.py")]) == 2
    printed = capfd.readouterr()
    assert "digits.py:10: syntax error" in printed.err
    assert "square.py:16:" in printed.out


def test_the_main_job_does_not_meet_the_python_2_file(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    assert main(["check", "--exit-zero", "examples"]) == 0
    assert capfd.readouterr().err == ""


def test_the_table_of_examples_names_each_with_its_findings() -> None:
    rows = [line.split(" | ") for line in (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()]
    told = {row[0].strip("| `"): row[2] for row in rows if row[0].startswith("| `")}
    assert told == {name: " ".join(dict.fromkeys(code for code, _ in found)) for name, found in FINDINGS.items()}


@pytest.mark.parametrize("command", ["check", "check --unsafe-fixes --diff"])
def test_the_readme_shows_what_the_tool_prints(
    command: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    main([*command.split(), "examples/captured_variable.py"])
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    shown = readme.partition(f"$ keras-lambda-lint {command} examples/captured_variable.py\n")[2].partition("```")[0]
    assert shown == capfd.readouterr().out


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with arguments."""
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
    }
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="session")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples after one command; its output is in `output.txt`."""
    copy = tmp_path_factory.mktemp("rewritten") / "examples"
    copy.mkdir()
    for name in FIXED:
        shutil.copy(EXAMPLES / name, copy)
    command = "check --fix --unsafe-fixes --verify examples".split()
    done = run("-m", "keras_lambda_lint", *command, cwd=copy.parent)
    assert (done.returncode, done.stderr) == (0, "")
    (copy.parent / "output.txt").write_text(done.stdout, encoding="utf-8")
    return copy


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the command `verify` says about each example, by its name."""
    copy = tmp_path_factory.mktemp("verified") / "examples"
    shutil.copytree(EXAMPLES, copy)
    names = [f"examples/{name}" for name in FIXED]
    done = run("-m", "keras_lambda_lint", "verify", *names, "--json", "-", cwd=copy.parent)
    assert (done.returncode, done.stderr) == (0, "")
    return {Path(each["path"]).name: each for each in json.loads(done.stdout)}


@pytest.mark.execution
def test_one_command_rewrites_and_verifies_every_example(rewritten: Path) -> None:
    output = (rewritten.parent / "output.txt").read_text(encoding="utf-8")
    for word in ("differ (", "uncovered (", "repaired (", "error: ", "Not written"):
        assert word not in output
    for name in FIXED:
        assert re.search(r"\bLambda\(", (rewritten / name).read_text(encoding="utf-8")) is None
        assert f"examples/{name} on " in output


@pytest.mark.execution
@pytest.mark.parametrize("name", FIXED)
def test_a_rewritten_example_runs_as_a_program(name: str, rewritten: Path, tmp_path: Path) -> None:
    done = run(rewritten / name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.execution
@pytest.mark.parametrize("name", FIXED)
def test_an_example_and_its_fix_compute_the_same_and_only_the_fix_reloads(name: str, verdicts: dict[str, Any]) -> None:
    judged = [*verdicts[name]["sites"], *verdicts[name]["models"]]
    sites = verdicts[name]["sites"]
    assert sites
    for each in judged:
        assert each["text"].startswith(("agree (", INTENDED.get(name, "agree (")))
        assert each["after"] == "reloads and agrees"
    assert any(site["text"].startswith(INTENDED.get(name, "agree (")) for site in sites)
    for site in sites:
        assert REFUSED.get(name, "Requested the deserialization") in site["before"]


REPAIRED = ("antirectifier.py", "backend_import.py")
"""The examples that cannot run on the Keras 3 that `requirements.txt` asks for; one command rewrites them wholly."""


@pytest.mark.execution
@pytest.mark.parametrize("name", REPAIRED)
def test_what_cannot_run_on_keras_3_is_repaired(name: str, tmp_path: Path) -> None:
    for each in (name, "requirements.txt"):
        shutil.copy(EXAMPLES / each, tmp_path)
    assert run(name, cwd=tmp_path).returncode == 1
    command = f"check --fix --unsafe-fixes --verify {name}".split()
    done = run("-m", "keras_lambda_lint", *command, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "repaired (original fails: AttributeError" in done.stdout
    assert "reloads and agrees" in done.stdout
    assert run(name, cwd=tmp_path).returncode == 0


@dataclass(frozen=True)
class Wrong:
    """A rewrite that a careless colleague could have made: ours with one piece of text replaced."""

    name: str
    example: str
    right: str
    wrong: str
    says: str
    """A part of the reason for which it is refused."""
    kind: Kind = Kind.DIFFER
    refused: int = 1
    """How many of the sites are refused: two that share a name are both to blame."""


WRONG = (
    Wrong("constant is off by one", "take_step.py", "inputs[:, self.t, :]", "inputs[:, self.t + 1, :]", "error"),
    Wrong("wrong axis", "nested_function.py", "x[:, self.t, :]", "x[:, :, self.t]", "shape"),
    Wrong("constant is forgotten", "submodels.py", "return custom_layer(inputs)", "return inputs", "error"),
    Wrong("config forgets t", "nested_function.py", ', "t": self.t}', "}", "leaves out `t`", Kind.DIFFER),
    Wrong(
        "constructor takes no name",
        "nested_function.py",
        "(self, t, **kwargs):\n        super().__init__(**kwargs)",
        "(self, t):\n        super().__init__()",
        "unexpected keyword argument 'name'",
        Kind.ERROR,
    ),
    Wrong(
        "class is not registered",
        "square.py",
        '@tf.keras.utils.register_keras_serializable(package="square")\n',
        "",
        "Could not locate class 'Square'",
        Kind.ERROR,
    ),
    Wrong(
        "two classes under one name",
        "take_step.py",
        '(package="take_step")\nclass LastStep',
        '(package="take_step", name="TakeStep")\nclass LastStep',
        "arguments passed to LastStep: {'t': 2}",
        Kind.ERROR,
        refused=2,
    ),
    Wrong("gradient is cut", "square.py", "inputs ** 2", "tf.stop_gradient(inputs ** 2)", "gradient"),
    Wrong("equal for small values only", "square.py", "inputs ** 2", "tf.minimum(inputs, 10.0) ** 2", "error"),
    Wrong("half precision", "square.py", "inputs ** 2", "tf.cast(tf.cast(inputs, 'float16') ** 2, 'float32')", "error"),
    Wrong("NaN becomes zero", "square.py", "inputs ** 2", "tf.where(tf.math.is_nan(inputs), 0.0, inputs ** 2)", "NaN"),
    Wrong("weight does not train", "captured_variable.py", "shape=(),", "shape=(), trainable=False,", "does not train"),
    Wrong(
        "weight starts elsewhere", "captured_variable.py", "(initial_scale=1.0", "(initial_scale=1.5", "initial value"
    ),
    Wrong(
        "variable instead of weight",
        "captured_variable.py",
        """self.add_weight(
            name="scale",
            shape=(),
            dtype="float32",
            initializer=tf.keras.initializers.Constant(initial_scale),
        )""",
        "tf.Variable(initial_scale)",
        "scale is still no weight of the model",
    ),
    Wrong("attribute starts elsewhere", "untracked_attribute.py", '"ones"', '"zeros"', "initial value"),
    Wrong("attribute does not train", "untracked_attribute.py", '"ones"', '"ones", trainable=False', "does not train"),
    Wrong("function does something else", "function_layers.py", "return x * w", "return x + w", "error", refused=3),
    Wrong("exp(v) instead of exp(v / 2)", "sampling.py", "ops.exp(log_variance / 2)", "ops.exp(log_variance)", "error"),
    Wrong("noise that repeats", "sampling.py", "seed=self.seed_generator", "seed=1", "the same numbers at every call"),
    Wrong("inputs are swapped", "two_inputs.py", "change(inputs)", "change(inputs[::-1])", "error"),
    Wrong(
        "cast comes too late", "two_inputs.py", "change(inputs)", 'tf.cast(inputs[1] - inputs[0], "float32")', "error"
    ),
)


@dataclass(frozen=True)
class Moved:
    """A replacement whose place in the fixed text moved."""

    original: Span
    fixed: Span
    fix: Fix


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as shared:
        yield shared


@pytest.mark.execution
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_rewrite_is_refused(wrong: Wrong, sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / wrong.example
    shutil.copy(EXAMPLES / wrong.example, path)
    original = Source.from_bytes(str(path), path.read_bytes())
    ours = Fixer(Console()).fixed(original, Finder({"unsafe_fixes": True}).settings(str(tmp_path)))
    assert ours.source.text.count(wrong.right) == 1
    place, longer = ours.source.text.index(wrong.right), len(wrong.wrong) - len(wrong.right)

    def moved(offset: int) -> int:
        return offset + longer if offset > place else offset

    replacements = [
        Moved(each.original, Span(moved(each.fixed.start), moved(each.fixed.end)), each.fix)
        for each in ours.replacements
    ]
    planted = ours.source.with_text(ours.source.text.replace(wrong.right, wrong.wrong))

    verification = verify_file(str(path), original, planted, replacements, VerifyOptions(), sandbox)

    refused = [site.verdict for index, site in enumerate(verification.sites) if not verification.site_holds(index)]
    assert [verdict.kind for verdict in refused] == [wrong.kind] * wrong.refused
    assert all(wrong.says in str(verdict) for verdict in refused)
