"""Configurations saved as text: `model.to_json()`, the `config.json` of a `.keras` file, `model.to_yaml()`."""

from __future__ import annotations

from typing import Any

from keras_lambda_lint.artifacts.errors import MissingExtra, ModelError, NoModel
from keras_lambda_lint.artifacts.formats.limits import MOST_BYTES, parsed
from keras_lambda_lint.artifacts.formats.model_file import Form, ModelFile, Part


def read_json(path: str) -> ModelFile:
    """Return the configuration in a JSON file; raise `ModelError` where there is none that can be read."""
    return _model(path, Form.JSON, parsed(_text(path), "the file"))


def read_yaml(path: str) -> ModelFile:
    """Return the configuration in a YAML file; raise `ModelError` where there is none that can be read.

    Only plain values are read: a tuple becomes a list, any other tag that names a Python object is refused.
    """
    try:
        import yaml
    except ModuleNotFoundError:
        raise MissingExtra("reading YAML needs PyYAML: pip install 'keras-lambda-lint[artifacts]'") from None

    class Loader(yaml.SafeLoader):
        """Reads the tuples, and the texts of Python 2, that Keras wrote."""

    def sequence(loader: Loader, node: yaml.SequenceNode) -> list[Any]:
        return loader.construct_sequence(node)

    def scalar(loader: Loader, node: yaml.ScalarNode) -> Any:
        return loader.construct_scalar(node)

    Loader.add_constructor("tag:yaml.org,2002:python/tuple", sequence)
    Loader.add_constructor("tag:yaml.org,2002:python/unicode", scalar)
    Loader.add_constructor("tag:yaml.org,2002:python/str", scalar)
    try:
        config = yaml.load(_text(path), Loader)
    except yaml.MarkedYAMLError as error:
        row = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ModelError(f"the file is no YAML of plain values{row} ({error.problem})") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ModelError(f"the file is no YAML of plain values ({str(error).partition(chr(10))[0][:200]})") from None
    return _model(path, Form.YAML, config)


def _text(path: str) -> str:
    with open(path, "rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ModelError(f"it is larger than {MOST_BYTES // 2**20} MiB: no configuration")
    return data.decode("utf-8-sig", "replace")


def _model(path: str, form: Form, config: Any) -> ModelFile:
    if not isinstance(config, dict) or not ("class_name" in config or "config" in config):
        raise NoModel(f"it is {form.value}, but no Keras model")
    version = config.get("keras_version")
    return ModelFile(path, form, version if isinstance(version, str) else None, (Part("the file", config),))
