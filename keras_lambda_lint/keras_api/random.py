"""The calls that draw random numbers, and what becomes of them in the function of a `Lambda` layer.

Measured on keras 3.15.1 and tf_keras 2.21.0 (FINDINGS section 8); the names were checked against the installed packages.
"""

from __future__ import annotations

import ast
from enum import Enum
from typing import NamedTuple

from keras_lambda_lint.keras_api.names import below_keras


class Generator(Enum):
    """Who draws the numbers."""

    TENSORFLOW = "tensorflow"
    BACKEND = "keras.backend"
    KERAS = "keras.random"
    NUMPY = "numpy.random"
    PYTHON = "random"


TENSORFLOW = frozenset(
    f"tensorflow.{name}"
    for name in (
        "image.random_brightness image.random_contrast image.random_crop image.random_flip_left_right image.random_flip_up_down "
        "image.random_hue image.random_jpeg_quality image.random_saturation nn.dropout random.categorical random.gamma random.normal "
        "random.poisson random.shuffle random.truncated_normal random.uniform"
    ).split()
)
TENSORFLOW_1 = frozenset(
    (
        "multinomial random.multinomial random_crop random_gamma random_normal random_poisson random_shuffle random_uniform "
        "truncated_normal"
    ).split()
)
"""Below `tensorflow` in version 1, below `tensorflow.compat.v1` now."""
BACKEND = frozenset("dropout random_bernoulli random_binomial random_normal random_uniform truncated_normal".split())
"""Below `keras.backend`, which has none of them in Keras 3; `tf.keras.backend` still has them, but for `random_binomial`."""
KERAS = {
    "beta": 4, "binomial": 4, "categorical": 3, "dropout": 3, "gamma": 3, "normal": 4, "randint": 4, "shuffle": 2,
    "truncated_normal": 4, "uniform": 4,
}  # fmt: skip
"""Below `keras.random`, with the position of `seed`."""
NUMPY = frozenset(
    (
        "beta binomial bytes chisquare choice default_rng dirichlet exponential f gamma geometric gumbel hypergeometric laplace logistic "
        "lognormal logseries multinomial multivariate_normal negative_binomial noncentral_chisquare noncentral_f normal pareto "
        "permutation poisson power rand randint randn random random_integers random_sample ranf rayleigh sample shuffle "
        "standard_cauchy standard_exponential standard_gamma standard_normal standard_t triangular uniform vonmises wald weibull zipf"
    ).split()
)
PYTHON = frozenset(
    (
        "betavariate choice choices expovariate gammavariate gauss getrandbits lognormvariate normalvariate paretovariate randbytes "
        "randint random randrange sample shuffle triangular uniform vonmisesvariate weibullvariate"
    ).split()
)


class Draw(NamedTuple):
    """The function of `keras.random` that draws from the same distribution, and the parameters of the other one in its words."""

    function: str
    parameters: tuple[str, ...]
    """The positional parameters of the other function, as `keras.random` calls them."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Keywords of the other function, and what they are called here."""
    by_length: bool = False
    """Whether the other function takes the lengths of the axes one by one."""

    @property
    def takes(self) -> tuple[str, ...]:
        """The parameters of the function of `keras.random`, without `seed`."""
        return _TAKEN[self.function]

    def arguments(self, call: ast.Call) -> dict[str, ast.expr] | None:
        """Return the arguments of a call of the other function by the parameters of this one, `seed` and `name` among them.

        None where they are unpacked, or this function does not take them. A shape of NumPy may be a tuple made here, without a place.
        """
        if any(isinstance(each, ast.Starred) for each in call.args) or any(k.arg is None for k in call.keywords):
            return None
        if self.by_length:
            return None if call.keywords else {"shape": ast.Tuple([*call.args], ast.Load())}
        if len(call.args) > len(self.parameters):
            return None
        given = dict(zip(self.parameters, call.args, strict=False))
        names = dict(self.renamed)
        given |= {names.get(k.arg, k.arg): k.value for k in call.keywords if k.arg is not None}
        size = given.get("shape")
        if isinstance(size, ast.Constant) and self.renamed and size.value is None:
            del given["shape"]
        elif size is not None and self.renamed and not isinstance(size, (ast.Tuple, ast.List)):
            given["shape"] = ast.Tuple([size], ast.Load())
        known = {*self.takes, *self.parameters, "seed", "name"}
        ordered = {name: given[name] for name in (*self.takes, "seed", "name") if name in given}
        return ordered if set(given) <= known and len(ordered) == len(given) else None


