"""When arrays count as equal."""

import numpy as np
import pytest

from keras_lambda_lint.verify.tolerance import TOLERANCES, difference, largest_error


def differ(reference, other, dtype="float32", other_dtype=None, noise=0.0):
    found = difference(np.asarray(reference), np.asarray(other), dtype, other_dtype or dtype, noise)
    return None if found is None else str(found)


def test_equal_arrays_do_not_differ():
    assert differ([1.0, 2.0], [1.0, 2.0]) is None


def test_the_message_gives_the_error_and_the_tolerance_that_would_pass():
    assert differ([1.0, 4.0], [1.0, 5.0]) == "error 1, would pass with tolerance 0.25"


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_tolerance_follows_the_magnitude_of_the_reference(scale):
    reference = np.array([1.0, -2.0]) * scale

    assert differ(reference, reference * (1 + 1e-6)) is None
    assert differ(reference, reference * (1 + 1e-3)) is not None


@pytest.mark.parametrize("dtype", TOLERANCES)
def test_each_dtype_has_its_own_tolerance(dtype):
    relative = TOLERANCES[dtype].relative + TOLERANCES[dtype].absolute

    assert differ([1.0], [1.0 + relative / 2], dtype) is None
    assert differ([1.0], [1.0 + relative * 2], dtype) is not None


def test_whole_numbers_are_exact():
    assert differ([1, 2, 3], [1, 2, 4], "int32") == "1 of 3 values differ"
    assert differ([True], [False], "bool") == "1 of 1 values differ"


def test_nan_equals_nan_in_the_same_place_only():
    assert differ([np.nan, 1.0], [np.nan, 1.0]) is None
    assert differ([np.nan, 1.0], [1.0, np.nan]) == "NaN or infinity in other places"
    assert differ([np.nan, 1.0], [0.0, 1.0]) == "NaN or infinity in other places"


def test_infinities_have_a_sign():
    assert differ([np.inf], [np.inf]) is None
    assert differ([np.inf], [-np.inf]) == "NaN or infinity in other places"


def test_shape_and_dtype_come_first():
    assert differ(np.zeros((2, 3)), np.zeros((3, 2))) == "shape (2, 3) became (3, 2)"
    assert differ([1.0], [1.0], "float32", "float64") == "dtype float32 became float64"


def test_zeros_tolerate_no_visible_error():
    assert differ([0.0, 0.0], [0.0, 1e-7]) is not None


def test_noise_of_the_reference_widens_the_tolerance():
    assert differ([1.0], [1.1]) is not None
    assert differ([1.0], [1.1], noise=0.05) is None


def test_largest_error_ignores_what_is_not_finite():
    assert largest_error(np.array([1.0, np.nan]), np.array([1.5, 2.0])) == 0.5
    assert largest_error(np.array([1, 2]), np.array([1, 3])) == 0.0
