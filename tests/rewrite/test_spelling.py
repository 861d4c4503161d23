"""Every import situation, and how the fixed file says `Layer` and `register_keras_serializable`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.linter import Options
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

SITE = "layer = {callee}(lambda x: x * 2, name='double')\n"


def rewritten(imports: str, callee: str) -> tuple[str, str]:
    """Return the imports of the fixed file, and how it spells the decorator and the base of the new class."""
    text = fixed(f"{imports}\n{SITE.format(callee=callee)}").source.text
    tree = ast.parse(text)
    [new] = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    [decorator] = new.decorator_list
    assert isinstance(decorator, ast.Call)
    lines = text.split("\n")[: decorator.lineno - 1]
    return "\n".join(lines).strip("\n"), f"{ast.unparse(decorator.func)} {ast.unparse(new.bases[0])}"


K = "keras.utils.register_keras_serializable keras.layers.Layer"
BARE = "register_keras_serializable Layer"
SITUATIONS = {
    "import keras": ("import keras", "keras.layers.Lambda", "import keras", K),
    "import as": (
        "import keras as k",
        "k.layers.Lambda",
        "import keras as k",
        "k.utils.register_keras_serializable k.layers.Layer",
    ),
    "tf.keras": (
        "import tensorflow as tf",
        "tf.keras.layers.Lambda",
        "import tensorflow as tf",
        "tf.keras.utils.register_keras_serializable tf.keras.layers.Layer",
    ),
    "from tensorflow": ("from tensorflow import keras", "keras.layers.Lambda", "from tensorflow import keras", K),
    "tf_keras": (
        "import tf_keras",
        "tf_keras.layers.Lambda",
        "import tf_keras",
        "tf_keras.utils.register_keras_serializable tf_keras.layers.Layer",
    ),
    "the class": (
        "from keras.layers import Lambda",
        "Lambda",
        "from keras.layers import Layer\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
    "the class among others": (
        "from keras.layers import Dense, Lambda, Input",
        "Lambda",
        "from keras.layers import Dense, Layer, Input\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
    "the class, layer known": (
        "from keras.layers import Layer, Lambda",
        "Lambda",
        "from keras.layers import Layer\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
    "the class and keras": ("import keras\nfrom keras.layers import Lambda", "Lambda", "import keras", K),
    "everything known": (
        "from keras.layers import Lambda, Layer\nfrom keras.utils import register_keras_serializable",
        "Lambda",
        "from keras.layers import Layer\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
    "layers": (
        "from keras import layers",
        "layers.Lambda",
        "from keras import layers\nfrom keras.utils import register_keras_serializable",
        "register_keras_serializable layers.Layer",
    ),
    "layers as": (
        "import keras.layers as KL",
        "KL.Lambda",
        "import keras.layers as KL\nfrom keras.utils import register_keras_serializable",
        "register_keras_serializable KL.Layer",
    ),
    "tf.keras layers": (
        "from tensorflow.keras import layers",
        "layers.Lambda",
        "from tensorflow.keras import layers\nfrom tensorflow.keras.utils import register_keras_serializable",
        "register_keras_serializable layers.Layer",
    ),
    "star": (
        "from keras.layers import *",
        "Lambda",
        "from keras.layers import *\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
    "guarded": (
        "try:\n    from keras.layers import Lambda\nexcept ImportError:\n    from tf_keras.layers import Lambda",
        "Lambda",
        "try:\n    from keras.layers import Layer\n    from keras.utils import register_keras_serializable\n"
        "except ImportError:\n    from tf_keras.layers import Layer\n    from tf_keras.utils import register_keras_serializable",
        BARE,
    ),
    "over several lines": (
        "from keras.layers import (\n    Dense,\n    Lambda,\n)",
        "Lambda",
        "from keras.layers import (\n    Dense,\n    Layer,\n)\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
    "source of keras": (
        "from keras.src.layers import Lambda",
        "Lambda",
        "from keras.layers import Layer\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
    "old module": (
        "from keras.layers.core import Lambda",
        "Lambda",
        "from keras.layers import Layer\nfrom keras.utils import register_keras_serializable",
        BARE,
    ),
}


@pytest.mark.parametrize(("imports", "callee", "expected", "names"), SITUATIONS.values(), ids=SITUATIONS)
def test_the_aliases_of_the_file_are_used(imports: str, callee: str, expected: str, names: str) -> None:
    assert rewritten(imports, callee) == (expected, names)


def test_an_import_that_something_else_needs_stays() -> None:
    text = fixed(
        "from keras.layers import Lambda\nlayer = Lambda(lambda x: x * 2, name='a')\nprint(Lambda)\n"
    ).source.text
    assert text.startswith("from keras.layers import Lambda, Layer\n")


def test_an_import_that_others_may_import_from_here_stays() -> None:
    text = fixed(
        "from keras.layers import Lambda\n__all__ = ['Lambda']\nlayer = Lambda(lambda x: x, name='a')\n"
    ).source.text
    assert text.startswith("from keras.layers import Lambda, Layer\n")


def test_guarded_imports_stay_guarded() -> None:
    text = "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\nlayer = keras.layers.Lambda(lambda x: x, name='a')\n"
    outcome = fixed(text).source.text
    assert outcome.startswith(text.partition("layer")[0].rstrip("\n"))
    assert "keras.utils.register_keras_serializable" in outcome


REFUSED = {
    "injected": ("import keras\nlayers = kwargs['layers']", "layers.Lambda", "comes from is not known"),
    "star of another module": ("import keras\nfrom models import *", "Lambda", "comes from is not known"),
    "contrib": (
        "from tensorflow.contrib.keras.api.keras.layers import Lambda",
        "Lambda",
        "this Keras has no public register_keras_serializable",
    ),
    "the name means something else": (
        "from keras.layers import Lambda\nclass Layer: pass",
        "Lambda",
        "the file uses the name `Layer` for something else",
    ),
    "another register": (
        "from keras.layers import Lambda\ndef register_keras_serializable(): pass",
        "Lambda",
        "the file uses the name `register_keras_serializable` for something else",
    ),
}


@pytest.mark.parametrize(("imports", "callee", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_spelled_has_no_fix(imports: str, callee: str, reason: str) -> None:
    found = findings(f"{imports}\n{SITE.format(callee=callee)}")
    [finding] = [each for each in found if each.code == "KLL101"]
    assert finding.fix is None
    assert reason in (finding.no_fix or "")


def test_an_import_inside_the_function_needs_one_for_the_class() -> None:
    text = (
        "import os\n\n\ndef f():\n    from keras.layers import Lambda\n    return Lambda(lambda x: x * 2, name='a')\n"
    )
    [finding] = findings(text)
    assert finding.fix is not None
    assert finding.fix.unsafe_because == "Keras is imported with the module now, not only where a function asks for it"
    lines = fixed(text).source.text.split("\n")
    assert lines[:6] == [
        "import os",
        "",
        "import keras",
        "",
        "",
        '@keras.utils.register_keras_serializable(package="example")',
    ]


def test_an_import_at_the_top_stands_above_the_class_there() -> None:
    text = "def f():\n    from tensorflow.keras.layers import Lambda\n    return Lambda(lambda x: x * 2, name='a')\n"
    lines = fixed(text).source.text.split("\n")
    assert lines[:4] == [
        "from tensorflow import keras",
        "",
        "",
        '@keras.utils.register_keras_serializable(package="example")',
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    try:\n        from keras.layers import Lambda\n    except ImportError:\n        from tf_keras.layers import Lambda\n"
        "    return Lambda(lambda x: x * 2, name='a')\n",
        "keras = 3\n\ndef f():\n    from keras.layers import Lambda\n    return Lambda(lambda x: x * 2, name='a')\n",
    ],
)
def test_an_import_with_a_condition_or_a_name_in_use_stays(text: str) -> None:
    assert {finding.fix for finding in findings(text)} == {None}


def test_an_import_below_the_site_comes_too_late() -> None:
    [finding] = findings("def f():\n    return Lambda(lambda x: x * 2, name='a')\nfrom keras.layers import Lambda\n")
    assert finding.no_fix == "`Lambda` is imported below its use"


OLD, NEW = "keras==2.2.4\n", "keras>=2.4\n"
PINS: dict[str, tuple[dict[str, str], str, str | None]] = {
    "an old keras": ({"requirements.txt": OLD}, "keras", "requirements.txt:1 pins keras==2.2.4"),
    "the last keras without": ({"requirements.txt": "keras<2.4\n"}, "keras", "requirements.txt:1 pins keras<2.4"),
    "the first keras with": ({"requirements.txt": "keras==2.4.0\n"}, "keras", None),
    "a range that allows both": ({"requirements.txt": "keras>=2.2\n"}, "keras", None),
    "a range beside a pin": (
        {"setup.py": "setup(install_requires=['keras>=2.2'])", "requirements.txt": OLD},
        "keras",
        "requirements.txt:1 pins keras==2.2.4",
    ),
    "pins that contradict each other": ({"requirements.txt": OLD, "requirements-new.txt": NEW}, "keras", None),
    "the keras package below an old tensorflow": (
        {"requirements.txt": "keras\ntensorflow-gpu==1.15.0\n"},
        "keras",
        "requirements.txt:2 pins tensorflow-gpu==1.15.0",
    ),
    "the keras package is pinned itself": ({"requirements.txt": f"tensorflow==2.1\n{NEW}"}, "keras", None),
    "tf.keras beside an old keras": ({"requirements.txt": f"{OLD}tensorflow==2.1.0\n"}, "tensorflow.keras", None),
    "tf.keras that lacks it": (
        {"requirements.txt": "tensorflow==2.0.0\n"},
        "tensorflow.keras",
        "requirements.txt:1 pins tensorflow==2.0.0",
    ),
    "tf_keras": ({"requirements.txt": "tensorflow==1.15\n"}, "tf_keras", None),
}


@pytest.mark.parametrize(("files", "package", "pin"), PINS.values(), ids=PINS)
def test_a_keras_without_registration(tmp_path: Path, files: dict[str, str], package: str, pin: str | None) -> None:
    for name, text in {"setup.cfg": "", **files}.items():
        (tmp_path / name).write_text(text)
    text = f"from {package} import layers\n\nlayer = layers.Lambda(lambda x: x * 2, name='double')\n"
    reasons = {
        finding.fix and finding.fix.unsafe_because for finding in findings(Source(str(tmp_path / "model.py"), text))
    }
    assert reasons == {None if pin is None else f"{pin}, which has no register_keras_serializable: raise the pin first"}


def test_the_option_outranks_pins(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(OLD)
    source = Source(str(tmp_path / "model.py"), f"import keras\n\n{SITE.format(callee='keras.layers.Lambda')}")
    assert all(finding.fix is not None for finding in findings(source, Options(keras="3")))


def test_a_function_of_a_project_with_an_old_keras(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(OLD)
    text = "import keras\n\n\ndef double(x):\n    return x * 2\n\n\nlayer = keras.layers.Dense(2, activation=double)\n"
    [finding] = findings(Source(str(tmp_path / "model.py"), text))
    assert finding.fix is not None
    assert (finding.fix.unsafe_because or "").startswith("requirements.txt:1 pins keras==2.2.4, which has no register")
