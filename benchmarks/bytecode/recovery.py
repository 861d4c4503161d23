"""Counts what is recovered of the test set, over Pythons.

    python benchmarks/bytecode/recovery.py INTERPRETER ...

Each interpreter marshals every function of `lambdas.txt` and `functions.txt`, or with `--corpus` those of real files. What is
called exact is compiled by the same interpreter again and compared with the original: *same code* instruction by instruction
(constants and names included, dead code not); where the code is laid out in another way, *same deeds*: both run 40 times
on objects that write down all that is done to them. All else is *wrong called exact*.
"""

import argparse
import base64
import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bodies import bodies, corpus

from keras_lambda_lint.artifacts.bytecode import BadBytecode, recover

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "tests" / "artifacts" / "bytecode" / "stored"


def foreign(interpreter: str, action: str, rows: list) -> list:
    """Return what `foreign.py` answers under another interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "given.json", Path(folder) / "answer.json"
        given.write_text(json.dumps(rows))
        command = [interpreter, "-W", "ignore", str(HERE / "foreign.py"), action, str(given), str(answer)]
        subprocess.run(command, check=True)
        return json.loads(answer.read_text())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("interpreters", nargs="+")
    parser.add_argument("--corpus", type=Path, help="a folder: take the functions of its .py files")
    parser.add_argument("--write", action="store_true", help="store the marshalled functions for the tests")
    parser.add_argument("--show", action="store_true", help="print what is not exact, and what differs")
    options = parser.parse_args()
    print(
        "| Python | kind | bodies | exact | same code | same deeds | approximate | undecodable | wrong called exact |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for interpreter in options.interpreters:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        version = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        stored = {}
        for kind in ("lambdas", "functions"):
            given = corpus(options.corpus, kind) if options.corpus else bodies(kind)
            stored[kind] = [
                [free, source, text]
                for (free, source), text in zip(given, foreign(interpreter, "dump", given), strict=True)
                if text is not None
            ]
            row(version, kind, interpreter, stored[kind], show=options.show)
        if options.write:
            FIXTURES.mkdir(exist_ok=True)
            data = json.dumps(stored, separators=(",", ":")).encode()
            (FIXTURES / f"{version}.json.gz").write_bytes(gzip.compress(data, mtime=0))


def row(version: str, kind: str, interpreter: str, stored: list, *, show: bool) -> None:
    counts = Counter()
    exact = []
    for free, source, text in stored:
        try:
            found = recover(base64.b64decode(text))
        except BadBytecode as error:
            counts["undecodable"] += 1
            print(f"{version} bad: {source[:60]!r}: {error}", file=sys.stderr)
            continue
        counts[found.status] += 1
        if found.status == "exact":
            exact.append([text, free, found.source])
        elif show:
            print(f"{version} {found.status}: {source!r} -> {found.source!r}: {found.reason}", file=sys.stderr)
    others = differing(interpreter, "compare", exact, version, show=show)
    wrong = differing(interpreter, "follow", others, version, show=show)
    cells = [version, kind, len(stored), len(exact), len(exact) - len(others), len(others) - len(wrong)]
    print(
        "|", " | ".join(map(str, [*cells, counts["approximate"], counts["undecodable"], len(wrong)])), "|", flush=True
    )


def differing(interpreter: str, action: str, cases: list, version: str, *, show: bool) -> list:
    """Return the cases in which the interpreter finds a difference."""
    found = []
    for case, difference in zip(cases, foreign(interpreter, action, cases), strict=True):
        if difference:
            found.append(case)
            if show:
                print(f"{version} {action}: {case[2]}: {difference}", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
