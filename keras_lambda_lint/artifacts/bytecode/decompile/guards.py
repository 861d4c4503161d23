"""Sees through the short cuts that the compiler puts in front of some calls.

Since 3.14 `any(...)`, `all(...)` and `tuple(...)` of a generator are written twice: as a loop for where the name means the
built-in, and as a call for where it does not. The source is that of the call; the proof holds both against the bytes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.normal import Do

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.normal import Op

_GUARD = (Do.COPY, Do.COMMON, Do.COMPARE, Do.BRANCH)


def without_guards(ops: tuple[Op, ...]) -> tuple[Op, ...]:
    """Return the operations with each test for a built-in replaced by a jump to the call."""
    found = list(ops)
    for place in range(len(ops) - len(_GUARD) + 1):
        guard = ops[place : place + len(_GUARD)]
        if tuple(op.do for op in guard) == _GUARD and guard[2].arg == "is" and guard[3].arg is False:
            found[place] = replace(guard[3], do=Do.JUMP, arg=None)
    return tuple(found)
