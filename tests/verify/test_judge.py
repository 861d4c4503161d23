"""What is decided from evidence that is not whole."""

from __future__ import annotations

from keras_lambda_lint.source.text import Source
from keras_lambda_lint.verify import Kind
from keras_lambda_lint.verify.evidence import Evidence
from keras_lambda_lint.verify.judge import verdicts

MODEL = {"partner": None, "alone": False, "failure": None, "cases": [], "keys": [], "name": "functional", "row": 3}


def test_a_model_of_the_fixed_text_alone_is_not_covered_where_the_original_took_too_long():
    built = {"models": [MODEL], "sites": [], "skipped": [], "factories": [], "guessed": [], "own": 1}
    evidence = Evidence({"failure": "did not end within 1 s"}, built)
    text = Source("program.py", "\n\n\n")

    (model,) = verdicts(text, text, [], evidence)[1]

    assert model.verdict.kind is Kind.UNCOVERED
    assert model.verdict.detail == "did not end within 1 s"
