"""The command line on notebooks: findings by cell, fixes that leave the rest of the file alone."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

IMPORTS = ["import keras\n", "from keras.layers import Lambda\n", "%matplotlib inline"]
MODEL = ["%%time\n", "x = inputs()\n", "!ls\n", 'y = Lambda(lambda t: t * 2, name="double")(x)']


def notebook(*cells: list[str]) -> str:
    listed: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": ["# Lambda"]}]
    for number, lines in enumerate(cells):
        output = {"name": "stdout", "output_type": "stream", "text": ["Lambda\n"]}
        listed.append(
            {"cell_type": "code", "execution_count": number, "metadata": {}, "outputs": [output], "source": lines}
        )
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


@pytest.fixture
def file(project: Path) -> Path:
    path = project / "nb.ipynb"
    path.write_text(notebook(IMPORTS, MODEL), encoding="utf-8")
    return path


def test_a_finding_is_named_by_cell_and_line(cli: Run, file: Path) -> None:
    code, out, err = cli("check")

    assert (code, err) == (1, "")
    assert out.splitlines()[:4] == [
        "nb.ipynb:cell 3:4:12: KLL101 lambda in a `Lambda` layer: Keras 3 refuses to load the saved model; "
        "Keras 2 saves bytecode that `.keras` refuses and another Python cannot run",
        "  |",
        '4 | y = Lambda(lambda t: t * 2, name="double")(x)',
        "  |            ^^^^^^^^^^^^^^^",
    ]


def test_json_names_the_cell_of_findings_and_edits(cli: Run, file: Path) -> None:
    (found,) = json.loads(cli("check", "--output-format", "json").out)

    assert (found["cell"], found["location"], found["noqa_row"]) == (3, {"row": 4, "column": 12}, 4)
    assert [edit["cell"] for edit in found["fix"]["edits"]] == [3, 3, 3]


def test_the_edits_of_json_make_the_fixed_cells(cli: Run, file: Path) -> None:
    (found,) = json.loads(cli("check", "--output-format", "json").out)
    cells = ["".join(each["source"]) for each in json.loads(file.read_text(encoding="utf-8"))["cells"]]
    for edit in sorted(found["fix"]["edits"], key=lambda each: list(each["location"].values()), reverse=True):
        rows = cells[edit["cell"] - 1].split("\n")
        start, end = (
            sum(len(row) + 1 for row in rows[: edit[at]["row"] - 1]) + edit[at]["column"] - 1
            for at in ("location", "end_location")
        )
        text = cells[edit["cell"] - 1]
        cells[edit["cell"] - 1] = text[:start] + edit["content"] + text[end:]

    assert cli("check", "--fix").code == 0

    fixed = ["".join(each["source"]) for each in json.loads(file.read_text(encoding="utf-8"))["cells"]]
    # What the fix makes needless goes in a second step.
    fixed[1] = fixed[1].replace("import keras\n", "import keras\nfrom keras.layers import Lambda\n")
    assert cells == fixed


def test_a_fix_changes_lines_of_cells_and_nothing_else(cli: Run, file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    assert cli("check", "--fix") == (0, "Found 1 finding (1 fixed, 0 remaining).\n", "")

    after = file.read_text(encoding="utf-8")
    layer = [
        "%%time\n",
        "x = inputs()\n",
        "!ls\n",
        "\n",
        "\n",
        '@keras.utils.register_keras_serializable(package="nb")\n',
        "class MultiplyBy(keras.layers.Layer):\n",
        "    def call(self, inputs):\n",
        "        return inputs * 2\n",
        "\n",
        "\n",
        'y = MultiplyBy(name="double")(x)',
    ]
    assert after == notebook(["import keras\n", "%matplotlib inline"], layer)
    assert after != before
    assert cli("check", "--fix", "--unsafe-fixes") == (0, "No findings.\n", "")
    assert file.read_text(encoding="utf-8") == after


def test_a_diff_is_one_of_cells(cli: Run, file: Path) -> None:
    code, out, err = cli("check", "--diff")

    assert (code, err) == (1, "")
    assert [line for line in out.splitlines() if line.startswith("---")] == [
        "--- a/nb.ipynb:cell 2\t",
        "--- a/nb.ipynb:cell 3\t",
    ]
    assert " y = Lambda" not in out
    assert '-y = Lambda(lambda t: t * 2, name="double")(x)' in out


def test_a_comment_in_a_cell_suppresses(cli: Run, file: Path) -> None:
    text = notebook(IMPORTS, [*MODEL[:-1], MODEL[-1] + "  # noqa: KLL101"])
    file.write_text(text, encoding="utf-8")

    assert cli("check", "--fix") == (0, "No findings.\n", "")
    assert file.read_text(encoding="utf-8") == text


def test_a_broken_cell_is_named_and_the_others_are_checked(cli: Run, file: Path) -> None:
    file.write_text(notebook(IMPORTS, ["print 'x'"], MODEL), encoding="utf-8")

    code, out, err = cli("check")

    assert code == 2
    assert "nb.ipynb:cell 4:4:12: KLL101" in out
    assert err.startswith("keras-lambda-lint: error: nb.ipynb:cell 3:1: syntax error: Missing parentheses")


def test_a_malformed_notebook_is_left_alone(cli: Run, file: Path) -> None:
    raw = notebook(IMPORTS, MODEL)[:-20]
    file.write_text(raw, encoding="utf-8")

    code, _, err = cli("check", "--fix", "--unsafe-fixes")

    assert code == 2
    assert len(err.splitlines()) == 1
    assert "nb.ipynb:52: not a notebook, or damaged: " in err
    assert file.read_text(encoding="utf-8") == raw


def test_a_variable_that_only_a_magic_reads_stays(cli: Run, file: Path) -> None:
    cells = (
        IMPORTS,
        ["factor = 2\n", "x = keras.Input((4,))\n", "y = Lambda(lambda t: t * factor, name='a')(x)\n", "%store factor"],
    )
    file.write_text(notebook(*cells), encoding="utf-8")

    cli("check", "--fix", "--unsafe-fixes")

    source = json.loads(file.read_text(encoding="utf-8"))["cells"][2]["source"]
    assert source[0] == "factor = 2\n"
    assert source[-1] == "%store factor"


def test_the_text_of_letters_written_as_escapes_is_seen(cli: Run, file: Path) -> None:
    file.write_text(
        notebook(IMPORTS, MODEL).replace("keras", "\\u006beras").replace("Lambda", "\\u004cambda"), encoding="utf-8"
    )

    assert cli("check").code == 1


def test_a_notebook_on_standard_input(project: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "keras_lambda_lint", "check", "--fix", "--stdin-filename", "nb.ipynb", "-"],
        input=notebook(IMPORTS, MODEL).encode(),
        capture_output=True,
        check=False,
    )

    assert ran.returncode == 0
    assert "MultiplyBy" in "".join(json.loads(ran.stdout)["cells"][2]["source"])


def test_the_hand_over_list_names_cells(cli: Run, file: Path) -> None:
    cli("check", "--fix", "--report", "todo.md")

    assert "cell 3, line 4: KLL101" in (file.parent / "todo.md").read_text(encoding="utf-8")


def test_a_related_place_in_another_cell_is_named(cli: Run, file: Path) -> None:
    file.write_text(
        notebook(
            ["import tensorflow as tf, keras\n", "s = tf.Variable(1.0)"], ["x = keras.layers.Lambda(lambda t: t * s)"]
        ),
        encoding="utf-8",
    )

    lines = cli("check", "--select", "KLL201").out.splitlines()

    assert lines[0].startswith("nb.ipynb:cell 3:1:39: KLL201")
    assert "  ::: nb.ipynb:cell 2:2:1" in lines
    assert "2 | s = tf.Variable(1.0)" in lines


@pytest.mark.parametrize("form", ["github", "gitlab", "rdjson", "sarif"])
def test_formats_without_cells_name_the_line_of_the_file(cli: Run, file: Path, form: str) -> None:
    row = next(
        number for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1) if "y = Lambda" in line
    )

    out = cli("check", "--output-format", form).out

    assert "cell 3, line 4: " in out
    written = {
        "github": f",line={row},endLine={row}",
        "gitlab": f'"begin": {row}',
        "rdjson": f'"line": {row}',
        "sarif": f'"startLine": {row}',
    }
    assert written[form] in out


def test_the_fix_in_sarif_is_one_of_the_json(cli: Run, file: Path) -> None:
    log = json.loads(cli("check", "--output-format", "sarif").out)
    ((change,),) = [fix["artifactChanges"] for fix in log["runs"][0]["results"][0]["fixes"]]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    start, end = (
        sum(map(len, lines[: region[f"{side}Line"] - 1])) + region[f"{side}Column"] - 1 for side in ("start", "end")
    )
    text = "".join(lines)
    fixed = json.loads(text[:start] + replacement["insertedContent"]["text"] + text[end:])

    assert 'y = MultiplyBy(name="double")(x)' in fixed["cells"][2]["source"]


def test_a_broken_cell_in_formats(cli: Run, file: Path) -> None:
    file.write_text(notebook(IMPORTS, ["print 'x'"], MODEL), encoding="utf-8")

    out = cli("check", "--output-format", "github").out

    assert "::error title=keras-lambda-lint,file=nb.ipynb::cell 3, line 1: syntax error" in out


def test_add_noqa_comments_in_cells(cli: Run, file: Path) -> None:
    assert cli("check", "--add-noqa").code == 0

    source = json.loads(file.read_text(encoding="utf-8"))["cells"][2]["source"]
    assert source == [*MODEL[:-1], MODEL[-1] + "  # noqa: KLL101"]
    assert cli("check", "--report-unused-noqa") == (0, "No findings.\n", "")


def test_diff_base_looks_at_lines_of_cells(cli: Run, file: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True, capture_output=True
        )

    git("init")
    git("add", ".")
    git("commit", "-m", "a")
    assert cli("check", "--diff-base", "HEAD").code == 0
    more = ["z = Lambda(lambda t: t * 3, name='triple')(x)\n"]
    file.write_text(notebook(IMPORTS, MODEL, more), encoding="utf-8")

    out = cli("check", "--diff-base", "HEAD").out

    assert "nb.ipynb:cell 4:1:12: KLL101" in out
    assert "cell 3" not in out
