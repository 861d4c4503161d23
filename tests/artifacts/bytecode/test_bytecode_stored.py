"""The test set over all Pythons: what is recovered, and that all of it is true."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from artifacts.bytecode.marshalled import VERSIONS, Stored, stored

from keras_lambda_lint.artifacts.bytecode import recover

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "bytecode" / "recovery.py"
PYENV = Path.home() / ".pyenv" / "versions"


class Plain(ast.NodeTransformer):
    """Source without what no bytecode keeps: defaults, how a number is written, which tuples stood in brackets."""

    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        return ast.arguments(
            node.posonlyargs, node.args, node.vararg, node.kwonlyargs, [None] * len(node.kwonlyargs), node.kwarg, []
        )


def same_text(source: str, recovered: str) -> bool:
    return ast.unparse(Plain().visit(ast.parse(source))) == ast.unparse(ast.parse(recovered))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_lambda_is_exact(version: str) -> None:
    given = stored(version, "lambdas")
    assert len(given) >= 250
    major, minor = map(int, version.split("."))
    same = 0
    for each in given:
        found = recover(each.code)
        assert (found.status, found.reason) == ("exact", None), each.source
        assert (major, minor) in found.python
        same += same_text(each.source, found.source or "")
    # Constant folding and brackets change a few texts; most come back as people write them.
    assert same / len(given) > 0.85


@pytest.mark.parametrize("version", VERSIONS)
def test_functions_are_exact_but_for_what_is_declined(version: str) -> None:
    declined = ("while ", "try:", "with ", "yield ", "x[1:2] = 3")
    for each in stored(version, "functions"):
        found = recover(each.code)
        if found.status != "exact":
            assert found.status == "undecodable", (each.source, found.reason)
            assert any(word in each.source for word in declined), (each.source, found.reason)


def find(version: str, source: str) -> Stored:
    return next(each for each in stored(version, "lambdas") if each.source == source)


def test_tells_free_names_from_variables_of_a_function_around() -> None:
    found = recover(find("3.6", "lambda x: x[:, start:end, ...]").code)
    assert (found.free, found.names) == (("end", "start"), ())
    found = recover(find("3.6", "lambda x: preprocess_input(x, mode=mode)").code)
    assert (found.free, found.names) == ((), ("mode", "preprocess_input"))


@pytest.mark.parametrize(
    ("version", "source", "python"),
    [
        ("3.3", "lambda x: x", "3.3"),
        ("3.4", "lambda x: x", "3.4-3.5"),
        ("3.5", "lambda x: f(*a, *b)", "3.5"),
        ("3.4", "lambda x: {'a': 1}", "3.4"),
        ("3.5", "lambda x: {'a': 1}", "3.5"),
        ("3.6", "lambda x: x", "3.6-3.7"),
        ("3.14", "lambda x: x[1:2][3:][:4][:]", "3.14"),
    ],
)
def test_says_which_pythons_can_have_written_it(version: str, source: str, python: str) -> None:
    found = recover(find(version, source).code)
    assert (found.python_range, found.source) == (python, source)


def test_division_of_python_2_is_noted() -> None:
    assert recover(find("2.7", "lambda x: x / 255").code).notes
    assert not recover(find("3.6", "lambda x: x / 255").code).notes


def test_what_cannot_be_read_comes_as_a_listing() -> None:
    (code,) = (each.code for each in stored("3.12", "functions") if "try:" in each.source)
    found = recover(code)
    assert (found.status, found.source, found.reason) == ("undecodable", None, "an exception handler")
    assert "CHECK_EXC_MATCH" in found.disassembly


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_recovered_source_compiles_to_the_same_code_where_it_was_written(version: str) -> None:
    found = sorted(PYENV.glob(f"{version}.*/bin/python"))
    if not found:
        pytest.skip(f"no Python {version} under {PYENV}")
    command = [sys.executable, str(BENCHMARK), str(found[0])]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[-1] == "0", line
