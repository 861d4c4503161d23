"""What a part of a plan changes in one class."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from keras_lambda_lint.diagnostic import Applicability, Elsewhere, Fix
from keras_lambda_lint.rewrite.edits import in_order

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit, IntendedChange, Span, Text

    _Others: TypeAlias = dict[str, tuple[Text, tuple[Edit, ...]]]


@dataclass
class Change:
    """The edits for one class, and what they mean."""

    edits: list[Edit] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    """What the class gets, for a person: `registration`, `get_config`."""
    unsafe: list[str] = field(default_factory=list)
    """Why it is not safe; empty where it is."""
    intended: set[IntendedChange] = field(default_factory=set)
    elsewhere: _Others = field(default_factory=dict)
    """The edits of other files, by their names."""

    def __add__(self, other: Change) -> Change:
        return Change(
            [*self.edits, *other.edits],
            [*self.done, *other.done],
            [*self.unsafe, *other.unsafe],
            self.intended | other.intended,
            _joined(self.elsewhere, other.elsewhere),
        )

    def fix(self, name: str, site: Span) -> Fix:
        """Return the change as the fix of the class `name`, whose name stands at `site`."""
        *others, last = dict.fromkeys(self.done)
        done = f"{', '.join(others)} and {last}" if others else last
        return Fix(
            message=f"`{name}` gets {done}",
            edits=in_order(self.edits),
            applicability=Applicability.UNSAFE if self.unsafe else Applicability.SAFE,
            site=site,
            intended=tuple(sorted(self.intended, key=lambda change: change.value)),
            unsafe_because=self.unsafe[0] if self.unsafe else None,
            elsewhere=tuple(
                Elsewhere(name, in_order(edits), text) for name, (text, edits) in sorted(self.elsewhere.items())
            ),
        )


def _joined(one: _Others, other: _Others) -> _Others:
    joined = dict(one)
    for name, (text, edits) in other.items():
        joined[name] = (text, (*joined[name][1], *edits) if name in joined else edits)
    return joined
