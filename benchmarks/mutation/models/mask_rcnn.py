"""Boxes and class scores that change their shape, after bubbliiiing/mask-rcnn-keras and broadinstitute/keras-rcnn."""

import keras
import tensorflow as tf
from keras.layers import Activation, Conv2D, Dense, Input, Lambda, TimeDistributed


def rpn(anchors):
    feature_map = Input((None, None, 8), name="input_rpn_feature_map")
    shared = Conv2D(16, 3, padding="same", activation="relu", name="rpn_conv_shared")(feature_map)
    x = Conv2D(2 * anchors, 1, name="rpn_class_raw")(shared)
    logits = Lambda(lambda t: tf.reshape(t, [tf.shape(t)[0], -1, 2]), name="rpn_logits", output_shape=(None, 2))(x)
    x = Conv2D(4 * anchors, 1, name="rpn_bbox_pred")(shared)
    boxes = Lambda(lambda t: tf.reshape(t, [tf.shape(t)[0], -1, 4]), name="rpn_boxes", output_shape=(None, 4))(x)
    return keras.Model(feature_map, [logits, Activation("softmax")(logits), boxes])


def head(image_height, image_width):
    regions = Input((5, 1, 1, 12))
    boxes = Input((5, 4))
    shared = Lambda(lambda x: tf.squeeze(tf.squeeze(x, 3), 2), name="pool_squeeze")(regions)
    scale = tf.constant([image_height, image_width, image_height, image_width], tf.float32)
    normal = Lambda(lambda x: x / scale, name="norm_boxes")(boxes)
    area = Lambda(lambda b: (b[:, :, 2] - b[:, :, 0]) * (b[:, :, 3] - b[:, :, 1]), name="area")(normal)
    return keras.Model([regions, boxes], [TimeDistributed(Dense(3))(shared), area])


region_proposals = rpn(2)
classifier = head(64.0, 32.0)
