"""Which models are heavy, and what they need."""

from __future__ import annotations

from types import SimpleNamespace

from keras_lambda_lint.verify.child.sizes import is_heavy, is_large, memory_of


class Unranked:
    def __iter__(self):
        raise ValueError("unknown rank")


def model(*shapes, params=10, built=True):
    layers = [SimpleNamespace(output=SimpleNamespace(shape=shape)) for shape in shapes]
    layers.append(SimpleNamespace())
    return SimpleNamespace(built=built, count_params=lambda: params, _flatten_layers=lambda **_: layers)


def test_a_model_is_heavy_by_weights_layers_or_what_these_return():
    assert not is_heavy(model((None, 8, None), Unranked(), None))
    assert is_heavy(model((None, 8), params=400_000))
    assert is_heavy(model(*[(None, 8)] * 70))
    assert is_heavy(model((None, 200, 200, 100)))
    assert not is_heavy(model((None, 200, 200, 100), built=False))


def test_memory_is_that_of_a_batch_with_gradients():
    assert memory_of(model((None, 1000), (None, None, 10))) == (1000 + 16 * 10) * 36
    assert memory_of(model((None, 1000), built=False)) == 0


def test_a_slow_model_is_large():
    assert not is_large(model(), [], 1.0)
    assert is_large(model(), [], 9.0)
