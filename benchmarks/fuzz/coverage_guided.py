"""Fuzzes with atheris, which looks for inputs that reach new code.

    python benchmarks/fuzz/coverage_guided.py TARGET FOLDER -max_total_time=SECONDS

FOLDER keeps the inputs that reached something new; further options are libFuzzer's. Needs `pip install atheris`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["keras_lambda_lint"]):
    from targets import TARGETS, seeds


def main() -> None:
    """Fuzz one target until libFuzzer stops."""
    target, folder, *options = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(target)):
        Path(folder, f"seed{number}").write_bytes(data)
    limits = ["-timeout=20", "-rss_limit_mb=2000", "-max_len=20000", f"-artifact_prefix={folder}-broken-"]
    atheris.Setup([sys.argv[0], folder, *limits, *options], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
