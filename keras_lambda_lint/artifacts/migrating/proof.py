"""Whether a migrated model loads and predicts, and whether it gives what its original gives: shown by running both.

They run as programs under verification do: each in a fresh process, confined, with a scratch directory and no network.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = str(Path(__file__).resolve().parents[3])
_START = f"import sys; sys.path.append({_ROOT!r}); from keras_lambda_lint.artifacts.migrating.child import main; main()"
_SECONDS = 600


@dataclass(frozen=True)
class Original:
    """The model that was migrated."""

    path: str
    keras: str
    """The package that loads it as it was meant: `keras` or `tf_keras`."""
    names: tuple[str, ...]
    """The global names that its functions read."""
    unable: str | None
    """Why it cannot be loaded here, where that is known without trying."""


@dataclass(frozen=True)
class Verdict:
    """What running showed."""

    holds: bool
    """False where the migrated model does not load, does not predict, or differs."""
    text: str


class Trouble(Exception):
    """A step could not be done; says why."""


def missing() -> str | None:
    """Return why nothing can be run here; None where it can."""
    if sys.platform not in ("linux", "darwin"):
        return "models are run on Linux and macOS only"
    for name in ("tensorflow", "keras"):
        if not installed(name):
            return f'{name} is not installed: pip install "keras-lambda-lint[verify]"'
    return None


def installed(name: str) -> bool:
    """Return whether a package can be imported."""
    return importlib.util.find_spec(name) is not None


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a directory that is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="keras-lambda-lint-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)


def convert(model: str, module: str, directory: Path) -> tuple[str, str | None]:
    """Let Keras 3 save a migrated `.h5` file as `.keras`; return where, and what is not kept. Raises `Trouble` where it cannot."""
    place = directory / "convert"
    target = str(place / "migrated.keras")
    answer = _ask(place, role="convert", model=os.path.abspath(model), module=module, target=target)
    return target, answer.get("lost")


def prove(model: str, module: str, original: Original, directory: Path) -> Verdict:
    """Load the migrated model and its original, and say what came of it."""
    module = os.path.abspath(module)
    try:
        found = _ask(directory / "new", role="predict", model=os.path.abspath(model), module=module)
    except Trouble as trouble:
        return Verdict(False, f"does not load and predict: {trouble}")
    loads = f"on keras {found['keras']}"
    if "uncompiled" in found:
        loads += f", with compile=False ({found['uncompiled']})"
    if "uncalled" in found:
        return Verdict(True, f"loads {loads}; not called: {found['uncalled']}")
    return _compared(f"loads and predicts {loads}", found, original, directory)


def _compared(loads: str, found: dict[str, Any], original: Original, directory: Path) -> Verdict:
    if original.unable is not None:
        return Verdict(True, f"{loads}; the original cannot be loaded here: {original.unable}")
    try:
        compared = _ask(
            directory / "old",
            role="compare",
            model=os.path.abspath(original.path),
            keras=original.keras,
            names=original.names,
            inputs=found["inputs"],
            cases=str(directory / "new" / "cases.npz"),
            results=str(directory / "new" / "results.npz"),
        )
    except Trouble as trouble:
        return Verdict(True, f"{loads}; the original cannot be loaded and called here: {trouble}")
    if compared.get("random"):
        return Verdict(True, f"{loads}; the original's results are random, so they were not compared")
    if compared["difference"]:
        return Verdict(False, f"{loads}; differs from the original: {compared['difference']}")
    return Verdict(True, f"{loads}; equal to the original ({compared['cases']} cases)")


def _ask(directory: Path, **request: Any) -> dict[str, Any]:
    """Return the answer of a fresh process; raise `Trouble` where it has none."""
    directory.mkdir()
    (directory / "request.json").write_text(json.dumps({**request, "seconds": _SECONDS}), encoding="utf-8")
    environment = {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": "",
        "KERAS_BACKEND": "tensorflow",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    environment.pop("TF_USE_LEGACY_KERAS", None)
    command = [sys.executable, "-c", _START, str(directory)]
    try:
        ran = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"did not end within {_SECONDS} s") from None
    answer = directory / "answer.json"
    if not answer.is_file():
        log = directory / "log"
        text = (log.read_text(encoding="utf-8", errors="replace") if log.is_file() else "") or ran.stderr.decode(
            errors="replace"
        )
        last = [line.strip() for line in text.splitlines() if line.strip()][-1:]
        raise Trouble(f"the process ended with {_how(ran.returncode)}{': ' + last[0][:200] if last else ''}")
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if "trouble" in found:
        raise Trouble(found["trouble"])
    return found


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
