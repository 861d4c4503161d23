"""The calls that draw random numbers, and what becomes of them in the function of a `Lambda` layer.

Measured on keras 3.15.1 and tf_keras 2.21.0 (FINDINGS section 8); the names were checked against the installed packages.
"""

from __future__ import annotations

from enum import Enum

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
