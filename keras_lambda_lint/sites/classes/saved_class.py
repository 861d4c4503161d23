"""The own layer classes that Keras finds by name only if somebody tells it where."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
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
    """One own layer or model that is there to be used, and not registered.

    What other files say of it is looked up when first asked for: it takes reading them.
    """

    span: Span
    """Its name."""
    name: str
    takes_function: bool
    """Whether its constructor certainly takes a function."""
    function_shown_at: Span | None
    target: Target
    file: FileSites = field(compare=False, repr=False)
    found: LayerClass = field(compare=False, repr=False)

    @cached_property
    def supplied(self) -> bool:
        """Whether a file of the project supplies it as a custom object, or may, where not all files were read."""
        return not self.file.facts.complete or self.file.facts.supplies(self.name)

    @cached_property
    def in_whole_model(self) -> bool:
        """Whether a file that makes it, or uses what makes it, saves or loads whole models."""
        by_name = _is_found_by_name(self.found) and not self.found.inner
        used = self.found.made or bool(self.found.made_by)
        return by_name and used and _in_whole_model(self.file, self.found)

    @property
    def evident(self) -> bool:
        """Whether the code shows that loading will have to find it."""
        return self.takes_function or self.in_whole_model


def find_saved_classes(file: FileSites) -> tuple[SavedClass, ...]:
    """Return the unregistered classes of a file, sorted by place."""
    candidates = [each for each in file.of(LayerClass) if not (each.registered or each.abstract or each.local)]
    return tuple(_site(file, each) for each in candidates)


def _site(file: FileSites, found: LayerClass) -> SavedClass:
    function = found.takes_function if _is_found_by_name(found) and not found.inner else None
    return SavedClass(
        span=found.span,
        name=found.name,
        takes_function=function is not None,
        function_shown_at=function.span if function is not None else None,
        target=found.target,
        file=file,
        found=found,
    )


def _is_found_by_name(found: LayerClass) -> bool:
    """Return whether Keras looks the class up; Keras 2 cannot save a subclassed model to a file, and needs no class to read a folder."""
    return found.root is not Root.MODEL or 3 in found.target


def _in_whole_model(file: FileSites, found: LayerClass) -> bool:
    own = file.facts.own
    if found.made and _needs_names(own):
        return True
    others = file.facts.files[1:] if found.made_by else ()
    return any(_needs_names(facts) and _uses(facts, own.path, found.made_by) for facts in others)


def _needs_names(facts: FileFacts) -> bool:
    """Return whether a file saves whole models, or loads them by the names of their layers, and is no test."""
    return bool(facts.saved or facts.finds) and not _is_test(facts.path)


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
