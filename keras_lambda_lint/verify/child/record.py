"""Named arrays on their way to the parent process: plain `npz` files, never pickles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

FOR_COMPARISON = 1 << 17
"""Elements of one array that are kept where it is only compared; of a larger one, evenly spaced elements."""

OF_KERAS = "of Keras"
"""Recorded of a layer whose masks are the affair of Keras."""


class Recording:
    """Collects arrays under names, in order."""

    def __init__(self, largest: int | None = None) -> None:
        self._largest = largest
        self._arrays: dict[str, Any] = {}
        self._dtypes: dict[str, str] = {}
        self._shapes: dict[str, list[int]] = {}

    def add(self, name: str, value: Any) -> None:
        """Keep a tensor or array; None is kept as `none` (a gradient that does not exist)."""
        if value is None:
            self._arrays[name], self._dtypes[name], self._shapes[name] = np.zeros(0), "none", []
            return
        array = plain(value)
        self._dtypes[name] = str(array.dtype.name) if array.dtype.kind != "O" else "string"
        self._shapes[name] = list(array.shape)
        if array.dtype.kind == "O":
            array = array.astype("U")
        elif array.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
            array = array.astype("float32")
        if self._largest is not None and array.size > self._largest:
            # An odd step: an even one would stay within few of the channels.
            array = array.reshape(-1)[:: -(-array.size // self._largest) | 1].copy()
        self._arrays[name] = array

    def repeats(self, before: dict[str, Any], prefix: str) -> bool:
        """Return whether everything under a prefix is what an earlier recording holds under the same names."""
        return all(
            name in before and np.array_equal(value, before[name], equal_nan=value.dtype.kind in "fc")
            for name, value in self._arrays.items()
            if name.startswith(prefix)
        )

    def write(self, path: Path) -> dict[str, Any]:
        """Write the arrays and return where, with their names, dtypes and shapes."""
        names = list(self._arrays)
        np.savez(path, **{str(index): self._arrays[name] for index, name in enumerate(names)})
        return {
            "file": str(path),
            "names": names,
            "dtypes": [self._dtypes[name] for name in names],
            "shapes": [self._shapes[name] for name in names],
        }


def plain(value: Any) -> Any:
    """Return a tensor of any kind (dense, ragged, sparse, indexed slices) as one array."""
    kind = type(value).__name__
    if kind == "RaggedTensor":
        value = value.to_tensor()
    elif kind == "SparseTensor":
        import tensorflow as tf

        value = tf.sparse.to_dense(value)
    elif kind == "IndexedSlices":
        import tensorflow as tf

        value = tf.convert_to_tensor(value)
    elif hasattr(value, "detach"):
        value = value.detach().cpu().clone()
        if str(value.dtype) == "torch.bfloat16":
            import ml_dtypes

            return value.float().numpy().astype(ml_dtypes.bfloat16)
    return np.asarray(value)


def read(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the arrays of a written recording by name."""
    with np.load(entry["file"], allow_pickle=False) as stored:
        return {name: stored[str(index)] for index, name in enumerate(entry["names"])}
