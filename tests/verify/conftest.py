"""One sandbox for all tests of this folder, and a short way to verify two texts."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, IntendedChange, Span
from keras_lambda_lint.source.text import Source
from keras_lambda_lint.verify import Sandbox, Verification, VerifyOptions, verify_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Replaced:
    original: Span
    fixed: Span
    fix: Fix


Verify = Callable[..., Verification]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture(params=["3", "2"])
def keras(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def verify(sandbox: Sandbox, tmp_path: Path) -> Verify:
    """Verify two texts whose sites are the calls that the patterns match, in order."""

    def run(
        original: str,
        fixed: str,
        calls: tuple[str, str] | None = (
            r"Lambda\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)",
            r"Fixed\((?:[^()]|\([^()]*\))*\)",
        ),
        intended: tuple[IntendedChange, ...] = (),
        *,
        replaces: bool = True,
        others: dict[str, tuple[str, str]] | None = None,
        **options: object,
    ) -> Verification:
        path = tmp_path / "program.py"
        texts = [Source(str(path), textwrap.dedent(text)) for text in (original, fixed)]
        path.write_text(texts[0].text, encoding="utf-8")
        replacements = []
        if calls is not None:
            found = [
                [Span(*match.span()) for match in re.finditer(rf"(?<![\w.]){pattern}(?!:)", source.text)]
                for pattern, source in zip(calls, texts, strict=True)
            ]
            assert len(found[0]) == len(found[1]) > 0, found
            replacements = [
                Replaced(
                    before, after, Fix("fix", (Edit(before, ""),) * replaces, Applicability.UNSAFE, before, intended)
                )
                for before, after in zip(*found, strict=True)
            ]
        pairs = []
        for name, pair in (others or {}).items():
            (tmp_path / name).write_text(pair[0], encoding="utf-8")
            before, after = (Source(str(tmp_path / name), text) for text in pair)
            pairs.append((before, after))
        return verify_file(str(path), *texts, replacements, VerifyOptions(**options), sandbox, pairs)  # type: ignore[arg-type]

    return run
