"""`check --fix --verify` and `verify`: which fixes are kept, and what is said. The verifier itself is replaced by a judge."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.commands import verified
from keras_lambda_lint.verify import Kind, SiteVerdict, Verdict, Verification, VerifyError, VerifyOptions, many

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

    from keras_lambda_lint.rewrite.engine import Replacement
    from keras_lambda_lint.source.text import Source

SAFE = 'a = keras.layers.Lambda(lambda t: t * 2, name="double")(x)\n'
SQUARE = 'b = keras.layers.Lambda(lambda t: t ** 2, name="square")(x)\n'
UNSAFE = "c = keras.layers.Lambda(lambda t: t * scale)(x)\n"
HEAD = "import keras\nimport tensorflow as tf\n\nscale = tf.Variable(1.0)\n"

MEAN = 'import keras\nfrom keras import backend as K\n\na = keras.layers.Lambda(lambda t: K.mean(t, axis=1), name="a")(x)\n'

AGREE = Verdict(Kind.AGREE, 12)
DIFFER = Verdict(Kind.DIFFER, 12, "layer square, batch 3: 0.5 apart")
UNCOVERED = Verdict(Kind.UNCOVERED, 0, "no model is built")
STOPS = Verdict(Kind.ERROR, 0, "the fixed script ends with NameError", shared=True)
REPAIRED = Verdict(Kind.REPAIRED, 12, "NameError")
TRAINS = Verdict(Kind.AGREE_EXCEPT_INTENDED, 12, "", ("trains-weight",))
BINDS = Verdict(Kind.AGREE_EXCEPT_INTENDED, 12, "", ("binds-loop-value",))

Judge = Callable[[str], Verdict]


class Judged:
    """Stands in for the verifier: gives each replaced expression the verdict that `judge` has for it."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.calls: list[tuple[list[str], VerifyOptions]] = []
        self.fixed: list[str] = []
        self.sandboxes: list[object] = []

    def __call__(
        self,
        path: str,
        original: Source,
        fixed: Source,
        replacements: Sequence[Replacement],
        options: VerifyOptions,
        sandbox: object,
        others: Sequence[tuple[Source, Source]] = (),
    ) -> Verification:
        texts = [original.text[slice(*each.original)] for each in replacements]
        self.calls.append((texts, options))
        self.fixed.append(fixed.text)
        self.sandboxes.append(sandbox)
        rows = [original.location(each.original.start) for each in replacements]
        sites = tuple(
            SiteVerdict(row, column, ("layer",), self.judge(text))
            for (row, column), text in zip(rows, texts, strict=True)
        )
        return Verification(path, "keras 3.15.1", "CPU", sites, ())


class Box:
    """Stands in for the sandbox."""

    closed = 0

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        Box.closed += 1


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Judge], Judged]:
    def install(judge: Judge) -> Judged:
        made = Judged(judge)
        Box.closed = 0
        for module in (verified, many):
            monkeypatch.setattr(module, "verify_file", made)
            monkeypatch.setattr(module, "Sandbox", Box)
        return made

    return install


Install = Callable[[Judge], Judged]


def test_safe_and_unsafe_fixes_that_hold_are_written(cli: Run, project: Path, judged: Install) -> None:
    (project / "m.py").write_text(HEAD + SAFE + UNSAFE, encoding="utf-8")
    made = judged(lambda text: TRAINS if "scale" in text else AGREE)
    code, out, err = cli("check", "--fix", "--verify")
    assert (code, err) == (0, "")
    assert "Lambda" not in (project / "m.py").read_text(encoding="utf-8")
    assert len(made.calls) == 1
    assert "m.py on keras 3.15.1, CPU" in out
    assert "agree (12 cases)" in out
    assert "agree except intended (trains-weight)" in out
    assert Box.closed == 1


