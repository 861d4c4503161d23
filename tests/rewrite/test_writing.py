"""Fixed texts reach the disk whole, with all files of a fix or with none."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.rewrite.files import Change, write
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from pathlib import Path


def change(path: Path) -> Change:
    return Change(str(path), b"old\n", b"new\n")


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, so that one that was forgotten there shows."""
    return {name: (folder / name).read_bytes() for name in sorted(os.listdir(folder))}


def test_the_content_is_replaced_and_the_mode_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old\n")
    path.chmod(0o755)
    write([change(path)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert contents(tmp_path) == {"a.py": b"new\n"}


def test_a_file_that_has_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"newer\n")
    with pytest.raises(SourceError, match="changed since it was read"):
        write([change(path)])
    assert contents(tmp_path) == {"a.py": b"newer\n"}


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old\n")
    path.chmod(0o444)
    with pytest.raises(OSError, match="read-only"):
        write([change(path)])
    assert contents(tmp_path) == {"a.py": b"old\n"}


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        write([change(tmp_path / "a.py")])
    assert raised.value.filename == str(tmp_path / "a.py")


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_a_symbolic_link_keeps_pointing_to_its_file(tmp_path: Path) -> None:
    path, link = tmp_path / "a.py", tmp_path / "b.py"
    path.write_bytes(b"old\n")
    link.symlink_to(path)
    write([change(link)])
    assert path.read_bytes() == b"new\n"
    assert link.is_symlink()


@pytest.mark.parametrize("reason", ["read-only", "gone", "changed"])
def test_several_files_are_written_wholly_or_not_at_all(tmp_path: Path, reason: str) -> None:
    good, bad = tmp_path / "a.py", tmp_path / "b.py"
    good.write_bytes(b"old\n")
    if reason != "gone":
        bad.write_bytes(b"newer\n" if reason == "changed" else b"old\n")
        bad.chmod(0o444 if reason == "read-only" else 0o644)
    before = contents(tmp_path)
    with pytest.raises((OSError, SourceError)):
        write([change(good), change(bad)])
    assert contents(tmp_path) == before


def test_what_was_written_is_undone_when_a_later_file_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("a.py", "b.py", "c.py")]
    for path in paths:
        path.write_bytes(b"old\n")
    replace, calls = os.replace, []

    def third_fails(source: str, target: str) -> None:
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device", target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", third_fails)
    with pytest.raises(OSError, match="No space left"):
        write([change(path) for path in paths])
    assert contents(tmp_path) == {"a.py": b"old\n", "b.py": b"old\n", "c.py": b"old\n"}


def test_a_full_disk_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write([change(path)])
    assert contents(tmp_path) == {"a.py": b"old\n"}
