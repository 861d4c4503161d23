"""Under which name a rewrite registers what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.layout import Layout
from keras_lambda_lint.rewrite.registered import decorator, registered_name

if TYPE_CHECKING:
    from pathlib import Path


LAYOUT = Layout("    ", "\n")


def test_its_own_name_where_that_is_free(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = demo\n")
    assert registered_name(str(tmp_path / "a.py"), "twice") is None
    assert registered_name(str(tmp_path / "a.py"), "twice") is None


def test_a_longer_one_where_another_file_has_the_name(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = demo\n")
    (tmp_path / "old.py").write_text("@keras.utils.register_keras_serializable('demo')\ndef twice(x): pass\n")
    assert registered_name(str(tmp_path / "nets" / "a.py"), "twice") == "a.twice"
    assert registered_name(str(tmp_path / "other" / "a.py"), "twice") == "other.a.twice"


def test_the_line_that_registers() -> None:
    assert decorator("keras.utils.register", "demo", None, LAYOUT) == '@keras.utils.register(package="demo")'
    assert decorator("register", "demo", "a.f", LAYOUT) == '@register(package="demo", name="a.f")'


def test_a_long_decorator_is_laid_out_as_ruff_does() -> None:
    name = "a_module_with_a_long_name.AClassWithALongName"
    assert decorator("keras.utils.register_keras_serializable", "demo", name, LAYOUT, "  ").split("\n") == [
        "@keras.utils.register_keras_serializable(",
        f'      package="demo", name="{name}"',
        "  )",
    ]
