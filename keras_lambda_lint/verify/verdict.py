"""What the verifier says: verdicts per site and per model, and the options of a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class VerifyError(Exception):
    """The verifier cannot do its work here: says why in one line."""


class TargetError(VerifyError):
    """A person named something that a file does not have: the other files can be verified all the same."""


class Kind(Enum):
    """How a rewritten piece compares with the original."""

    AGREE = "agree"
    AGREE_EXCEPT_INTENDED = "agree except intended"
    REPAIRED = "repaired"
    AGREE_MODULO_RANDOMNESS = "agree modulo randomness"
    DIFFER = "differ"
    UNCOVERED = "uncovered"
    ERROR = "error"
    SKIPPED = "skipped"


_HOLDS = frozenset({Kind.AGREE, Kind.AGREE_EXCEPT_INTENDED, Kind.REPAIRED, Kind.AGREE_MODULO_RANDOMNESS})
_PROMOTES = frozenset({Kind.AGREE, Kind.AGREE_EXCEPT_INTENDED})
_NEVER_PROMOTED = "binds-loop-value"


@dataclass(frozen=True)
class Form:
    """A form in which a model is kept, such as `.h5` or `pickle`."""

    name: str
    before: str
    """What became of the original, in words; empty for an old checkpoint, which loads into the fixed model alone."""
    after: str
    """What became of the fixed model."""
    was_whole: bool
    is_whole: bool
    """Came back and computes what it did."""


@dataclass(frozen=True)
class Verdict:
    """One judgement; `str()` gives it in the words of the documentation."""

    kind: Kind
    cases: int = 0
    """Input cases compared; 0 where none was."""
    detail: str = ""
    """The error, the difference or the reason."""
    intended: tuple[str, ...] = ()
    """Changes made on purpose that were the only ones."""
    before: str = ""
    """What the original did when it was saved, loaded and called."""
    after: str = ""
    """What the fixed model did when it was saved, loaded and called."""
    forms: tuple[Form, ...] = ()
    """What became of the model in each form in which it can be kept."""
    shared: bool = False
    """The fixed file as a whole fails: any of its fixes may be why."""
    how: tuple[str, ...] = ()
    """What it was not compared in, or what was made up for it: `alone` where the layer was run apart from its model."""

    @property
    def agrees(self) -> bool:
        """Whether it was compared with a reference and found equal; `repaired` has no reference."""
        return self.kind in _HOLDS and self.kind is not Kind.REPAIRED

    @property
    def holds(self) -> bool:
        """Whether it counts as verified for the exit code."""
        return self.kind in _HOLDS

    @property
    def promotes(self) -> bool:
        """Whether it may turn an unsafe fix into one that `check --fix --verify` writes."""
        return self.kind in _PROMOTES and _NEVER_PROMOTED not in self.intended

    def __str__(self) -> str:
        match self.kind:
            case Kind.AGREE | Kind.AGREE_MODULO_RANDOMNESS:
                return f"{self.kind.value} ({', '.join((f'{self.cases} cases', *self.how))})"
            case Kind.AGREE_EXCEPT_INTENDED:
                return f"{self.kind.value} ({', '.join((*self.intended, *self.how))})"
            case Kind.REPAIRED:
                return f"repaired (original fails: {self.detail})"
            case Kind.SKIPPED:
                return f"{self.detail}: skipped"
            case Kind.ERROR:
                return f"error: {self.detail}"
            case Kind.DIFFER | Kind.UNCOVERED:
                return f"{self.kind.value} ({self.detail})"


@dataclass(frozen=True)
class LayerErrors:
    """How far the outputs of a layer, or of the model, are from the original's, over all inputs that were compared."""

    layer: str
    shape: tuple[int, ...]
    """Of the largest output."""
    largest: float
    """The largest absolute error."""
    magnitude: float
    """The largest absolute value of the original."""
    counts: tuple[int, ...]
    """How many values are equal, and how many have which error relative to the magnitude: `BINS`."""

    def bins(self) -> Iterator[tuple[str, int]]:
        """Yield the name of each bin and its count."""
        yield from zip(BINS, self.counts, strict=True)


DECADES = tuple(range(-9, 1))
"""Exponents of ten that part the relative errors."""
BINS = ("equal", f"below 1e{DECADES[0]}", *(f"below 1e{power}" for power in DECADES[1:]), f"from 1e{DECADES[-1]}")


