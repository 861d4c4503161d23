"""How far a stored function reaches, judged without running it."""

from __future__ import annotations

import marshal
import time
from dataclasses import replace

import pytest

from keras_lambda_lint.artifacts.bytecode import Recovery, recover
from keras_lambda_lint.artifacts.risk import risk, risk_of_bytes


def code(source: str) -> bytes:
    return marshal.dumps(eval(source).__code__)


def recovered(source: str) -> Recovery:
    return recover(code(source))


@pytest.mark.parametrize(
    "source",
    [
        "lambda x: x / 127.5 - 1.0",
        "lambda x: tf.math.abs(x[0] - x[1])",
        "lambda x: K.l2_normalize(x, axis=-1)",
        "lambda x: tf.nn.relu(x).numpy() if len(x.shape) > 2 else x",
        "lambda x: [np.float32(t) for t in range(3)]",
    ],
)
def test_pure(source: str) -> None:
    assert (risk(recovered(source)).level, risk(recovered(source)).reasons) == ("pure", ())


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("lambda x: x * SCALE", "`SCALE` is unknown"),
        ("lambda x: tf.io.decode_png(x)", "`tf.io.decode_png` is unknown"),
        ("lambda x: x._keras_shape[1]", "`_keras_shape` is private"),
        ("lambda x: '{0.__class__}'.format(x)", "a text with `__`"),
    ],
)
def test_unknown(source: str, reason: str) -> None:
    found = risk(recovered(source))
    assert found.level == "unknown"
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("lambda x: eval('1')", "uses `eval`"),
        ("lambda x: exec('import os') or x", "uses `exec`"),
        ("lambda x: __import__('os').system('true') or x", "uses `__import__`"),
        ("lambda x: os.system('true')", "uses the module `os`"),
        ("lambda x: np.os.system('true')", "uses `np.os`"),
        ("lambda x: tf.print(x, output_stream='file:///tmp/a')", "uses `output_stream`"),
        ("lambda x: tf.print(x, **{'output_stream': 'file:///tmp/a'})", "names a file"),
        ("lambda x: np.asarray(x).dump('a')", "uses `np.asarray(x).dump`"),
        ("lambda x: np.fromregex('a', '.', 'f')", "uses `np.fromregex`"),
        ("lambda x: keras.layers.TFSMLayer('a')(x)", "uses `keras.layers.TFSMLayer`"),
        ("lambda x: keras.layers.deserialize({'class_name': '__lambda__'})(x)", "uses `keras.layers.deserialize`"),
        ("lambda x: jax.pure_callback(print, x)", "uses `jax.pure_callback`"),
        ("lambda x: tf.data.TextLineDataset('a')", "uses `tf.data.TextLineDataset`"),
        ("lambda x: tf.io.write_file('a', x)", "uses `tf.io.write_file`"),
        ("lambda x: tf.py_function(x, [], [])", "uses `tf.py_function`"),
        ("lambda x: keras.models.load_model('a')", "uses `keras.models.load_model`"),
        ("lambda x: ().__class__.__bases__[0].__subclasses__()", "uses `().__class__`"),
        ("lambda x: (lambda f: f('1'))(eval)", "uses `eval`"),
        ("lambda x: [t for t in open('a')]", "uses `open`"),
    ],
)
def test_dangerous(source: str, reason: str) -> None:
    found = risk(recovered(source))
    assert found.level == "dangerous"
    assert reason in found.reasons


def test_what_is_not_exact_is_never_pure() -> None:
    found = recovered("lambda x: x * 2")
    assert risk(replace(found, status="approximate")).level == "unknown"
    assert risk(replace(found, status="undecodable", source=None)).level == "unknown"
    assert risk(replace(found, status="approximate", source="lambda x: (")).level == "unknown"
    hidden = recovered("lambda x: os.system('true')")
    assert risk(replace(hidden, status="undecodable", source=None, names=())).level == "dangerous"


def test_bytes_that_cannot_be_read_alarm_by_their_names() -> None:
    assert risk_of_bytes(code("lambda x: subprocess.Popen(x)")).level == "dangerous"
    assert risk_of_bytes(code("lambda x: x * 2")).level == "unknown"
    assert risk_of_bytes(b"").level == "unknown"


def test_huge_code_is_judged_in_little_time() -> None:
    started = time.process_time()
    assert risk_of_bytes(b"\x06system" + b"//" * 2**25).level == "dangerous"
    assert time.process_time() - started < 10
