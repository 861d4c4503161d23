"""Class names that Keras itself gives to what stands in a model's configuration: no custom object is needed for them.

Those of `layers`, `initializers`, `regularizers`, `constraints`, `optimizers`, `losses` and `metrics` of keras 3.15.1 and tf_keras 2.21.0;
`tests/keras_api/test_builtin_classes.py` checks them against what is installed.
"""

from __future__ import annotations

CURRENT = frozenset(
    (
        "AUC AbstractRNNCell Accuracy Activation ActivityRegularization Adadelta Adafactor Adagrad Adam AdamW Adamax "
        "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D "
        "AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D "
        "AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization Bidirectional BinaryAccuracy "
        "BinaryCrossentropy BinaryFocalCrossentropy BinaryIoU CTC CategoricalAccuracy CategoricalCrossentropy "
        "CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy CategoricalHinge CategoryEncoding CenterCrop Circle "
        "Concatenate ConcordanceCorrelation Constant Constraint ContrastLimitedAdaptiveHistogramEqualization Conv1D "
        "Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D "
        "Convolution1DTranspose Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose CosineSimilarity "
        "Cropping1D Cropping2D Cropping3D CutMix Dense DenseFeatures DepthwiseConv1D DepthwiseConv2D Dice Discretization Dot "
        "Dropout ELU EinsumDense Embedding Equalization F1Score FBetaScore FalseNegatives FalsePositives Flatten FlaxLayer Ftrl "
        "Functional GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D "
        "GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D "
        "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlorotNormal GlorotUniform GroupNormalization "
        "GroupQueryAttention GroupedQueryAttention HashedCrossing Hashing HeNormal HeUniform Hinge Huber Identity "
        "IdentityInitializer Initializer InputLayer InputSpec IntegerLookup IoU JaxLayer KLDivergence L1 L1L2 L2 LSTM LSTMCell "
        "Lamb Lambda Layer LayerNormalization LeakyReLU LecunNormal LecunUniform Lion LocallyConnected1D LocallyConnected2D "
        "LogCosh LogCoshError Loss LossScaleOptimizer Masking MaxNorm MaxNumBoundingBoxes MaxPool1D MaxPool2D MaxPool3D "
        "MaxPooling1D MaxPooling2D MaxPooling3D Maximum Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU "
        "MeanMetricWrapper MeanRelativeError MeanSquaredError MeanSquaredLogarithmicError MeanTensor MelSpectrogram Metric "
        "MinMaxNorm Minimum MixUp Model MultiHeadAttention MultiOptimizer Multiply Muon Nadam NonNeg Normalization OneHotIoU "
        "OneHotMeanIoU Ones Optimizer OptimizerMap Orthogonal OrthogonalInitializer OrthogonalRegularizer PReLU "
        "PearsonCorrelation Permute Pipeline Poisson Precision PrecisionAtRecall R2Score RMSNormalization RMSprop RNN "
        "RadialConstraint RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop "
        "RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert "
        "RandomNormal RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear "
        "RandomTranslation RandomUniform RandomWidth RandomZoom ReLU Recall RecallAtPrecision Reduction ReductionV2 Regularizer "
        "RepeatVector Rescaling Reshape Resizing ReversibleEmbedding RootMeanSquaredError SGD STFT STFTInitializer "
        "STFTSpectrogram ScheduleFreeAdamW SensitivityAtSpecificity SeparableConv1D SeparableConv2D SeparableConvolution1D "
        "SeparableConvolution2D Sequential SimpleRNN SimpleRNNCell Softmax Solarization SparseCategoricalAccuracy "
        "SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpatialDropout1D SpatialDropout2D SpatialDropout3D "
        "SpecificityAtSensitivity SpectralNormalization SquaredHinge StackedRNNCells StringLookup Subtract Sum TFSMLayer "
        "TextVectorization ThresholdedReLU TimeDistributed TopKCategoricalAccuracy TorchModuleWrapper TrueNegatives "
        "TruePositives TruncatedNormal Tversky UnitNorm UnitNormalization UpSampling1D UpSampling2D UpSampling3D "
        "VarianceScaling Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D Zeros constant glorot_normal glorot_uniform "
        "he_normal he_uniform identity l1 l1_l2 l2 lecun_normal lecun_uniform max_norm min_max_norm non_neg ones orthogonal "
        "orthogonal_regularizer radial_constraint random_normal random_uniform stft truncated_normal unit_norm variance_scaling "
        "zeros "
    ).split()
)
"""Names of classes of keras 3.15.1 or tf_keras 2.21.0."""

FORMER = frozenset(
    (
        "AtrousConvolution1D AtrousConvolution2D BatchNormalizationV1 BatchNormalizationV2 ClassMethod Container ConvLSTM2DCell "
        "ConvRecurrent2D CuDNNGRU CuDNNLSTM Deconvolution2D Deconvolution3D GRUV2 Graph Highway InstanceMethod InstanceProperty "
        "LSTMV2 MaxoutDense Merge Network ParametricSoftplus SReLU SlicingOpLambda SyncBatchNormalization TFOpLambda "
        "TensorFlowOpLayer TimeDistributedDense "
    ).split()
)
"""Names that Keras 1.0 to 2.15 wrote and neither has any more."""


def is_builtin_class(name: str) -> bool:
    """Return whether a class name in a configuration is one of Keras' own."""
    return name in CURRENT or name in FORMER
