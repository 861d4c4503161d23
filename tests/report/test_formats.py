"""Each output format, read by a schema or a parser that others wrote (`schemas/README.md`), with hostile names and messages too."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import junitparser
import pytest
import xmlschema
from jsonschema import Draft4Validator, Draft7Validator, FormatChecker

from keras_lambda_lint.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Elsewhere,
    Fix,
    IntendedChange,
    Related,
    Severity,
    Span,
)
from keras_lambda_lint.report import uri
from keras_lambda_lint.report.formats import FORMATS, rendered
from keras_lambda_lint.report.results import Problem, Results
from keras_lambda_lint.source.notebook import CodeCell, Notebook
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from conftest import Run

SCHEMAS = Path(__file__).parent / "schemas"
MACHINE = [name for name in FORMATS if name != "text"]

HOSTILE_NAMES = [
    "plain.py",
    "with space.py",
    "new\nline.py",
    "a::set-env name=x::y,z%0A.py",
    "]]>&<\"'.py",
    "\x1b[31mred\x07.py",
    "not-utf8-\udce9.py",
    "é日本\U0001f600.py",
    "C:drive.py",
    "back\\slash.py",
    "#fragment?query.py",
    "../above.py",
    "/absolute/p.py",
    "\ufffe.py",
]
HOSTILE_MESSAGE = "m::x %25 ]]> <b>&amp;\x00\x1b[0m\r\n::error::injected \ud800 \u2028 é,:"
TEXT = "日 = 1\r\ndef build():\r\n    y = '''\r\n''', Lambda(f)\r\n"


def diagnostic(source: Source, message: str = HOSTILE_MESSAGE, **changes: Any) -> Diagnostic:
    site = Span(source.text.index("Lambda"), source.text.index("(f)") + 3)
    fix = Fix(
        message,
        (Edit(Span(0, 0), "class é:\r\n"), Edit(site, "F()")),
        Applicability.UNSAFE,
        site,
        (IntendedChange.TRAINS_WEIGHT,),
        "it trains",
    )
    related = (Related(Span(0, 1), message), Related(Span(0, 1), message, Source("other file.py", "a = 1\n")))
    return Diagnostic(
        **{
            "code": "KLL201",
            "name": "captured-variable",
            "severity": Severity.ERROR,
            "message": message,
            "span": site,
            "related": related,
            "fix": fix,
            **changes,
        }
    )


def hostile(name: str) -> Results:
    source = Source(name, TEXT)
    found = [
        diagnostic(source),
        diagnostic(source, "plain", severity=Severity.WARNING, fix=None, related=()),
        diagnostic(source, "plain", severity=Severity.INFO, span=Span(0, 1), fix=None),
        Diagnostic("unused-noqa", "unused-noqa", Severity.INFO, "m", Span(6, 9)),
    ]
    problems = [Problem(name, 0, HOSTILE_MESSAGE), Problem(name, 3, "syntax error"), Problem(None, 0, "out of disk")]
    return Results([(source, found)], problems, "closing")


def shown(name: str, results: Results) -> str:
    """Return a format as a reader of UTF-8 gets it: this fails where the text cannot be written."""
    return rendered(name, results).encode("utf-8", "backslashreplace").decode()


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def valid_sarif(text: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(text)
    Draft4Validator(schema("sarif-2.1.0-rtm.5.json"), format_checker=FormatChecker()).validate(log)
    return log


def valid_gitlab(text: str) -> list[dict[str, Any]]:
    issues: list[dict[str, Any]] = json.loads(text)
    validator = Draft7Validator(schema("codeclimate-issue.json"))
    for issue in issues:
        validator.validate(issue)
    return issues


def valid_rdjson(text: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(text)
    Draft7Validator(schema("rdformat.json")).validate(result)
    return result


def valid_junit(text: str) -> junitparser.JUnitXml:
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(text)
    return junitparser.JUnitXml.fromstring(text.encode())


def valid_github(text: str) -> list[str]:
    lines = text.split("\n")
    assert lines.pop() == ""
    assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in lines)
    assert not any("\r" in line for line in lines)
    return lines


VALID = {
    "json": json.loads,
    "sarif": valid_sarif,
    "github": valid_github,
    "gitlab": valid_gitlab,
    "junit": valid_junit,
    "rdjson": valid_rdjson,
}


@pytest.mark.parametrize("name", MACHINE)
def test_nothing_found_is_valid(name: str) -> None:
    VALID[name](shown(name, Results([])))


@pytest.mark.parametrize("filename", HOSTILE_NAMES, ids=ascii)
@pytest.mark.parametrize("name", MACHINE)
def test_hostile_names_and_messages_are_valid(name: str, filename: str) -> None:
    VALID[name](shown(name, hostile(filename)))


# SARIF


def test_sarif_says_what_is_where_and_how_it_is_fixed() -> None:
    source = Source("m.py", TEXT)
    fix = diagnostic(source, "plain").fix
    assert fix is not None
    other = Source("other.py", "import f\n")
    fixed = Fix(
        fix.message,
        fix.edits,
        fix.applicability,
        fix.site,
        fix.intended,
        fix.unsafe_because,
        elsewhere=(Elsewhere("other.py", (Edit(Span(7, 8), "g"),), other),),
    )
    (run,) = valid_sarif(rendered("sarif", Results([(source, [diagnostic(source, "plain", fix=fixed)])])))["runs"]
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("KLL201", "captured-variable")
    assert "## Why is this bad" in rule["help"]["markdown"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("KLL201", 0, "error")
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "m.py", "uriBaseId": "SRCROOT"}
    assert location["physicalLocation"]["region"] == {"startLine": 4, "startColumn": 6, "endLine": 4, "endColumn": 15}
    assert location["logicalLocations"] == [{"name": "build", "fullyQualifiedName": "build", "kind": "function"}]
    assert [each["id"] for each in result["relatedLocations"]] == [1, 2]
    assert result["relatedLocations"][1]["physicalLocation"]["artifactLocation"]["uri"] == "other%20file.py"
    (said,) = result["fixes"]
    assert said["description"]["text"] == "plain (unsafe: it trains)"
    assert said["properties"] == {"applicability": "unsafe", "intended": ["trains-weight"]}
    assert [(each["artifactLocation"]["uri"], len(each["replacements"])) for each in said["artifactChanges"]] == [
        ("m.py", 2),
        ("other.py", 1),
    ]
    assert said["artifactChanges"][0]["replacements"][0] == {
        "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
        "insertedContent": {"text": "class é:\r\n"},
    }


def test_sarif_has_no_fix_that_a_person_has_to_finish() -> None:
    source = Source("m.py", TEXT)
    site = Span(0, 1)
    display = Fix("by hand", (Edit(site, "x"),), Applicability.DISPLAY, site)
    (run,) = valid_sarif(rendered("sarif", Results([(source, [diagnostic(source, "m", fix=display)])])))["runs"]
    assert "fixes" not in run["results"][0]


def test_sarif_fingerprints_stay_when_lines_move() -> None:
    prints = []
    for text in (TEXT, "# new\r\n\r\n" + TEXT.replace("Lambda(f)", "Lambda( f )")):
        source = Source("m.py", text)
        start = text.index("Lambda")
        found = diagnostic(source, "m", span=Span(start, text.index(")", start) + 1)) if "( f )" not in text else None
        if found is None:
            site = Span(start, text.index(" )", start) + 2)
            found = Diagnostic("KLL201", "captured-variable", Severity.ERROR, "m", site)
        (run,) = valid_sarif(rendered("sarif", Results([(source, [found])])))["runs"]
        prints.append(run["results"][0]["partialFingerprints"])
    assert prints[0] == prints[1]


def test_sarif_names_what_could_not_be_done() -> None:
    (run,) = valid_sarif(rendered("sarif", Results([], [Problem("m.py", 3, "syntax error"), Problem(None, 0, "x")])))[
        "runs"
    ]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    first, second = invocation["toolExecutionNotifications"]
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert (first["message"]["text"], second) == ("syntax error", {"level": "error", "message": {"text": "x"}})


@pytest.mark.parametrize("filename", HOSTILE_NAMES, ids=ascii)
def test_uris_lead_back_to_the_file(filename: str) -> None:
    location = uri.artifact(filename)
    base = uri.base()[uri.BASE]["uri"] if "uriBaseId" in location else ""
    assert not re.search(r"[^A-Za-z0-9/._~%:-]", location["uri"])
    whole = urlsplit(urljoin(base, location["uri"]))
    assert (whole.scheme, whole.netloc, whole.query, whole.fragment) == ("file", "", "", "")
    expected = Path.cwd() / filename
    assert unquote_to_bytes(whole.path) == str(expected.resolve() if ".." in filename else expected).encode(
        "utf-8", "surrogateescape"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PureWindowsPath(r"C:\My Code\m.py"), "file:///C:/My%20Code/m.py"),
        (PureWindowsPath(r"\\server\share\m é.py"), "file://server/share/m%20%C3%A9.py"),
        (PurePosixPath("/a b/C:/m.py"), "file:///a%20b/C%3A/m.py"),
    ],
)
def test_absolute_paths_of_both_systems(path: PurePosixPath | PureWindowsPath, expected: str) -> None:
    assert uri.absolute(path) == expected


def test_relative_windows_paths_have_slashes() -> None:
    assert uri.relative(PureWindowsPath(r"a b\c.py")) == "a%20b/c.py"


# GitHub


@pytest.mark.skipif(sys.version_info < (3, 11), reason="github-action-utils needs Python 3.11")
@pytest.mark.parametrize("filename", [name for name in HOSTILE_NAMES if name.isascii()], ids=ascii)
def test_github_commands_are_what_the_toolkit_would_write(filename: str) -> None:
    import github_action_utils as toolkit

    source = Source(filename, TEXT)
    message = "100% of `x`\r\n::error::injected, really: yes"
    found = diagnostic(source, message)
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        toolkit.error(
            f"KLL201 {message}",
            title="KLL201 captured-variable",
            file=filename,
            col=6,
            end_column=15,
            line=4,
            end_line=4,
        )
    assert rendered("github", Results([(source, [found])])) == written.getvalue()


def test_github_takes_columns_on_one_line_only() -> None:
    source = Source("m.py", TEXT)
    (line,) = valid_github(rendered("github", Results([(source, [diagnostic(source, "m", span=Span(0, 12))])])))
    assert line == "::error title=KLL201 captured-variable,file=m.py,line=1,endLine=2::KLL201 m"


# GitLab


def test_gitlab_fingerprints_are_unique() -> None:
    source = Source("m.py", TEXT)
    found = [diagnostic(source, "m")] * 3
    issues = valid_gitlab(
        rendered("gitlab", Results([(source, found)], [Problem("m.py", 3, "x"), Problem("m.py", 3, "x")]))
    )
    assert len({issue["fingerprint"] for issue in issues}) == 5
    assert issues[0]["severity"] == "critical"
    assert issues[2]["location"] == {"path": "m.py", "lines": {"begin": 4, "end": 4}}


# JUnit


def test_junit_counts_failures_and_errors() -> None:
    suites = list(valid_junit(shown("junit", hostile("a b.py"))))
    assert [(suite.name, suite.tests, suite.failures, suite.errors) for suite in suites] == [
        ("keras-lambda-lint", 3, 0, 3),
        ("a b.py", 4, 4, 0),
    ]
    (failure,) = next(iter(suites[1])).result
    assert failure.type == "error"
    assert failure.message.startswith("m::x %25 ]]> <b>&amp;\\x00\\x1b[0m")


@pytest.mark.parametrize("filename", ["new\nline.py", "]]>&<\"'.py", "é日本\U0001f600.py"], ids=ascii)
def test_junit_keeps_names_that_xml_can_hold(filename: str) -> None:
    names = [suite.name for suite in valid_junit(shown("junit", hostile(filename)))]
    assert names[1] == filename


def test_junit_has_a_test_that_passes_where_nothing_is_found() -> None:
    ((case,),) = valid_junit(rendered("junit", Results([])))
    assert case.is_passed


# rdjson


def test_rdjson_counts_bytes_and_suggests_one_change() -> None:
    source = Source("m.py", "日 = Lambda(f)\n")
    site = Span(4, 13)
    fix = Fix("m", (Edit(Span(0, 0), "class F: ...\n"), Edit(site, "F()")), Applicability.SAFE, site)
    result = valid_rdjson(
        rendered("rdjson", Results([(source, [Diagnostic("KLL101", "n", Severity.ERROR, "m", site, fix=fix)])]))
    )
    (found,) = result["diagnostics"]
    assert found["location"]["range"] == {"start": {"line": 1, "column": 7}, "end": {"line": 1, "column": 16}}
    (suggestion,) = found["suggestions"]
    assert suggestion["range"]["start"] == {"line": 1, "column": 1}
    assert suggestion["text"] == "class F: ...\n日 = F()"


# notebooks, whose lines are no lines of the file


@pytest.fixture
def in_a_cell() -> Results:
    source = Notebook.of_cells("n.ipynb", [CodeCell(1, "import keras"), CodeCell(3, "x = 1\ny = Lambda(f)")])
    start = source.text.index("Lambda")
    site = Span(start, start + 9)
    fix = Fix("m", (Edit(site, "F()"),), Applicability.SAFE, site)
    found = Diagnostic("KLL101", "n", Severity.ERROR, "said", site, (Related(site, "there"),), fix)
    return Results([(source, [found])], [Problem("n.ipynb", 2, "syntax error", 4)])


def test_a_cell_is_said_where_a_line_cannot(in_a_cell: Results) -> None:
    (run,) = valid_sarif(rendered("sarif", in_a_cell))["runs"]
    (result,) = run["results"]
    assert "fixes" not in result
    assert result["message"]["text"] == "cell 3, line 2: said"
    assert list(result["locations"][0]["physicalLocation"]) == ["artifactLocation"]
    assert result["locations"][0]["logicalLocations"][0]["name"] == "cell 3"
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "cell 4, line 2: syntax error"
    assert valid_github(rendered("github", in_a_cell)) == [
        "::error title=keras-lambda-lint,file=n.ipynb::cell 4, line 2: syntax error",
        "::error title=KLL101 n,file=n.ipynb::cell 3, line 2: KLL101 said",
    ]
    issue = valid_gitlab(rendered("gitlab", in_a_cell))[1]
    assert (issue["description"], issue["location"]["lines"]["begin"]) == ("cell 3, line 2: KLL101 said", 1)
    _, suite = valid_junit(rendered("junit", in_a_cell))
    assert next(iter(suite)).name == "KLL101 cell 3, line 2, column 5"
    _, found = valid_rdjson(rendered("rdjson", in_a_cell))["diagnostics"]
    assert (found["message"], found["location"]) == ("cell 3, line 2: said", {"path": "n.ipynb"})
    assert "suggestions" not in found


# text


def test_text_has_no_control_characters() -> None:
    text = shown("text", hostile("\x1b[31mred\x07.py"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert text.endswith("closing\n")


# the command line


@pytest.mark.parametrize("name", FORMATS)
def test_a_real_run_is_valid_in_every_format(cli: Run, project: Path, name: str) -> None:
    (project / "m.py").write_text(
        "import keras\nx = keras.layers.Lambda(lambda t: t * 2, name='d')\n", encoding="utf-8"
    )
    (project / "broken.py").write_text("import keras\nx = keras.layers.Lambda(\n", encoding="utf-8")
    ran = cli("check", f"--output-format={name}")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "KLL101" in ran.out
    if name != "text":
        VALID[name](ran.out)
    if name not in ("text", "json"):
        assert "broken.py" in ran.out
