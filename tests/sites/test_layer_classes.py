"""Own layer classes: what they derive from, what their constructor takes, what their config holds."""

from __future__ import annotations

import pytest
from harness.model import sites_of

from keras_lambda_lint.sites.classes.layer_class import LayerClass, Root


def classes(text: str) -> dict[str, LayerClass]:
    return {site.name: site for site in sites_of(text).of(LayerClass)}


def config_of(body: str) -> LayerClass:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return classes(f"import keras\nclass A(keras.layers.Layer):\n    def get_config(self):\n{lines}\n")["A"]


@pytest.mark.parametrize(
    ("base", "root"),
    [
        ("keras.layers.Layer", Root.LAYER),
        ("tf.keras.Model", Root.MODEL),
        ("keras.Sequential", Root.MODEL),
        ("Layer", Root.LAYER),
        ("keras.layers.Dense", Root.BUILTIN),
        ("keras.layers.Wrapper", Root.BUILTIN),
        ("keras.layers.Identity", Root.LAYER),
    ],
)
def test_every_spelling_of_a_base(base: str, root: Root) -> None:
    text = f"import keras\nimport tensorflow as tf\nfrom keras.engine.topology import Layer\nclass A({base}): pass\n"
    assert classes(text)["A"].root is root


@pytest.mark.parametrize("base", ["torch.nn.Module", "keras.losses.Loss", "keras.callbacks.Callback", "object"])
def test_what_is_no_layer(base: str) -> None:
    assert classes(f"import keras, torch\nclass A({base}): pass\n") == {}


def test_own_bases_lead_to_keras() -> None:
    found = classes("import keras\nclass A(keras.Model): pass\nclass B(A): pass\nclass C(B): pass\n")
    assert [site.root for site in found.values()] == [Root.MODEL] * 3
    assert found["C"].complete


def test_an_unknown_base_makes_it_incomplete() -> None:
    assert not classes("import keras, x\nclass A(x.Mixin, keras.Model): pass\n")["A"].complete


@pytest.mark.parametrize(
    "body",
    [
        "return {'a': 1, 'b': 2}",
        "return dict(a=1, b=2)",
        "c = {'a': 1}\nc['b'] = 2\nreturn c",
        "c = dict(a=1)\nc.update({'b': 2})\nreturn c",
        "c = {'a': 1}\nc.update(b=2)\nreturn c.copy()",
        "return {'a': 1} | {'b': 2}",
    ],
)
def test_the_keys_of_a_config(body: str) -> None:
    config = config_of(body).config
    assert config is not None
    assert config.keys == {"a", "b"}
    assert not config.merges_base


@pytest.mark.parametrize(
    "body",
    [
        "return {**super().get_config(), 'a': 1}",
        "c = super(A, self).get_config()\nc['a'] = 1\nreturn c",
        "b = keras.layers.Layer.get_config(self)\nreturn dict(list(b.items()) + list({'a': 1}.items()))",
        "c = super().get_config().copy()\nc.update(a=1)\nreturn c",
    ],
)
def test_a_config_that_holds_what_the_base_returns(body: str) -> None:
    config = config_of(body).config
    assert config is not None
    assert config.keys == {"a"}
    assert config.merges_base


@pytest.mark.parametrize(
    "body",
    [
        "c = super().get_config()\nc.pop('name')\nreturn c",
        "c = super().get_config()\nif x:\n    c['a'] = 1\nreturn c",
        "return self.__dict__",
        "return {k: 1 for k in 'ab'}",
        "c = {'a': 1}\nc[key] = 2\nreturn c",
        "return {**self.extra, 'a': 1}",
    ],
)
def test_a_config_that_the_code_does_not_tell(body: str) -> None:
    config = config_of(body).config
    assert config is not None
    assert config.keys is None


def test_makers_are_the_class_and_the_functions_that_make_one() -> None:
    text = "import keras\nclass A(keras.layers.Layer): pass\ndef f(): return A()\ndef g(): return f()\ndef h(): pass\n"
    assert classes(text)["A"].made_by == {"A", "f", "g"}
    assert not classes(text)["A"].inner


def test_inner_is_what_only_methods_of_layers_make() -> None:
    text = (
        "import keras\nclass A(keras.layers.Layer): pass\nclass B(keras.Model):\n    def build(self, s): self.a = A()\n"
    )
    assert classes(text)["A"].inner
    assert not classes(text + "a = A()\n")["A"].inner
