"""What `action.yml` runs: inputs come from the environment, so that no shell reads them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys


def main() -> int:
    """Check what the inputs say and return the exit code of that."""
    form, args, src = (os.environ.get(name, "") for name in ("FORMAT", "ARGS", "SRC"))
    command = [sys.executable, "-m", "keras_lambda_lint", "check", "--output-format", form or "github"]
    if form == "sarif":
        file = os.path.join(os.environ["RUNNER_TEMP"], "keras-lambda-lint.sarif")
        command += ["--output-file", file]
        with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as outputs:
            outputs.write(f"sarif-file={file}\n")
    return subprocess.run([*command, *shlex.split(args), *shlex.split(src)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
