"""What version specifiers allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from keras_lambda_lint.source.versions import is_exact, sides

BELOW, ABOVE = frozenset({False}), frozenset({True})
EITHER = BELOW | ABOVE


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("", EITHER),
        ("*", EITHER),
        (">=2.4", EITHER),
        ("!=2.16", EITHER),
        ("==2.10", BELOW),
        ("==2.10.*", BELOW),
        ("===2.10", BELOW),
        ("2.10", BELOW),
        ("=2.10", BELOW),
        ("==2.15.0rc1", BELOW),
        ("==2.10.0+cu118", BELOW),
        ("<2.16", BELOW),
        ("<2.16.0", BELOW),
        ("<=2.16", EITHER),
        ("<=2.15", BELOW),
        (">=2.4,<2.16", BELOW),
        (">=2.4 <2.16", BELOW),
        (" >= 2.4 , < 2.16 ", BELOW),
        ("~=2.10", EITHER),
        ("~=2.10.0", BELOW),
        ("^2.10", EITHER),
        ("^1.15", BELOW),
        ("~2.10", BELOW),
        ("<2.10||>=2.17", EITHER),
        ("2.9|2.10", BELOW),
        ("==2.16.1", ABOVE),
        (">=2.16", ABOVE),
        (">2.16", ABOVE),
        ("==2.*", EITHER),
        ("^3", ABOVE),
        ("~=2.17.0", ABOVE),
        ("=2.16", ABOVE),
        ("nonsense", EITHER),
        ("==2.10, nonsense", EITHER),
        (">=3,<2", EITHER),
    ],
)
def test_which_side_of_2_16_a_specifier_allows(specifier: str, expected: frozenset[bool]) -> None:
    assert sides(specifier, (2, 16)) == expected


@pytest.mark.parametrize(
    ("specifier", "exact"),
    [
        ("==2.10", True),
        ("===2.10", True),
        ("2.10", True),
        ("=2.10", True),
        ("==2.10.*", True),
        ("<3", False),
        ("~=2.9", False),
        (">=2,==2.*", False),
        ("2.9|2.10", False),
        ("", False),
    ],
)
def test_what_is_an_exact_pin(specifier: str, exact: bool) -> None:
    assert is_exact(specifier) is exact


RELEASES = [f"{major}.{minor}.{patch}" for major in range(4) for minor in range(4) for patch in range(3)]
CLAUSES = st.builds(
    lambda operator, release, parts: operator + ".".join(release.split(".")[:parts]),
    st.sampled_from(["==", ">=", "<=", "<", ">"]),
    st.sampled_from(RELEASES),
    st.integers(1, 3),
) | st.builds(
    lambda release, parts: "~=" + ".".join(release.split(".")[:parts]), st.sampled_from(RELEASES), st.integers(2, 3)
)


@given(st.lists(CLAUSES, min_size=1, max_size=3), st.sampled_from(RELEASES))
def test_it_never_leaves_out_a_release_that_pip_would_take(clauses: list[str], boundary: str) -> None:
    specifier = ",".join(clauses)
    allowed = [Version(release) for release in RELEASES if SpecifierSet(specifier).contains(release)]
    end = tuple(int(part) for part in boundary.rstrip(".0").split(".")) if boundary.rstrip(".0") else ()
    assert {release >= Version(boundary) for release in allowed} <= sides(specifier, end)
