"""Standard input and output for one client, or TCP for several: each has a server of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from threading import Event
from typing import TYPE_CHECKING

from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async

from keras_lambda_lint.server.app import NAME, Server

if TYPE_CHECKING:
    from pygls.io_ import AsyncReader, AsyncWriter, Writer

_LOG = logging.getLogger(__name__)
_PARENT_EVERY = 3.0
"""Seconds between two looks whether the process that started the server still lives."""


class _OneLine(logging.Formatter):
    """Says each thing on one line, without the stack of an error."""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = record.getMessage().splitlines() or [""]
        error = record.exc_info[1] if record.exc_info else None
        text = f"{first}: {error!r}" if error is not None else f"{first} {rest[-1] if rest else ''}"
        return f"{NAME}: {' '.join(text.split())[:500]}"


def prepare_logging() -> None:
    """Write warnings to standard error, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def serve_stdio() -> int:
    """Serve the client at standard input and output until it leaves, and return the exit code."""
    prepare_logging()
    output = sys.stdout.buffer
    # Nothing but messages may get into the stream of messages.
    sys.stdout = sys.stderr
    return asyncio.run(_stdio(StdoutWriter(output)))


async def _stdio(writer: Writer) -> int:
    client = _Client(writer)
    client.watch_parent()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, client.leave, 0)
    reader = StdinAsyncReader(sys.stdin.buffer, client.server.thread_pool)
    code = await client.serve(reader)
    sys.stderr.flush()
    # The thread that waits for the next message cannot be stopped, and Python would wait for it.
    os._exit(code)


def serve_tcp(host: str, port: int) -> int:
    """Serve clients at an address until interrupted; raise OSError where that is not possible."""
    prepare_logging()
    asyncio.run(_tcp(host, port))
    return 0


async def _tcp(host: str, port: int) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Client(writer).serve(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            _LOG.warning("a client vanished")
        finally:
            writer.close()

    server = await asyncio.start_server(connected, host, port)
    for socket in server.sockets:
        address = socket.getsockname()
        sys.stderr.write(f"{NAME}: listening on {address[0]}:{address[1]}\n")
    sys.stderr.flush()
    async with server:
        await server.serve_forever()


class _Client:
    """One client with the server that it talks to."""

    def __init__(self, writer: Writer | AsyncWriter) -> None:
        self._left: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.server = Server(self.leave)
        self.server.protocol.set_writer(writer)

    def leave(self, code: int) -> None:
        """End the work, with an exit code."""
        if not self._left.done():
            self._left.set_result(code)

    def watch_parent(self) -> None:
        """End the work when the process ends that the client said it is."""
        self.server.start(self._watch())

    async def _watch(self) -> None:
        while self.server.process_id is None:
            await asyncio.sleep(_PARENT_EVERY)
        # One that is not there to begin with lives where this process cannot see it, such as in another container.
        if os.name != "posix" or not _lives(self.server.process_id):
            return
        while _lives(self.server.process_id):
            await asyncio.sleep(_PARENT_EVERY)
        self.leave(1)

    async def serve(self, reader: AsyncReader) -> int:
        """Handle messages until the client leaves or vanishes, and return the exit code."""
        handling = asyncio.ensure_future(
            run_async(
                stop_event=Event(),
                reader=reader,
                protocol=self.server.protocol,
                logger=_LOG,
                error_handler=self.server.report_server_error,
            )
        )
        try:
            await asyncio.wait({handling, self._left}, return_when=asyncio.FIRST_COMPLETED)
            if self._left.done():
                return self._left.result()
            handling.result()
            # The stream ended without a word: the client has vanished.
            return 1
        finally:
            handling.cancel()
            await self.server.end()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
