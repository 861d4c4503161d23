"""How safe a plan is: what may see that a layer has another class or another automatic name."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange, Span
from keras_lambda_lint.keras_api import ops
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.lambdas.draft import parts
from keras_lambda_lint.rewrite.lambdas.function_style import RegisteredFunction
from keras_lambda_lint.rewrite.project import project_of, sees_class, sees_names
from keras_lambda_lint.sites.usage import feeds_layers_only

if TYPE_CHECKING:
    from collections.abc import Collection

    from keras_lambda_lint.rewrite.lambdas.draft import Choice, Draft, Loop
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import LambdaSite


class Safety:
    """Judges the plans of one file."""

    def __init__(self, sites: FileSites, reported: Collection[Span]) -> None:
        self.sites = sites
        self.reported = reported

    def names_hidden(self, drafts: dict[Span, Draft | Choice | Loop | Fix | str]) -> str | None:
        """Return why automatic layer names of this file may change where something sees it; None where they may not.

        Keras numbers unnamed Lambdas: replacing some of them renames the others.
        """
        for planned in drafts.values():
            if isinstance(planned, Fix):
                return "another Lambda of this file stays, or gives way to another layer, and automatic names change"
            layers = [draft for draft in parts(planned) if not isinstance(draft.layer, RegisteredFunction)]
            if isinstance(planned, str) or not layers or self._stays(planned.site):
                return "another Lambda of this file stays, and its automatic name changes"
            if planned.site.is_named:
                continue
            if any(draft.unsafe or draft.body.intended for draft in layers):
                return "another unnamed Lambda of this file is not fixed safely, and its automatic name changes"
            if not feeds_layers_only(planned.site.node, self.sites.index, self.sites.values):
                return "an unnamed Lambda of this file may be an output of the model"
        if sees_names(self.sites.source.text.encode(errors="replace")):
            return "this file looks at layer names"
        project = project_of(self.sites.source.filename)
        if project.names_seen_in is not None:
            return f"{project.names_seen_in} looks at layer names"
        return None if project.complete else "the project is too large to tell whether something looks at layer names"

    @cached_property
    def _class_seen_in(self) -> str | None:
        """The file that asks whether a layer is a `Lambda`, or for its function; None where none does."""
        here = sees_class(self.sites.source.text.encode(errors="replace"))
        return "this file" if here else project_of(self.sites.source.filename).class_seen_in

    def _stays(self, site: LambdaSite) -> bool:
        """Return whether no finding asks for a fix of an unnamed layer, or a comment switches it off."""
        first, last = (self.sites.source.location(offset).row for offset in site.span)
        lines = (self.sites.source.line(row) for row in range(first, last + 1))
        return not site.is_named and (site.span not in self.reported or any("noqa" in line.lower() for line in lines))

    def reason(self, site: LambdaSite, hidden: str | None) -> str | None:
        """Return why something may see that another layer stands at a site; None where nothing may."""
        if self._class_seen_in is not None:
            return f"{self._class_seen_in} asks whether a layer is a `Lambda`, or for its function"
        if not site.is_named and hidden is not None:
            return f"the layer's automatic name changes: {hidden}"
        return None

    def fix(self, planned: Draft | Choice | Loop, names: list[str], edits: list[Edit], hidden: str | None) -> Fix:
        """Return the fix with these edits; `hidden` is the outcome of `names_hidden`."""
        drafts = parts(planned)
        unsafe = [reason for draft in drafts for reason in draft.unsafe]
        intended = {change for draft in drafts for change in draft.body.intended}
        if not isinstance(drafts[0].layer, RegisteredFunction):
            seen = self.reason(planned.site, hidden)
            unsafe += [] if seen is None else [seen]
            if 3 in planned.site.target and any(map(self._may_change_dtype, drafts)):
                intended.add(IntendedChange.DECLARED_DTYPE)
        return Fix(
            message=" or ".join(draft.layer.message(name) for draft, name in zip(drafts, names, strict=True)),
            edits=in_order(edits),
            applicability=Applicability.UNSAFE if unsafe else Applicability.SAFE,
            site=planned.site.span,
            intended=tuple(sorted(intended, key=lambda change: change.value)),
            unsafe_because=unsafe[0] if unsafe else None,
        )

    def _may_change_dtype(self, draft: Draft) -> bool:
        """Return whether the function may yield something else than a float: Keras 3 declares float32 for any Lambda."""
        function, file = draft.taken.function, draft.taken.file
        if draft.site.takes_integers:
            return True
        if function.node is None:
            return not function.library or any(ops.operation(name) in ops.NOT_FLOAT for name in function.library)
        for node in ast.walk(function.node):
            if isinstance(node, ast.Compare):
                return True
            if isinstance(node, ast.Call) and any(
                ops.operation(name) in ops.NOT_FLOAT for name in file.names.of(node.func)
            ):
                return True
        return False
