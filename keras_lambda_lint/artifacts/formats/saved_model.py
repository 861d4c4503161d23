"""SavedModel directories: `keras_metadata.pb` holds one JSON text per node.

The messages are those of `saved_metadata.proto` of Keras 2.5 to 2.15: `SavedMetadata {repeated SavedObject nodes = 1}`,
`SavedObject {node_path = 3; identifier = 4; metadata = 5}`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats.limits import MOST_BYTES, parsed
from keras_lambda_lint.artifacts.formats.model_file import Form, ModelFile, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

METADATA = "keras_metadata.pb"
GRAPH = "saved_model.pb"
_NODES, _PATH, _IDENTIFIER, _JSON = 1, 3, 4, 5
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DAMAGED = f"{METADATA} is damaged"


class _Node(NamedTuple):
    path: str
    identifier: str
    text: bytes


def read_saved_model(path: str) -> ModelFile:
    """Return the configurations in a SavedModel directory; raise `ModelError` where there is none that can be read."""
    name = os.path.join(path, METADATA)
    if not os.path.isfile(name):
        raise ModelError(f"it has no {METADATA}: it was exported for serving, or by another Keras than 2.5 to 2.15")
    if os.path.getsize(name) > MOST_BYTES:
        raise ModelError(f"{METADATA} is larger than {MOST_BYTES // 2**20} MiB: no configuration")
    with open(name, "rb") as stream:
        data = stream.read(MOST_BYTES)
    nodes = [_node(message) for number, message in _fields(data) if number == _NODES and isinstance(message, bytes)]
    parts = tuple(
        Part(node.path, parsed(node.text, f"{METADATA}: {node.path}"))
        for node in nodes
        if node.identifier.startswith("_tf_keras") and not node.identifier.endswith("metric")
    )
    return ModelFile(path, Form.SAVED_MODEL, _version(parts), parts)


def _version(parts: tuple[Part, ...]) -> str | None:
    for part in parts:
        if isinstance(part.config, dict) and isinstance(part.config.get("keras_version"), str):
            version: str = part.config["keras_version"]
            return version
    return None


def _node(message: bytes) -> _Node:
    found = {number: value for number, value in _fields(message) if isinstance(value, bytes)}
    path, identifier = (found.get(number, b"").decode("utf-8", "replace") for number in (_PATH, _IDENTIFIER))
    return _Node(path, identifier, found.get(_JSON, b"{}"))


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield the fields of a message with their numbers: bytes, or a number; raise `ModelError` for what is no message."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, position = _varint(data, position)
            yield number, value
            continue
        if kind == _BYTES:
            length, position = _varint(data, position)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise ModelError(_DAMAGED)
        if position + length > len(data):
            raise ModelError(_DAMAGED)
        yield number, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise ModelError(_DAMAGED)
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, position
    raise ModelError(_DAMAGED)
