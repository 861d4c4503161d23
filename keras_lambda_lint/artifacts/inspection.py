"""All that is known of the bytecode in a saved model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.bytecode import BadBytecode, recover, stored_bytes
from keras_lambda_lint.artifacts.consequences import Consequence, as_data, consequences
from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats import read
from keras_lambda_lint.artifacts.functions import contents
from keras_lambda_lint.artifacts.risk import Risk, risk, risk_of_bytes

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode import Recovery
    from keras_lambda_lint.artifacts.formats import ModelFile
    from keras_lambda_lint.artifacts.functions import Needed, StoredFunction

MOST_FUNCTIONS = 2_000


@dataclass(frozen=True)
class Inspected:
    """A function that a model holds as bytecode."""

    path: str
    """The file or directory."""
    stored: StoredFunction
    recovery: Recovery | None
    """None where the bytes cannot be read."""
    reason: str | None
    """Why it is not exact."""
    risk: Risk
    consequences: tuple[Consequence, ...]

    @property
    def status(self) -> str:
        """Return `exact`, `approximate` or `undecodable`."""
        return self.recovery.status if self.recovery else "undecodable"

    @property
    def python(self) -> str:
        """Return the Pythons that can have written it."""
        return self.recovery.python_range if self.recovery else "unknown"

    @property
    def source(self) -> str | None:
        """Return its source, without the values of defaults and of what it captured."""
        return self.recovery.source if self.recovery else None

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON holds it: the keys of DESIGN section 6 first."""
        found = self.recovery
        return {
            "path": self.path,
            "layer": self.stored.layer,
            "python": self.python,
            "source": self.source,
            "status": self.status,
            "names": list(found.names) if found else [],
            "risk": self.risk.level,
            "risk_reasons": list(self.risk.reasons),
            "role": self.stored.role,
            "module": self.stored.module,
            "defaults": self.stored.defaults,
            "free": list(found.free) if found else [],
            "closure": self.stored.closure,
            "reason": self.reason,
            "notes": list(found.notes) if found else [],
            "repairs": list(found.repairs) if found else [],
            "disassembly": found.disassembly if found and found.status != "exact" else None,
            "consequences": as_data(self.consequences),
        }


@dataclass(frozen=True)
class Model:
    """A saved model, and what loading it takes."""

    file: ModelFile
    functions: tuple[Inspected, ...]
    needed: tuple[Needed, ...]


def inspect(path: str) -> Model:
    """Return what a saved model holds; raise `ModelError` where it cannot be read, and OSError where the system refuses."""
    file = read(path)
    stored, needed = contents(file)
    if len(stored) > MOST_FUNCTIONS:
        raise ModelError(f"it holds more than {MOST_FUNCTIONS} functions: no model")
    return Model(file, tuple(inspected(file, each) for each in stored), tuple(needed))


def inspected(file: ModelFile, stored: StoredFunction) -> Inspected:
    """Return what is known of one function of a model."""
    reason = "no marshalled code"
    candidates = stored_bytes(stored.code)
    for candidate in candidates:
        try:
            recovery = recover(candidate)
        except BadBytecode as error:
            reason = str(error)
            continue
        found = consequences(stored, file, recovery)
        return Inspected(file.path, stored, recovery, recovery.reason, risk(recovery), found)
    judged = risk_of_bytes(candidates[0] if candidates else stored.code.encode("utf-8", "replace"))
    return Inspected(file.path, stored, None, reason, judged, consequences(stored, file, None))
