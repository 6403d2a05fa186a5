"""Data files: what they may hold, and one line of error for everything else."""

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from edgewright.errors import UsageError
from edgewright.ir import Value
from edgewright.quantize.samples import Samples, load_samples, random_samples

IMAGE = [Value("image", (1, 3, 4, 5))]
PAIR = [Value("left", (1, 2)), Value("right", (1, 3))]


def saved(folder: Path, **arrays: object) -> Path:
    path = folder / "data.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def images(count: int = 2, *shape: int) -> np.ndarray:
    shape = shape or (3, 4, 5)
    return np.arange(count * np.prod(shape), dtype=np.float32).reshape(count, *shape)


# ---- what is accepted ----


def test_samples_in_the_models_shape(tmp_path: Path) -> None:
    x = images()
    samples = load_samples(saved(tmp_path, x=x, y=np.array([4, 2])), IMAGE)
    assert (len(samples), samples.representative, samples.notes) == (2, True, ())
    np.testing.assert_array_equal([sample[0] for sample in samples], x[:, None])
    assert samples.labels is not None
    assert samples.labels.tolist() == [4, 2]


@pytest.mark.parametrize("shape", [(1, 3, 4, 5), (3, 4, 5), (3, 1, 4, 5)])
def test_sizes_of_one_may_be_left_out_or_added(tmp_path: Path, shape: tuple[int, ...]) -> None:
    samples = load_samples(saved(tmp_path, x=images(2, *shape)), IMAGE)
    np.testing.assert_array_equal(samples[1][0], images()[1:])
    assert samples.notes == ()


def test_stored_integers_become_floats_with_scale_and_offset(tmp_path: Path) -> None:
    x = np.array([[0, 128], [255, 64]], dtype=np.uint8)
    path = saved(tmp_path, x=x, scale=np.float32(0.5), offset=np.array([128]))
    samples = load_samples(path, [Value("x", (1, 2))])
    np.testing.assert_array_equal(np.concatenate([s[0] for s in samples]), [[-64, 0], [63.5, -32]])
    assert samples[0][0].dtype == np.float32


