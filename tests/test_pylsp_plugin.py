"""The plugin for python-lsp-server: the real server, over standard input and output."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = "import keras\n\n# 𝄞 λ\nx = keras.Input((4,))\ns = '𝄞'; y = keras.layers.Lambda(lambda t: t * 2, name='double')(x)\n"
OTHERS = ("jedi_completion", "pycodestyle", "pyflakes", "mccabe", "autopep8", "yapf", "pydocstyle", "preload")


class Client:
    """As much of a client as the test needs."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-m", "pylsp"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory)
        self._number = 0

    def send(self, method: str, params: Any, **more: Any) -> None:
        """Send a message."""
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def ask(self, method: str, params: Any) -> Any:
        """Return the answer to a request."""
        self._number += 1
        self.send(method, params, id=self._number)
        return self.until(lambda message: message.get("id") == self._number and "method" not in message)["result"]

    def until(self, wanted: Any) -> dict[str, Any]:
        """Return the next message that is wanted."""
        assert self._process.stdout is not None
        while True:
            length = 0
            while line := self._process.stdout.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert length, "the server has gone"
            message: dict[str, Any] = json.loads(self._process.stdout.read(length))
            if wanted(message):
                return message

    def close(self) -> None:
        """End the server."""
        self.ask("shutdown", None)
        self.send("exit", None)
        self._process.communicate(timeout=20)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    opened = Client(tmp_path)
    opened.ask("initialize", {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}})
    off = {"pylsp": {"plugins": {name: {"enabled": False} for name in OTHERS}}}
    opened.send("workspace/didChangeConfiguration", {"settings": off})
    yield opened
    opened.close()


def open_text(client: Client, path: Path, text: str) -> list[dict[str, Any]]:
    """Return the diagnostics of a text that has just been opened."""
    document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
    client.send("textDocument/didOpen", {"textDocument": document})
    message = client.until(
        lambda each: each.get("method") == "textDocument/publishDiagnostics" and each["params"]["uri"] == path.as_uri()
    )
    return [each for each in message["params"]["diagnostics"] if each["source"] == "keras-lambda-lint"]


def test_findings_are_shown_where_they_are(client: Client, tmp_path: Path) -> None:
    found = open_text(client, tmp_path / "m.py", TEXT)
    assert {each["code"] for each in found} == {"KLL101", "KLL601"}
    (lambda_,) = (each for each in found if each["code"] == "KLL101")
    assert lambda_["severity"] == 1
    units = TEXT.split("\n")[4].encode("utf-16-le")
    place = lambda_["range"]
    shown = units[place["start"]["character"] * 2 : place["end"]["character"] * 2].decode("utf-16-le")
    assert (place["start"]["line"], shown) == (4, "lambda t: t * 2")


def test_a_fix_is_a_quick_fix(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    (first, *_) = [each for each in open_text(client, path, TEXT) if each["code"] == "KLL101"]
    asked = {"textDocument": {"uri": path.as_uri()}, "range": first["range"], "context": {"diagnostics": [first]}}
    (action,) = client.ask("textDocument/codeAction", asked)
    assert action["title"] == "keras-lambda-lint (KLL101): Layer subclass `MultiplyBy`"
    assert action["isPreferred"] is True
    edits = action["edit"]["changes"][path.as_uri()]
    assert any("class MultiplyBy(keras.layers.Layer):" in each["newText"] for each in edits)


def test_another_file_that_was_saved_counts(client: Client, tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").touch()
    other = tmp_path / "parts.py"
    other.write_text("def double(x):\n    return x * 2\n", encoding="utf-8")
    text = "import keras\nfrom parts import double\n\nlayer = keras.layers.Lambda(double, output_shape=(4,))\n"
    assert "KLL102" in {each["code"] for each in open_text(client, tmp_path / "m.py", text)}
    loads = "import keras\n\nm = keras.models.load_model('m.h5', custom_objects={'double': double})\n"
    (tmp_path / "loads.py").write_text("from parts import double\n" + loads, encoding="utf-8")
    saved = {"textDocument": {"uri": (tmp_path / "loads.py").as_uri()}}
    open_text(client, tmp_path / "loads.py", loads)
    client.send("textDocument/didSave", saved)
    assert "KLL102" not in {each["code"] for each in open_text(client, tmp_path / "m.py", text)}


@pytest.mark.parametrize("text", [TEXT + "y = (\n", "import os\n", ""])
def test_code_that_cannot_be_analysed_has_no_findings(client: Client, tmp_path: Path, text: str) -> None:
    assert open_text(client, tmp_path / "m.py", text) == []


def test_an_excluded_file_has_no_findings(client: Client, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.keras-lambda-lint]\nexclude = ["m.py"]\n', encoding="utf-8")
    assert open_text(client, tmp_path / "m.py", TEXT) == []
