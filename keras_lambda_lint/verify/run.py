"""One file through all roles: build both texts, reload both, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.evidence import Evidence
from keras_lambda_lint.verify.flavour import Flavour, flavours
from keras_lambda_lint.verify.judge import verdicts
from keras_lambda_lint.verify.sandbox import RoleError, Sandbox
from keras_lambda_lint.verify.verdict import Verification, VerifyError, VerifyOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.replacement import Replacement

_DEVICES = {"cpu": ("cpu",), "gpu": ("gpu",), "all": ("cpu", "gpu")}


def verify_file(
    path: str,
    original: Source,
    fixed: Source,
    replacements: Sequence[Replacement],
    options: VerifyOptions,
    sandbox: Sandbox | None = None,
) -> Verification:
    """Return how the fixed text of a file compares with the original, by running both.

    Pass one `Sandbox` for several files: the import of Keras is then paid once. Raises `VerifyError` where nothing can be
    run: another system than Linux and macOS, TensorFlow missing, an unknown option.
    """
    if sandbox is None:
        with Sandbox() as own:
            return verify_file(path, original, fixed, replacements, options, own)
    if options.device not in _DEVICES:
        raise VerifyError(f"unknown device {options.device!r}: choose from cpu, gpu, all")
    runs = [
        _Run(path, original, fixed, replacements, options, sandbox, flavour, device).verification()
        for flavour in flavours(original, options.keras)
        for device in _DEVICES[options.device]
    ]
    first, *others = runs
    return Verification(first.path, first.keras, first.device, first.sites, first.models, tuple(others))


class _Run:
    """One file on one Keras and one device."""

    def __init__(
        self,
        path: str,
        original: Source,
        fixed: Source,
        replacements: Sequence[Replacement],
        options: VerifyOptions,
        sandbox: Sandbox,
        flavour: Flavour,
        device: str,
    ) -> None:
        self._path = path
        self._texts = {"original": original, "fixed": fixed}
        self._replacements = replacements
        self._options = options
        self._sandbox = sandbox
        self._flavour = flavour
        self._device = device

    def verification(self) -> Verification:
        """Run all roles and return the verdicts."""
        with self._sandbox.scratch() as scratch:
            evidence = Evidence()
            evidence.original = self._role("build", "original", scratch, None)
            evidence.fixed = self._role("build", "fixed", scratch, "original")
            evidence.original_again = self._role("reload", "original", scratch, "original")
            evidence.fixed_again = self._role("reload", "fixed", scratch, "fixed")
            sites, models = verdicts(self._texts["original"], self._texts["fixed"], self._replacements, evidence)
        if self._device == "gpu" and evidence.original.get("device") == "CPU":
            raise VerifyError("no GPU is visible to TensorFlow")
        built = next((each for each in (evidence.original, evidence.fixed) if "keras" in each), {})
        keras = built.get("keras", self._flavour.value)
        return Verification(self._path, keras, built.get("device", self._device), sites, models)

    def _role(self, role: str, text: str, scratch: Path, reference: str | None) -> dict[str, Any]:
        """Return the result of a role, or `{"failure": reason}`."""
        result = scratch / f"build-{reference}" / "result.json" if reference else None
        if role == "reload" and not (result and result.is_file()):
            return {"failure": "it was not built"}
        file = Path(self._path).resolve()
        copy = scratch / f"{role}-{text}" / "source" / file.name
        copy.parent.mkdir(parents=True)
        copy.write_bytes(self._texts[text].to_bytes())
        request = {
            "role": role,
            "path": str(copy),
            "file": str(file),
            "sites": self._sites(text),
            "directory": str(scratch / f"{role}-{text}"),
            "reference": str(result) if result and result.is_file() else None,
            "seed": self._options.seed,
            "timeout": self._options.timeout,
            "alias": self._flavour is Flavour.KERAS_2,
        }
        try:
            return self._sandbox.run(self._flavour, self._device, request)
        except RoleError as error:
            return {"failure": str(error)}

    def _sites(self, text: str) -> list[dict[str, Any]]:
        source = self._texts[text]
        return [
            {
                "place": [*_position(source, span.start), *_position(source, span.end)],
                "intended": [change.value for change in replacement.fix.intended],
            }
            for replacement in self._replacements
            for span in [replacement.original if text == "original" else replacement.fixed]
        ]


def _position(source: Source, offset: int) -> tuple[int, int]:
    """Return row from 1 and column from 0 in UTF-8 bytes, as code objects count."""
    row, column = source.location(offset)
    return row, len(source.line(row)[: column - 1].encode())
