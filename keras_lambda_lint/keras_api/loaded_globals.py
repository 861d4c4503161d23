"""The global names that a function has which Keras has made from bytecode: those of the module that makes it, and nothing of the file's.

Read in the sources and measured; `tests/keras_api/test_loaded_globals.py` checks them against what is installed.
"""

from __future__ import annotations

KERAS_2 = frozenset(
    (
        "Lambda Layer generic_utils keras_export np python_types serialization_lib sys textwrap tf tf_inspect "
        "tf_logging tf_utils warnings"
    ).split()
)
"""`_parse_function_from_config` of `layers/core/lambda_layer.py`, tf_keras 2.21.0.

The module that the file names is added if it is loaded.
"""

KERAS_3 = frozenset(
    (
        "binascii codecs default func_dump func_load is_continuous_axis is_default marshal os python_types pythonify_logs remove_by_id "
        "remove_long_seq removeprefix removesuffix to_list"
    ).split()
)
"""`func_load` of `utils/python_utils.py`, keras 3.15.1."""
