from __future__ import annotations

import json

from keras_lambda_lint.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    IntendedChange,
    Related,
    Severity,
    Span,
)
from keras_lambda_lint.report.as_json import findings
from keras_lambda_lint.report.results import Results
from keras_lambda_lint.source.text import Source


def test_keys_and_their_order() -> None:
    source = Source("é.py", "日 = 1\r\ny = '''\r\n''', Lambda(f)\r\n")
    site = Span(source.text.index("Lambda"), source.text.index("(f)") + 3)
    fix = Fix(
        "Layer subclass",
        (Edit(Span(0, 0), "class F:\r\n"), Edit(site, "F()")),
        Applicability.UNSAFE,
        site,
        (IntendedChange.TRAINS_WEIGHT,),
        "it trains",
    )
    related = (Related(Span(0, 1), "made here"),)
    found = Diagnostic("KLL201", "captured-variable", Severity.ERROR, "mé", site, related, fix)
    (entry,) = json.loads(findings(Results([(source, [found])])))
    assert entry == {
        "code": "KLL201",
        "name": "captured-variable",
        "severity": "error",
        "message": "mé",
        "filename": "é.py",
        "cell": None,
        "location": {"row": 3, "column": 6},
        "end_location": {"row": 3, "column": 15},
        "related": [
            {
                "filename": "é.py",
                "message": "made here",
                "cell": None,
                "location": {"row": 1, "column": 1},
                "end_location": {"row": 1, "column": 2},
            }
        ],
        "fix": {
            "applicability": "unsafe",
            "intended": ["trains-weight"],
            "message": "Layer subclass",
            "edits": [
                {
                    "filename": "é.py",
                    "cell": None,
                    "content": "class F:\r\n",
                    "location": {"row": 1, "column": 1},
                    "end_location": {"row": 1, "column": 1},
                },
                {
                    "filename": "é.py",
                    "cell": None,
                    "content": "F()",
                    "location": {"row": 3, "column": 6},
                    "end_location": {"row": 3, "column": 15},
                },
            ],
        },
        "noqa_row": 3,
        "url": "rules.md#kll201-captured-variable",
    }
    assert list(entry) == (
        "code name severity message filename cell location end_location related fix noqa_row url".split()
    )
    assert list(entry["fix"]) == ["applicability", "intended", "message", "edits"]
    assert list(entry["fix"]["edits"][0]) == ["filename", "cell", "content", "location", "end_location"]


def test_the_noqa_row_is_where_a_comment_counts() -> None:
    source = Source("x.py", "y = Lambda(f), '''\n'''\n")
    found = Diagnostic("KLL101", "r", Severity.INFO, "m", Span(4, 13))
    (entry,) = json.loads(findings(Results([(source, [found])])))
    assert entry["location"]["row"] == 1
    assert entry["noqa_row"] == 2
    assert entry["fix"] is None


def test_nothing_found_is_an_empty_list() -> None:
    assert findings(Results([])) == "[]\n"


def test_a_file_name_that_is_not_unicode_gives_valid_utf8() -> None:
    found = Diagnostic("KLL101", "r", Severity.INFO, "m", Span(0, 1))
    text = findings(Results([(Source("\udce9.py", "x"), [found])]))
    assert json.loads(text.encode())[0]["filename"] == "\udce9.py"
