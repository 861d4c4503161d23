"""`.h5` files: the configuration is text in attributes of the root group.

The library that reads HDF5 is written in C and was not made for files of strangers: it runs in a process of its own, with limits,
and only the attributes leave it. Groups and links are never followed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from keras_lambda_lint.artifacts.errors import MissingExtra, ModelError, NoModel
from keras_lambda_lint.artifacts.formats.limits import MOST_BYTES, parsed
from keras_lambda_lint.artifacts.formats.model_file import Form, ModelFile, Part

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SECONDS = 30
_ATTRIBUTES = ("model_config", "training_config", "keras_version")
_CHILD = """\
import json, sys
try:
    import resource
except ModuleNotFoundError:
    pass
else:
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import h5py
path, most, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
found = {}
with h5py.File(path, "r") as file:
    for name in names:
        if name not in file.attrs:
            continue
        if file.attrs.get_id(name).get_storage_size() > most:
            raise ValueError(name + " is too large")
        value = file.attrs[name]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and len(value) <= most:
            found[name] = value
    found["is_weights"] = any(name in file.attrs for name in ("layer_names", "layer_names0")) or "layers" in file
sys.stdout.write(json.dumps(found))
"""


def read_hdf5(path: str) -> ModelFile:
    """Return the configuration in a `.h5` file; raise `ModelError` where there is none that can be read."""
    found = _attributes(path)
    config = found.get("model_config")
    if config is None:
        if found.get("is_weights"):
            raise NoModel("it holds weights only, no model: nothing in it can be inspected")
        raise NoModel("it is HDF5, but holds no Keras model")
    training = found.get("training_config")
    return ModelFile(
        path,
        Form.HDF5,
        found.get("keras_version"),
        (Part("model_config", parsed(config, "model_config")),),
        parsed(training, "training_config") if training is not None else None,
    )


def _attributes(path: str) -> dict[str, Any]:
    command = [sys.executable, "-I", "-c", _CHILD, path, str(MOST_BYTES), *_ATTRIBUTES]
    try:
        ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ModelError(f"reading it takes more than {_SECONDS} seconds: it is damaged") from None
    if ran.returncode == 0:
        found: dict[str, Any] = json.loads(ran.stdout)
        return found
    last = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    if "No module named 'h5py'" in last:
        raise MissingExtra("reading HDF5 needs h5py: pip install 'keras-lambda-lint[artifacts]'")
    raise ModelError(f"it is damaged or no HDF5 that can be read ({_reason(last)})")


def _reason(line: str) -> str:
    """Return the words of the last line of a traceback, or of a process that ended without one."""
    reason = line.partition(": ")[2] or "the reader crashed"
    return " ".join(reason.split())[:200]
