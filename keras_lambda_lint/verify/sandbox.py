"""The processes in which the code under verification runs, and their scratch directories."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.verdict import VerifyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.platform import Platform

_ROOT = str(Path(__file__).resolve().parents[2])
_START = f"import sys; sys.path.append({_ROOT!r}); from keras_lambda_lint.verify.child.host import main; main()"
_LAST_LINE = 200


class RoleError(Exception):
    """A role ended without a result: says why in one line."""


class Sandbox:
    """Hosts for each Keras, started when first needed and kept until the sandbox is closed: a context manager."""

    def __init__(self) -> None:
        if sys.platform not in ("linux", "darwin"):
            raise VerifyError("verify runs on Linux and macOS")
        self._directory = Path(tempfile.mkdtemp(prefix="keras-lambda-lint-"))
        self._hosts: dict[Platform, _Host] = {}

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes and delete everything that they wrote."""
        for host in self._hosts.values():
            host.close()
        self._hosts.clear()
        shutil.rmtree(self._directory, ignore_errors=True)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty directory that is deleted at the end."""
        directory = Path(tempfile.mkdtemp(dir=self._directory))
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def run(self, platform: Platform, request: dict[str, Any], *, takes_part: bool = False) -> dict[str, Any]:
        """Run one role in a fresh process; return its result, raise `RoleError` where it has none.

        With `takes_part` the result may be what the process knew before something ended it: it is the result for what follows, too.

        Raises `VerifyError` where the Keras cannot be imported.
        """
        directory = Path(request["directory"])
        directory.mkdir(parents=True, exist_ok=True)
        try:
            ended = self._host(platform).ask(request)
        except RoleError:
            # What ended the host is this role's misfortune: the next one gets a new host.
            self._hosts.pop(platform).close()
            raise
        result = directory / "result.json"
        if result.is_file():
            loaded: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
            return loaded
        code = ended["code"]
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        reason = f"{ended['over'] or f'the process ended with {how}'}{_last_line(directory / 'log')}"
        part = directory / "so_far.json"
        if takes_part and part.is_file():
            return _completed(part, reason, result)
        raise RoleError(reason)

    def gpus(self, platform: Platform) -> int:
        """Return how many GPUs a backend sees."""
        return self._host(platform).gpus

    def _host(self, platform: Platform) -> _Host:
        host = self._hosts.get(platform)
        if host is None:
            host = self._hosts[platform] = _Host(platform, self._directory)
        return host


class _Host:
    """A running `child.host` process."""

    def __init__(self, platform: Platform, directory: Path) -> None:
        platform.require()
        self._log = directory / f"{platform}.log"
        home = directory / f"{platform}-home"
        home.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, platform.keras.value, platform.backend, platform.device, str(self._log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=home,
            env=environment(platform, home),
            start_new_session=True,
            text=True,
        )
        try:
            self.gpus: int = self._read()["gpus"]
        except RoleError as error:
            self.close()
            raise VerifyError(
                f'{platform.keras.value} cannot be imported: {error}; pip install "keras-lambda-lint[verify]"'
            ) from None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return how its child ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise RoleError(f"the host process ended{_last_line(self._log)}") from None
        return self._read()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdout.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RoleError(f"the host process ended{_last_line(self._log)}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def environment(platform: Platform, home: Path) -> dict[str, str]:
    """Return the environment of a host: what backends read when they are imported, or nowhere else."""
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "KERAS_BACKEND": platform.backend,
        "KERAS_HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("TF_USE_LEGACY_KERAS", None)
    kind, _, index = platform.device.partition(":")
    if kind == "cpu":
        environment |= {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
        flag = f"--xla_force_host_platform_device_count={int(index) + 1}" if index else ""
    else:
        # Deterministic operations, and memory as it is needed, where only the environment can ask for them.
        environment |= {
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            # Keras looks for a GPU when it is imported: so asked, PyTorch does not start CUDA, which no fork survives.
            "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
            "NVIDIA_TF32_OVERRIDE": "0",
        }
        flag = "--xla_gpu_deterministic_ops=true"
    if flag:
        environment["XLA_FLAGS"] = f"{environment.get('XLA_FLAGS', '')} {flag}".strip()
    return environment


def _completed(part: Path, reason: str, result: Path) -> dict[str, Any]:
    """Return what a process wrote before it ended, with the reason of that for what it did not measure; write it as its result."""
    loaded: dict[str, Any] = json.loads(part.read_text(encoding="utf-8"))
    for model in loaded["models"]:
        if model["failure"] and not model["failure"]["message"]:
            model["failure"]["message"] = reason
    loaded["stopped"] = reason
    result.write_text(json.dumps(loaded), encoding="utf-8")
    return loaded


def _last_line(log: Path) -> str:
    if not log.is_file():
        return ""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return f": {lines[-1][:_LAST_LINE]}" if lines else ""
