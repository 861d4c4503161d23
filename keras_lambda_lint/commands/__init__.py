"""One module per command of `keras-lambda-lint`, and what they share."""
