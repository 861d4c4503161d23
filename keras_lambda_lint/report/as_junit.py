"""Findings as a JUnit report, which nearly every CI shows: a suite for each file, a failed test for each finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from keras_lambda_lint.report.terminal import plain

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.results import Problem, Results
    from keras_lambda_lint.source.text import Source

_NAME = "keras-lambda-lint"
# Characters that XML 1.0 cannot hold in any spelling.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def findings(results: Results) -> str:
    """Return one report, ended by a newline; what could not be done is a test with an error. Without either one test passes."""
    root = Xml.Element("testsuites", name=_NAME)
    if results.problems:
        suite = _suite(root, _NAME, len(results.problems), errors=len(results.problems))
        for problem in results.problems:
            _add_problem(suite, problem)
    for source, found in results.files:
        suite = _suite(root, source.filename, len(found), failures=len(found))
        for each in found:
            _add_finding(suite, source, each)
    if not len(root):
        Xml.SubElement(_suite(root, _NAME, 1), "testcase", name="no findings", classname=_NAME)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, "unicode")}\n'


def _suite(root: Xml.Element, name: str, tests: int, failures: int = 0, errors: int = 0) -> Xml.Element:
    attributes = {"name": _held(name), "package": _NAME, "tests": str(tests)}
    return Xml.SubElement(root, "testsuite", {**attributes, "failures": str(failures), "errors": str(errors)})


def _add_finding(suite: Xml.Element, source: Source, diagnostic: Diagnostic) -> None:
    place = source.place(diagnostic.span.start)
    cell = f"cell {place.cell}, " if place.cell is not None else ""
    name = f"{diagnostic.code} {cell}line {place.row}, column {place.column}"
    case = Xml.SubElement(suite, "testcase", name=name, classname=_held(source.filename))
    failure = Xml.SubElement(case, "failure", type=diagnostic.severity.value, message=_held(diagnostic.message))
    failure.text = _held(plain(f"{source.filename}:{place}: {diagnostic.code} {diagnostic.message}"))


def _add_problem(suite: Xml.Element, problem: Problem) -> None:
    case = Xml.SubElement(suite, "testcase", name=_held(str(problem)), classname=_held(problem.filename or _NAME))
    Xml.SubElement(case, "error", type="error", message=_held(problem.reason)).text = _held(plain(str(problem)))


def _held(text: str) -> str:
    """Return a text with what XML cannot hold written as Python's escapes."""
    return _NOT_IN_XML.sub(lambda match: ascii(match.group())[1:-1], text)
