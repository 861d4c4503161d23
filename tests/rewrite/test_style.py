"""Inserted code is written as the project's formatter is set to write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.tool import fixed

from keras_lambda_lint.rewrite.style import Style, style_of
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "text", "style"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n", Style(100)),
        ("pyproject.toml", "[tool.ruff.format]\nquote-style = 'single'\n", Style(88, "'")),
        ("pyproject.toml", "[tool.black]\nline-length = 79\n", Style(79)),
        ("pyproject.toml", "[tool.black]\nline-length = 79\n[tool.ruff]\nline-length = 120\n", Style(120)),
        ("ruff.toml", "line-length = 110\n", Style(110)),
        (".ruff.toml", "[format]\nquote-style = 'single'\n", Style(88, "'")),
        ("pyproject.toml", "[project]\nname = 'a'\n", Style()),
        ("pyproject.toml", "[tool.ruff]\nline-length = 'wide'\n", Style()),
        ("pyproject.toml", "[tool.ruff\n", Style()),
        ("pyproject.toml", "tool = 3\n", Style()),
    ],
)
def test_the_nearest_configuration_counts(tmp_path: Path, name: str, text: str, style: Style) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "inner").mkdir()
    assert style_of(str(tmp_path / "inner" / "m.py")) == style


def test_a_nearer_file_without_a_style_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 100\n", encoding="utf-8")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\n", encoding="utf-8")
    assert style_of(str(tmp_path / "inner" / "m.py")) == Style(100)


def test_a_fix_is_written_in_the_style_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 40\n[format]\nquote-style = 'single'\n", encoding="utf-8")
    text = "import keras\n\n\ndef build(k):\n    return keras.layers.Lambda(lambda t: t * k, name='a')\n"
    lines = fixed(Source(str(tmp_path / "m.py"), text)).source.text.splitlines()
    assert lines[3:6] == ["@keras.utils.register_keras_serializable(", "    package='m'", ")"]
    assert "            'k': self.k," in lines
