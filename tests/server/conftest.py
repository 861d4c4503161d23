"""Clients of four kinds, each with a server of its own as a process on standard input and output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest_asyncio
from client import CLIENTS, Client, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

sys.dont_write_bytecode = True


@pytest_asyncio.fixture(params=sorted(CLIENTS))
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of each kind, with a folder as its workspace."""
    async with start(request.param, tmp_path) as started:
        yield started
