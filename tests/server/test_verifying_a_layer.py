"""The command "verify this layer", with the real verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from client import start
from lsprotocol import types

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.asyncio, pytest.mark.execution, pytest.mark.slow]

MODEL = """\
import keras

inputs = keras.Input((3,))
outputs = keras.layers.Lambda(lambda x: x * 2 + 1, name="double")(inputs)
model = keras.Model(inputs, outputs)
"""


async def test_verify_this_layer(tmp_path: Path) -> None:
    async with start("vscode", tmp_path) as client:
        # The buffer counts: the file does not even parse.
        uri = client.open("model.py", "import keras\n(")
        client.replace(uri, MODEL)
        place = client.position(uri, MODEL.index("lambda"))
        arguments = [uri, {"start": {"line": place.line, "character": 0}, "end": {"line": place.line, "character": 9}}]
        await client.lsp.workspace_execute_command_async(
            types.ExecuteCommandParams("keras-lambda-lint.verify", arguments)
        )
        await client.messages()
        (shown,) = client.lsp.messages
        assert shown.type is types.MessageType.Info
        assert "model.py:4: agree on " in shown.message
        assert shown.message.endswith("· reloads")
        (reports,) = client.lsp.progress_reports.values()
        assert [type(each).__name__ for each in reports] == ["WorkDoneProgressBegin", "WorkDoneProgressEnd"]

        lens_params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
        (lens,) = await client.lsp.text_document_code_lens_async(lens_params)
        assert lens.command is not None
        assert lens.command.title.startswith("λ agree on ")
        assert lens.range.start.line == 3
        # Of another layer nothing has been said.
        client.change(uri, "x * 2", "x * 20")
        assert not await client.lsp.text_document_code_lens_async(lens_params)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["model.py"]