def test_a_fix_that_does_not_hold_is_dropped_and_the_rest_is_verified_again(
    cli: Run, project: Path, judged: Install
) -> None:
    (project / "m.py").write_text(HEAD + SAFE + SQUARE + UNSAFE, encoding="utf-8")
    made = judged(lambda text: DIFFER if "**" in text else TRAINS if "scale" in text else AGREE)
    code, out, _ = cli("check", "--fix", "--verify", "--select", "KLL101,KLL201")
    text = (project / "m.py").read_text(encoding="utf-8")
    assert SQUARE in text
    assert "t * 2" not in text
    assert "t * scale" not in text
    assert [len(texts) for texts, _ in made.calls] == [3, 2]
    assert code == 1
    assert "Found 4 findings (3 fixed, 1 remaining)." in out
    assert "  m.py:6:5: differ (layer square, batch 3: 0.5 apart)" in out


def test_the_remaining_set_is_verified_until_nothing_is_dropped(cli: Run, project: Path, judged: Install) -> None:
    (project / "m.py").write_text(HEAD + SAFE + SQUARE, encoding="utf-8")
    turns: list[str] = []

    def judge(text: str) -> Verdict:
        turns.append(text)
        if "**" in text:
            return DIFFER
        # Alone, without the other, it differs too.
        return AGREE if len(turns) <= 2 else DIFFER

    made = judged(judge)
    before = (project / "m.py").read_bytes()
    code, out, _ = cli("check", "--fix", "--verify", "--select", "KLL101")
    assert (project / "m.py").read_bytes() == before
    assert [len(texts) for texts, _ in made.calls] == [2, 1]
    assert code == 1
    assert out.count("differ (layer square, batch 3: 0.5 apart)") == 2


def test_of_fixes_that_fail_together_the_one_to_blame_is_found(cli: Run, project: Path, judged: Install) -> None:
    lines = [f"x{number} = keras.layers.Lambda(lambda t: t + {number})(x)\n" for number in range(5)]
    (project / "m.py").write_text(HEAD + "".join(lines), encoding="utf-8")
    made = judged(lambda text: AGREE)

    def judge(_text: str) -> Verdict:
        together = made.calls[-1][0]
        return STOPS if any(f"t + {number})" in text for text in together for number in (1, 3)) else AGREE

    made.judge = judge
    code, out, _ = cli("check", "--fix", "--verify")
    text = (project / "m.py").read_text(encoding="utf-8")
    assert [line in text for line in lines] == [False, True, False, True, False]
    assert code == 1
    assert out.count("error: the fixed script ends with NameError") == 2
    assert "  m.py:6:6: error: the fixed script ends with NameError" in out
    assert "(3 fixed, 2 remaining)." in out
    assert len(made.calls) < 10


@pytest.mark.parametrize(
    ("line", "verdict", "options", "written"),
    [
        (SAFE, AGREE, (), True),
        (SAFE, REPAIRED, (), True),
        (SAFE, UNCOVERED, (), False),
        (SAFE, DIFFER, (), False),
        (UNSAFE, TRAINS, (), True),
        (UNSAFE, BINDS, (), False),
        (UNSAFE, REPAIRED, (), False),
        (UNSAFE, UNCOVERED, (), False),
        (UNSAFE, BINDS, ("--unsafe-fixes",), True),
        (UNSAFE, REPAIRED, ("--unsafe-fixes",), True),
        (UNSAFE, UNCOVERED, ("--unsafe-fixes",), False),
        (UNSAFE, DIFFER, ("--unsafe-fixes",), False),
    ],
)
def test_what_is_written(
    cli: Run, project: Path, judged: Install, line: str, verdict: Verdict, options: tuple[str, ...], written: bool
) -> None:
    (project / "m.py").write_text(HEAD + line, encoding="utf-8")
    judged(lambda text: verdict)
    _, out, _ = cli("check", "--fix", "--verify", *options)
    assert (line not in (project / "m.py").read_text(encoding="utf-8")) is written
    assert ("Not written" in out) is not written
    assert ("give --unsafe-fixes to accept it" in out) is (verdict.holds and not written)


