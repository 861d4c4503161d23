"""What is told of an error that the frameworks have wrapped."""

import pytest

from keras_lambda_lint.verify.child.failure import message

INFERRING = """Exception encountered when calling Fixed.call().

\x1b[1mCould not automatically infer the output shape / dtype of 'fixed' (of type Fixed). Either the `Fixed.call()` method is \
incorrect, or you need to implement the `Fixed.compute_output_spec() / compute_output_shape()` method. Error encountered:

[Errno 2] No such file or directory: 'k'\x1b[0m

Arguments received by Fixed.call():
  • kwargs=<class 'inspect._empty'>"""
STAGED = """Exception encountered when calling layer "fixed" (type Fixed).

in user code:

    File "/tmp/program.py", line 4, in call  *
        return inputs * float(open('k').read())

    FileNotFoundError: [Errno 2] No such file or directory: 'k'


Call arguments received by layer "fixed" (type Fixed):
  • inputs=tf.Tensor(shape=(None, 3), dtype=float32)"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain", "plain"),
        ("", ""),
        (INFERRING, "[Errno 2] No such file or directory: 'k'"),
        (STAGED, "FileNotFoundError: [Errno 2] No such file or directory: 'k'"),
        ("x" * 300, "x" * 239 + "…"),
    ],
    ids=["plain", "empty", "Keras 3 infers a shape", "Keras 2 in AutoGraph", "long"],
)
def test_the_error_itself_is_told(text, told):
    assert message(ValueError(text)) == told
