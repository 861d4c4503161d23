"""KLL501 unsafe-loading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.saving.loads import LoadCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class UnsafeLoading(Rule[LoadCall]):
    """
    ## What it does
    Finds models that are loaded with `safe_mode=False`, and `enable_unsafe_deserialization()`, which turns safe mode off everywhere.

    ## Why is this bad
    The Python code in the model file is run: whoever wrote the file decides what it does. Often it does not even help: a lambda that
    uses a module or another global value (`tf`, `np`, a constant) loads on Keras 3 and then fails with a `NameError` when it is called, and
    bytecode of another Python version crashes the process. On Keras 2 the lambda finds only what `__main__` happens to have (measured on
    keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras


    def restore(path):
        return keras.models.load_model(path, safe_mode=False)
    ```

    ## Use instead
    ```py
    import keras


    def restore(path):
        return keras.models.load_model(path)
    ```

    ## Fix safety
    No fix: first the model has to lose its lambdas (KLL101), and be saved anew.
    """

    code = "KLL501"
    name = "unsafe-loading"
    severity = Severity.WARNING
    message = "`{what}` runs whatever code the model file holds, and {consequence}"
    fixable = "no"
    subject = LoadCall

    def check(self, site: LoadCall) -> Iterator[Diagnostic]:
        """Yield a finding where safe mode is turned off for certain."""
        if site.unsafe is None:
            return
        consequence = per_keras(
            site.target,
            keras_3="on Keras 3 a lambda that uses a global value still fails when it is called",
            keras_2="on Keras 2 a lambda finds only what `__main__` has",
        )
        what = "safe_mode=False" if site.unsafe != site.span else "enable_unsafe_deserialization()"
        yield self.at(site.unsafe, what=what, consequence=consequence)
