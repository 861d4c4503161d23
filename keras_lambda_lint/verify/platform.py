"""Where a file is run: which Keras, on which backend, on which device."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.verify.flavour import Flavour, flavours
from keras_lambda_lint.verify.verdict import VerifyError

if TYPE_CHECKING:
    from keras_lambda_lint.source.text import Source
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


def unsupported(platform: Platform, text: Source) -> str | None:
    """Return why a text cannot run on a platform, in words; None where it may."""
    if platform.backend == "tensorflow":
        return None
    if platform.keras is Flavour.KERAS_2:
        return f"tf_keras runs on TensorFlow only, not on {BACKENDS[platform.backend]}"
    from keras_lambda_lint.verify.tensorflow_use import first_use

    used = first_use(text)
    return f"uses TensorFlow: {used.name}, line {used.row}" if used else None
