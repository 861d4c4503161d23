"""The own layer classes that Keras finds by name only if somebody tells it where."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.sites.classes.layer_class import LayerClass, Root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Target
    from keras_lambda_lint.sites.saving.project_facts import FileFacts


@dataclass(frozen=True)
class SavedClass:
    """One own layer or model that is there to be used, not registered, and not supplied as a custom object by any file of the project."""

    span: Span
    """Its name."""
    name: str
    takes_function: bool
    """Whether its constructor certainly takes a function."""
    function_shown_at: Span | None
    in_whole_model: bool
    """Whether a file that makes it, or uses what makes it, saves or loads whole models."""
    target: Target

    @property
    def evident(self) -> bool:
        """Whether the code shows that loading will have to find it."""
        return self.takes_function or self.in_whole_model


def find_saved_classes(file: FileSites) -> tuple[SavedClass, ...]:
    """Return the unregistered classes of a file that nothing supplies, sorted by place."""
    candidates = [each for each in file.of(LayerClass) if not (each.registered or each.abstract or each.local)]
    if not candidates or not file.facts.complete:
        return ()
    return tuple(_site(file, each) for each in candidates if not file.facts.supplies(each.name))


def _site(file: FileSites, found: LayerClass) -> SavedClass:
    # Keras 2 cannot save a subclassed model to a file at all, and rebuilds it without its class from a folder.
    by_name = found.root is not Root.MODEL or 3 in found.target
    function = found.takes_function if by_name and not found.inner else None
    return SavedClass(
        span=found.span,
        name=found.name,
        takes_function=function is not None,
        function_shown_at=function.span if function is not None else None,
        in_whole_model=by_name and not found.inner and _in_whole_model(file, found),
        target=found.target,
    )


def _in_whole_model(file: FileSites, found: LayerClass) -> bool:
    own = os.path.abspath(file.source.filename)
    for facts in file.facts.files:
        if not (facts.saved or facts.finds) or _is_test(facts.path):
            continue
        if facts.path == own:
            if found.made:
                return True
        elif _uses(facts, own, found.made_by):
            return True
    return False


def _is_test(path: str) -> bool:
    """Return whether a file is a test by its name: what it saves, it makes for itself."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return stem.startswith("test_") or stem.endswith("_test")


def _uses(facts: FileFacts, own: str, makers: frozenset[str]) -> bool:
    """Return whether a file imports one of the names from the file `own`."""
    return bool(makers & set(_imported_from(facts.path, own)))


def _imported_from(path: str, own: str) -> Iterator[str]:
    stem = os.path.splitext(os.path.basename(own))[0]
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            text = stream.read()
    except OSError:
        return
    for names in re.findall(
        rf"^[ \t]*from[ \t]+[\w.]*\b{re.escape(stem)}[ \t]+import[ \t]*(\([^)]*\)|[^\n#]+)", text, re.MULTILINE
    ):
        yield from re.findall(r"\w+", names)
    for alias in re.findall(
        rf"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:[\w.]*\.)?{re.escape(stem)}(?:[ \t]+as[ \t]+(\w+))?[ \t]*$",
        text,
        re.MULTILINE,
    ):
        yield from re.findall(rf"\b{re.escape(alias or stem)}\.(\w+)", text)
