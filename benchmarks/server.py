"""How long the language server takes from a change to diagnostics, and what it keeps of 2,000 edits.

    python benchmarks/server.py [EDITS] > benchmarks/server.md

Drives `keras-lambda-lint server` as a process: a file of 3,000 lines with 30 Lambda layers, one character typed or deleted per edit, in
the two ways in which clients get diagnostics.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LINES, LAMBDAS = 3000, 30
BODIES = (
    "lambda t: t * k",
    "lambda t: t * scale",
    "lambda t: tf.reduce_sum(t, axis=-1)",
    "lambda t: keras.activations.relu(t) + 1",
)


def program() -> str:
    lines = [
        "import numpy as np",
        "import tensorflow as tf",
        "from tensorflow import keras",
        "from tensorflow.keras.layers import Input, Lambda",
        "",
        "scale = tf.Variable(1.0)",
        "",
    ]
    for number in range(LAMBDAS):
        lines += [f"def build_{number}(units={number + 1}):", "    x = inputs = Input((8,))", "    k = units * 2.0"]
        lines += [
            f"    x = Lambda({BODIES[number % 4]}, name='layer_{number}')(x)",
            "    return keras.Model(inputs, x)",
            "",
            "",
        ]
        end = len(lines) + (LINES - len(lines)) // (LAMBDAS - number)
        while len(lines) + 11 <= end:
            lines += [
                f"def helper_{len(lines)}(values, limit={number}):",
                '    """Return what lies under a limit."""',
                "    found = []",
                "    for index, value in enumerate(values):",
                "        if value < limit and index % 2 == 0:",
                "            found.append({'index': index, 'value': np.abs(value)})",
                "        else:",
                "            found += [each for each in values if each > limit]",
                "    return found[:limit] if found else None",
                "",
                "",
            ]
    lines += [f"VALUE_{number} = {number}" for number in range(LINES - len(lines))]
    return "\n".join(lines) + "\n"


class Server:
    """A server as a process; `pull` decides how the client gets diagnostics."""

    def __init__(self, folder: Path, *, pull: bool) -> None:
        self._pull = pull
        self._id = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "keras_lambda_lint", "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        published = {
            "relatedInformation": True,
            "dataSupport": True,
            "codeDescriptionSupport": True,
            "versionSupport": True,
        }
        text = {"publishDiagnostics": published, **({"diagnostic": {}} if pull else {})}
        params = {"capabilities": {"textDocument": text}, "processId": None, "rootUri": folder.as_uri()}
        self.request("initialize", params)
        self.notify("initialized", {})

    def notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        self._id += 1
        self._send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        while (message := self._receive()).get("id") != self._id:
            pass
        return message["result"]

    def diagnostics(self, uri: str, version: int) -> int:
        """Return how many diagnostics a version of a text has, once they have come."""
        if self._pull:
            return len(self.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"])
        while True:
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["version"] == version:
                return len(message["params"]["diagnostics"])

    def memory(self) -> float:
        """Return the megabytes that the process has in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def close(self) -> None:
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length"):
                length = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message


def measured(folder: Path, edits: int, *, pull: bool) -> str:
    text = program()
    uri = (folder / "model.py").as_uri()
    server = Server(folder, pull=pull)
    document = {"uri": uri, "languageId": "python", "version": 0, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": document})
    count = server.diagnostics(uri, 0)
    rows = text.split("\n")
    row = next(number for number, line in enumerate(rows) if number > LINES // 2 and line.startswith("    found = []"))
    times, memory = [], []
    for version in range(1, edits + 1):
        place = {"line": row, "character": len("    found = []")}
        change = (
            {"range": {"start": place, "end": place}, "text": " "}
            if version % 2
            else {"range": {"start": place, "end": {**place, "character": place["character"] + 1}}, "text": ""}
        )
        started = time.perf_counter()
        identifier = {"uri": uri, "version": version}
        server.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        assert server.diagnostics(uri, version) == count
        times.append((time.perf_counter() - started) * 1000)
        if version % max(edits // 20, 1) == 0:
            memory.append(server.memory())
    server.close()
    way = "asked for (pull)" if pull else "sent (push, 30 ms of quiet included)"
    ordered = sorted(times)
    return (
        f"| {way} | {count} | {statistics.median(times):.0f} ms | {ordered[int(len(ordered) * 0.95) - 1]:.0f} ms "
        f"| {memory[0]:.0f} MB | {memory[-1]:.0f} MB |"
    )


def main() -> None:
    import tempfile

    edits = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    what = f"{LINES:,} lines, {LAMBDAS} Lambda layers, {edits:,} edits"
    print("# The language server\n")
    print(
        "From one change of a text to its diagnostics, and the memory of the server's process, after the first twentieth and all.\n"
    )
    print(f"`python benchmarks/server.py {edits}`: {what}, Python {platform.python_version()}.\n")
    print("| diagnostics | findings | median | 95 % | memory at first | at the end |")
    print("|---|---|---|---|---|---|")
    for pull in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            print(measured(Path(folder), edits, pull=pull), flush=True)


if __name__ == "__main__":
    main()
