"""What is fuzzed: each target takes bytes of any kind, and raises `Broken` where a promise does not hold.

The promises: one kind of error, bounded time, no file written, no process but the reader of HDF5 started, nothing executed.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import sys
import tempfile
import time
import warnings
import zipfile
from base64 import b64decode, b64encode
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.bytecode import BadBytecode, recover
from keras_lambda_lint.artifacts.bytecode.unmarshal import unmarshal
from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.inspection import inspect
from keras_lambda_lint.artifacts.views.as_json import as_json
from keras_lambda_lint.artifacts.views.as_sarif import as_sarif
from keras_lambda_lint.artifacts.views.as_text import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

STORED = Path(__file__).parents[2] / "tests" / "artifacts" / "bytecode" / "stored"
SLOWEST = 8.0
FORBIDDEN = (
    "exec",
    "marshal.loads",
    "pickle.find_class",
    "socket.connect",
    "os.system",
    "os.remove",
    "os.rename",
    "os.mkdir",
)
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
_guarded: list[str] = []


class Broken(Exception):
    """A promise that does not hold."""


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _guarded or event == "compile":
        return
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    starts = event == "subprocess.Popen" and "h5" not in _guarded[0]
    if (writes or starts or event in FORBIDDEN) and not _importing():
        _guarded.append(f"{event} {arguments[:2]!r}"[:200])


def _importing() -> bool:
    """Return whether a module is being imported: ours are imported where they are used."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


sys.addaudithook(_audit)


@contextmanager
def promises(name: str, *allowed: type[Exception]) -> Iterator[None]:
    """Raise `Broken` for any other error than the allowed, for what takes too long, and for what the audit hook sees."""
    _guarded[:] = [name]
    start = time.process_time()
    try:
        yield
    except allowed:
        pass
    except RecursionError as error:
        raise Broken("RecursionError") from error
    finally:
        seen, _guarded[:] = _guarded[1:], []
    if seen:
        raise Broken(f"touched: {seen[0]}")
    if time.process_time() - start > SLOWEST:
        raise Broken(f"took {time.process_time() - start:.1f} s")


def _inspected(name: str, ending: str, data: bytes) -> None:
    path = FOLDER / f"{name}{ending}"
    path.write_bytes(data)
    with promises(name, ModelError):
        model = inspect(str(path))
        as_text(model)
        as_json([model])
        as_sarif([model])
    if sorted(FOLDER.iterdir()) != [path]:
        raise Broken(f"files: {sorted(FOLDER.iterdir())}")
    path.unlink()


def reader(data: bytes) -> None:
    """The unmarshaller."""
    with promises("reader", BadBytecode):
        unmarshal(data)


def decompiler(data: bytes) -> None:
    """From marshalled bytes to proven source."""
    with promises("decompiler", BadBytecode):
        found = recover(data)
        if found.status == "exact" and found.source is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(found.source, "recovered", "exec")


def hdf5(data: bytes) -> None:
    """`.h5` files."""
    _inspected("h5", ".h5", data)


def archive(data: bytes) -> None:
    """`.keras` files."""
    _inspected("archive", ".keras", data)


def saved_model(data: bytes) -> None:
    """`keras_metadata.pb`."""
    path = FOLDER / "keras_metadata.pb"
    path.write_bytes(data)
    with promises("saved_model", ModelError):
        as_text(inspect(str(FOLDER)))
    path.unlink()


def json_text(data: bytes) -> None:
    """JSON files."""
    _inspected("json", ".json", data)


def yaml_text(data: bytes) -> None:
    """YAML files."""
    _inspected("yaml", ".yaml", data)


def shapes(data: bytes) -> None:
    """Configurations of any shape, made of the words that the readers know."""
    _inspected("shapes", ".json", json.dumps({"class_name": "Model", "config": _value(iter(data), 0)}).encode())


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (reader, decompiler, hdf5, archive, saved_model, json_text, yaml_text, shapes)
}

_WORDS = """class_name config function function_type module Lambda Functional Model TimeDistributed layer layers name code defaults
closure __lambda__ __tuple__ value items output_shape output_shape_type mask mask_type lambda function registered_name
keras_version activation keras package>Own builtins arguments inbound_nodes build_config lambda_1 k""".split()


def _value(source: Iterator[int], depth: int) -> Any:
    kind = next(source, 255)
    if depth > 12 or kind == 255:
        return None
    if kind < 90:
        return {_WORDS[next(source, 0) % len(_WORDS)]: _value(source, depth + 1) for _ in range(1 + kind % 6)}
    if kind < 130:
        return [_value(source, depth + 1) for _ in range(kind % 5)]
    if kind < 150:
        return b64encode(_FUNCTIONS[next(source, 0) % len(_FUNCTIONS)]).decode()
    if kind < 220:
        return _WORDS[next(source, 0) % len(_WORDS)]
    return (None, True, -1, 1e999, "", "\ud800", 10**30)[kind % 7]


def functions() -> list[bytes]:
    """Return marshalled functions of all Pythons."""
    found = []
    for path in sorted(STORED.glob("*.gz")):
        for rows in json.loads(gzip.decompress(path.read_bytes())).values():
            found += [b64decode(row[2]) for row in rows]
    return found


_FUNCTIONS = functions()[::37]


def seeds(target: str) -> list[bytes]:
    """Return inputs to start from."""
    code = b64encode(_FUNCTIONS[3]).decode()
    layer = {"class_name": "Lambda", "config": {"name": "l", "function": [code, None, None], "function_type": "lambda"}}
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    text = json.dumps(config).encode()
    if target in ("reader", "decompiler"):
        return functions()[::5]
    if target == "hdf5":
        return [_hdf5(text, chunks) for chunks in (False, True)]
    if target == "archive":
        return [_zip(text, kind) for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)]
    if target == "saved_model":
        node = b"\x1a\x04root\x22\x1b_tf_keras_sequential_model_\x2a" + _varint(len(text)) + text
        return [b"\x0a" + _varint(len(node)) + node]
    if target == "yaml_text":
        return [
            b"class_name: Sequential\nconfig:\n- &a {class_name: Lambda, config: {name: !!python/tuple [1, 2]}}\n- *a\n"
        ]
    return [text] if target == "json_text" else [random.Random(number).randbytes(200) for number in range(20)]


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _zip(text: bytes, kind: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as file:
        file.writestr("metadata.json", b'{"keras_version": "3.15.1"}')
        file.writestr("config.json", text)
        file.writestr("model.weights.h5", b"\x89HDF")
    return stream.getvalue()


def _hdf5(text: bytes, chunks: bool) -> bytes:
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.attrs["model_config"] = text if not chunks else text.decode()
        file.attrs["keras_version"] = "2.15.0"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"l", b"dense"]
        group.create_dataset("w", data=list(range(50)), chunks=(10,) if chunks else None)
    return stream.getvalue()
