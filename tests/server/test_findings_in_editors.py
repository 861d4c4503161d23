"""Findings in the editor, whatever the editor can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from client import Client

MODEL = """\
from tensorflow import keras

scale = 2.0
double = keras.layers.Lambda(lambda x: x * scale, name="double")
"""


@pytest.mark.asyncio
async def test_findings_of_a_text_that_was_opened(client: Client) -> None:
    uri = client.open("model.py", MODEL)
    found = await client.diagnostics(uri)
    assert [each.code for each in found] == ["KLL101", "KLL601", "KLL103"]
    assert {each.source for each in found} == {"keras-lambda-lint"}
    assert client.text_of(uri, found[0].range) == "lambda x: x * scale"
