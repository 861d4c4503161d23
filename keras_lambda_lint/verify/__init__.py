"""Shows by execution that a rewritten file computes the same as the original and survives save and load.

Nothing here imports TensorFlow into this process: models are built and run in processes of a `Sandbox`.
"""

from keras_lambda_lint.verify.report import as_json, table
from keras_lambda_lint.verify.run import verify_file
from keras_lambda_lint.verify.sandbox import Sandbox
from keras_lambda_lint.verify.verdict import (
    Kind,
    ModelVerdict,
    SiteVerdict,
    TargetError,
    Verdict,
    Verification,
    VerifyError,
    VerifyOptions,
)

__all__ = [
    "Kind",
    "ModelVerdict",
    "Sandbox",
    "SiteVerdict",
    "TargetError",
    "Verdict",
    "Verification",
    "VerifyError",
    "VerifyOptions",
    "as_json",
    "table",
    "verify_file",
]
