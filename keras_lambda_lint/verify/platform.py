"""Where a file is run: which Keras, on which backend, on which device."""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keras_lambda_lint.verify.flavour import Flavour, flavours
from keras_lambda_lint.verify.verdict import VerifyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.tensorflow_use import Use
    from keras_lambda_lint.verify.verdict import VerifyOptions

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
"""The backends by the name that Keras gives them, with their own."""
DEVICES = {"cpu": ("cpu",), "gpu": ("gpu",), "all": ("cpu", "gpu")}
_EXTRA = 'pip install "keras-lambda-lint[verify]"'
_INSTALL = {"tensorflow": _EXTRA, "jax": "pip install jax", "torch": "pip install torch"}


@dataclass(frozen=True)
class Platform:
    """A Keras, its backend and a device; `str()` names it in messages and file names."""

    keras: Flavour
    backend: str = "tensorflow"
    device: str = "cpu"
    """`cpu`, `cpu:1` (a logical device of its own, to test placement), `gpu` (each that there is), `gpu:0` ..."""

    def __str__(self) -> str:
        return f"{self.keras.value}-{self.backend}-{self.device.replace(':', '')}"

    def require(self) -> None:
        """Raise `VerifyError`, which says what to install, where something is missing."""
        if importlib.util.find_spec(self.keras.value) is None:
            raise VerifyError(f"{self.keras.value} is not installed: {_EXTRA}")
        if importlib.util.find_spec(self.backend) is None:
            raise VerifyError(f"{BACKENDS[self.backend]} is not installed: {_INSTALL[self.backend]}")


def platforms(source: Source, options: VerifyOptions) -> tuple[Platform, ...]:
    """Return where to run a file, the first Keras on the first backend first; raise `VerifyError` for an unknown choice."""
    backends = tuple(dict.fromkeys(word.strip() for word in options.backend.split(",")))
    for word in backends:
        if word not in BACKENDS:
            raise VerifyError(f"unknown backend {word!r}: choose from {', '.join(BACKENDS)}")
    device, _, index = options.device.partition(":")
    if device not in DEVICES or (index and not index.isdecimal()):
        raise VerifyError(f"unknown device {options.device!r}: choose from {', '.join(DEVICES)}")
    return tuple(
        Platform(keras, backend, options.device if index else each)
        for keras in flavours(source, options.keras)
        for backend in backends
        for each in DEVICES[device]
    )


def unsupported(platform: Platform, *texts: Source) -> str | None:
    """Return why a program, and what else it consists of, cannot run on a platform, in words; None where it may."""
    if platform.keras is Flavour.KERAS_2:
        if platform.backend != "tensorflow":
            return f"tf_keras runs on TensorFlow only, not on {BACKENDS[platform.backend]}"
        return needs_keras_3(*texts)
    if platform.backend == "tensorflow":
        return None
    from keras_lambda_lint.verify import tensorflow_use

    return _first("uses TensorFlow", tensorflow_use.first_use, texts)


def needs_keras_3(*texts: Source) -> str | None:
    """Return what of Keras 3 alone a program needs, in words; None where it may run on Keras 2."""
    from keras_lambda_lint.verify import keras_3_use

    return _first("needs Keras 3", keras_3_use.first_use, texts)


def _first(what: str, first_use: Callable[[Source], Use | None], texts: Sequence[Source]) -> str | None:
    """Return what the first text, or one of the others that it may import since it names their modules, uses first."""
    words = set(re.findall(r"\w+", texts[0].text))
    for text in texts:
        if text is not texts[0] and Path(text.filename).stem not in words:
            continue
        used = first_use(text)
        if used is not None:
            file = "" if text is texts[0] else f" of {os.path.basename(text.filename)}"
            return f"{what}: {used.name}, {text.place(text.line_starts[used.row - 1]).line}{file}"
    return None
