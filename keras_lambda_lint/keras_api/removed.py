"""Import paths and names of Keras that newer versions no longer have.

Read off the packages keras 1.2.2, 2.0.9, 2.1.6, 2.2.0, 2.2.4, 2.3.1, 2.4.3, 2.5.0rc0, 2.6 to 2.13, 2.15 and 3.0.5 (those from 2.6
to 2.12 hold the `tf.keras` of that TensorFlow too), and measured on keras 3.15.1, tf_keras 2.21 and TensorFlow 2.21.
`tests/keras_api/test_removed.py` asks the installed packages for every row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api.names import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


class Removed(NamedTuple):
    """A name that is gone, with all that hangs below it."""

    name: str
    """As Python imports it: `keras.layers.core`."""
    since: str
    """The first version without it: `Keras 2.13`."""
    instead: str
    """What Keras 3 has for it, with the same package in front; empty where there is none."""

    @property
    def had_by_keras_2(self) -> bool:
        """Whether some Keras 2 has it."""
        return self.since != "Keras 2.0"


_KERAS = """
__internal__ 3.0
activations.get_from_module 2.0
applications.audio_conv_utils 2.0
applications.mobilenetv2 2.3 keras.applications.mobilenet_v2
applications.music_tagger_crnn 2.0
applications.regnet 3.0
applications.resnet_rs 3.0
backend.cntk_backend 2.4
backend.common 2.4 keras.config
backend.experimental 3.0
backend.load_backend 2.4
backend.numpy_backend 2.4
backend.tensorflow_backend 2.4
backend.theano_backend 2.4
backend_config 2.13 keras.config
callbacks.BaseLogger 3.0
callbacks.experimental 3.0
callbacks.tensorboard_v1 2.4 keras.callbacks.TensorBoard
callbacks.tensorboard_v2 2.4 keras.callbacks.TensorBoard
constraints.RadialConstraint 3.0
constraints.maxnorm 2.13 keras.constraints.MaxNorm
constraints.nonneg 2.13 keras.constraints.NonNeg
constraints.radial_constraint 3.0
constraints.unitnorm 2.13 keras.constraints.UnitNorm
datasets.cifar 2.13
distribute 2.13
dtensor 3.0
engine 2.13 keras.layers
engine.base_layer 2.13 keras.Layer
engine.network 2.5 keras.Model
engine.topology 2.5 keras.layers
engine.training 2.13 keras.Model
estimator 3.0
experimental 3.0
feature_column 2.13
initializations 2.0 keras.initializers
initializers.normal 2.4 keras.initializers.RandomNormal
initializers.one 2.4 keras.initializers.Ones
initializers.uniform 2.4 keras.initializers.RandomUniform
initializers.zero 2.4 keras.initializers.Zeros
layers.AbstractRNNCell 3.0
layers.AtrousConv1D 2.3 keras.layers.Conv1D
layers.AtrousConv2D 2.3 keras.layers.Conv2D
layers.AtrousConvolution1D 2.4 keras.layers.Conv1D
layers.AtrousConvolution2D 2.4 keras.layers.Conv2D
layers.ConvLSTM2DCell 2.4
layers.ConvRecurrent2D 2.4
layers.CuDNNGRU 2.13 keras.layers.GRU
layers.CuDNNLSTM 2.13 keras.layers.LSTM
layers.Deconv2D 2.3 keras.layers.Conv2DTranspose
layers.Deconv3D 2.3 keras.layers.Conv3DTranspose
layers.Deconvolution2D 2.4 keras.layers.Conv2DTranspose
layers.Deconvolution3D 2.4 keras.layers.Conv3DTranspose
layers.DenseFeatures 3.0
layers.Highway 2.4
layers.LocallyConnected1D 3.0
layers.LocallyConnected2D 3.0
layers.MaxoutDense 2.4
layers.Merge 2.2
layers.ParametricSoftplus 2.0
layers.RandomHeight 3.0
layers.RandomWidth 3.0
layers.Recurrent 2.4 keras.layers.RNN
layers.SReLU 2.0
layers.ThresholdedReLU 3.0 keras.layers.ReLU
layers.TimeDistributedDense 2.0 keras.layers.Dense
layers.advanced_activations 2.9 keras.layers
layers.convolutional 2.13 keras.layers
layers.convolutional_recurrent 2.9 keras.layers
layers.core 2.13 keras.layers
layers.cudnn_recurrent 2.9 keras.layers
layers.embeddings 2.9 keras.layers
layers.experimental 3.0 keras.layers
layers.local 2.9
layers.merge 2.9 keras.layers
layers.noise 2.13 keras.layers
layers.normalization 2.13 keras.layers
layers.pooling 2.13 keras.layers
layers.recurrent 2.9 keras.layers
layers.rnn 2.13 keras.layers
layers.serialization 2.13 keras.layers
layers.wrappers 2.9 keras.layers
legacy.interfaces 2.4
legacy.layers 2.4
legacy.models 2.3
legacy_tf_layers 2.13
losses.Reduction 3.0
losses.cosine 2.4
losses.cosine_proximity 2.4
losses.huber_loss 2.13 keras.losses.huber
losses.kld 3.0 keras.losses.kl_divergence
losses.kullback_leibler_divergence 3.0 keras.losses.kl_divergence
losses.logcosh 3.0 keras.losses.log_cosh
losses.mae 3.0 keras.losses.mean_absolute_error
losses.mape 3.0 keras.losses.mean_absolute_percentage_error
losses.mse 3.0 keras.losses.mean_squared_error
losses.msle 3.0 keras.losses.mean_squared_logarithmic_error
metrics.MeanRelativeError 3.0
metrics.MeanTensor 3.0
metrics.cosine 2.4
metrics.cosine_proximity 2.13
metrics.experimental 3.0
metrics.f1score 2.0
metrics.fbeta_score 2.0
metrics.fmeasure 2.0
metrics.fscore 2.0
metrics.kld 3.0 keras.metrics.kl_divergence
metrics.kullback_leibler_divergence 3.0 keras.metrics.kl_divergence
metrics.mae 3.0 keras.metrics.mean_absolute_error
metrics.mape 3.0 keras.metrics.mean_absolute_percentage_error
metrics.matthews_correlation 2.0
metrics.mse 3.0 keras.metrics.mean_squared_error
metrics.msle 3.0 keras.metrics.mean_squared_logarithmic_error
models.Merge 2.0
models.experimental 3.0
models.model_from_config 3.0
models.model_from_yaml 3.0 keras.models.model_from_json
objectives 2.5 keras.losses
optimizer_v1 2.9 keras.optimizers
optimizer_v2 2.9 keras.optimizers
optimizers.TFOptimizer 2.13
optimizers.adadelta 2.13 keras.optimizers.Adadelta
optimizers.adagrad 2.13 keras.optimizers.Adagrad
optimizers.adam 2.13 keras.optimizers.Adam
optimizers.adamax 2.13 keras.optimizers.Adamax
optimizers.experimental 3.0 keras.optimizers
optimizers.nadam 2.13 keras.optimizers.Nadam
optimizers.optimizer_v1 2.13 keras.optimizers
optimizers.optimizer_v2 2.12 keras.optimizers
optimizers.rmsprop 2.13 keras.optimizers.RMSprop
optimizers.sgd 2.13 keras.optimizers.SGD
premade 2.9
preprocessing.image.DirectoryIterator 3.0 keras.utils.image_dataset_from_directory
preprocessing.image.ImageDataGenerator 3.0 keras.utils.image_dataset_from_directory
preprocessing.image.Iterator 3.0
preprocessing.image.NumpyArrayIterator 3.0
preprocessing.image.apply_affine_transform 3.0
preprocessing.image.apply_transform 2.2
preprocessing.image.flip_axis 2.13
preprocessing.image.list_pictures 2.2
preprocessing.image.random_rotation 3.0 keras.layers.RandomRotation
preprocessing.image.random_shear 3.0 keras.layers.RandomShear
preprocessing.image.random_shift 3.0 keras.layers.RandomTranslation
preprocessing.image.random_zoom 3.0 keras.layers.RandomZoom
preprocessing.sequence.TimeseriesGenerator 3.0 keras.utils.timeseries_dataset_from_array
preprocessing.sequence.make_sampling_table 3.0
preprocessing.sequence.skipgrams 3.0
preprocessing.text 3.0 keras.layers.TextVectorization
regularizers.ActivityRegularizer 2.0 keras.layers.ActivityRegularization
regularizers.EigenvalueRegularizer 2.0
regularizers.WeightRegularizer 2.0 keras.regularizers.L1L2
regularizers.activity_l1 2.0 keras.regularizers.l1
regularizers.activity_l1l2 2.0 keras.regularizers.l1_l2
regularizers.activity_l2 2.0 keras.regularizers.l2
regularizers.l1l2 2.0 keras.regularizers.l1_l2
saving.hdf5_format 2.11
saving.legacy 2.13
saving.object_registration 2.13 keras.saving
saving.save 2.11 keras.saving
saving.saved_model 2.11
saving.saving_utils 2.11
src.engine 3.0
src.utils.generic_utils 3.0
src.utils.tf_inspect 3.0
utils.GeneratorEnqueuer 3.0 keras.utils.PyDataset
utils.HDF5Matrix 2.4
utils.OrderedEnqueuer 3.0 keras.utils.PyDataset
utils.SequenceEnqueuer 3.0 keras.utils.PyDataset
utils.all_utils 2.9 keras.utils
utils.conv_utils 2.13
utils.convert_all_kernels_in_model 2.4
utils.data_utils 2.13 keras.utils
utils.experimental 3.0
utils.generic_utils 2.13 keras.utils
utils.image_utils 2.13 keras.utils
utils.io_utils 2.13
utils.layer_utils 2.13 keras.utils
utils.losses_utils 2.13
utils.metrics_utils 2.13
utils.multi_gpu_model 2.4
utils.multi_gpu_utils 2.9
utils.np_utils 2.13 keras.utils
utils.print_summary 2.4 keras.Model.summary
utils.test_utils 2.5
utils.tf_utils 2.13
utils.training_utils 2.3
utils.vis_utils 2.13 keras.utils
utils.visualize_util 2.0 keras.utils
wrappers.scikit_learn 2.13 keras.wrappers
"""

_TENSORFLOW = """
__internal__ 2.16
applications.regnet 2.16
applications.resnet_rs 2.16
callbacks.BaseLogger 2.16
callbacks.experimental 2.16
constraints.RadialConstraint 2.16
constraints.radial_constraint 2.16
dtensor 2.16
estimator 2.16
experimental 2.16
layers.AbstractRNNCell 2.16
layers.CuDNNGRU 2.6 keras.layers.GRU
layers.CuDNNLSTM 2.6 keras.layers.LSTM
layers.DenseFeatures 2.16
layers.LocallyConnected1D 2.16
layers.LocallyConnected2D 2.16
layers.experimental 2.16 keras.layers
metrics.MeanRelativeError 2.16
metrics.MeanTensor 2.16
mixed_precision.experimental 2.9 keras.mixed_precision
models.experimental 2.16
models.model_from_config 2.16
models.model_from_yaml 2.16 keras.models.model_from_json
optimizers.experimental 2.16 keras.optimizers
utils.GeneratorEnqueuer 2.16 keras.utils.PyDataset
utils.HDF5Matrix 2.6
utils.OrderedEnqueuer 2.16 keras.utils.PyDataset
utils.SequenceEnqueuer 2.16 keras.utils.PyDataset
utils.experimental 2.16
utils.multi_gpu_model 2.6
wrappers.scikit_learn 2.13
"""


def _rows(package: str, version: str, table: str) -> dict[str, Removed]:
    rows = {}
    for line in table.strip().splitlines():
        name, since, *instead = line.split()
        said = instead[0].replace("keras", package.replace("tensorflow", "tf"), 1) if instead else ""
        rows[f"{package}.{name}"] = Removed(f"{package}.{name}", f"{version} {since}", said)
    return rows


REMOVED = {
    **_rows("keras", "Keras", _KERAS),
    **_rows("tensorflow.keras", "TensorFlow", _TENSORFLOW),
    "tensorflow.contrib.keras": Removed("tensorflow.contrib.keras", "TensorFlow 2.0", "tf.keras"),
}
"""Names that can be neither imported nor read."""

UNREADABLE = {
    "tensorflow.keras.saving": Removed("tensorflow.keras.saving", "TensorFlow 2.16", "tf.keras.utils"),
}
"""Names that can be imported, but are no attributes of the package above them."""

_PACKAGES = ("keras", "tensorflow", "tf_keras")

PARTS = frozenset(part for name in (*REMOVED, *UNREADABLE) for part in name.split("."))
"""What the names consist of."""


_BELOW: dict[str, set[str]] = {}
"""What follows each package on the way to the names."""
for _name in (*REMOVED, *UNREADABLE):
    for _dot in re.finditer(r"\.", _name):
        _BELOW.setdefault(_name[: _dot.start()], set()).add(_name[_dot.end() :].partition(".")[0])


def may_lack(qualified: str, attributes: AbstractSet[str]) -> bool:
    """Return whether one of the attributes may lead from a qualified name to a name that is gone; one of an unknown package may."""
    first = qualified.partition(".")[0]
    known = first in FOREIGN or first in _PACKAGES
    return any(attribute in attributes for attribute in (_BELOW.get(qualified, ()) if known else PARTS))


def removed_import(qualified: str) -> Removed | None:
    """Return what is gone of a name that is imported: the name, or a module above it; None where nothing is known to be."""
    parts = qualified.split(".")
    return next((REMOVED[name] for end in range(len(parts), 1, -1) if (name := ".".join(parts[:end])) in REMOVED), None)


def removed_attribute(qualified: str) -> Removed | None:
    """Return what is known of a name that is read as an attribute and gone; None for all others."""
    return REMOVED.get(qualified) or UNREADABLE.get(qualified)


MERGE_MODULE = REMOVED["keras.layers.merge"]
"""A module of Keras 2. Up to Keras 2.1, a function of Keras 1 had this name too."""
MERGE_MODES = {
    "ave": ("average", None),
    "concat": ("concatenate", ("concat_axis", "axis")),
    "dot": ("dot", ("dot_axes", "axes")),
    "max": ("maximum", None),
    "mul": ("multiply", None),
    "sum": ("add", None),
}
"""The function that replaces each mode of Keras 1's `merge`, with the argument that it takes over, by its old and its new name."""
MERGE_PARAMETERS = ("inputs", "mode", "concat_axis", "dot_axes", "output_shape", "output_mask", "arguments", "name")


def merge_function(mode: str) -> Removed:
    """Return what replaces Keras 1's function `merge` where it is called with a mode."""
    function, _ = MERGE_MODES.get(mode, MERGE_MODES["sum"])
    return Removed("keras.layers.merge", "Keras 2.2", f"keras.layers.{function}")