_NORMAL = ("shape", "mean", "stddev", "dtype", "seed", "name")
_UNIFORM = ("shape", "minval", "maxval", "dtype", "seed", "name")
_TENSORFLOW_DRAWS = {
    "normal": Draw("normal", _NORMAL),
    "truncated_normal": Draw("truncated_normal", _NORMAL),
    "uniform": Draw("uniform", _UNIFORM),
    "dropout": Draw("dropout", ("inputs", "rate", "noise_shape", "seed", "name"), (("x", "inputs"), ("level", "rate"))),
}
_NUMPY_DRAWS = {
    "normal": Draw("normal", ("mean", "stddev", "shape"), (("loc", "mean"), ("scale", "stddev"), ("size", "shape"))),
    "standard_normal": Draw("normal", ("shape",), (("size", "shape"),)),
    "uniform": Draw(
        "uniform", ("minval", "maxval", "shape"), (("low", "minval"), ("high", "maxval"), ("size", "shape"))
    ),
    "random": Draw("uniform", ("shape",), (("size", "shape"),)),
    "random_sample": Draw("uniform", ("shape",), (("size", "shape"),)),
}
_NUMPY_DIMENSIONS = {"rand": "uniform", "randn": "normal"}
"""Functions that take the lengths of the axes one by one."""
_KERAS_DRAWS = {
    "beta": Draw("beta", ("shape", "alpha", "beta", "dtype", "seed")),
    "binomial": Draw("binomial", ("shape", "counts", "probabilities", "dtype", "seed")),
    "categorical": Draw("categorical", ("logits", "num_samples", "dtype", "seed")),
    "dropout": Draw("dropout", ("inputs", "rate", "noise_shape", "seed")),
    "gamma": Draw("gamma", ("shape", "alpha", "dtype", "seed")),
    "normal": Draw("normal", _NORMAL[:5]),
    "randint": Draw("randint", _UNIFORM[:5]),
    "shuffle": Draw("shuffle", ("x", "axis", "seed")),
    "truncated_normal": Draw("truncated_normal", _NORMAL[:5]),
    "uniform": Draw("uniform", _UNIFORM[:5]),
}


_TAKEN = {name: tuple(p for p in draw.parameters if p != "seed") for name, draw in _KERAS_DRAWS.items()}


def draw_of(qualified: str) -> Draw | None:
    """Return what `keras.random` has in the place of a call of this name; None where it has nothing of the kind."""
    last = qualified.rpartition(".")[2]
    generator = generator_of(qualified)
    if generator is Generator.KERAS:
        return _KERAS_DRAWS[last]
    if generator in (Generator.TENSORFLOW, Generator.BACKEND):
        return _TENSORFLOW_DRAWS.get(last.removeprefix("random_"))
    if generator is Generator.NUMPY and last in _NUMPY_DIMENSIONS:
        return Draw(_NUMPY_DIMENSIONS[last], (), by_length=True)
    return _NUMPY_DRAWS.get(last) if generator is Generator.NUMPY else None


def generator_of(qualified: str) -> Generator | None:
    """Return who draws the numbers that a call of this name returns; None where it draws none."""
    group, _, last = qualified.rpartition(".")
    below = below_keras(qualified)
    if below is not None:
        if below.startswith("random.") and last in KERAS:
            return Generator.KERAS
        if not below.startswith("backend.") or last not in BACKEND:
            return None
        still_there = qualified.startswith("tensorflow.") and last != "random_binomial"
        return Generator.TENSORFLOW if still_there else Generator.BACKEND
    for version in ("tensorflow.compat.v1.", "tensorflow.compat.v2.", "tensorflow."):
        if qualified.startswith(version):
            rest = qualified[len(version) :]
            known = f"tensorflow.{rest}" in TENSORFLOW or rest in TENSORFLOW_1
            return Generator.TENSORFLOW if known else None
    if group == "numpy.random" and last in NUMPY:
        return Generator.NUMPY
    return Generator.PYTHON if group == "random" and last in PYTHON else None
