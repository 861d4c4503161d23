"""Pages for a browser that need nothing but themselves: no request leaves them, and nothing of what they show can act."""

from keras_lambda_lint.report.page.frame import framed
from keras_lambda_lint.report.page.markup import coloured, escaped, prose

__all__ = ["coloured", "escaped", "framed", "prose"]