@dataclass(frozen=True)
class SiteVerdict:
    """The verdict on one replaced expression."""

    row: int
    """Row of the expression in the original file, or in the cell of a notebook."""
    column: int
    layers: tuple[str, ...]
    """Names, in the fixed model, of the layers that the expression created; empty where it did not run."""
    verdict: Verdict
    cell: int | None = None
    """The cell of a notebook, counted from 1."""


@dataclass(frozen=True)
class ModelVerdict:
    """The verdict on one model of the file."""

    name: str
    row: int
    """Row of the original file that built it; of the fixed file where only that builds it."""
    verdict: Verdict
    layers: tuple[LayerErrors, ...] = ()
    """Its layers in the order in which they run, and its outputs."""


@dataclass(frozen=True)
class Verification:
    """All verdicts on one file with one Keras on one device."""

    path: str
    keras: str
    """Such as `keras 3.15.1 / tensorflow 2.21.0`."""
    device: str
    sites: tuple[SiteVerdict, ...]
    """One per replacement, in their order."""
    models: tuple[ModelVerdict, ...]
    also: tuple[Verification, ...] = ()
    """The same file with the further versions of Keras, backends and devices that were asked for."""
    notes: tuple[str, ...] = ()
    """What a reader should know about how the program was run: what was skipped, made up, or replaced by a stand-in."""
    read: tuple[str, ...] = ()
    """Modules of the project that the program imported: another text of them may have other verdicts."""
    instead: Verdict | None = None
    """Said once in place of all verdicts where the file was not run here: uncovered, or skipped (which counts for nothing)."""

    @property
    def holds(self) -> bool:
        """Whether every site holds, or every model where there are no sites, wherever the file was run."""
        return all(each._holds for each in self._ran())

    @property
    def _holds(self) -> bool:
        parts: tuple[SiteVerdict | ModelVerdict, ...] = self.sites or self.models
        return bool(parts) and all(part.verdict.holds for part in parts)

    def promotes(self, site: int) -> bool:
        """Return whether the replacement of that index may be written although its fix is unsafe."""
        return all(verdict.promotes for verdict in self.verdicts(site))

    def shares_failure(self, site: int) -> bool:
        """Return whether the replacement of that index may fail because of another one."""
        failing = [verdict for verdict in self.verdicts(site) if not verdict.holds]
        return bool(failing) and all(verdict.shared for verdict in failing)

    def site_holds(self, site: int) -> bool:
        """Return whether the replacement of that index holds wherever the file was run."""
        return all(verdict.holds for verdict in self.verdicts(site))

    def verdicts(self, site: int) -> list[Verdict]:
        """Return the verdicts on the replacement of that index, one for each place where the file was run."""
        return [each.instead or each.sites[site].verdict for each in self._ran()]

    def _ran(self) -> list[Verification]:
        return [each for each in (self, *self.also) if each.instead is None or each.instead.kind is not Kind.SKIPPED]


def every(verifications: Iterable[Verification]) -> Iterator[Verification]:
    """Yield each verification, and after it those of the same file elsewhere."""
    for verification in verifications:
        yield verification
        yield from every(verification.also)


@dataclass(frozen=True)
class InputSpec:
    """A tensor that a model takes."""

    shape: tuple[int | None, ...]
    """With the batch dimension; None where any size does."""
    dtype: str = "float32"
    name: str = ""
    """The key, where the model takes its inputs by name."""


@dataclass(frozen=True)
class VerifyOptions:
    """What a user can choose about a verification."""

    keras: str = "auto"
    """`auto` (what the file imports), `2`, `3`, or `2,3` for both."""
    backend: str = "tensorflow"
    """Backends of Keras 3, with commas between: `tensorflow`, `jax`, `torch`."""
    device: str = "cpu"
    """`cpu`, `gpu` (every one that there is), or `all` for both."""
    timeout: float = 120.0
    """Seconds that one process may take."""
    memory: int = 0
    """Bytes that it may take; 0 for three quarters of the machine's."""
    seed: int = 20240229
    """Decides weights and inputs."""
    factory: str = ""
    """The dotted name of what makes the model; empty: the file is run, and what it builds is found."""
    factory_args: list[Any] | dict[str, Any] | None = None
    """The arguments of the factory."""
    input_spec: tuple[InputSpec, ...] = ()
    """What models take that neither declare it nor are called."""
    int_range: tuple[int, int] | None = None
    """Whole numbers that inputs hold, from the first to before the second; None: what embeddings allow, else small ones."""
