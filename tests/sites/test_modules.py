"""Names across the files of a project."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.sites.project import Modules
from keras_lambda_lint.source.text import Source

FILES = {
    "setup.cfg": "",
    "pkg/__init__.py": "from .layers import Scale as Exported\nfrom . import layers\n",
    "pkg/layers.py": "import keras\nfrom .base import *\n\nclass Scale(Base): pass\n\ntwice = lambda x: x * 2\nalias = twice\n",
    "pkg/base.py": "from keras.layers import Lambda, Layer\nfrom keras import layers as KL\n\nclass Base(Layer): pass\n",
    "pkg/compat.py": "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\nfrom keras import backend as K\n",
    "pkg/circle.py": "from .elsewhere import loop\n",
    "pkg/elsewhere.py": "from .circle import loop\n",
    "pkg/ring.py": "from .back import z as y\nx = y\n",
    "pkg/back.py": "from .ring import x as w\nz = w\n",
    "pkg/broken.py": "def (:\n",
    "src/installed/__init__.py": "def f(x): return x\n",
    "script.py": "def beside(x): return x\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def last(project: Path, name: str, text: str) -> tuple[FileSites, ast.expr]:
    """Return a file with its last expression."""
    file = FileSites(Source(str(project / name), text), None, "auto", Modules("auto"))
    statement = file.index.tree.body[-1]
    assert isinstance(statement, ast.Expr)
    return file, statement.value


DEFINITIONS = {
    "relative": ("pkg/model.py", "from .layers import Scale\nScale", "class Scale"),
    "of the package": ("pkg/model.py", "from . import layers\nlayers.Scale", "class Scale"),
    "absolute": ("pkg/model.py", "from pkg.layers import Scale\nScale", "class Scale"),
    "module by its path": ("pkg/model.py", "import pkg.layers\npkg.layers.Scale", "class Scale"),
    "module under an alias": ("main.py", "import pkg.layers as L\nL.Scale", "class Scale"),
    "exported under another name": ("main.py", "from pkg import Exported\nExported", "class Scale"),
    "through an import of the package": ("main.py", "import pkg\npkg.layers.Scale", "class Scale"),
    "star": ("pkg/model.py", "from .layers import *\nScale", "class Scale"),
    "star of a star": ("pkg/model.py", "from .layers import *\nBase", "class Base"),
    "assigned again": ("pkg/model.py", "from .layers import Scale\nOther = Scale\nOther", "class Scale"),
    "a lambda": ("pkg/model.py", "from .layers import alias\nalias", "lambda x: x * 2"),
    "below src": ("tests/test.py", "from installed import f\nf", "def f"),
    "beside a script": ("other.py", "from script import beside\nbeside", "def beside"),
    "in the file itself": ("other.py", "def mine(x): return x\nmine", "def mine"),
}


@pytest.mark.parametrize(("name", "text", "expected"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_finds_where_a_name_is_defined(project: Path, name: str, text: str, expected: str) -> None:
    file, node = last(project, name, text)
    found = file.definition(node)
    assert found is not None
    assert ast.unparse(found.node).startswith(expected)


UNDEFINED = {
    "of Keras": "from keras.layers import Dense\nDense",
    "of nobody": "from pkg.layers import Missing\nMissing",
    "of a file that is none": "from pkg.nowhere import thing\nthing",
    "of a file that is broken": "from pkg.broken import thing\nthing",
    "in a circle": "from pkg.circle import loop\nloop",
    "in a circle of assignments": "from pkg.ring import x\nx",
    "one of two": "if now:\n    from pkg.layers import Scale\nelse:\n    Scale = None\nScale",
    "a parameter": "lambda x: x",
}


@pytest.mark.parametrize("text", UNDEFINED.values(), ids=UNDEFINED)
def test_says_nothing_of_what_the_project_does_not_define(project: Path, text: str) -> None:
    file, node = last(project, "main.py", text)
    assert file.definition(node) is None


NAMES = {
    "imported by the project": ("from pkg.base import Lambda\nLambda", {"keras.layers.Lambda"}),
    "star": ("from pkg.base import *\nLambda", {"keras.layers.Lambda"}),
    "star of a star": ("from pkg.layers import *\nKL.Lambda", {"keras.layers.Lambda"}),
    "fallback": ("from pkg.compat import keras\nkeras.layers", {"keras.layers", "tensorflow.keras.layers"}),
    "below a module": ("import pkg.compat as c\nc.K.square", {"keras.backend.square"}),
    "own class": ("from pkg.layers import Scale\nScale", {"pkg.layers.Scale"}),
    "unknown module": ("from other import thing\nthing", {"other.thing"}),
}


@pytest.mark.parametrize(("text", "expected"), NAMES.values(), ids=NAMES)
def test_names_are_those_where_they_come_from(project: Path, text: str, expected: set[str]) -> None:
    file, node = last(project, "main.py", text)
    assert file.names.of(node) == expected


def test_reads_only_what_a_name_leads_to(project: Path) -> None:
    text = "from pkg.base import Lambda\nfrom pkg.compat import K\nfrom keras import layers\nlayers.Dense\nLambda"
    file, node = last(project, "main.py", text)
    file.names.of(node)
    assert [Path(path).name for path in file.modules.paths] == ["base.py"]


def test_sees_that_a_file_has_changed(project: Path) -> None:
    modules = Modules("auto")
    path = project / "pkg" / "layers.py"

    def found() -> str:
        file = FileSites(Source(str(project / "main.py"), "from pkg.layers import twice\ntwice"), None, "auto", modules)
        statement = file.index.tree.body[-1]
        assert isinstance(statement, ast.Expr)
        definition = file.definition(statement.value)
        assert definition is not None
        return ast.unparse(definition.node)

    assert found() == "lambda x: x * 2"
    path.write_text("twice = lambda x: x + x + 0\n", encoding="utf-8")
    assert found() == "lambda x: x + x + 0"


def test_modules_that_import_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from b import *\nimport b\nx = b.g\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("from a import *\nimport a\ng = a.g\nf = a.x\n", encoding="utf-8")
    file, node = last(tmp_path, "main.py", "import a\na.g")
    assert file.definition(node) is None
