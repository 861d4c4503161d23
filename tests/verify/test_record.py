"""Arrays on their way between processes."""

import numpy as np

from keras_lambda_lint.verify.child.inputs import Leaf, Signature, cases, fewer
from keras_lambda_lint.verify.child.record import Recording, read
from keras_lambda_lint.verify.evidence import Recorded, differ


def test_arrays_come_back_under_their_names_in_order(tmp_path):
    recording = Recording()
    recording.add("layer/b/0", np.arange(3.0))
    recording.add("layer/a:0/0", np.array([True]))
    entry = recording.write(tmp_path / "arrays.npz")

    assert list(read(entry)) == ["layer/b/0", "layer/a:0/0"]
    assert Recorded(entry).value("layer/b/0").tolist() == [0.0, 1.0, 2.0]


def test_a_large_array_keeps_elements_of_all_channels_and_its_shape(tmp_path):
    recording = Recording(100)
    recording.add("x", np.tile(np.arange(64.0), 100).reshape(10, 10, 64))
    recorded = Recorded(recording.write(tmp_path / "arrays.npz"))

    assert recorded.value("x").size <= 100
    assert len(set(recorded.value("x").tolist())) > 40
    assert recorded.shape("x") == (10, 10, 64)


def test_a_cut_gradient_equals_zeros_and_nothing_else(tmp_path):
    def recorded(name, value):
        recording = Recording()
        recording.add("grad/in/0", value)
        return Recorded(recording.write(tmp_path / f"{name}.npz"))

    cut, zeros, some = recorded("cut", None), recorded("zeros", np.zeros(3)), recorded("some", np.ones(3))

    assert differ(cut, zeros, "grad/in/0") is None
    assert differ(zeros, cut, "grad/in/0") is None
    assert str(differ(some, cut, "grad/in/0")) == "does not exist"
    assert str(differ(cut, some, "grad/in/0")) == "exists only in the fixed model"


def test_cases_cover_ranges_batches_and_two_sizes_of_unknown_dimensions():
    signature = Signature((Leaf((None, None, 2), "float32", None), Leaf((None,), "int32", 3)), tuple)
    made = cases(signature, 0, (4, 7))

    assert [case.label for case in made][:3] == ["normal, batch 1", "normal, batch 3", "wide, batch 1"]
    assert [case.arrays[0].shape for case in made[:2]] == [(1, 4, 2), (3, 7, 2)]
    assert {array.dtype.name for case in made for array in case.arrays} == {"float32", "int32"}
    assert all(0 <= case.arrays[1].min() <= case.arrays[1].max() < 3 for case in made)
    assert made[4].arrays[0].any() == False  # noqa: E712 - a NumPy bool
    assert [case.label for case in fewer(made)][-1] == "not finite, batch 1"


def test_whole_numbers_are_also_large_and_negative_where_the_type_has_them():
    for dtype, least, most in (("int32", -9, 100_002), ("uint8", 0, 255), ("int8", -9, 127)):
        made = cases(Signature((Leaf((None, 500), dtype, None),), tuple), 0, (4, 7))
        values = np.stack([case.arrays[0][:1] for case in made]).astype("int64")
        assert values.min() == least
        assert most * 0.9 < values.max() <= most


def test_each_sample_holds_one_sort_of_what_is_not_finite():
    made = cases(Signature((Leaf((None, 5), "float32", None), Leaf((None, 1), "float16", None)), tuple), 0, (4, 7))
    one, three = (case for case in made if case.values == "not finite")

    for given in three.arrays:
        assert [bool(np.isnan(sample).any()) for sample in given] == [True, False, False]
        assert [float(sample[np.isinf(sample)].sum()) for sample in given] == [0.0, np.inf, -np.inf]
    assert np.isfinite(three.arrays[0]).sum() == 11
    assert np.isnan(one.arrays[0]).any()


def test_the_same_seed_gives_the_same_inputs():
    signature = Signature((Leaf((None, 2), "float32", None),), tuple)

    first, second, other = (cases(signature, seed, (4, 7))[0].arrays[0] for seed in (1, 1, 2))

    assert (first == second).all()
    assert (first != other).all()
