"""The words of verdicts, what they count for, and how they are shown."""

import io
import subprocess
import sys

import pytest

from keras_lambda_lint.source.text import Source
from keras_lambda_lint.verify import (
    Kind,
    ModelVerdict,
    Sandbox,
    SiteVerdict,
    Verdict,
    Verification,
    VerifyError,
    VerifyOptions,
    as_json,
    table,
    verify_file,
)
from keras_lambda_lint.verify.flavour import Flavour, flavours


@pytest.mark.parametrize(
    ("verdict", "text", "holds", "promotes"),
    [
        (Verdict(Kind.AGREE, 10), "agree (10 cases)", True, True),
        (
            Verdict(Kind.AGREE_EXCEPT_INTENDED, 10, intended=("trains-weight",)),
            "agree except intended (trains-weight)",
            True,
            True,
        ),
        (
            Verdict(Kind.AGREE_EXCEPT_INTENDED, 10, intended=("declared-shape", "binds-loop-value")),
            "agree except intended (declared-shape, binds-loop-value)",
            True,
            False,
        ),
        (Verdict(Kind.REPAIRED, detail="NameError: x"), "repaired (original fails: NameError: x)", True, False),
        (Verdict(Kind.DIFFER, 10, "dense, error 1"), "differ (dense, error 1)", False, False),
        (Verdict(Kind.UNCOVERED, detail="no model"), "uncovered (no model)", False, False),
        (Verdict(Kind.ERROR, detail="killed"), "error: killed", False, False),
    ],
)
def test_words(verdict, text, holds, promotes):
    assert (str(verdict), verdict.holds, verdict.promotes) == (text, holds, promotes)


def test_repaired_is_not_counted_as_agreement():
    assert not Verdict(Kind.REPAIRED, detail="NameError").agrees
    assert Verdict(Kind.AGREE, 1).agrees


def verification(**changes: object) -> Verification:
    before = (
        "reload refused: ValueError: Requested the deserialization of a `Lambda` layer whose `function` is a lambda"
    )
    site = SiteVerdict(14, 5, ("scale",), Verdict(Kind.AGREE, 10, before=before, after="reloads and agrees"))
    model = ModelVerdict("functional", 20, Verdict(Kind.DIFFER, 10, "layer scale, input wide, batch 1, error 2"))
    values = {"path": "model.py", "keras": "keras 3", "device": "CPU", "sites": (site,), "models": (model,), **changes}
    return Verification(**values)  # type: ignore[arg-type]


def test_a_file_holds_when_all_its_sites_hold_everywhere():
    good, bad = verification(), verification(sites=(SiteVerdict(1, 1, (), Verdict(Kind.UNCOVERED)),))

    assert good.holds
    assert good.promotes(0)
    assert not bad.holds
    assert not verification(also=(bad,)).holds
    assert not verification(also=(bad,)).promotes(0)
    assert not verification(sites=(), models=()).holds


def test_the_table_names_file_keras_device_and_fits_100_columns():
    stream = io.StringIO()
    table([verification(also=(verification(keras="tf_keras 2"),))], stream)
    lines = stream.getvalue().splitlines()

    assert lines[0] == "model.py on keras 3, CPU"
    assert "model.py on tf_keras 2, CPU" in lines
    assert lines[1].startswith("  model.py:14:5  scale             agree (10 cases)")
    assert any(line.strip().startswith("before: reload refused: ValueError") for line in lines)
    assert any(line.strip() == "after:  reloads and agrees" for line in lines)
    assert max(map(len, lines)) <= 100


def test_a_file_without_models_says_so():
    stream = io.StringIO()
    table([verification(sites=(), models=())], stream)

    assert "no model" in stream.getvalue()


def test_json_holds_everything():
    [first, second] = as_json([verification(also=(verification(keras="tf_keras 2"),))])

    assert (first["keras"], second["keras"]) == ("keras 3", "tf_keras 2")
    assert first["sites"][0]["location"] == {"row": 14, "column": 5}
    assert first["sites"][0]["verdict"] == "agree"
    assert first["models"][0]["text"].startswith("differ (layer scale")


@pytest.mark.parametrize(
    ("text", "keras", "expected"),
    [
        ("import keras", "auto", "keras"),
        ("import tf_keras", "auto", "tf_keras"),
        ("from tensorflow.keras.layers import Lambda", "auto", "keras"),
        ("import os; os.environ['TF_USE_LEGACY_KERAS'] = '1'; import tensorflow", "auto", "tf_keras"),
        ("import os; os.environ.setdefault('TF_USE_LEGACY_KERAS', '1'); import tensorflow", "auto", "tf_keras"),
        ("import os; os.environ['TF_USE_LEGACY_KERAS'] = '0'; import tensorflow", "auto", "keras"),
        ("import keras", "2", "tf_keras"),
        ("import tf_keras", "3", "tf_keras"),
    ],
)
def test_the_keras_of_a_file(text, keras, expected, monkeypatch):
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)

    assert flavours(Source("f.py", text), keras) == (Flavour(expected),)


def test_the_environment_chooses_the_keras_of_tf_dot_keras(monkeypatch):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")

    assert flavours(Source("f.py", "import tensorflow as tf"), "auto") == (Flavour.KERAS_2,)
    assert flavours(Source("f.py", "import keras"), "auto") == (Flavour.KERAS_3,)


def test_both_versions_without_repetition():
    assert flavours(Source("f.py", "import keras"), "2,3") == (Flavour.KERAS_2, Flavour.KERAS_3)
    assert flavours(Source("f.py", "import tf_keras"), "2,3") == (Flavour.KERAS_2,)


def test_bad_options_and_systems_are_refused_in_one_line(monkeypatch):
    source = Source("f.py", "import keras")
    with pytest.raises(VerifyError, match="unknown Keras version '4'"):
        verify_file("f.py", source, source, [], VerifyOptions(keras="4"))
    with pytest.raises(VerifyError, match="unknown device 'tpu'"):
        verify_file("f.py", source, source, [], VerifyOptions(device="tpu"))
    with pytest.raises(VerifyError, match=r"^f\.py:1: "):
        verify_file("f.py", Source("f.py", "print 'x'"), source, [], VerifyOptions())
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(VerifyError, match=r"^verify runs on Linux and macOS$"):
        Sandbox()


def test_a_missing_framework_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    source = Source("f.py", "import keras")
    with pytest.raises(VerifyError, match=r'pip install "keras-lambda-lint\[verify\]"'):
        verify_file("f.py", source, source, [], VerifyOptions())


def test_this_process_imports_no_tensorflow():
    code = "import sys, keras_lambda_lint.verify; print({'tensorflow', 'keras', 'tf_keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
