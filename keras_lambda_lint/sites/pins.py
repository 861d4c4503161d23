"""Which Keras the project's own files pin: requirements, metadata and lock files, the nearest folder first.

A lock file or an exact pin outranks a range, a range that allows both decides nothing, and files that contradict each other leave both.
"""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api.releases import DISTRIBUTIONS, KERAS_3_SINCE
from keras_lambda_lint.source.disk import remembered
from keras_lambda_lint.source.project import root_of
from keras_lambda_lint.source.requirements import Requirement, requirements
from keras_lambda_lint.source.versions import is_exact, sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keras_lambda_lint.sites.model import Target

BOTH: Target = frozenset({2, 3})


class Decision(NamedTuple):
    """Which Keras versions a file may run on, and why."""

    versions: Target
    reason: str


class _Pin(NamedTuple):
    """A requirement that one Keras only satisfies."""

    keras: int
    requirement: Requirement

    @property
    def exact(self) -> bool:
        return self.requirement.locked or is_exact(self.requirement.specifier)


def pinned(filename: str) -> Decision | None:
    """Return what the project around a file pins; None where nothing decides.

    A text without a file, such as standard input, belongs to the current directory.
    """
    return _upward(*_around(filename))


def _around(filename: str) -> tuple[str, str]:
    """Return the folder of a file, and the root of its project."""
    folder = os.path.dirname(os.path.abspath(filename))
    root = root_of(folder)
    if root is None:
        here = os.getcwd()
        root = here if folder.startswith(here.rstrip(os.sep) + os.sep) else folder
    return folder, root


def may_have(filename: str, since: tuple[int, int]) -> bool:
    """Return whether the project around a file leaves room for a release of Keras, or the TensorFlow of that number, or a later one."""
    required = _nearest(*_around(filename))
    return all(True in sides(each.specifier, since) for each in required if DISTRIBUTIONS[each.name] in KERAS_3_SINCE)


def rules_out(filename: str, since: Mapping[str, tuple[int, ...]]) -> str | None:
    """Return the pin of the project around a file by which a distribution stays below its first release in `since`, for a person.

    The first distribution for which the pins decide anything tells; None where none does, or pins contradict each other.
    """
    folder, root = _around(filename)
    required = _nearest(folder, root)
    for distribution, release in since.items():
        same = [each for each in required if DISTRIBUTIONS[each.name] == distribution]
        decided = [(each, sides(each.specifier, release)) for each in same]
        older, newer = ([each for each, allowed in decided if allowed == {side}] for side in (False, True))
        if older or newer:
            return _listed(older[:1], root) if not newer else None
    return None


@remembered(4096)
def _nearest(folder: str, root: str) -> tuple[Requirement, ...]:
    """Return what the nearest folder upward that requires any of the distributions requires of them."""
    required = tuple(requirements(folder, DISTRIBUTIONS))
    return required if required or folder == root else _nearest(os.path.dirname(folder), root)


@remembered(4096)
def _upward(folder: str, root: str) -> Decision | None:
    found = _in(folder, root)
    return found if found is not None or folder == root else _upward(os.path.dirname(folder), root)


def _in(folder: str, root: str) -> Decision | None:
    """Return what the files of one folder decide together."""
    every = requirements(folder, DISTRIBUTIONS)
    files = [list(group) for _, group in groupby(every, key=lambda each: each.path)]
    decided = [pins for pins in map(_pins, files) if pins]
    exact = [pins for pins in decided if all(pin.exact for pin in pins)]
    by_keras = {pin.keras: pin.requirement for pins in reversed(exact or decided) for pin in reversed(pins)}
    if not by_keras:
        return None
    versions = frozenset(by_keras)
    if versions == BOTH:
        return Decision(BOTH, f"{_listed((by_keras[2], by_keras[3]), root)}, which contradict each other")
    (pin,) = by_keras.values()
    # Where tf_keras is at hand, a switch in the environment makes `tf.keras` Keras 2.
    legacy = [each for each in every if DISTRIBUTIONS[each.name] == "tf-keras" and not each.locked]
    if versions == {3} and legacy:
        return Decision(BOTH, f"{_listed((pin, legacy[0]), root)}, which is Keras 2")
    return Decision(versions, _listed((pin,), root))


def _pins(required: list[Requirement]) -> list[_Pin]:
    """Return what the requirements of one file decide."""
    pins = []
    for distribution, since in KERAS_3_SINCE.items():
        same = [each for each in required if DISTRIBUTIONS[each.name] == distribution]
        # The same distribution in another extra, or for another Python, is an alternative.
        allowed = {3 if later else 2 for each in same for later in sides(each.specifier, since)}
        if len(allowed) == 1:
            pins.append(_Pin(allowed.pop(), same[0]))
    return pins


def _listed(required: Iterable[Requirement], root: str) -> str:
    places = []
    for each in required:
        path = os.path.relpath(each.path, root).replace(os.sep, "/")
        places.append(f"{path}:{each.row} {'locks' if each.locked else 'pins' if each.specifier else 'names'} {each}")
    return " and ".join(places)
