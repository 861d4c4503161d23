"""`python -m keras_lambda_lint`."""

from __future__ import annotations

import sys

from keras_lambda_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
