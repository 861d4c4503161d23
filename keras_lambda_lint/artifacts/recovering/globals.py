"""What the global names of a recovered function mean: the file says nothing of them."""

from __future__ import annotations

import builtins

IMPORTS = {
    "K": "from keras import backend as K",
    "activations": "from keras import activations",
    "backend": "from keras import backend",
    "initializers": "from keras import initializers",
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "keras": "import keras",
    "layers": "from keras import layers",
    "math": "import math",
    "metrics": "from keras import metrics",
    "losses": "from keras import losses",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "ops": "from keras import ops",
    "reduce": "from functools import reduce",
    "tensorflow": "import tensorflow",
    "tf": "import tensorflow as tf",
    "torch": "import torch",
}
"""Names under which everybody imports these libraries, and the statement that does."""
PYTHON_2 = {"long": "int", "unicode": "str", "unichr": "chr", "xrange": "range"}
"""Built-ins of Python 2 and what they are called now."""
BUILTINS = frozenset(vars(builtins))


def imports(names: frozenset[str]) -> list[str]:
    """Return the statements that bind those of the names that are known, sorted."""
    return sorted({IMPORTS[name] for name in names if name in IMPORTS})


def unknown(names: frozenset[str]) -> list[str]:
    """Return the names that nothing tells the meaning of, sorted."""
    return sorted(name for name in names if name not in IMPORTS and name not in BUILTINS and name not in PYTHON_2)
