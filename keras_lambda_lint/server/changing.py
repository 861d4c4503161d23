"""Makes the change of an action when it is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.server import fixing
from keras_lambda_lint.server.analysing import Failure
from keras_lambda_lint.server.checking import in_background
from keras_lambda_lint.server.edits import between
from keras_lambda_lint.source.noqa_comments import with_comments

if TYPE_CHECKING:
    from lsprotocol import types

    from keras_lambda_lint.server.checking import Checked
    from keras_lambda_lint.server.fixing import Wanted
    from keras_lambda_lint.server.modules import Module
    from keras_lambda_lint.server.session import Session


class NoChange(Exception):
    """Why an action changes nothing: one line for a person."""


async def change(session: Session, wanted: Wanted) -> types.WorkspaceEdit:
    """Return what an action changes, in all files that it needs; raise `NoChange`."""
    module = session.module(wanted.uri)
    if module is None:
        raise NoChange("the text is not open any more")
    if module.stamp != wanted.stamp:
        raise NoChange("the text has changed since this was offered")
    checked = await session.checker.checked(module)
    if module.stamp != wanted.stamp or checked.inputs is None:
        raise NoChange("the text has changed since this was offered")
    inputs = checked.inputs
    if wanted.what == fixing.DISABLE:
        return session.edits.workspace_edit(_disabled(session, module, checked, wanted))
    fixed = await in_background(lambda: fixing.fixed(inputs, checked.found, wanted))
    if isinstance(fixed, Failure):
        raise NoChange(fixed.text or "the text does not parse")
    if module.stamp != wanted.stamp:
        raise NoChange("the text has changed since this was offered")
    changes = module.changes(fixed.source, session.positions)
    changes += [
        session.edits.of_file(before.filename, before, between(before, after)) for before, after in fixed.others
    ]
    if not changes:
        raise NoChange(next(iter(fixed.left_out.values()), "there is nothing left to fix"))
    return session.edits.workspace_edit(changes)


def _disabled(
    session: Session, module: Module, checked: Checked, wanted: Wanted
) -> list[tuple[str, list[types.TextEdit]]]:
    finding = next((each for each in checked.found if (each.code, each.span) == (wanted.code, wanted.span)), None)
    if finding is None:
        raise NoChange("the finding is gone")
    commented = with_comments(module.source, [finding])
    if commented.refused:
        raise NoChange(commented.refused[0][1])
    return module.changes(commented.source, session.positions)
