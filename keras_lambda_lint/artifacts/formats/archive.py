"""`.keras` files: a zip archive whose `config.json` is the model. Nothing is ever extracted to the disk."""

from __future__ import annotations

import zipfile
import zlib

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats.limits import MOST_BYTES, parsed
from keras_lambda_lint.artifacts.formats.model_file import Form, ModelFile, Part

SIGNATURE = b"PK"
_CONFIG = "config.json"
_METADATA = "metadata.json"
COMPRESSED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How members are compressed: Keras 3 stores them as they are, and zip programs deflate."""


def read_archive(path: str) -> ModelFile:
    """Return the configuration in a `.keras` file; raise `ModelError` where there is none that can be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if _CONFIG not in names:
                raise ModelError("it is a zip archive without config.json: no Keras model")
            config = parsed(_member(archive, _CONFIG), _CONFIG)
            metadata = parsed(_member(archive, _METADATA), _METADATA) if _METADATA in names else None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
            raise
        raise ModelError(f"it is a damaged or unreadable zip archive ({_reason(error)})") from None
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    training = config.get("compile_config") if isinstance(config, dict) else None
    return ModelFile(path, Form.KERAS, str(version) if version else None, (Part(_CONFIG, config),), training)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of a member; what the archive says of its size is not believed."""
    if archive.getinfo(name).compress_type not in COMPRESSED:
        raise ModelError(f"{name} is compressed as Keras does not do it")
    with archive.open(name) as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ModelError(f"{name} unpacks to more than {MOST_BYTES // 2**20} MiB: no configuration")
    return data


def _reason(error: Exception) -> str:
    if "encrypted" in str(error) or "password" in str(error):
        return "it is encrypted"
    return " ".join(str(error).split())[:200] or type(error).__name__
