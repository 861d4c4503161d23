"""`keras-lambda-lint server`: from its options to an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.commands.usage import UsageError
from keras_lambda_lint.files import reason

if TYPE_CHECKING:
    from keras_lambda_lint.report.console import Console


def run(tcp: str | None, console: Console) -> int:
    """Serve until the client leaves, or with `tcp` until interrupted, and return the exit code.

    Raises `UsageError` for an address that is none, and where a package is missing.
    """
    address = None if tcp is None else _address(tcp)
    try:
        from keras_lambda_lint.server import transport
    except ModuleNotFoundError as error:
        raise UsageError(f"the server needs {error.name}: pip install 'keras-lambda-lint[server]'") from None
    if address is None:
        return transport.serve_stdio()
    try:
        return transport.serve_tcp(*address)
    except OSError as error:
        console.error(f"cannot listen on {tcp}: {reason(error)}")
        return 2


def _address(text: str) -> tuple[str, int]:
    """Return host and port; port 0 means one that is free."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--tcp takes HOST:PORT, such as 127.0.0.1:2087, not `{text}`")
    return host.strip("[]"), int(port)
