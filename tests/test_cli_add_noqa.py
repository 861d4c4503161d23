"""`check --add-noqa`: a comment for each finding, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HEAD = "from keras.layers import Lambda\n"

CASES = {
    "plain": ("x = Lambda(lambda t: t * 2)\n", "x = Lambda(lambda t: t * 2)  # noqa: KLL101\n"),
    "no newline at the end": ("x = Lambda(lambda t: t * 2)", "x = Lambda(lambda t: t * 2)  # noqa: KLL101"),
    "windows": ("x = Lambda(lambda t: t * 2)\r\ny = 1\r\n", "x = Lambda(lambda t: t * 2)  # noqa: KLL101\r\ny = 1\r\n"),
    "space at the end": ("x = Lambda(lambda t: t * 2) \t\n", "x = Lambda(lambda t: t * 2)  # noqa: KLL101 \t\n"),
    "comment": ("x = Lambda(lambda t: t * 2)  # two\n", "x = Lambda(lambda t: t * 2)  # two  # noqa: KLL101\n"),
    "merged": (
        "x = Lambda(lambda t: t * 2)  # noqa: E501\n",
        "x = Lambda(lambda t: t * 2)  # noqa: E501, KLL101\n",
    ),
    "merged, any case, with a reason": (
        "x = Lambda(lambda t: t * 2)  # NOQA:E501,W291 because of X\n",
        "x = Lambda(lambda t: t * 2)  # NOQA:E501,W291,KLL101 because of X\n",
    ),
    "merged, spaces": (
        "x = Lambda(lambda t: t * 2)  # noqa: E501 W291\n",
        "x = Lambda(lambda t: t * 2)  # noqa: E501 W291 KLL101\n",
    ),
    "no comment for flake8": (
        "x = Lambda(lambda t: t * 2)  #noqa\n",
        "x = Lambda(lambda t: t * 2)  #noqa  # noqa: KLL101\n",
    ),
    "inside brackets": (
        "x = f(\n    Lambda(\n        lambda t: t * 2,\n    ),\n)\n",
        "x = f(\n    Lambda(\n        lambda t: t * 2,  # noqa: KLL101\n    ),\n)\n",
    ),
    "string over several lines": (
        'x = Lambda(lambda t: t * 2, name="""a\nb""")\n',
        'x = Lambda(lambda t: t * 2, name="""a\nb""")  # noqa: KLL101\n',
    ),
    "backslash": (
        "x = \\\n    Lambda(lambda t: t * 2) \\\n    (y)\n",
        "x = \\\n    Lambda(lambda t: t * 2) \\\n    (y)  # noqa: KLL101\n",
    ),
    "two findings": (
        "x = [Lambda(lambda t: t * 2), Lambda(lambda t: t * 2, mask=lambda t, m: m)]\n",
        "x = [Lambda(lambda t: t * 2), Lambda(lambda t: t * 2, mask=lambda t, m: m)]  # noqa: KLL101, KLL105\n",
    ),
    "suppressed already": ("x = Lambda(lambda t: t * 2)  # noqa\n", "x = Lambda(lambda t: t * 2)  # noqa\n"),
    "form feed": ("\f\nx = Lambda(lambda t: t * 2)\n", "\f\nx = Lambda(lambda t: t * 2)  # noqa: KLL101\n"),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_the_comment_stands_where_it_is_read(cli: Run, project: Path, before: str, after: str) -> None:
    file = project / "m.py"
    file.write_bytes((HEAD + before).encode())
    assert (cli("check", "--add-noqa").code, cli("check").code) == (0, 0)
    assert file.read_bytes().decode() == HEAD + after
    assert cli("check", "--report-unused-noqa").out == "No findings.\n"
    assert cli("check", "--add-noqa").out == "Added 0 `# noqa` comments in 0 files.\n"
    assert file.read_bytes().decode() == HEAD + after


def test_byte_order_mark_and_encoding_stay(cli: Run, project: Path) -> None:
    text = HEAD + "x = Lambda(lambda t: t * 2)  # é\n"
    (project / "m.py").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (project / "n.py").write_bytes(f"# coding: latin-1\n{text}".encode("latin-1"))
    assert cli("check", "--add-noqa").out == "Added 2 `# noqa` comments in 2 files.\n"
    after = text.replace("# é", "# é  # noqa: KLL101")
    assert (project / "m.py").read_bytes() == b"\xef\xbb\xbf" + after.encode()
    assert (project / "n.py").read_bytes() == f"# coding: latin-1\n{after}".encode("latin-1")


def test_a_place_where_no_comment_can_stand_is_named(cli: Run, project: Path) -> None:
    text = HEAD + 'x = Lambda(lambda t: t * 2, name="# noqa: E501")\ny = Lambda(lambda t: t * 3)\n'
    (project / "m.py").write_text(text, encoding="utf-8")
    ran = cli("check", "--add-noqa")
    assert (ran.code, ran.out) == (2, "Added 1 `# noqa` comment in 1 file.\n")
    assert ran.err == (
        "keras-lambda-lint: error: m.py:2: a `# noqa` comment cannot stand here: "
        "a string of this line holds `# noqa`, and flake8 reads the first one only\n"
    )
    assert (project / "m.py").read_text(encoding="utf-8") == text.replace("* 3)", "* 3)  # noqa: KLL101")


def test_only_the_chosen_rules_get_comments(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(HEAD + "for k in (1, 2):\n    x = Lambda(lambda t: t * k)(x)\n", encoding="utf-8")
    assert cli("check", "--add-noqa", "--select", "KLL205").code == 0
    assert (project / "m.py").read_text(encoding="utf-8").endswith("(x)  # noqa: KLL205\n")


def test_fixes_of_the_configuration_are_not_written(cli: Run, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.keras-lambda-lint]\nfix = true\n", encoding="utf-8")
    (project / "m.py").write_text(HEAD + "x = Lambda(lambda t: t * 2, name='x')\n", encoding="utf-8")
    assert cli("check", "--add-noqa").code == 0
    assert (project / "m.py").read_text(encoding="utf-8").endswith("name='x')  # noqa: KLL101\n")


def test_a_read_only_file_is_named_and_the_others_are_done(cli: Run, project: Path) -> None:
    for name in ("a.py", "b.py"):
        (project / name).write_text(HEAD + "x = Lambda(lambda t: t * 2)\n", encoding="utf-8")
    (project / "a.py").chmod(0o444)
    ran = cli("check", "--add-noqa")
    assert (ran.code, ran.out) == (2, "Added 1 `# noqa` comment in 1 file.\n")
    assert ran.err == "keras-lambda-lint: error: a.py: cannot write it: read-only file\n"


@pytest.mark.parametrize("option", ["--fix", "--diff", "--report=r.md", "--write-baseline=b.json"])
def test_it_writes_comments_and_nothing_else(cli: Run, project: Path, option: str) -> None:
    ran = cli("check", "--add-noqa", option)
    assert ran.code == 2
    assert ran.err.startswith("keras-lambda-lint: error: --add-noqa writes comments and nothing else: it takes no --")