@pytest.mark.parametrize(
    ("why", "shape", "wanted"),
    [
        ("channels last, the model wants them first", (4, 5, 3), (1, 3, 4, 5)),
        ("channels first, the model wants them last", (3, 4, 5), (1, 4, 5, 3)),
        ("the same for 1-D data", (5, 3), (1, 3, 5)),
    ],
)
def test_channels_are_moved_and_a_note_says_so(
    tmp_path: Path, why: str, shape: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    x = images(2, *shape)
    samples = load_samples(saved(tmp_path, x=x), [Value("x", wanted)])
    (note,) = samples.notes
    assert note == f"data.npz: 'x': axes reordered from {list(shape)} to {list(wanted[1:])}"
    moved = np.moveaxis(x, -1, 1) if shape[-1] == 3 else np.moveaxis(x, 1, -1)
    np.testing.assert_array_equal(np.concatenate([s[0] for s in samples]), moved)


def test_equal_sizes_are_taken_as_the_model_has_them(tmp_path: Path) -> None:
    """Nothing tells channels first from last here."""
    x = images(2, 3, 3, 3)
    samples = load_samples(saved(tmp_path, x=x), [Value("x", (1, 3, 3, 3))])
    np.testing.assert_array_equal(samples[0][0][0], x[0])
    assert samples.notes == ()


@pytest.mark.parametrize("keys", [("left", "right"), ("x0", "x1"), ("left", "x1")])
def test_several_inputs_by_name_or_number(tmp_path: Path, keys: tuple[str, str]) -> None:
    arrays = {keys[0]: images(4, 2), keys[1]: images(4, 3)}
    samples = load_samples(saved(tmp_path, **arrays), PAIR)
    assert [part.shape for part in samples[3]] == [(1, 2), (1, 3)]
    np.testing.assert_array_equal(samples[3][1][0], images(4, 3)[3])


def test_one_input_may_be_called_by_its_name(tmp_path: Path) -> None:
    assert len(load_samples(saved(tmp_path, image=images(3)), IMAGE)) == 3


def test_an_input_without_a_batch_of_one(tmp_path: Path) -> None:
    samples = load_samples(saved(tmp_path, x=images(2, 4)), [Value("x", (4,))])
    assert samples[0][0].shape == (4,)


# ---- what is refused, in one line ----


@pytest.mark.parametrize(
    ("why", "arrays", "message"),
    [
        ("nothing in it", {}, "no array 'x'; it holds nothing"),
        ("no x", {"data": images(), "label": images()}, "no array 'x'; it holds data, label"),
        ("wrong shape", {"x": images(2, 3, 4, 6)}, "'x' is [2, 3, 4, 6]; the model takes [n, 3, 4, 5]"),
        ("axes that match in no order", {"x": images(2, 5, 3, 4)[..., :3]}, "the model takes [n, 3, 4, 5]"),
        ("one sample without the first axis", {"x": images()[0]}, "the model takes [n, 3, 4, 5]"),
        ("a single number", {"x": np.float32(1)}, "'x' is a single number"),
        ("text", {"x": np.array([["a"] * 60] * 2)}, "'x' is str32; it must hold numbers"),
        ("complex numbers", {"x": images() + 1j}, "'x' is complex64; it must hold numbers"),
        ("NaN", {"x": np.full((1, 3, 4, 5), np.nan)}, "'x' holds NaN or infinite values"),
        ("infinity", {"x": np.full((1, 3, 4, 5), -np.inf, np.float16)}, "'x' holds NaN or infinite values"),
        ("no samples", {"x": images(0)}, "no samples"),
        ("too few labels", {"x": images(), "y": np.array([1])}, "'y' is int64[1]; it must be one integer per sample"),
        ("labels with a shape", {"x": images(), "y": np.array([[1], [2]])}, "'y' is int64[2, 1]; it must be"),
        ("labels that are floats", {"x": images(), "y": np.array([1.0, 2.0])}, "'y' is float64[2]; it must be"),
        ("negative labels", {"x": images(), "y": np.array([1, -1])}, "'y' holds -1; labels count from 0"),
        ("a scale per channel", {"x": images(), "scale": np.ones(3)}, "'scale' must be one finite number"),
        ("an offset that is text", {"x": images(), "offset": np.array("1")}, "'offset' must be one finite number"),
        ("an infinite scale", {"x": images(), "scale": np.float32(np.inf)}, "'scale' must be one finite number"),
        ("a scale of zero", {"x": images(), "scale": 0}, "'scale' is 0; it must be greater than 0"),
        ("more than float32 holds", {"x": images().astype(np.float64) * 1e300}, "exceeds float32; scale 1, offset 0"),
        ("a scale that leads there", {"x": images(), "scale": 1e300}, "(x - offset) * scale exceeds float32"),
        ("a negative scale", {"x": images(), "scale": -0.5}, "'scale' is -0.5; it must be greater than 0"),
    ],
)
def test_bad_arrays(tmp_path: Path, why: str, arrays: dict[str, np.ndarray], message: str) -> None:
    refused(saved(tmp_path, **arrays), IMAGE, message)


@pytest.mark.parametrize(
    ("why", "arrays", "message"),
    [
        ("one is missing", {"left": images(2, 2)}, "no array 'right' or 'x1'; it holds left"),
        ("x is neither", {"x": images(2, 2)}, "no array 'left' or 'x0'; it holds x"),
        ("other counts", {"left": images(2, 2), "right": images(3, 3)}, "inputs have [2, 3] samples"),
        ("one is empty", {"left": images(2, 2), "right": images(0, 3)}, "inputs have [0, 2] samples"),
    ],
)
def test_bad_pairs(tmp_path: Path, why: str, arrays: dict[str, np.ndarray], message: str) -> None:
    refused(saved(tmp_path, **arrays), PAIR, message)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    refused(tmp_path / "none.npz", IMAGE, "cannot be read: No such file or directory")
    refused(tmp_path, IMAGE, "cannot be read: Is a directory")


def test_pickles_are_never_loaded(tmp_path: Path) -> None:
    """A pickle runs code of its maker."""
    path = saved(tmp_path, x=np.array([{"a": 1}], dtype=object))
    refused(path, IMAGE, "holds pickled objects")
    path.write_bytes(pickle.dumps({"x": images()}))
    refused(path, IMAGE, "holds pickled objects")


@pytest.mark.parametrize("content", [b"", b"x,y\n1,2\n", b"PK\x03\x04 but nothing more"])
def test_other_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    refused(tmp_path / "data.npz", IMAGE, "data.npz: ")


def test_a_lone_array(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", images())
    refused(tmp_path / "data.npy", IMAGE, "not a .npz file")


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("x", "not an array")
    refused(tmp_path / "data.npz", IMAGE, "no array 'x'; it holds nothing")


@pytest.mark.parametrize("share", [0.2, 0.7, 0.98])
def test_truncated(tmp_path: Path, share: float) -> None:
    path = saved(tmp_path, x=images(50))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    refused(path, IMAGE, "data.npz: ")


def test_damaged_contents(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.random.default_rng(0).standard_normal((50, 3, 4, 5)))
    data = bytearray(path.read_bytes())
    data[200:260] = bytes(60)
    path.write_bytes(data)
    refused(path, IMAGE, "not a .npz file, or a damaged one")


def test_an_array_that_claims_to_be_huge(tmp_path: Path) -> None:
    """The header of an array may ask for any amount of memory."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999, 3, 4, 5), }"
    array = b"\x93NUMPY\x01\x00" + len(header + b"\n").to_bytes(2, "little") + header + b"\n" + bytes(64)
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("x.npy", array)
    refused(tmp_path / "data.npz", IMAGE, "not a .npz file, or a damaged one")


def refused(path: Path, inputs: list[Value], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_samples(path, inputs)
    text = str(caught.value)
    assert message in text
    assert path.name in text
    assert "\n" not in text


# ---- taking fewer ----


def test_first_and_spread() -> None:
    samples = Samples((images(10, 1),), ((1, 1),), np.arange(10), notes=("n",))
    assert [s[0].item() for s in samples.first(3)] == [0, 1, 2]
    assert samples.first(3).labels.tolist() == [0, 1, 2]  # type: ignore[union-attr]
    assert len(samples.first(99)) == 10
    spread = samples.spread(4)
    assert [s[0].item() for s in spread] == [0, 3, 6, 9]
    assert (list(spread.labels), spread.notes) == ([0, 3, 6, 9], ("n",))  # type: ignore[arg-type]
    assert samples.spread(10) is samples


def test_index_outside() -> None:
    samples = Samples((images(2, 1),), ((1, 1),))
    for index in (-1, 2):
        with pytest.raises(IndexError):
            samples[index]


def test_random_samples_repeat_and_are_not_representative() -> None:
    first, second = random_samples(PAIR, 5), random_samples(PAIR, 5)
    assert not first.representative
    assert (len(first), [part.shape for part in first[0]]) == (5, [(1, 2), (1, 3)])
    np.testing.assert_array_equal(first.arrays[1], second.arrays[1])
    assert np.abs(first.arrays[0]).max() <= 1
