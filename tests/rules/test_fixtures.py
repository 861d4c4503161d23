"""Every program of the rule fixtures, as it stands and written in other ways."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from harness import variants
from harness.fixtures import Block, Expected, blocks, files, read
from harness.tool import NOTEBOOK, beside, changed_files, codes, findings, fixed, source_of

from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.rewrite.engine import comments
from keras_lambda_lint.rules import RULES
from keras_lambda_lint.sites.stored import StoredCode
from keras_lambda_lint.source.gate import passes
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keras_lambda_lint.diagnostic import Diagnostic, Fix
    from keras_lambda_lint.linter import Options

PER_PACKAGE = ("KLL401", "KLL404")
"""Rules about names that one package lacks and another has."""

every_block = pytest.mark.parametrize("block", blocks(), ids=repr)
every_fixed_block = pytest.mark.parametrize("block", [block for block in blocks() if block.fixed], ids=repr)


def is_applied(finding: Diagnostic) -> bool:
    """Return whether a finding has a fix that is not only shown."""
    return finding.fix is not None and finding.fix.applicability is not Applicability.DISPLAY


def fixes(block: Block) -> set[Fix]:
    found = findings(block.code, block.options)
    return {finding.fix for finding in found if finding.fix is not None and is_applied(finding)}


@every_block
def test_finds_what_the_markers_say(block: Block) -> None:
    source = source_of(block.code)
    found = findings(source, block.options)
    rows = [(source.location(finding.span.start).row, finding.code) for finding in found]
    assert sorted(rows) == sorted((marker.row, marker.code) for marker in block.expected)
    for marker in block.expected:
        at_marker = [f for f, row in zip(found, rows, strict=True) if row == (marker.row, marker.code)]
        assert any(marker.message in finding.message for finding in at_marker), [f.message for f in at_marker]


@every_block
def test_silent_means_silent(block: Block) -> None:
    code = block.name.partition("-")[0]
    assert not (block.expects_silence and code in {marker.code for marker in block.expected})


IN_PROGRAMS = [rule.code for rule in RULES if rule.subject is not StoredCode]


@pytest.mark.parametrize("path", [path for path in files() if path.stem in IN_PROGRAMS], ids=lambda path: path.stem)
def test_as_many_silent_programs_as_findings(path: Path) -> None:
    own = [block for block in read(path) if path.stem in {marker.code for marker in block.expected}]
    silent = [block for block in read(path) if block.expects_silence]
    assert own
    assert len(silent) >= len(own)


@every_block
def test_fixes_to_the_stated_text(block: Block) -> None:
    outcome = fixed(block.code, block.options)
    assert outcome.source.text == (block.fixed.code if block.fixed else block.code)
    assert changed_files(outcome) == (block.fixed.files if block.fixed else {})
    assert not outcome.left_out


@every_fixed_block
def test_says_how_safe_the_fix_is_and_what_it_changes(block: Block) -> None:
    assert block.fixed is not None
    found = fixes(block)
    if block.fixed.applicability is not None:
        assert {fix.applicability for fix in found} == {block.fixed.applicability}
    assert {change for fix in found for change in fix.intended} == block.fixed.intended
    reasons = [fix.unsafe_because for fix in found if fix.unsafe_because is not None]
    assert bool(reasons) == bool(block.fixed.reason)
    assert all(block.fixed.reason in reason for reason in reasons)


@pytest.mark.parametrize("block", [block for block in blocks() if "stays" in block.attributes], ids=repr)
def test_says_why_there_is_no_fix(block: Block) -> None:
    fixable = {rule.code for rule in RULES if rule.fixable in ("yes", "some")}
    found = [finding for finding in findings(block.code, block.options) if finding.code in fixable]
    assert found
    assert block.fixed is None
    for finding in found:
        assert not is_applied(finding)
        assert finding.fix is not None or block.attributes["stays"] in (finding.no_fix or "")


@every_block
def test_passes_the_gate_where_something_is_found(block: Block) -> None:
    assert passes(block.code.encode()) or not block.expected


@every_fixed_block
def test_a_second_run_changes_nothing(block: Block) -> None:
    assert block.fixed is not None
    again = fixed(block.fixed.code, block.options, beside(block.fixed.files))
    assert again.source.text == block.fixed.code
    assert again.others == ()


@every_fixed_block
def test_nothing_that_has_a_fix_is_left(block: Block) -> None:
    assert block.fixed is not None
    left = findings(block.fixed.code, block.options, beside(block.fixed.files))
    assert [f.message for f in left if is_applied(f)] == []
    assert not Counter(f.code for f in left) - Counter(codes(block.code, block.options))


@every_fixed_block
def test_two_blank_lines_around_what_is_registered(block: Block) -> None:
    assert block.fixed is not None
    registers = r"(\n*)(?:\n#[^\n]*)*\n@[^\n]*register_keras_serializable\([^\n]*\n(?:class|def) "
    gaps = re.findall(registers, "\n" + block.fixed.code)
    assert all(gap in ("\n\n", "") for gap in gaps)
    assert "\n\n\n\n" not in block.fixed.code


@every_block
def test_suppressed_on_its_line(block: Block) -> None:
    text = variants.suppressed(block.code, block.expected)
    assert codes(text, block.options) == []
    assert fixed(text, block.options).source.text == text


def sites(text: str, options: Options, marker: Expected | None = None) -> set[tuple[int, int]]:
    """Return where the sites start that have a fix; with a marker, those of its findings only."""
    source = source_of(text)
    return {
        source.location(finding.fix.site.start)
        for finding in findings(source, options)
        if finding.fix is not None
        and is_applied(finding)
        and (marker is None or (source.location(finding.span.start).row, finding.code) == (marker.row, marker.code))
    }


@every_block
@pytest.mark.parametrize("marker", [0, -1])
def test_one_suppressed_finding_keeps_its_site(block: Block, marker: int) -> None:
    if not block.expected:
        assert codes(block.code, block.options) == []
        return
    chosen = block.expected[marker]
    text = variants.suppressed(block.code, [chosen])
    expected = Counter(m.code for m in block.expected if (m.row, m.code) != (chosen.row, chosen.code))
    assert Counter(codes(text, block.options)) == expected
    suppressed_sites = sites(block.code, block.options, chosen)
    assert not suppressed_sites & sites(text, block.options)
    outcome = fixed(text, block.options)
    line = text.split("\n")[chosen.row - 1]
    assert line in outcome.source.text.split("\n")


@every_block
def test_windows_newlines(block: Block) -> None:
    text = variants.crlf(block.code)
    assert codes(text, block.options) == codes(block.code, block.options)
    assert fixed(text, block.options).source.to_bytes() == variants.crlf(
        block.fixed.code if block.fixed else block.code
    )


@every_block
def test_byte_order_mark(block: Block) -> None:
    text = variants.bom(block.code)
    assert codes(text, block.options) == codes(block.code, block.options)
    assert fixed(text, block.options).source.to_bytes() == variants.bom(block.fixed.code if block.fixed else block.code)


@every_block
def test_cells_of_a_notebook(block: Block) -> None:
    before = variants.notebook(block.code)
    source = Source.from_bytes(NOTEBOOK, before)
    assert codes(source, block.options) == codes(block.code, block.options)
    outcome = fixed(source, block.options)
    expected = block.fixed.code if block.fixed else block.code
    assert ast.dump(ast.parse(outcome.source.text)) == ast.dump(ast.parse(expected))
    after = outcome.source.to_bytes()
    assert fixed(Source.from_bytes(NOTEBOOK, after), block.options).source.to_bytes() == after
    assert _without_code(after) == _without_code(before)


def _without_code(data: bytes) -> object:
    content = json.loads(data)
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            del cell["source"]
    return content


@every_block
def test_tabs(block: Block) -> None:
    text = variants.tabs(block.code)
    assert codes(text, block.options) == codes(block.code, block.options)
    result = fixed(text, block.options).source.text
    assert ast.dump(ast.parse(result)) == ast.dump(ast.parse(block.fixed.code if block.fixed else block.code))
    if _has_block(text):
        assert not re.search(r"^ +(?!\s)", result, re.MULTILINE)


def _has_block(text: str) -> bool:
    return re.search(r"^(?:def|class|for|while|if|try|@).*\n(?:.*\n)*?\t", text, re.MULTILINE) is not None


@every_block
@pytest.mark.parametrize("wrap", [variants.in_function, variants.in_class], ids=["function", "class"])
def test_nested(block: Block, wrap: Callable[[str], str]) -> None:
    """What is captured changes; what holds for every text still does."""
    text = wrap(block.code)
    outcome = fixed(text, block.options)
    ast.parse(outcome.source.text)
    assert not comments(text) - comments(outcome.source.text)
    assert fixed(outcome.source, block.options).source.text == outcome.source.text


@pytest.mark.parametrize("block", [block for block in blocks() if "spelled" not in block.attributes], ids=repr)
@pytest.mark.parametrize("spelling", variants.SPELLINGS)
def test_import_spelling(block: Block, spelling: str) -> None:
    respell = variants.SPELLINGS[spelling]
    text = respell(block.code)
    options = block.options
    if spelling == "tf_keras" and options.keras == "auto":
        options = options._replace(keras="2")
    found = codes(text, options if spelling != "tf_keras" else block.options)
    assert [code for code in found if code not in PER_PACKAGE] == [
        code for code in codes(block.code, options) if code not in PER_PACKAGE
    ]
    outcome = fixed(text, block.options)
    ast.parse(outcome.source.text)
    assert fixed(outcome.source, block.options).source.text == outcome.source.text
    mixed = "from tensorflow.keras" in block.code
    same = found == codes(block.code, options)
    if spelling != "tf_keras" and block.fixed is not None and not mixed and same:
        assert _structure(outcome.source.text) == _structure(respell(block.fixed.code))


def _structure(text: str) -> str:
    """Return what a program means, its imports apart: they have no order."""
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    tree.body = [node for node in tree.body if node not in imports]
    return "\n".join([*sorted({ast.unparse(node) for node in imports}), ast.dump(tree)])


def test_fixed_texts_are_laid_out_as_ruff_does(tmp_path: Path) -> None:
    """Where a program is as `ruff format` leaves it, so is the fixed one; only what is shorter now may fit on fewer lines."""
    for block in blocks():
        (tmp_path / f"{block.name}.py").write_text(block.code, encoding="utf-8")
    ruff_format(tmp_path)
    for block in blocks():
        path = tmp_path / f"{block.name}.py"
        path.write_text(fixed(path.read_text(encoding="utf-8"), block.options).source.text, encoding="utf-8")
    hunks = re.split(r"^@@.*\n", ruff_format(tmp_path, "--diff"), flags=re.MULTILINE)[1:]
    assert [hunk for hunk in hunks if not joins_lines(hunk)] == []


def joins_lines(hunk: str) -> bool:
    """Return whether a hunk of a diff only joins lines that were wrapped around a longer call."""
    removed, added = (re.findall(rf"^{sign}(?!{sign}{sign} )(.*)", hunk, re.MULTILINE) for sign in ("-", r"\+"))
    joined = re.sub(r"([(\[]) | (?=[)\]])", r"\1", " ".join(line.strip() for line in removed))
    return len(removed) > len(added) == 1 and joined.startswith(added[0].strip())


def ruff_format(folder: Path, *options: str) -> str:
    """Run `ruff format` on a folder; return what it prints."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--quiet", *options, "."]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout
