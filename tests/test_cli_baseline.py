"""`check --write-baseline` and `--baseline`: only what is new is reported."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HEAD = "import keras\nimport tensorflow as tf\nfrom keras.layers import Lambda\n\n"
MODEL = HEAD + (
    "scale = tf.Variable(1.0)\n\n\n"
    "def build(x):\n"
    "    x = Lambda(lambda t: t * 2, name='double')(x)\n"
    "    x = Lambda(lambda t: t * scale, name='scaled')(x)\n"
    "    return Lambda(lambda t: t * 2, name='again')(x)\n"
)


@pytest.fixture
def made(cli: Run, project: Path) -> Path:
    """A project with a baseline of four findings."""
    (project / "net").mkdir()
    (project / "net" / "m.py").write_text(MODEL, encoding="utf-8")
    ran = cli("check", "--write-baseline", "old.json")
    assert (ran.code, ran.out, ran.err) == (0, "Wrote 4 findings to old.json.\n", "")
    return project


def new(cli: Run, *argv: str) -> list[tuple[str, str, int]]:
    """Return file, code and row of the findings that are not in the baseline."""
    out = cli("check", "--baseline", "old.json", "--output-format=json", *argv).out
    return [(each["filename"], each["code"], each["location"]["row"]) for each in json.loads(out)]


def test_the_file_has_a_line_for_each_different_finding(made: Path) -> None:
    text = (made / "old.json").read_text(encoding="utf-8")
    assert [line for line in text.split("\n") if "fingerprint" not in line] == [
        "{",
        '  "tool": "keras-lambda-lint",',
        '  "version": 1,',
        '  "findings": [',
        "  ]",
        "}",
        "",
    ]
    entries = json.loads(text)["findings"]
    assert [(e["path"], e["code"], e["symbol"], e["source"], e["occurrences"]) for e in entries] == [
        ("net/m.py", "KLL101", "build", "lambda t: t * 2", 2),
        ("net/m.py", "KLL101", "build", "lambda t: t * scale", 1),
        ("net/m.py", "KLL201", "build", "lambda t: t * scale", 1),
    ]


def test_nothing_is_new_at_first(cli: Run, made: Path) -> None:
    ran = cli("check", "--baseline", "old.json")
    assert (ran.code, ran.out, ran.err) == (0, "No findings.\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "# one\n# two\n\n" + MODEL,
        MODEL.replace("\n", "\r\n"),
        MODEL.replace("'", '"').replace("t * 2", "(t*2)").replace("t * scale", "t \\\n        * scale"),
        MODEL.replace("name='double')", "name='double',  # twice\n    )"),
        MODEL.replace("    x = Lambda(lambda t: t * 2", "    y = keras.Input((3,))\n    x = Lambda(lambda t: t * 2"),
        MODEL.replace("name='scaled'", "name='renamed'"),
        "import os\n" + MODEL + "\n\ndef other(x):\n    return x\n",
    ],
    ids=["moved", "windows", "formatted", "black", "edited before", "edited beside", "edited around"],
)
def test_what_was_there_stays_known(cli: Run, made: Path, text: str) -> None:
    (made / "net" / "m.py").write_bytes(text.encode())
    assert new(cli) == []


def test_what_is_new_is_reported(cli: Run, made: Path) -> None:
    (made / "net" / "m.py").write_text("\n\n" + MODEL.replace("t * scale", "t / scale"), encoding="utf-8")
    assert new(cli) == [("net/m.py", "KLL101", 12), ("net/m.py", "KLL201", 12)]


def test_one_more_of_the_same_is_new(cli: Run, made: Path) -> None:
    line = "    return Lambda(lambda t: t * 2, name='again')(x)\n"
    (made / "net" / "m.py").write_text(MODEL + line, encoding="utf-8")
    assert new(cli) == [("net/m.py", "KLL101", 12)]


def test_the_same_in_another_function_is_new(cli: Run, made: Path) -> None:
    text = MODEL + "\n\ndef other(x):\n    return Lambda(lambda t: t * 2, name='again')(x)\n"
    (made / "net" / "m.py").write_text(text, encoding="utf-8")
    assert new(cli) == [("net/m.py", "KLL101", 15)]


def test_the_same_in_another_file_is_new(cli: Run, made: Path) -> None:
    (made / "net" / "n.py").write_text(MODEL, encoding="utf-8")
    assert {name for name, _, _ in new(cli)} == {"net/n.py"}


def test_files_and_folders_may_be_renamed(cli: Run, made: Path) -> None:
    (made / "net").rename(made / "nets")
    (made / "nets" / "m.py").rename(made / "nets" / "model.py")
    assert new(cli) == []


def test_the_project_may_lie_elsewhere(cli: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.move(made, made.parent / "moved")
    monkeypatch.chdir(made.parent)
    ran = cli("check", "--baseline", "moved/old.json", "moved")
    assert (ran.code, ran.err) == (0, "")
    monkeypatch.chdir(made.parent / "moved" / "net")
    assert cli("check", "--baseline", "../old.json", "m.py").code == 0


def test_the_configuration_may_name_it(cli: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (made / "pyproject.toml").write_text('[tool.keras-lambda-lint]\nbaseline = "old.json"\n', encoding="utf-8")
    monkeypatch.chdir(made / "net")
    assert cli("check").code == 0
    before = (made / "old.json").read_text(encoding="utf-8")
    assert cli("check", "--write-baseline", "../old.json").out == "Wrote 4 findings to ../old.json.\n"
    assert (made / "old.json").read_text(encoding="utf-8") == before, "it lists what the old one lists too"


# entries that no longer occur


def test_entries_that_no_longer_occur_are_counted(cli: Run, made: Path) -> None:
    (made / "net" / "m.py").write_text(MODEL.replace("t * 2", "t"), encoding="utf-8")
    ran = cli("check", "--baseline", "old.json", "--select", "KLL101")
    assert ran.err == (
        "keras-lambda-lint: old.json: 2 findings of the baseline no longer occur: write it anew with --write-baseline\n"
    )
    (made / "net" / "m.py").unlink()
    assert "4 findings" in cli("check", "--baseline", "old.json").err


def test_what_was_not_looked_at_is_not_counted(cli: Run, made: Path) -> None:
    (made / "clean.py").write_text("x = 1\n", encoding="utf-8")
    assert cli("check", "--baseline", "old.json", "clean.py").err == ""
    assert cli("check", "--baseline", "old.json", "--select", "KLL3").err == ""
    (made / "net" / "m.py").write_text(MODEL + "(", encoding="utf-8")
    assert cli("check", "--baseline", "old.json").err.count("\n") == 1


def test_writing_it_anew_keeps_what_was_not_looked_at(cli: Run, made: Path) -> None:
    before = (made / "old.json").read_text(encoding="utf-8")
    (made / "n.py").write_text(MODEL, encoding="utf-8")
    assert cli("check", "--write-baseline", "old.json", "n.py").out == "Wrote 4 findings to old.json.\n"
    both = (made / "old.json").read_text(encoding="utf-8")
    assert [line for line in before.split("\n") if "net/m.py" in line] == [
        line for line in both.split("\n") if "net/m.py" in line
    ]
    (made / "n.py").unlink()
    cli("check", "--write-baseline", "old.json")
    assert (made / "old.json").read_text(encoding="utf-8") == before


# fixes


def test_fixes_leave_alone_what_is_in_the_baseline(cli: Run, made: Path) -> None:
    text = MODEL + "\n\ndef other(x):\n    return Lambda(lambda t: t * 3, name='three')(x)\n"
    (made / "net" / "m.py").write_text(text, encoding="utf-8")
    ran = cli("check", "--baseline", "old.json", "--fix", "--unsafe-fixes")
    assert (ran.code, ran.out, ran.err) == (0, "Found 1 finding (1 fixed, 0 remaining).\n", "")
    fixed = (made / "net" / "m.py").read_text(encoding="utf-8")
    assert fixed.count("Lambda(lambda t: t * 2") == 2
    assert "lambda t: t * 3" not in fixed
    assert cli("check", "--baseline", "old.json", "--diff", "--unsafe-fixes").out == ""


# files that cannot be used


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot read the baseline: no such file or directory: write it with --write-baseline b.json"),
        ("{", "not a baseline of keras-lambda-lint: not valid JSON"),
        ("[" * 100_000, "not a baseline of keras-lambda-lint: not valid JSON"),
        ("\0\udce9", "not a baseline of keras-lambda-lint: not valid JSON"),
        ("[]", "not a baseline of keras-lambda-lint"),
        ('{"tool": "other", "version": 1}', "not a baseline of keras-lambda-lint"),
        (
            '{"tool": "keras-lambda-lint", "version": 2, "findings": []}',
            "a baseline of format 2, this is format 1: delete it and write it anew with --write-baseline",
        ),
        (
            '{"tool": "keras-lambda-lint", "version": 1, "findings": {}}',
            "a damaged baseline: `findings` is no list: delete it and write it anew with --write-baseline",
        ),
        (
            '{"tool": "keras-lambda-lint", "version": 1, "findings": [{"path": "m.py"}]}',
            "a damaged baseline: entry 1 is not readable: delete it and write it anew with --write-baseline",
        ),
    ],
)
def test_a_baseline_that_cannot_be_used_is_named(cli: Run, project: Path, text: str | None, message: str) -> None:
    (project / "m.py").write_text(MODEL, encoding="utf-8")
    if text is not None:
        (project / "b.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    ran = cli("check", "--baseline", "b.json")
    assert (ran.code, ran.out, ran.err) == (2, "", f"keras-lambda-lint: error: b.json: {message}\n")
    if text is not None:
        assert cli("check", "--write-baseline", "b.json").code == 2
        assert (project / "b.json").read_bytes() == text.encode("utf-8", "surrogateescape"), (
            "it may be no baseline at all"
        )


def test_a_baseline_that_cannot_be_written_is_named(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(MODEL, encoding="utf-8")
    ran = cli("check", "--write-baseline", "no/b.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "keras-lambda-lint: error: no/b.json: cannot write the baseline: its directory does not exist\n"


def test_a_clean_project_has_an_empty_baseline(cli: Run, project: Path) -> None:
    assert cli("check", "--write-baseline", "b.json").code == 0
    (project / "m.py").write_text("x = 1\n", encoding="utf-8")
    assert cli("check", "--write-baseline", "b.json").out == "Wrote 0 findings to b.json.\n"
    assert cli("check", "--baseline", "b.json").code == 0


def test_names_that_are_no_unicode_are_found_again(cli: Run, project: Path) -> None:
    (project / "caf\udce9 \n.py").write_text(MODEL, encoding="utf-8")
    assert cli("check", "--write-baseline", "b.json").code == 0
    ran = cli("check", "--baseline", "b.json")
    assert (ran.code, ran.err) == (0, "")


def test_standard_input_is_compared_by_its_name(cli: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (made / "net" / "m.py").open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert cli("check", "--baseline", "old.json", "--stdin-filename", "net/m.py", "-").code == 0


@pytest.mark.parametrize("option", ["--diff", "--baseline=b.json", "--diff-base=HEAD"])
def test_a_baseline_lists_everything(cli: Run, project: Path, option: str) -> None:
    ran = cli("check", "--write-baseline", "c.json", option)
    assert ran.code == 2
    assert ran.err.startswith(
        "keras-lambda-lint: error: --write-baseline lists all findings that remain: it takes no --"
    )
