"""KLL404 removed-api."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.gone.removed_uses import RemovedUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.keras_api.removed import Removed


class RemovedApi(Rule[RemovedUse]):
    """
    ## What it does
    Finds imports and names of Keras 1 and 2 that newer versions no longer have, such as `keras.layers.core`, `keras.engine` or
    `keras.utils.multi_gpu_model`. An error where the option `keras`, or a pin of the project, asks for a version without them;
    silent where it asks for Keras 2 and Keras 2 has them; a warning where nothing is said. An import in a `try` that catches the
    failure, or below a question for the version, is fine.

    ## Why is this bad
    The import fails, or reading the name does, before any model is built (read off the packages from keras 1.2.2 to 3.0.5, and
    measured on keras 3.15.1 and TensorFlow 2.21).

    ## Example
    ```py
    from keras.layers.core import Dense
    from keras.models import Sequential
    from keras.utils.visualize_util import plot

    model = Sequential()
    model.add(Dense(3, input_shape=(4,)))
    plot(model)
    ```

    ## Use instead
    ```py
    from keras.layers import Dense
    from keras.models import Sequential
    from keras.utils import plot_model

    model = Sequential()
    model.add(Dense(3, input_shape=(4,)))
    plot_model(model)
    ```

    ## Fix safety
    Unsafe: what fails now runs (`repairs-crash`). Names are imported from where the same object stands on Keras 2 and 3, or read
    there; calls of Keras 1's `merge` become calls of the function of their mode. A name that is gone for good, or whose arguments
    changed, keeps its import, and the reason says which one it is. Once the file can be imported on Keras 3, findings about Keras 3
    may follow.
    """

    code = "KLL404"
    name = "removed-api"
    severity = Severity.WARNING
    message = "{names}: {what} fails on {where}"
    fixable = "some"
    subject = RemovedUse

    def check(self, use: RemovedUse) -> Iterator[Diagnostic]:
        """Yield one finding per import statement, and one per name that is read."""
        gone = [name for name in use.names if 3 in use.demanded or not name.had_by_keras_2]
        if not gone:
            return
        certain = len(use.demanded) == 1
        yield self.at(
            use.span,
            Severity.ERROR if certain else Severity.WARNING,
            names=", ".join(_described(name) for name in gone),
            what="the import" if use.is_import else "reading it",
            where="Keras 3" if all(name.had_by_keras_2 for name in gone) else "Keras 2 and 3",
        )


def _described(name: Removed) -> str:
    instead = f", use `{name.instead}`" if name.instead else ""
    return f"`{name.name}` is gone since {name.since}{instead}"
