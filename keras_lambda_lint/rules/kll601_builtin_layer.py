"""KLL601 builtin-layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.bodies.idioms import BuiltinUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class BuiltinLayer(Rule[BuiltinUse]):
    """
    ## What it does
    Finds `Lambda` layers whose function does what a layer of Keras does.

    ## Why is this bad
    The layer of Keras loads in every process and on every backend, with nothing to register. Every equality was measured on keras
    3.15.1 and tf_keras 2.21; where it holds up to rounding only, or the layer passes on a mask that a `Lambda` drops, the message
    says so.

    ## Example
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    def to_unit(pixels):
        return pixels / 255


    images = keras.Input(shape=(6, 8, 3))
    scaled = keras.layers.Lambda(to_unit, name="scale")(images)
    model = keras.Model(images, scaled)
    ```

    ## Use instead
    ```py
    import keras

    images = keras.Input(shape=(6, 8, 3))
    scaled = keras.layers.Rescaling(1 / 255, name="scale")(images)
    model = keras.Model(images, scaled)
    ```

    ## Fix safety
    Safe where layer and function compute exactly the same on all that can reach them: measured equal, the input's shape and dtype are
    stated, and nothing in the file makes masks; unsafe where the layer's automatic name or a declared shape may be seen. Otherwise the
    layer is only shown, with the reason: rounding, masks, integers, a `Rescaling` that says less than the arithmetic. The fix settles
    all other findings of the `Lambda` layer.
    """

    code = "KLL601"
    name = "builtin-layer"
    severity = Severity.INFO
    message = "`{function}` is what `{layer}` does{remarks}, which loads everywhere without registration"
    fixable = "some"
    subject = BuiltinUse

    def check(self, site: BuiltinUse) -> Iterator[Diagnostic]:
        """Yield at most one finding per site, at its function."""
        if not site.is_identity:
            remarks = "; ".join(said for said in (site.equal.value, site.condition, _masks(site)) if said)
            yield self.at(
                site.span, function=site.function, layer=site.layer, remarks=f" ({remarks})" if remarks else ""
            )


def _masks(site: BuiltinUse) -> str:
    """Return what the layer does to masks, where it is not what a `Lambda` does."""
    said = {version: masks.value for version, masks in ((3, site.keras_3), (2, site.keras_2)) if version in site.target}
    if len(set(said.values())) == 1:
        return f"it {said.popitem()[1]}" if all(said.values()) else ""
    return "; ".join(f"on Keras {version} it {text}" for version, text in said.items() if text)
