"""A sandbox that runs each original once: all mutants of a program are compared with the same one."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from keras_lambda_lint.verify import Sandbox


class Remembering(Sandbox):
    """Keeps what the roles of original texts left behind."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = Path(tempfile.mkdtemp(prefix="mutation-"))
        self._known: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._kept, ignore_errors=True)

    def run(self, *place: Any, **options: Any) -> dict[str, Any]:
        """Run a role, or return what it did when the same was asked before; its last argument is the request."""
        *where, request = place
        directory = Path(request["directory"])
        if not directory.name.endswith("-original"):
            return super().run(*place, **options)
        parts = {name: value for name, value in request.items() if name not in ("directory", "path", "reference")}
        key = json.dumps([str(where), parts, Path(request["path"]).read_text(encoding="utf-8")], sort_keys=True)
        if key not in self._known:
            own = self._kept / f"{len(self._known)}" / directory.name
            moved = json.loads(json.dumps(request).replace(str(directory), str(own)))
            if request["reference"]:
                moved["reference"] = request["reference"]
            shutil.copytree(directory, own)
            self._known[key] = super().run(*where, moved, **options)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "result.json").write_text(json.dumps(self._known[key]), encoding="utf-8")
        return self._known[key]
