"""Which releases of which distributions bring which Keras.

Source: the release notes of TensorFlow 2.16 (`tf.keras` is Keras 3 from there on, Keras 2 below, unless TF_USE_LEGACY_KERAS is set) and
the versions of `keras` on PyPI, of which 3.0.0 is the first Keras 3. Keras 1 counts as Keras 2: what it lacks, Keras 3 lacks too.
"""

from __future__ import annotations

KERAS_3_SINCE = {"keras": (3,), "tensorflow": (2, 16)}
"""The first release of each that brings Keras 3."""

REGISTRATION_SINCE = {"keras": {"keras": (2, 4), "tensorflow": (2, 2)}, "tensorflow": {"tensorflow": (2, 1)}}
"""The first releases with which `utils` of the imported package has `register_keras_serializable`.

Read in the wheels of keras 2.3.1 and 2.4.3, tensorflow 2.0.0 and 2.1.0; the keras package of 2.4 is `tf.keras` of TensorFlow 2.2 or later.
"""

DISTRIBUTIONS = {
    "keras": "keras",
    "keras-gpu": "keras",
    "keras-nightly": "keras",
    "tensorflow": "tensorflow",
    "tensorflow-aarch64": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-cpu-aws": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-intel": "tensorflow",
    "tensorflow-macos": "tensorflow",
    "tensorflow-rocm": "tensorflow",
    "tf-nightly": "tensorflow",
    "tf-nightly-cpu": "tensorflow",
    "tf-nightly-gpu": "tensorflow",
    "tf-keras": "tf-keras",
    "tf-keras-nightly": "tf-keras",
}
"""What each distribution counts as, by its normalised name.

`tf-keras` is Keras 2, which `tf.keras` may be switched to where it is installed.
"""
