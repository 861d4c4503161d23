"""What `verify` takes on its command line."""

import pytest

from keras_lambda_lint.verify.target import Target, factory_arguments, input_spec, int_range, target
from keras_lambda_lint.verify.verdict import InputSpec, VerifyError


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "package").mkdir()
    for name in ("program.py", "package/__init__.py", "package/nets.py"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "plain").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("program.py", Target("program.py")),
        ("package", Target("package")),
        ("package.nets", Target("package/nets.py")),
        ("package.nets:build", Target("package/nets.py", "build")),
        ("package:Net.small", Target("package/__init__.py", "Net.small")),
        ("package/nets.py:build", Target("package/nets.py", "build")),
        ("program:build", Target("program.py", "build")),
    ],
)
def test_targets(project, text, found):
    assert target(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("missing.py", "missing.py: no such file"),
        ("package.other:build", "package.other: no such file or module"),
        ("program.py:not a name", "`not a name` is no name of a function"),
        ("", ": no such file"),
        ("plain:build", "plain is a directory: name the file or module that holds `build`"),
    ],
)
def test_targets_that_are_none(project, text, said):
    with pytest.raises(VerifyError) as error:
        target(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("(None, 28, 28, 1):float32", [InputSpec((None, 28, 28, 1))]),
        ("(None,4)", [InputSpec((None, 4))]),
        ("(None, 4), (?, 3) : int32", [InputSpec((None, 4)), InputSpec((None, 3), "int32")]),
        ("a=(2, 4), b = (None,):bool,", [InputSpec((2, 4), "float32", "a"), InputSpec((None,), "bool", "b")]),
    ],
)
def test_input_specs(text, specs):
    assert list(input_spec(text)) == specs


@pytest.mark.parametrize(
    "text", ["", "28, 28", "(None, -1)", "(None, x)", "()", "(None, 4):flaot32", "a=(None,), (None,)", "a=(1,), a=(1,)"]
)
def test_input_specs_that_are_none(text):
    with pytest.raises(VerifyError, match=r"^--input-spec"):
        input_spec(text)


def test_factory_arguments():
    assert factory_arguments('{"units": 4}') == {"units": 4}
    assert factory_arguments("[3, null]") == [3, None]
    for text in ("{units: 4}", "4", '"a"'):
        with pytest.raises(VerifyError, match=r"^--factory-args"):
            factory_arguments(text)


def test_int_range():
    assert int_range("0:1000") == (0, 1000)
    assert int_range("-5:5") == (-5, 5)
    for text in ("5", "5:5", "9:1", "a:b", "1:"):
        with pytest.raises(VerifyError, match=r"^--int-range"):
            int_range(text)
