"""Copies of model files with another configuration: nothing is extracted, no link is followed, everything else is copied."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats.archive import COMPRESSED

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFIG = "config.json"
_MEMBER = re.compile(r"metadata\.json|model(?:_\d+)?\.weights\.(?:h5|json|npz)|assets/[^\\]+")
"""What Keras 3 writes; `saving_lib.py`."""
_HIGHEST_RATIO = 200
_LEAST_SUSPICIOUS = 2**26
_BLOCK = 2**20
_SECONDS = 600
_CHILD = """\
import json, os, sys
source, target, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
try:
    import resource
except ModuleNotFoundError:
    pass
else:
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (600, 600))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import h5py
changed = json.load(sys.stdin)
with h5py.File(source, "r") as old, h5py.File(target, "w") as new:
    def other_than_hard(name, link):
        return None if link.type == h5py.h5l.TYPE_HARD else name
    if old.id.links.visit(other_than_hard, info=True) is not None:
        raise ValueError("it holds a link to elsewhere")
    def elsewhere(name, held):
        return name if isinstance(held, h5py.Dataset) and (held.external or held.is_virtual) else None
    if old.visititems(elsewhere) is not None:
        raise ValueError("it holds data of another file")
    for name in old:
        old.copy(name, new)
    for name, value in old.attrs.items():
        if name not in changed:
            new.attrs[name] = value
    for name, value in changed.items():
        new.attrs[name] = json.dumps(value)
"""


def copy_hdf5(source: str, target: str, changed: Mapping[str, Any]) -> None:
    """Write `target`, a copy of a `.h5` file with other values for some attributes; raise `ModelError` where that is impossible.

    As with reading, the library that knows HDF5 works in a process of its own, with limits.
    """
    most = 2 * os.path.getsize(source) + _LEAST_SUSPICIOUS
    command = [sys.executable, "-I", "-c", _CHILD, source, target, str(most)]
    try:
        ran = subprocess.run(
            command, input=json.dumps(changed).encode(), capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"copying it takes more than {_SECONDS} seconds: it is damaged") from None
    if ran.returncode != 0:
        last = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ModelError(f"it cannot be copied ({' '.join(last.split())[:200] or 'the library for HDF5 crashed'})")


def copy_archive(source: str, target: str, config: Any) -> None:
    """Write `target`, a copy of a `.keras` file with another configuration; raise `ModelError` where that is impossible."""
    try:
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            _check(old)
            for member in old.infolist():
                if member.filename == _CONFIG:
                    new.writestr(_CONFIG, json.dumps(config))
                elif not member.is_dir():
                    _copy(old, new, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelError(f"it cannot be copied ({' '.join(str(error).split())[:200]})") from None


def _check(archive: zipfile.ZipFile) -> None:
    names = [member.filename for member in archive.infolist()]
    if len(set(names)) != len(names):
        raise ModelError("it holds two members of one name")
    for member in archive.infolist():
        name = member.filename
        if ".." in name.split("/") or not (name == _CONFIG or member.is_dir() or _MEMBER.fullmatch(name)):
            raise ModelError(f"it holds `{name[:80]}`, which Keras does not write")
        if member.compress_type not in COMPRESSED:
            raise ModelError(f"`{name[:80]}` is compressed as Keras does not do it")
        if member.file_size > max(_LEAST_SUSPICIOUS, _HIGHEST_RATIO * member.compress_size):
            raise ModelError(f"`{name[:80]}` unpacks to {member.file_size // 2**20} MiB: no model does")


def _copy(old: zipfile.ZipFile, new: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Copy a member; the library for zip files stops where it unpacks to more than its header says."""
    fresh = zipfile.ZipInfo(member.filename, member.date_time)
    fresh.compress_type = member.compress_type
    with old.open(member) as stream, new.open(fresh, "w", force_zip64=member.file_size >= 2**31) as out:
        while block := stream.read(_BLOCK):
            out.write(block)
