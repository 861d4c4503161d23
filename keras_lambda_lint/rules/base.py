"""What a rule is: its metadata, its documentation, and how it makes a finding."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from keras_lambda_lint.diagnostic import Diagnostic, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.rules.options import Options
    from keras_lambda_lint.sites.model import FunctionRef, Target

Site = TypeVar("Site")


class Rule(Generic[Site]):
    """One rule about sites of one kind.

    Its docstring is its documentation, in five sections; the fixture file `tests/rules/<code>.md` is its proof.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    message: ClassVar[str]
    """Template of the one-line message; `check` fills its fields."""
    fixable: ClassVar[str]
    """`yes`, `some`, `display` or `no`, as rules.md shows it; findings of the first two ask for the rewrite of their `Lambda` site."""
    subject: ClassVar[type[Any]]
    """The kind of site that `check` takes."""
    opt_in: ClassVar[bool] = False

    def __init__(self, options: Options) -> None:
        self.options = options

    def check(self, site: Site) -> Iterator[Diagnostic]:
        """Yield the findings of this rule on one site."""
        raise NotImplementedError

    def at(self, span: Span, severity: Severity | None = None, **fields: str) -> Diagnostic:
        """Return a finding at a place, its message filled with the fields."""
        return Diagnostic(self.code, self.name, severity or self.severity, self.message.format(**fields), span)

    def inside(self, function: FunctionRef, span: Span, severity: Severity | None = None, **fields: str) -> Diagnostic:
        """Return a finding at a place inside a function; where that lies in another file, at the place where the function is passed."""
        finding = self.at(function.here(span), severity, **fields)
        return finding if function.source is None else finding.see(span, "in the function", function.source)

    @classmethod
    def doc(cls) -> str:
        """Return the documentation as Markdown: five sections with headings of level two."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def summary(cls) -> str:
        """Return the first sentence of *What it does* on one line."""
        body = cls.doc().partition("## What it does\n")[2].partition("\n## ")[0]
        return " ".join(body.split()).partition(". ")[0].rstrip(".") + "."


def per_keras(target: Target, *, keras_2: str, keras_3: str) -> str:
    """Return what happens on the Keras versions that a file may run on, in one line; an empty text says nothing of its version."""
    said = [text for version, text in ((3, keras_3), (2, keras_2)) if version in target and text]
    return "; ".join(said)
