"""One file through all roles: build both texts, reload both, compare."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.compare import reason
from keras_lambda_lint.verify.devices import across
from keras_lambda_lint.verify.evidence import Evidence
from keras_lambda_lint.verify.flavour import Flavour
from keras_lambda_lint.verify.judge import verdicts
from keras_lambda_lint.verify.platform import BACKENDS, Platform, platforms, unsupported
from keras_lambda_lint.verify.sandbox import RoleError, Sandbox
from keras_lambda_lint.verify.verdict import Kind, TargetError, Verdict, Verification, VerifyError, VerifyOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.replacement import Replacement


def verify_file(
    path: str,
    original: Source,
    fixed: Source,
    replacements: Sequence[Replacement],
    options: VerifyOptions,
    sandbox: Sandbox | None = None,
    others: Sequence[tuple[Source, Source]] = (),
) -> Verification:
    """Return how the fixed text of a file compares with the original, by running both.

    `others` are further files that the fixes change, before and after: each program imports its own. Pass one `Sandbox` for
    several files: the import of Keras is then paid once. Raises `VerifyError` where nothing can be run: another system than
    Linux and macOS, TensorFlow missing, an unknown option; `TargetError` where the file does not have the factory of the options.
    """
    if sandbox is None:
        with Sandbox() as own:
            return verify_file(path, original, fixed, replacements, options, own, others)
    plan = platforms(original, options)
    for platform in plan:
        platform.require()
    with contextlib.ExitStack() as stack:
        runs: list[_Run] = []
        found: list[Verification] = []
        for platform in plan:
            unfit = unsupported(platform, fixed, *(after for _, after in others))
            if unfit:
                # tf_keras never had another backend: that it ran on its own is all that there is to know.
                kind = Kind.SKIPPED if platform.keras is Flavour.KERAS_2 and found else Kind.UNCOVERED
                found.append(_unrun(path, platform, Verdict(kind, detail=unfit)))
                continue
            parts = _devices(platform, sandbox)
            if not parts:
                if options.device == "gpu":
                    raise VerifyError(f"no GPU is visible to {BACKENDS[platform.backend]}")
                found.append(_unrun(path, platform, Verdict(Kind.SKIPPED, detail="no GPU")))
            for each in parts:
                scratch = stack.enter_context(sandbox.scratch())
                run = _Run(path, original, fixed, replacements, options, sandbox, each, scratch, others)
                found.append(run.verification([other for other in runs if other.is_on_cpu_of(each)]))
                runs.append(run)
    first, *further = found
    return dataclasses.replace(first, also=tuple(further))


def _devices(platform: Platform, sandbox: Sandbox) -> list[Platform]:
    """Return a platform for each device that it stands for."""
    if platform.device != "gpu":
        return [platform]
    return [dataclasses.replace(platform, device=f"gpu:{index}") for index in range(sandbox.gpus(platform))]


def _unrun(path: str, platform: Platform, verdict: Verdict) -> Verification:
    keras = f"{platform.keras.value} / {platform.backend}"
    return Verification(path, keras, platform.device.upper(), (), (), instead=verdict)


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
        platform: Platform,
        scratch: Path,
        others: Sequence[tuple[Source, Source]],
    ) -> None:
        self._path = path
        self._others = others
        self._texts = {"original": original, "fixed": fixed}
        self._replacements = replacements
        self._options = options
        self._sandbox = sandbox
        self._platform = platform
        self._scratch = scratch
        self.evidence = Evidence()

    def is_on_cpu_of(self, platform: Platform) -> bool:
        """Return whether this is the run on the CPU that one on another device is compared with."""
        return self._platform != platform and self._platform == dataclasses.replace(platform, device="cpu")

    def verification(self, on_cpu: Sequence[_Run] = ()) -> Verification:
        """Run all roles and return the verdicts; the models are compared with a run on the CPU where there is one."""
        evidence, scratch = self.evidence, self._scratch
        evidence.original = self._role("build", "original", scratch, None)
        evidence.fixed = self._role("build", "fixed", scratch, "original")
        evidence.original_again = self._role("reload", "original", scratch, "original")
        evidence.fixed_again = self._role("reload", "fixed", scratch, "fixed")
        unfit = unsupported(self._platform, self._texts["original"], *(before for before, _ in self._others))
        sites, models = verdicts(self._texts["original"], self._texts["fixed"], self._replacements, evidence, unfit)
        for other in on_cpu:
            models = across(models, other.evidence, evidence)
        built = next((each for each in (evidence.original, evidence.fixed) if "keras" in each), {})
        keras = built.get("keras", f"{self._platform.keras.value} / {self._platform.backend}")
        device = built.get("device", self._platform.device.upper())
        return Verification(self._path, keras, device, sites, models, notes=_notes(built), read=self._read())

    def _read(self) -> tuple[str, ...]:
        """Return the files of the project that any role read: one that ended early does not say."""
        evidence = self.evidence
        roles = (evidence.original, evidence.fixed, evidence.original_again, evidence.fixed_again)
        return tuple(sorted({file for each in roles for file in each.get("read", ())}))

    def _role(self, role: str, text: str, scratch: Path, reference: str | None) -> dict[str, Any]:
        """Return the result of a role, or `{"failure": reason}`."""
        result = scratch / f"build-{reference}" / "result.json" if reference else None
        if role == "reload" and not (result and result.is_file()):
            return {"failure": "it was not built"}
        file = Path(self._path).resolve()
        copy = scratch / f"{role}-{text}" / "source" / _module_name(file)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(_module_text(self._texts[text]))
        request = {
            "role": role,
            "path": str(copy),
            "file": str(file),
            "sites": self._sites(text),
            "directory": str(scratch / f"{role}-{text}"),
            "reference": str(result) if result and result.is_file() else None,
            "seed": self._options.seed,
            "timeout": self._options.timeout,
            "memory": self._options.memory or _most_memory(),
            "alias": self._platform.keras is Flavour.KERAS_2,
            "factory": self._options.factory,
            "factory_args": self._options.factory_args,
            "int_range": self._options.int_range,
            "input_spec": [dataclasses.asdict(spec) for spec in self._options.input_spec],
            "copies": self._copies(text, copy.parent),
        }
        try:
            # A fixed program that ends where the original did not is not judged by a part of it.
            made = self._sandbox.run(self._platform, request, takes_part=text == "original")
        except RoleError as error:
            return {"failure": str(error)}
        if "usage" in made:
            if text == "original":
                raise TargetError(f"{self._path}: {made['usage']}")
            return {"failure": f"{made['usage']} any more"}
        return made

    def _copies(self, text: str, directory: Path) -> dict[str, str]:
        """Write the texts of other files that the fixes change too; return where, by file."""
        copies: dict[str, str] = {}
        for number, (before, after) in enumerate(self._others):
            copy = directory / f"other{number}" / _module_name(Path(before.filename))
            copy.parent.mkdir()
            copy.write_bytes(_module_text(before if text == "original" else after))
            copies[str(Path(before.filename).resolve())] = str(copy)
        return copies

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


def _most_memory() -> int:
    """Return three quarters of the machine's memory: what more would cost others."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4


def _module_name(file: Path) -> str:
    return file.with_suffix(".py").name if file.suffix == ".ipynb" else file.name


def _module_text(source: Source) -> bytes:
    """Return what Python runs: of a notebook, its cells one below the other."""
    return source.text.encode() if source.filename.endswith(".ipynb") else source.to_bytes()


def _notes(built: dict[str, Any]) -> tuple[str, ...]:
    """Return what a reader should know about how a program was run."""
    skipped = [reason(failure) for failure in built.get("skipped", ())]
    more = f", and {len(skipped) - 1} more that failed" if len(skipped) > 1 else ""
    notes = [f"skipped: {skipped[0]}{more}"] if skipped else []
    if built.get("stand_ins"):
        notes.append(f"not installed, so stand-ins took their place: {', '.join(built['stand_ins'])}")
    notes += built.get("open", ())
    return (*notes, *(f"called with made-up arguments: {call}" for call in built.get("made_up", {}).values()))


def _position(source: Source, offset: int) -> tuple[int, int]:
    """Return row from 1 and column from 0 in UTF-8 bytes, as code objects count."""
    row, column = source.location(offset)
    return row, len(source.line(row)[: column - 1].encode())
