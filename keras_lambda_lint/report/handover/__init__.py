"""The hand-over list: what a run changed in each file, what it left, and why a person has to look at that."""

from keras_lambda_lint.report.handover.markdown import markdown
from keras_lambda_lint.report.handover.outcome import Handover
from keras_lambda_lint.report.handover.webpage import webpage

FORMS = {".md": markdown, ".html": webpage}
"""How the list is written, by the end of the file's name."""

__all__ = ["FORMS", "Handover", "markdown", "webpage"]
