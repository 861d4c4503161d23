"""Which functions reach which Keras slots other than `Lambda`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.model import sites_of

from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.sites.saving.slots import FunctionSlot
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

START = "import keras\n\n\ndef f(x):\n    return x\n\n\n"


def roles(text: str) -> list[Role]:
    return [slot.role for slot in sites_of(START + text).of(FunctionSlot)]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("keras.layers.Dense(3, activation=f)", Role.ACTIVATION),
        ("keras.layers.Dense(3, f)", Role.ACTIVATION),
        ("keras.layers.Activation(f)", Role.ACTIVATION),
        ("keras.layers.LSTM(3, recurrent_activation=f)", Role.ACTIVATION),
        ("keras.layers.LSTM(3, recurrent_initializer=f)", Role.INITIALIZER),
        ("keras.layers.Dense(3, init=f)", Role.INITIALIZER),
        ("keras.layers.Dense(3, activity_regularizer=f)", Role.REGULARIZER),
        ("keras.layers.Dense(3, W_constraint=f)", Role.CONSTRAINT),
        ("def build(layers):\n    return layers.Dense(3, activation=f)", Role.ACTIVATION),
        ("from keras.layers import Conv2D as C\nC(3, 3, activation=f)", Role.ACTIVATION),
        ("from keras.layers import Activation as A\nA(f)", Role.ACTIVATION),
        ("fully = keras.layers.Dense\nfully(3, f)", Role.ACTIVATION),
        ("model.compile('sgd', f)", Role.LOSS),
        ("model.compile(optimizer, loss=f)", Role.LOSS),
        ("model.compile(loss='mse', weighted_metrics=[f])", Role.METRIC),
    ],
)
def test_a_slot(text: str, role: Role) -> None:
    assert roles(text) == [role]


def test_both_lambdas_of_a_conditional_expression() -> None:
    assert roles("keras.layers.Activation((lambda x: x) if a else (lambda x: -x))") == [Role.ACTIVATION] * 2


@pytest.mark.parametrize(
    "text",
    [
        "keras.layers.Dense(3, name=f)",
        "keras.layers.Lambda(f)",
        "keras.layers.Dense(3, activation='relu')",
        "keras.layers.Dense(3, activation=unknown)",
        "from torch.nn import Dense\nDense(3, activation=f)",
        "class Dense: pass\nDense(3, activation=f)",
        "import re\nre.compile(f, loss=f)",
        "template.compile(f)",
        "class Trainer:\n    pass\nmodel = Trainer()\nmodel.compile('sgd', loss=f)",
        "class Head(keras.layers.Layer):\n    def build(self, shape):\n        self.d = keras.layers.Dense(3, activation=f)",
        "class Head(unknown.Base):\n    def build(self, shape):\n        self.d = keras.layers.Dense(3, activation=f)",
    ],
)
def test_no_slot(text: str) -> None:
    assert roles(text) == []


def test_a_class_without_keras_builds_functional_models() -> None:
    text = "class Net(object):\n    def build(self):\n        return keras.layers.Dense(3, activation=f)(self.x)"
    assert roles(text) == [Role.ACTIVATION]


TRAINING = "model.compile('sgd', loss=f)\n"


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        (f"{TRAINING}model.save('a.keras')\nkeras.models.load_model('a.keras')", True),
        (f"{TRAINING}model.fit(x, callbacks=[keras.callbacks.ModelCheckpoint(p)])\nkeras.models.load_model(p)", True),
        (f"{TRAINING}model.save('a.keras')\nkeras.models.load_model('a.keras', compile=False)", False),
        (f"{TRAINING}model.save('a.keras')", False),
        (f"{TRAINING}other.save('a.keras')\nkeras.models.load_model('a.keras')", False),
        (f"{TRAINING}keras.models.load_model('a.keras')", False),
        (
            "def build():\n    model.compile('sgd', loss=f)\n    return model\n\n\n"
            "net = build()\nnet.save('a.keras')\nkeras.models.load_model('a.keras')",
            True,
        ),
    ],
)
def test_a_loss_is_restored_where_its_model_is_saved_and_loaded(text: str, restored: bool) -> None:
    (slot,) = sites_of(START + text).of(FunctionSlot)
    assert slot.restored is restored


def test_a_name_of_keras_own_shadows_by_version_and_role() -> None:
    text = "def softmax(x):\n    return x\n\n\nkeras.layers.Activation(softmax)\nmodel.compile('sgd', softmax)"
    activation, loss = sites_of(START + text).of(FunctionSlot)
    assert activation.shadowed == {2, 3}
    assert loss.shadowed == frozenset()


def test_a_name_shadows_only_where_the_pinned_keras_may_have_it(tmp_path: Path) -> None:
    text = "def relu6(x):\n    return x\n\n\nkeras.layers.Activation(relu6)\n"
    (tmp_path / "setup.py").write_text("")
    for name, required, shadowed in (("a", "keras==2.1.5", {3}), ("b", "keras<3", {2, 3}), ("c", "", {2, 3})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text(required)
        file = FileSites(Source(str(tmp_path / name / "model.py"), START + text), None, "auto")
        assert [slot.shadowed for slot in file.of(FunctionSlot)] == [shadowed]


REGISTERED = {
    "partial": "from functools import partial\nreg = partial(keras.utils.register_keras_serializable, package='a')\n@reg()\n",
    "decorator that is kept": "reg = keras.utils.register_keras_serializable('a')\n@reg\n",
}


@pytest.mark.parametrize("decorated", REGISTERED.values(), ids=REGISTERED)
def test_a_name_that_stands_for_a_call_registers(decorated: str) -> None:
    text = f"{decorated}def g(x):\n    return x\nkeras.layers.Dense(3, activation=g)"
    assert [slot.function.registered for slot in sites_of(START + text).of(FunctionSlot)] == [True]


@pytest.mark.parametrize(
    ("call", "registered"), [("keras.utils.register_keras_serializable('a')(g)", True), ("print(g)", False)]
)
def test_a_loop_registers_what_its_list_holds(call: str, registered: bool) -> None:
    text = f"for g in [f]:\n    {call}\nkeras.layers.Dense(3, activation=f)"
    assert [slot.function.registered for slot in sites_of(START + text).of(FunctionSlot)] == [registered]


def test_a_decorator_made_of_itself_ends_and_may_do_anything() -> None:
    text = "for reg in x:\n    reg = reg(1)\n@reg\ndef g(x):\n    return x\nkeras.layers.Dense(3, activation=g)"
    assert [slot.function.registered for slot in sites_of(START + text).of(FunctionSlot)] == [True]


def equal_on(body: str, name: str) -> set[int]:
    text = f"import keras\nfrom keras import backend as K\n\n\ndef {name}(x):\n    {body}\n\n\nkeras.layers.Activation({name})\n"
    (slot,) = sites_of(text).of(FunctionSlot)
    return set(slot.equal_on)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("return K.relu(x, max_value=6)", "relu6"),
        ("return K.relu(x, max_value=6.0)", "relu6"),
        ("return K.relu(x)", "relu"),
        ("return K.sigmoid(x) * x", "silu"),
        ("return x * K.tanh(K.softplus(x))", "mish"),
        ("return K.elu(x)", "elu"),
        ("return x", "linear"),
    ],
)
def test_the_body_shows_that_keras_computes_the_same(body: str, name: str) -> None:
    assert equal_on(body, name) == {2, 3}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("return K.relu(x, max_value=5)", "relu6"),
        ("return K.relu(x) * 4", "relu"),
        ("return x * K.sigmoid(1.702 * x)", "swish"),
        ("return unknown(x)", "relu"),
        ("return K.relu(x)", "swish"),
        ("return K.relu(x, max_value=6)", "my_relu6"),
    ],
)
def test_the_body_shows_no_such_thing(body: str, name: str) -> None:
    assert equal_on(body, name) == set()


def test_keras_3_looks_nothing_up_as_swish() -> None:
    assert equal_on("return x * K.sigmoid(x)", "swish") == {2}


def test_hard_sigmoid_is_another_one_on_keras_3() -> None:
    assert equal_on("return K.hard_sigmoid(x)", "hard_sigmoid") == {2}
