"""Shows by execution that a rewritten file computes the same as the original and survives save and load.

Nothing here imports TensorFlow into this process: models are built and run in processes of a `Sandbox`.
"""

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
from keras_lambda_lint.verify.views.as_json import as_json
from keras_lambda_lint.verify.views.as_text import table

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
