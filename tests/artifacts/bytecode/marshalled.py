"""Functions that each Python has marshalled: `benchmarks/bytecode/recovery.py --write` stores them."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STORED = Path(__file__).parent / "stored"
VERSIONS = sorted((path.name.removesuffix(".json.gz") for path in STORED.glob("*.gz")), key=lambda name: int(name[2:]))


@dataclass(frozen=True)
class Stored:
    """A function, its source, and the bytes that a Python made of it."""

    version: str
    source: str
    free: tuple[str, ...]
    code: bytes


@cache
def stored(version: str, kind: str) -> tuple[Stored, ...]:
    """Return all `lambdas` or `functions` that a Python has marshalled."""
    rows = json.loads(gzip.decompress((STORED / f"{version}.json.gz").read_bytes()))[kind]
    return tuple(Stored(version, source, tuple(free), base64.b64decode(code)) for free, source, code in rows)
