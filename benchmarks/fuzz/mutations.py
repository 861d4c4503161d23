"""Fuzzes by changing seeds at random, without coverage: `python benchmarks/fuzz/mutations.py TARGET --seconds N [--seed N]`.

Prints how many inputs were tried and how the memory grew; exits with 1 at the first broken promise, the input in a file.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from pathlib import Path

from targets import TARGETS, Broken, seeds

INTERESTING = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x53, 0x64, 0x5C, 0x2F, 0x72, 0x28, 0x29, 0xE3, 0x63)


def mutated(source: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Return the bytes with one to eight changes: flipped, replaced, cut, doubled, moved, or taken from another seed."""
    found = bytearray(data)
    for _ in range(source.choice((1, 1, 1, 2, 3, 8))):
        place = source.randrange(len(found) or 1)
        length = source.choice((1, 2, 4, 8, 40))
        kind = source.randrange(7)
        if not found:
            found += source.randbytes(8)
        elif kind == 0:
            found[place] ^= 1 << source.randrange(8)
        elif kind == 1:
            found[place] = source.choice(INTERESTING)
        elif kind == 2:
            found[place] = source.randrange(256)
        elif kind == 3:
            del found[place : place + length]
        elif kind == 4:
            found[place:place] = found[place : place + length] * source.choice((1, 1, 2, 50))
        elif kind == 5:
            other = source.choice(others)
            start = source.randrange(len(other) or 1)
            found[place : place + length] = other[start : start + length]
        else:
            found[place : place + 4] = source.choice((0, 1, 2**31 - 1, 2**32 - 1, len(found))).to_bytes(4, "little")
    return bytes(found)


def main() -> int:
    """Fuzz one target; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--tries", type=int, default=sys.maxsize, help="stop after so many inputs")
    options = parser.parse_args()
    source = random.Random(options.seed)
    start, tried = time.monotonic(), 0
    given = seeds(options.target)
    pool = list(given)
    memory = 0
    while time.monotonic() - start < options.seconds and tried < options.tries:
        data = mutated(source, source.choice(pool), given)
        try:
            TARGETS[options.target](data)
        except Exception as error:
            path = Path(f"broken-{options.target}.bin")
            path.write_bytes(data)
            print(f"{options.target}: {type(error).__name__}: {error}; the input is in {path}")
            if not isinstance(error, Broken):
                raise
            return 1
        tried += 1
        if tried % 20 == 0:
            pool.append(data)
            if len(pool) > 500:
                del pool[source.randrange(len(given), len(pool))]
        if tried == 200:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024 if memory else 0
    print(
        f"{options.target}: {tried} inputs in {time.monotonic() - start:.0f} s, 0 broken, {grown} MB more memory since the 200th"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
