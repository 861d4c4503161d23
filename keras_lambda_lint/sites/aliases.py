"""Other names that a file gives to what it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_lambda_lint.source.index import Index


def aliases(index: Index, originals: frozenset[str]) -> dict[str, str]:
    """Return the names that an import or an assignment gives to something that is called as one of `originals`, each with that.

    `from keras.layers import Conv2D as C` gives `C` for `Conv2D`; the originals themselves are not in it.
    """
    found: dict[str, str] = {}
    grown = True
    while grown:
        grown = False
        for new, old in index.renamed:
            original = old if old in originals else found.get(old)
            if original is not None and new not in originals and new not in found:
                found[new] = original
                grown = True
    return found
