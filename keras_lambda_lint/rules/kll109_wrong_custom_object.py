"""KLL109 wrong-custom-object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.saving.loads import LoadCall, SuppliedObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class WrongCustomObject(Rule[LoadCall]):
    """
    ## What it does
    Finds custom objects that map the name of a function to the class `Lambda`, or stand under a key that Keras does not look up: an empty
    text, the object itself instead of its name, the name of a factory instead of that of the function it makes.

    ## Why is this bad
    Keras 3 takes the class for the function of the `Lambda` layer: a Sequential model loads and fails with `unsupported callable` when it
    is called, a functional one fails while it is loaded. Keras 2 ignores the entry. An object under a wrong key is not found at all:
    loading fails as if it were not there (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras


    def l_slice(x):
        return x[:, 0]


    def restore(path):
        return keras.models.load_model(path, custom_objects={"l_slice": keras.layers.Lambda})
    ```

    ## Use instead
    ```py
    import keras


    def l_slice(x):
        return x[:, 0]


    def restore(path):
        return keras.models.load_model(path, custom_objects={"l_slice": l_slice})
    ```

    ## Fix safety
    Unsafe: loading, or calling the loaded model, failed before. The class `Lambda` gives way to the function of that name which the module
    has, or imports, or which one other file of the project defines; a wrong key to the name that Keras looks up: `package>name` for what
    is registered. A function inside a function cannot be supplied by name, and which function of several is meant is left to a person.
    """

    code = "KLL109"
    name = "wrong-custom-object"
    severity = Severity.ERROR
    message = "{what}: {consequence}"
    fixable = "some"
    subject = LoadCall

    def check(self, site: LoadCall) -> Iterator[Diagnostic]:
        """Yield a finding for each entry that certainly does not do what it is there for."""
        for entry in site.objects:
            if entry.is_wrong_class:
                consequence = per_keras(
                    site.target,
                    keras_3="Keras 3 calls the class in its place, which fails on loading or at the first call",
                    keras_2="Keras 2 ignores it",
                )
                what = f'"{entry.key}" stands for the class `Lambda`, not for the function `{entry.key}`'
                yield self.at(entry.span, what=what, consequence=consequence)
            elif entry.has_wrong_key and entry.key_span is not None:
                yield self.at(entry.key_span, what=_wrong_key(entry), consequence=_not_found(site))


def _wrong_key(entry: SuppliedObject) -> str:
    if entry.key == "":
        return "empty key of a custom object"
    if entry.object_as_key is not None:
        return f'`{entry.object_as_key}` is its own key, where Keras looks for the text "{entry.object_as_key}"'
    return f'"{entry.key}" is the name of the factory, where Keras looks for "{entry.made_name}", the function that it makes'


def _not_found(site: LoadCall) -> str:
    return per_keras(
        site.target, keras_3="Keras 3 does not find it on loading", keras_2="Keras 2 does not find it on loading"
    )
