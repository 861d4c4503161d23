"""What a part of a plan changes in one class."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Fix

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit, IntendedChange, Span


@dataclass
class Change:
    """The edits for one class, and what they mean."""

    edits: list[Edit] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    """What the class gets, for a person: `registration`, `get_config`."""
    unsafe: list[str] = field(default_factory=list)
    """Why it is not safe; empty where it is."""
    intended: set[IntendedChange] = field(default_factory=set)

    def __add__(self, other: Change) -> Change:
        return Change(
            [*self.edits, *other.edits],
            [*self.done, *other.done],
            [*self.unsafe, *other.unsafe],
            self.intended | other.intended,
        )

    def fix(self, name: str, site: Span) -> Fix:
        """Return the change as the fix of the class `name`, whose name stands at `site`."""
        *others, last = dict.fromkeys(self.done)
        done = f"{', '.join(others)} and {last}" if others else last
        return Fix(
            message=f"`{name}` gets {done}",
            edits=tuple(sorted(dict.fromkeys(self.edits), key=lambda edit: edit.span)),
            applicability=Applicability.UNSAFE if self.unsafe else Applicability.SAFE,
            site=site,
            intended=tuple(sorted(self.intended, key=lambda change: change.value)),
            unsafe_because=self.unsafe[0] if self.unsafe else None,
        )
