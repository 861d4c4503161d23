"""Checks many folders in one run: alone, with worker processes, and with the cache; prints a table of times as ratios to ruff.

    python benchmarks/many_files.py FOLDER ... > benchmarks/many_files.md

All runs must print the same; the script ends with 1 where they do not. Times are the best of several, in turns;
the machine should do nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

ROUNDS = 3
OURS = [sys.executable, "-m", "keras_lambda_lint", "check", "--exit-zero"]


def main() -> int:
    folders = sys.argv[1:]
    if not folders:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        cache = Path(scratch, "cache")
        os.environ["KERAS_LAMBDA_LINT_CACHE_DIR"] = str(cache)
        ruff = [str(Path(sys.executable).with_name("ruff")), "check", "-q", "--no-cache", "--isolated", "--exit-zero"]
        runs = {
            "ruff check, no cache": [*ruff, *folders],
            "`-j 1 --no-cache`": [*OURS, "-j", "1", "--no-cache", *folders],
            "`-j 2 --no-cache`": [*OURS, "-j", "2", "--no-cache", *folders],
            "`-j 2`, empty cache": [*OURS, "-j", "2", *folders],
            "`-j 2`, cache": [*OURS, "-j", "2", *folders],
        }
        best: dict[str, tuple[float, float]] = {}
        printed: dict[str, str] = {}
        for _ in range(ROUNDS):
            for name, command in runs.items():
                if "empty" in name:
                    for path in cache.glob("*"):
                        path.unlink()
                seconds, cpu, printed[name] = timed(command)
                before = best.get(name, (seconds, cpu))
                best[name] = min(before[0], seconds), min(before[1], cpu)
    files = sum(1 for folder in folders for _ in Path(folder).rglob("*.py"))
    print("# Many files\n")
    print(f"Written by `python benchmarks/many_files.py`: {len(folders)} folders, {files} Python files.")
    print(f"Python {platform.python_version()}, ruff {version('ruff')}, {os.cpu_count()} cores. Best of {ROUNDS}.\n")
    print("| run | seconds | to ruff | CPU seconds | to ruff |\n|---|---|---|---|---|")
    reference = best["ruff check, no cache"]
    for name, (seconds, cpu) in best.items():
        print(f"| {name} | {seconds:.2f} | {seconds / reference[0]:.2f} | {cpu:.2f} | {cpu / reference[1]:.2f} |")
    outputs = {text for name, text in printed.items() if "ruff" not in name}
    print(f"\nThe output of our four runs: {'the same' if len(outputs) == 1 else '**not the same**'}.")
    return int(len(outputs) > 1)


def timed(command: list[str]) -> tuple[float, float, str]:
    """Return the seconds and CPU seconds that a command took, and a digest of both its outputs."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return seconds, cpu, hashlib.sha256(done.stdout + b"\0" + done.stderr).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
