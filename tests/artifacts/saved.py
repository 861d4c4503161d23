"""Saved models in every container, made without Keras."""

from __future__ import annotations

import base64
import json
import zipfile
from typing import TYPE_CHECKING, Any

from artifacts.bytecode.marshalled import stored

if TYPE_CHECKING:
    from pathlib import Path


def marshalled(source: str, version: str = "3.8") -> bytes:
    """Return what a Python has made of a lambda of the fixtures."""
    return next(given.code for given in stored(version, "lambdas") if given.source == source and not given.free)


def base64_text(code: bytes) -> str:
    return base64.encodebytes(code).decode("ascii")


def keras_2_lambda(name: str, code: str, **more: Any) -> dict[str, Any]:
    """Return a Lambda layer as Keras 2.1.3 to 2.15 and tf_keras write it in `.h5` and JSON."""
    config = {
        "name": name,
        "trainable": True,
        "function": [code, None, None],
        "function_type": "lambda",
        "module": "__main__",
    }
    return {
        "class_name": "Lambda",
        "config": {**config, "output_shape": None, "output_shape_type": "raw", "arguments": {}, **more},
    }


def keras_1_lambda(name: str, code: bytes) -> dict[str, Any]:
    """Return a Lambda layer as Keras 1.2 writes it, which has no base64."""
    config = {"name": name, "function": [code.decode("raw_unicode_escape"), None, None], "function_type": "lambda"}
    return {
        "class_name": "Lambda",
        "config": {**config, "output_shape": None, "output_shape_type": "raw", "arguments": {}},
    }


def bytecode(code: str, defaults: Any = None, closure: Any = None) -> dict[str, Any]:
    """Return a function as Keras 3 writes it."""
    return {"class_name": "__lambda__", "config": {"code": code, "defaults": defaults, "closure": closure}}


def keras_3_lambda(name: str, code: str, **more: Any) -> dict[str, Any]:
    """Return a Lambda layer as Keras 3 writes it."""
    config = {"name": name, "function": bytecode(code), "arguments": {}, **more}
    return {"module": "keras.layers", "class_name": "Lambda", "config": config, "registered_name": None}


def sequential(*layers: dict[str, Any], name: str = "model", **more: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}, **more}


def write_h5(path: Path, config: Any, **attributes: Any) -> str:
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        for name, value in attributes.items():
            file.attrs[name] = value
    return str(path)


def write_keras(path: Path, config: Any, **members: str) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        for name, text in members.items():
            archive.writestr(name, text)
    return str(path)


def field(number: int, value: bytes | int) -> bytes:
    """Return one field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def metadata(*nodes: tuple[str, str, Any]) -> bytes:
    """Return `keras_metadata.pb` with nodes of path, identifier and configuration."""
    messages = (
        field(2, index) + field(3, path.encode()) + field(4, kind.encode()) + field(5, json.dumps(config).encode())
        for index, (path, kind, config) in enumerate(nodes)
    )
    return b"".join(field(1, message) for message in messages)


def write_saved_model(path: Path, *nodes: tuple[str, str, Any]) -> str:
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"")
    (path / "keras_metadata.pb").write_bytes(metadata(*nodes))
    return str(path)
