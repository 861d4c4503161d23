"""What Keras puts into a layer's config by itself, and what it gives back to the constructor.

Measured on keras 3.15.1 and tf_keras 2.21.0 by saving and loading one model for each row.
"""

from __future__ import annotations

GIVEN_BACK = frozenset({"name", "trainable", "dtype"})
"""Keys of `Layer.get_config()` that the constructor gets on loading, where `get_config` is overridden and merges them."""

GIVEN_BACK_TO_AUTOMATIC = frozenset({"trainable", "dtype"})
"""Keys that the constructor gets on Keras 3 where the config is automatic; `name` comes only where it is asked for. Keras 2 leaves
out what the constructor does not take."""

BASE_PARAMETERS = GIVEN_BACK | {
    "activity_regularizer", "autocast", "batch_input_shape", "batch_size", "dynamic", "input_dim", "input_dtype", "input_shape",
    "weights",
}  # fmt: skip
"""Constructor parameters that `Layer` itself takes care of, or that say nothing about what the layer computes."""

AUTOMATIC_LAYERS = frozenset({"ELU", "Identity", "AbstractRNNCell", "Layer"})
"""Classes of `keras.layers` without a `get_config` of their own in keras 3.15.1 or tf_keras 2.21.0."""

BUILTIN_PARAMETERS = frozenset(
    (
        "activation activity_regularizer alpha alpha_initializer alpha_regularizer alpha_constraint arguments attention_axes axes axis "
        "backward_layer batch_shape beta_constraint beta_initializer beta_regularizer bias_axes bias_constraint bias_initializer "
        "bias_regularizer bin_boundaries bins cell cells center crop_to_aspect_ratio cropping data_format depth_multiplier "
        "depthwise_constraint depthwise_initializer depthwise_regularizer dilation_rate dims dropout embeddings_constraint "
        "embeddings_initializer embeddings_regularizer encoding epsilon equation factor fill_mode fill_value filters function "
        "gamma_constraint gamma_initializer gamma_regularizer go_backwards groups height height_factor implementation input_length "
        "input_tensor interpolation invert keepdims kernel_constraint kernel_initializer kernel_regularizer kernel_size key_dim l1 l2 "
        "layer layers mask mask_token mask_value mask_zero max_tokens max_value mean merge_mode method mode module momentum "
        "moving_mean_initializer moving_variance_initializer n negative_slope ngrams noise_shape normalize num_bins num_heads "
        "num_oov_indices num_tokens offset oov_token order ord output_dim output_mode output_padding output_sequence_length output_shape "
        "output_size padding pad_to_aspect_ratio pad_to_max_tokens params pointwise_constraint pointwise_initializer "
        "pointwise_regularizer pool_size power_iterations quantization_config ragged rate recurrent_activation recurrent_constraint "
        "recurrent_dropout recurrent_initializer recurrent_regularizer renorm renorm_clipping renorm_momentum reset_after "
        "return_sequences return_state salt scale score_mode seed shape shared_axes size sparse split standardize state stateful stddev "
        "strides synchronized target_shape theta threshold time_major type_spec unit_forget_bias units unroll use_bias use_scale "
        "value_dim variance vocabulary vocabulary_dtype width width_factor window zero_output_for_mask "
        "init filter_length filter_shape nb_filter nb_row nb_col subsample border_mode dim_ordering W_regularizer b_regularizer "
        "W_constraint b_constraint bias p"
    ).split()
)
"""Constructor parameters of any layer in keras 3.15.1, tf_keras 2.21.0 or Keras 1: a class built on such a layer may have them in its
config."""

FUNCTIONS_OF = ("tensorflow.nn.", "tensorflow.math.")
"""Below these, and below `activations` of Keras, hang functions that someone hands to a layer."""

GETTERS = frozenset({"activations.get", "initializers.get", "regularizers.get", "constraints.get"})
"""They take an object, its name, or its config, and `serialize` beside each gives back what it takes."""

CALLABLE_TYPES = frozenset({"typing.Callable", "collections.abc.Callable"})
ARRAY_TYPES = frozenset({"numpy.ndarray", "numpy.typing.NDArray"})
TENSOR_TYPES = frozenset({"tensorflow.Tensor"})
