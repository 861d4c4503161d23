"""Programs that crash, eat the machine or write where they may not: verdicts with their output, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.verify import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify import Verification

    Verify = Callable[..., Verification]

PROGRAM = """
import os, subprocess, sys, time
import keras
from keras.layers import Dense, Input, Lambda
{}
model = keras.Sequential([Input((4,)), Lambda(lambda x: x * 2), Dense(2)])
"""
FIXED = """
import os, subprocess, sys, time
import keras
from keras.layers import Dense, Input

@keras.saving.register_keras_serializable(package="p")
class Fixed(keras.layers.Layer):
    def call(self, x):
        return x * 2
{}
model = keras.Sequential([Input((4,)), Fixed(), Dense(2)])
"""
HARM = {
    "segmentation fault": ("print('last words', flush=True); os.kill(os.getpid(), 11)", "signal SIGSEGV: last words"),
    "output without end": ("while True: print('x' * 100_000)", "printed more than 64 MB"),
    "many processes": ("[os.fork() or time.sleep(60) for _ in range(80)]", "started more than 64 processes"),
    "too much memory": ("kept = bytearray(2 << 30); time.sleep(60)", "took more than 2 GB of memory"),
    "end of the process that started it": ("os.kill(os.getppid(), 9); time.sleep(3)", "the host process ended"),
    "no end": ("while True:\n    try: time.sleep(60)\n    except BaseException: pass", "did not end within 8 s"),
}


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are watched through /proc")
@pytest.mark.parametrize("name", HARM)
def test_harm_is_a_verdict(verify: Verify, name: str) -> None:
    code, said = HARM[name]
    found = verify(PROGRAM.format(""), FIXED.format(code), timeout=8.0 if name == "no end" else 120.0, memory=2 << 30)
    verdict = found.sites[0].verdict
    assert verdict.kind is Kind.ERROR
    assert said in verdict.detail


@pytest.mark.execution
@pytest.mark.skipif(sys.platform != "linux", reason="processes are watched through /proc")
def test_files_stay_and_processes_do_not(verify: Verify, tmp_path: Path) -> None:
    neighbour = tmp_path / "data.txt"
    neighbour.write_text("kept")
    (tmp_path / "folder").mkdir()
    attempts = [
        "open(__file__, 'a').write('# harm')",
        f"os.remove({str(neighbour)!r})",
        f"os.rename({str(tmp_path / 'folder')!r}, {str(tmp_path / 'other')!r})",
        f"subprocess.run(['sh', '-c', 'echo harm > {neighbour}'], check=True)",
        f"keras.utils.io_utils.print_msg('x'); import h5py; h5py.File({str(tmp_path / 'new.h5')!r}, 'w')",
    ]
    harm = "".join(f"try:\n    {each}\nexcept Exception as error:\n    print(error)\n" for each in attempts)
    stray = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(297.25)'], start_new_session=True)\n"
    found = verify(PROGRAM.format(harm + stray), FIXED.format(harm + stray))
    assert found.holds, str(found.sites[0].verdict)
    assert neighbour.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.txt", "folder", "program.py"]
    assert "# harm" not in (tmp_path / "program.py").read_text().replace(harm, "")
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"sleep(297.25)" in _content(path)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # The process has just ended.
        return b""


def test_python_alone_refuses_where_the_kernel_does_not(tmp_path: Path) -> None:
    """The hook stays in its process: a process of its own."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "kept").write_text("kept")
    code = f"""
        import os, pathlib
        from keras_lambda_lint.verify.child import fence
        fence._landlock = lambda directory: False
        inside, outside = pathlib.Path({str(inside)!r}), pathlib.Path({str(outside)!r})
        assert not fence.fence((inside,))
        (inside / "new").write_text("x")
        os.remove(inside / "new")
        assert (outside / "kept").read_text() == "kept"
        for harm in (
            lambda: (outside / "kept").write_text("gone"),
            lambda: os.open(outside / "new", os.O_WRONLY | os.O_CREAT),
            lambda: os.remove(outside / "kept"),
            lambda: os.rename(outside / "kept", inside / "kept"),
            lambda: os.mkdir(outside / "new"),
        ):
            try:
                harm()
            except PermissionError:
                continue
            raise SystemExit("not refused")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
    assert [path.name for path in outside.iterdir()] == ["kept"]
