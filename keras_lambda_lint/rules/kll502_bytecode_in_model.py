"""KLL502 bytecode-in-model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.stored import StoredCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class BytecodeInModel(Rule[StoredCode]):
    """
    ## What it does
    Finds Python bytecode in saved models: `.h5` and `.keras` files, SavedModel directories, and JSON of `to_json()`. `inspect` shows it;
    `check` does with `--models` (`models = true` in the configuration), and counts lines in the source that was recovered from the
    file. Only the configuration is read, nothing is executed, and TensorFlow is not needed.

    ## Why is this bad
    The function of a `Lambda` layer is stored as the bytecode of the Python that wrote the file. Loading it

    * runs code from the file: Keras 3 refuses (`Requested the deserialization of a Lambda layer`) unless it is told `safe_mode=False`;
    * works on the same Python only: another one says `SystemError: unknown opcode`, `ValueError: bad marshal data` or `EOFError`, or
      crashes, or runs something else;
    * loses what the function read from around it: `NameError: name 'tf' is not defined`;
    * fails everywhere where Keras on Windows wrote the file and turned each backslash of the bytecode into `/`.

    Which of these happens, on which Keras and which Python, `inspect` says of each function (measured on keras 3.15.1, tf_keras 2.21,
    CPython 2.7 and 3.3 to 3.14). It shows the source, and calls it `exact` only if compiling it again does the same. With the source in
    hand, the layer can be a class, and the weights still fit:

    ```console
    $ keras-lambda-lint inspect model.h5
    $ keras-lambda-lint recover model.h5 -o model_layers.py
    $ keras-lambda-lint migrate model.h5 -o model.keras --module model_layers.py
    ```

    ## Example
    ```py
    import keras


    def restore():
        return keras.models.load_model("model.h5")  # SystemError: unknown opcode
    ```

    ## Use instead
    ```py
    import keras

    import model_layers  # written by `recover`


    def restore():
        return keras.models.load_model("model.keras")  # written by `migrate`
    ```

    ## Fix safety
    No fix in place: a model file is never changed. `recover` writes a module with a registered class for each layer, `migrate` a new
    file that uses the classes and keeps the weights.
    """

    code = "KLL502"
    name = "bytecode-in-model"
    severity = Severity.WARNING
    message = "`{layer}` holds Python bytecode ({role}, Python {python}): `{source}`; {risk}"
    fixable = "no"
    subject = StoredCode

    def check(self, site: StoredCode) -> Iterator[Diagnostic]:
        """Yield the finding that each stored function is: an error where it reaches beyond tensors."""
        yield self.at(
            site.span,
            Severity.ERROR if site.dangerous else None,
            layer=site.layer,
            role=site.role,
            python=site.python,
            source=site.source,
            risk=site.risk,
        )
