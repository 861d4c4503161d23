"""What NumPy does with a tensor of Keras.

Measured on numpy 2, keras 3.15.1 and tf_keras 2.21.0: functions that need the values of a symbolic tensor raise NotImplementedError.
"""

from __future__ import annotations

_STATIC = frozenset("dtype issubdtype iterable ndim promote_types result_type shape".split())
"""Functions of NumPy that ask a tensor for its static shape or dtype only, and succeed."""
_NO_TENSOR = frozenset(
    "convert_to_numpy dtype eval get_static_value get_value int_shape is_keras_tensor is_sparse is_symbolic_tensor is_tensor ndim "
    "rank shape".split()
)
"""Functions of TensorFlow and Keras whose result may be a number of Python for a tensor."""


def needs_array(qualified: str) -> bool:
    """Return whether a function of NumPy turns its arguments into arrays; those that draw random numbers are no part of this."""
    package, _, rest = qualified.partition(".")
    return package == "numpy" and "." not in rest.removeprefix("linalg.").removeprefix("fft.") and rest not in _STATIC


def is_static(qualified: str) -> bool:
    """Return whether a function of TensorFlow or Keras may answer with a number of Python."""
    return qualified.rpartition(".")[2] in _NO_TENSOR
