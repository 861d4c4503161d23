"""A process that has imported one Keras and forks a fresh child for each role.

A child of a parent that only imported Keras behaves as a fresh interpreter, and starts without the seconds that the import
takes. The host itself runs no TensorFlow operation and no code of a user. It speaks JSON, one object a line.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.framework import Framework


def main() -> None:
    """Serve requests from standard input until it closes; `argv` names the Keras, its backend, the device and the log."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    keras, backend, device, log_file = sys.argv[1:]
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    from keras_lambda_lint.verify.child import build, framework, persist, watch

    watch.adopt_orphans()
    loaded = framework.load(keras, backend)
    roles = {"build": build.build, "reload": persist.reload}
    _answer(answers, {"gpus": in_child(loaded.gpus) if device.startswith("gpu") else 0})
    try:
        for line in sys.stdin:
            request = json.loads(line)
            child = os.fork()
            if child == 0:
                answers.close()
                _serve(loaded, device, roles[request["role"]], request)
            limits = watch.Limits(request["timeout"], request["memory"], Path(request["directory"], "log"))
            _answer(answers, watch.wait(child, limits))
    finally:
        # Reached while the directory exists only where the parent died without closing its sandbox.
        shutil.rmtree(Path(log_file).parent, ignore_errors=True)


def _answer(answers: Any, value: dict[str, Any]) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def _serve(framework: Framework, device: str, role: Any, request: dict[str, Any]) -> None:
    """Run a role in this forked child and end it."""
    end = os._exit
    directory = Path(request["directory"])
    try:
        from keras_lambda_lint.verify.child.confine import confine
        from keras_lambda_lint.verify.child.framework import alias_keras

        kept = framework.keep_compiled(Path.cwd())
        doors = confine(directory, directory / "log", request["timeout"], kept)
        if request["alias"]:
            alias_keras()
        with framework.placed(device):
            result = json.dumps({**role(framework, request), "open": doors, "read": _project_modules(directory)})
        (directory / "result.part").write_text(result, encoding="utf-8")
        (directory / "result.part").rename(directory / "result.json")
    except BaseException:  # noqa: BLE001 - a fault of the verifier itself; the parent reads the log
        traceback.print_exc()
        end(70)
    finally:
        end(0)


def _project_modules(directory: Path) -> list[str]:
    """Return the files of imported modules that belong to no installation, nor to us or the scratch directory."""
    apart = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), str(directory.parent))
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    paths = {os.path.abspath(file) for file in files if isinstance(file, str) and os.path.isfile(file)}
    return sorted(path for path in paths if not path.startswith(apart) and "site-packages" not in path)


def in_child(count: Callable[[], int]) -> int:
    """Return a small number that a child found out, 0 where it failed: looking for devices would start the backend in this process."""
    child = os.fork()
    if child == 0:
        found = 0
        try:
            found = count()
        except Exception:  # noqa: BLE001 - a driver that does not fit, say: no GPU can be used then; the log says why
            traceback.print_exc()
        finally:
            os._exit(found)
    _, status = os.waitpid(child, 0)
    return max(os.waitstatus_to_exitcode(status), 0)