def test_one_sandbox_serves_all_files_and_files_without_fixes_are_not_run(
    cli: Run, project: Path, judged: Install
) -> None:
    for name in ("a.py", "b.py"):
        (project / name).write_text(HEAD + SAFE, encoding="utf-8")
    (project / "c.py").write_text(HEAD, encoding="utf-8")
    made = judged(lambda text: AGREE)
    assert cli("check", "--fix", "--verify", "--keras", "2").code == 0
    assert len(made.calls) == 2
    assert made.sandboxes[0] is made.sandboxes[1]
    assert {options.keras for _, options in made.calls} == {"2"}


def test_a_diff_shows_only_what_holds(cli: Run, project: Path, judged: Install) -> None:
    (project / "m.py").write_text(HEAD + SAFE + SQUARE, encoding="utf-8")
    judged(lambda text: DIFFER if "**" in text else AGREE)
    code, out, err = cli("check", "--diff", "--verify")
    assert code == 1
    assert "-" + SAFE in out
    assert "-" + SQUARE not in out
    assert "differ" in err


def test_json_keeps_the_verdicts_away_from_the_findings(cli: Run, project: Path, judged: Install) -> None:
    (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
    judged(lambda text: UNCOVERED)
    code, out, err = cli("check", "--fix", "--verify", "--output-format", "json")
    assert code == 1
    assert json.loads(out)
    assert "uncovered (no model is built)" in err


def test_where_nothing_can_be_run_nothing_is_written(
    cli: Run, project: Path, judged: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
    judged(lambda text: AGREE)

    def refusing(*_: object, **_options: object) -> Verification:
        raise VerifyError("TensorFlow is not installed")

    monkeypatch.setattr(verified, "verify_file", refusing)
    code, _, err = cli("check", "--fix", "--verify")
    assert code == 2
    assert err == "keras-lambda-lint: error: m.py: not verified, so not fixed: TensorFlow is not installed\n"
    assert (project / "m.py").read_text(encoding="utf-8") == HEAD + SAFE
    assert Box.closed == 1


def test_a_system_where_nothing_can_be_run(cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")

    def refusing() -> None:
        raise VerifyError("verify runs on Linux and macOS")

    for module in (verified, many):
        monkeypatch.setattr(module, "Sandbox", refusing)
    message = "keras-lambda-lint: error: verify runs on Linux and macOS\n"
    assert cli("check", "--fix", "--verify") == (2, "", message)
    assert cli("verify", "m.py") == (2, "", message)


def test_without_the_extra_the_error_says_what_to_install(
    cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
    for module in [name for name in sys.modules if name.startswith("keras_lambda_lint.verify")]:
        monkeypatch.delitem(sys.modules, module)
    for command in ("verify", "verified"):
        monkeypatch.delitem(sys.modules, f"keras_lambda_lint.commands.{command}")
    monkeypatch.setitem(sys.modules, "numpy", None)
    message = "keras-lambda-lint: error: verification needs numpy: pip install 'keras-lambda-lint[verify]'\n"
    assert cli("check", "--fix", "--verify") == (2, "", message)
    assert cli("verify", "m.py") == (2, "", message)


def test_how_long_a_process_may_take(cli: Run, project: Path, judged: Install) -> None:
    (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
    made = judged(lambda text: AGREE)
    for options in ((), ("--timeout", "300")):
        assert cli("check", "--diff", "--verify", *options).code == 1
        assert cli("verify", "m.py", *options).code == 0
    (project / "pyproject.toml").write_text("[tool.keras-lambda-lint]\ntimeout = 7\n", encoding="utf-8")
    assert cli("check", "--fix", "--verify").code == 0
    assert [options.timeout for _, options in made.calls] == [120, 120, 300, 300, 7]
    code, _, err = cli("check", "--timeout", "300")
    assert (code, err.count("\n")) == (2, 1)
    assert "--timeout is about what --verify runs: give it, with --fix or --diff, too" in err


class TestVerify:
    def test_all_fixes_in_memory(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "m.py").write_text(HEAD + SAFE + UNSAFE, encoding="utf-8")
        made = judged(lambda text: TRAINS if "scale" in text else AGREE)
        code, out, err = cli("verify", "m.py", "--keras", "2,3", "--device", "all")
        assert (code, err) == (0, "")
        assert "m.py on keras 3.15.1, CPU" in out
        assert (project / "m.py").read_text(encoding="utf-8") == HEAD + SAFE + UNSAFE
        ((texts, options),) = made.calls
        assert len(texts) == 2
        assert (options.keras, options.device) == ("2,3", "all")

    @pytest.mark.parametrize(
        ("keras", "written"),
        [("2", ["K.mean"]), ("3", ["ops.mean"]), ("auto", ["K.mean"]), ("2,3", ["K.mean", "ops.mean"])],
    )
    def test_each_keras_gets_a_fix_that_runs_there(
        self, cli: Run, project: Path, judged: Install, keras: str, written: list[str]
    ) -> None:
        (project / "m.py").write_text(MEAN, encoding="utf-8")
        made = judged(lambda text: AGREE)
        code, out, _ = cli("verify", "m.py", "--keras", keras, "-j", "1")
        assert code == 0
        assert [next(name for name in ("K.mean", "ops.mean") if name in text) for text in made.fixed] == written
        asked = ["2", "3"] if keras == "2,3" else [keras]
        assert [options.keras for _, options in made.calls] == asked
        note = "note: fixed for this Keras alone, as `check --keras 3` does\n"
        assert out.count(note) == (keras == "2,3")

    def test_fixes_that_need_keras_3_are_not_run_on_keras_2(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "m.py").write_text(MEAN, encoding="utf-8")
        (project / "pyproject.toml").write_text('[tool.keras-lambda-lint]\nkeras = "3"\n', encoding="utf-8")
        made = judged(lambda text: AGREE)
        out = cli("verify", "m.py", "--keras", "2,3", "-j", "1").out
        assert ["K.mean" in text for text in made.fixed] == [True, False]
        assert [options.keras for _, options in made.calls] == ["2", "3"]
        assert out.count("note: fixed for this Keras alone, as `check --keras 2` does\n") == 1

    def test_the_configuration_says_which_keras(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "m.py").write_text(MEAN, encoding="utf-8")
        (project / "pyproject.toml").write_text('[tool.keras-lambda-lint]\nkeras = "2"\n', encoding="utf-8")
        made = judged(lambda text: AGREE)
        assert cli("verify", "m.py").code == cli("verify", "m.py", "--keras", "3").code == 0
        assert [options.keras for _, options in made.calls] == ["2", "3"]
        assert ["K.mean" in text for text in made.fixed] == [True, False]

    @pytest.mark.parametrize(("verdict", "code"), [(AGREE, 0), (REPAIRED, 0), (DIFFER, 1), (UNCOVERED, 1)])
    def test_the_exit_code(self, cli: Run, project: Path, judged: Install, verdict: Verdict, code: int) -> None:
        (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
        judged(lambda text: verdict)
        assert cli("verify", "m.py").code == code

    def test_against_a_file(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
        (project / "fixed.py").write_text(HEAD, encoding="utf-8")
        made = judged(lambda text: AGREE)
        code, _, _ = cli("verify", "m.py", "--against", "fixed.py")
        assert [texts for texts, _ in made.calls] == [[]]
        assert code == 1, "without a model and a site nothing is verified"

    def test_json(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
        judged(lambda text: AGREE)
        _, out, _ = cli("verify", "m.py", "--json", "-")
        assert json.loads(out)[0]["sites"][0]["verdict"] == "agree"
        code, out, _ = cli("verify", "m.py", "--json", "v.json")
        assert code == 0
        assert "agree (12 cases)" in out
        assert json.loads((project / "v.json").read_text(encoding="utf-8"))[0]["path"] == "m.py"

    @pytest.mark.parametrize(
        ("path", "said"),
        [("no/v.json", "its directory does not exist"), ("m.py", "its name is that of a file to check")],
    )
    def test_what_cannot_be_written_is_said_before_anything_is_run(
        self, cli: Run, project: Path, judged: Install, path: str, said: str
    ) -> None:
        (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
        made = judged(lambda text: AGREE)
        message = f"keras-lambda-lint: error: {path}: cannot write the verdicts: {said}\n"
        assert cli("verify", "m.py", "--json", path) == (2, "", message)
        assert not made.calls
        assert (project / "m.py").read_text(encoding="utf-8") == HEAD + SAFE

    def test_a_fixed_file_that_is_no_python(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
        (project / "fixed.py").write_text("import keras\nx = (\n", encoding="utf-8")
        made = judged(lambda text: AGREE)
        code, _, err = cli("verify", "m.py", "--against", "fixed.py")
        assert (code, err.count("\n"), len(made.calls)) == (2, 1, 0)
        assert "fixed.py:2: syntax error" in err

    def test_broken_files_are_named_and_the_others_verified(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
        (project / "bad.py").write_text("import keras\nLambda(\n", encoding="utf-8")
        judged(lambda text: AGREE)
        code, out, err = cli("verify", "missing.py", "bad.py", "m.py")
        assert code == 2
        assert [line.partition(": error: ")[2][:20] for line in err.splitlines()] == [
            "missing.py: no such ",
            "bad.py:2: syntax err",
        ]
        assert "m.py on keras 3.15.1, CPU" in out

    def test_a_directory_means_its_files_with_something_to_fix(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "nets").mkdir()
        for name, text in (("nets/a.py", HEAD + SAFE), ("nets/b.py", HEAD + SQUARE), ("nets/none.py", HEAD)):
            (project / name).write_text(text, encoding="utf-8")
        made = judged(lambda text: AGREE)
        code, out, err = cli("verify", "nets", "nets/a.py")
        assert (code, err) == (0, "")
        assert [line.split(" on ")[0] for line in out.splitlines() if " on " in line] == ["nets/a.py", "nets/b.py"]
        assert len(made.calls) == 2
        (project / "empty").mkdir()
        assert cli("verify", "empty") == (
            0,
            "",
            "keras-lambda-lint: nothing to verify under empty: no fix replaces anything there\n",
        )

    def test_what_is_given_to_the_program(self, cli: Run, project: Path, judged: Install) -> None:
        (project / "nets.py").write_text(HEAD + SAFE, encoding="utf-8")
        made = judged(lambda text: AGREE)
        given = ("--factory-args", '{"units": 3}', "--input-spec", "(None, 4):int32", "--int-range", "0:9")
        assert cli("verify", "nets:build", *given).code == 0
        ((_, options),) = made.calls
        assert (options.factory, options.factory_args, options.int_range) == ("build", {"units": 3}, (0, 9))
        assert [(spec.shape, spec.dtype) for spec in options.input_spec] == [((None, 4), "int32")]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["m.py", "--factory-args", "{}"], "--factory-args gives arguments to a factory: name it"),
            (["m:build", "--factory-args", "{"], "--factory-args is no JSON"),
            (["m.py", "--input-spec", "4"], "--input-spec `4` cannot be read"),
            (["m.py", "--int-range", "4"], "--int-range `4` is no range"),
            (["other:build"], "other: no such file or module"),
            ([".", "--against", "m.py"], "--against takes one FILE to compare with, not a directory"),
            (["m.py", "-j", "0"], "argument -j/--jobs: must be a whole number from 1 on, not '0'"),
            *(
                (["m.py", "--timeout", value], f"argument --timeout: must be a whole number from 1 on, not '{value}'")
                for value in ("0", "-1", "soon", "1e3", "inf", "")
            ),
        ],
    )
    def test_what_cannot_be_meant_is_one_line(
        self, cli: Run, project: Path, judged: Install, arguments: list[str], said: str
    ) -> None:
        (project / "m.py").write_text(HEAD + SAFE, encoding="utf-8")
        made = judged(lambda text: AGREE)
        code, out, err = cli("verify", *arguments)
        assert code == 2
        assert out == ""
        assert err.startswith("keras-lambda-lint: error: ")
        assert said in err
        assert err.count("\n") == 1
        assert not made.calls
