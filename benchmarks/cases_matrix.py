"""What the verifier says of each case of CASES.md on each Keras and backend, as a table in examples/README.md.

    python -m benchmarks.cases_matrix            runs everything (minutes) and writes the table between the markers
    python -m benchmarks.cases_matrix --from F   writes it from the JSON of an earlier `verify --json F`

Run it where TensorFlow, tf_keras, JAX and PyTorch are installed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
README = EXAMPLES / "README.md"
BEGIN, END = "<!-- matrix: begin, by benchmarks/cases_matrix.py -->", "<!-- matrix: end -->"
PROGRAMS = {
    1: "take_step.py",
    2: "nested_function.py",
    3: "wrong_custom_object.py",
    4: "backend_import.py",
    5: "square.py antirectifier.py",
    6: "captured_variable.py",
    7: "untracked_attribute.py",
    8: "function_layers.py",
    9: "compiled_function.py",
    10: "submodels.py",
    11: "two_inputs.py",
    13: "sampling.py",
    14: "declared_shape.py",
    16: "migrated.py",
}
"""The programs of each row of CASES.md that has a model to run."""
NO_MODEL = {
    12: "a saved file, no program: `inspect`, `recover` and `migrate` read it",
    15: "`keras_1.py` and `python2/digits.py` run on no Keras of today: linted, and partly rewritten, only",
}
PLACES = ("Keras 3, TensorFlow", "tf_keras", "Keras 3, JAX", "Keras 3, PyTorch")
_BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
_LONGEST = 120
_SECONDS = "600"
"""No cell may be for lack of time, on a busy machine neither."""
_OWN_FIX = re.compile(r"fixed for this Keras alone, as `(check --keras \d)`")


def main() -> None:
    """Run the examples, or read an earlier run, and write the table."""
    is_read = sys.argv[1:2] == ["--from"]
    found = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")) if is_read else _verified()
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n\n{table(found)}\n\n{END}{after}", encoding="utf-8")


def _verified() -> list[dict[str, Any]]:
    programs = [str(EXAMPLES / name) for names in PROGRAMS.values() for name in names.split()]
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory, "verdicts.json")
        options = ["--keras", "2,3", "--backend", "tensorflow,jax,torch", "--timeout", _SECONDS]
        options += ["--json", str(output)]
        command = [sys.executable, "-m", "keras_lambda_lint", "verify", *programs, *options]
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        loaded: list[dict[str, Any]] = json.loads(output.read_text(encoding="utf-8"))
        return loaded


def table(found: list[dict[str, Any]]) -> str:
    """Return the table in Markdown, from verdicts as `verify --json` writes them."""
    cells = {(Path(each["path"]).name, _place(each["keras"])): _cell(each) for each in found}
    lines = [f"| case | program | {' | '.join(PLACES)} |", "|" + "---|" * (len(PLACES) + 2)]
    for row in sorted({*PROGRAMS, *NO_MODEL}):
        if row in NO_MODEL:
            lines.append(f"| {row} | {NO_MODEL[row]} |" + " |" * len(PLACES))
            continue
        for name in PROGRAMS[row].split():
            verdicts = [cells.get((name, place), "imports tf_keras") for place in PLACES]
            lines.append(f"| {row} | `{name}` | {' | '.join(verdicts)} |")
    return "\n".join(lines)


def _place(keras: str) -> str:
    name, _, backend = keras.partition(" / ")
    if name.startswith("tf_keras"):
        return "tf_keras" if backend.startswith("tensorflow") else ""
    return f"Keras 3, {_BACKENDS[backend.split()[0]]}"


def _cell(verification: dict[str, Any]) -> str:
    if verification["instead"]:
        return _short(verification["instead"]["text"])
    texts = [_short(site["text"]) for site in verification["sites"] or verification["models"]]
    counted = {text: texts.count(text) for text in texts}
    cell = "; ".join(f"{count} × {text}" if count > 1 else text for text, count in counted.items()) or "no model"
    own = next(filter(None, map(_OWN_FIX.match, verification["notes"])), None)
    return f"{cell}; fixed by `{own[1]}`" if own else cell


def _short(text: str) -> str:
    text = re.sub(r" \(\d+ cases\)", "", text).replace("|", "\\|")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


if __name__ == "__main__":
    main()
