"""Computational sequences of the CMU Multimodal SDK: .csd, HDF5 with intervals and features per video.

reads   <root>/data/<video>/intervals (n, 2), seconds, and features (n,) or (n, d); <root>/metadata
Of one file one root is read, as the SDK does. Nothing outside the file is: links, external and virtual
datasets are refused. Memory is for one video at a time.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tasks.core.errors import MissingExtraError, TableFileError
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.time_arrays import seconds_to_ns_array

if TYPE_CHECKING:
    import h5py

LARGEST_DATASET_BYTES = 1_000_000_000
_NAMES = "dimension names"
# What h5py says, in many ways, of a file that is damaged.
_BROKEN = (KeyError, MemoryError, OSError, OverflowError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True)
class Sequence:
    """One video's moments in the order of the file, and what is said of each; with a `fault` there are none.

    `features` has a row per moment, of numbers or of texts.
    """

    video: str
    root: str
    start_ns: npt.NDArray[np.int64]
    end_ns: npt.NDArray[np.int64]
    features: npt.NDArray[Any]
    names: tuple[str, ...]
    fault: Fault | None = None


def read_sequences(path: Path, video: str | None = None) -> Iterator[Sequence]:
    """The sequence of every video, or of one, by their names; TableFileError when it is no such file."""
    with _opened(path) as file:
        root = _root_of(path, file)
        data = _member(file[root], "data")
        if not hasattr(data, "keys"):
            raise TableFileError(path, None, f"expected a group '{root}/data' in it")
        metadata = _member(file[root], "metadata")
        for name in [video] if video is not None else sorted(data):
            yield _read_video(data, name, root, metadata)


@contextmanager
def _opened(path: Path) -> "Iterator[h5py.File]":
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("h5py", needed_by="reading .csd files", extra="hdf5") from error
    if not path.is_file():
        raise TableFileError(path, None, "expected one HDF5 file")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except _BROKEN as error:
        raise TableFileError(path, None, f"expected an HDF5 file: {error}") from error


def _root_of(path: Path, file: "h5py.File") -> str:
    groups = {name: _member(file, name) for name in file}
    roots = [name for name, group in groups.items() if hasattr(group, "keys") and _member(group, "data")]
    if len(roots) != 1:
        raise TableFileError(path, None, f"expected one root with a group 'data' in it, got {roots[:8]}")
    return str(roots[0])


def _member(group: Any, name: str) -> Any:
    """What lies under that name in the file itself; None where there is nothing, or a link."""
    from h5py import h5l

    # Asking h5py itself whether a name is there would follow a link out of the file.
    links, key = group.id.links, name.encode("utf-8", "surrogateescape")
    return group[name] if links.exists(key) and links.get_info(key).type == h5l.TYPE_HARD else None


def _read_video(data: Any, video: str, root: str, metadata: Any) -> Sequence:
    none_ns = np.empty(0, np.int64)
    blank = Sequence(video, root, none_ns, none_ns, np.empty((0, 0)), ())
    try:
        group = _member(data, video)
        intervals, features = _read_dataset(group, "intervals"), _read_dataset(group, "features")
        if intervals.ndim != 2 or intervals.shape[1] != 2 or features.ndim not in (1, 2):
            raise ValueError(f"expected intervals (n, 2), got {intervals.shape}, features {features.shape}")
        if len(intervals) != len(features):
            raise ValueError(f"expected as many features as intervals, got {len(features)}, {len(intervals)}")
        times_ns = seconds_to_ns_array(intervals)
    except _BROKEN as error:
        fault = Fault(Reason.MALFORMED, f"video '{video}': {error}")
        return Sequence(video, root, none_ns, none_ns, blank.features, (), fault)
    rows = features.reshape(len(features), -1) if len(features) else np.empty((0, 1), features.dtype)
    return Sequence(video, root, times_ns[:, 0], times_ns[:, 1], rows, _names_in(metadata, rows.shape[1]))


def _read_dataset(group: Any, name: str) -> npt.NDArray[Any]:
    dataset = _member(group, name) if hasattr(group, "keys") else None
    if dataset is None or not hasattr(dataset, "shape"):
        raise ValueError(f"expected a dataset '{name}' in the file itself")
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"the dataset '{name}' lies in another file, which is not read")
    if dataset.size * dataset.dtype.itemsize > LARGEST_DATASET_BYTES:
        raise ValueError(f"expected at most {LARGEST_DATASET_BYTES} bytes in '{name}'")
    return np.asarray(dataset[()])


def _names_in(metadata: Any, count: int) -> tuple[str, ...]:
    """The names of the dimensions, where the metadata have one for each."""
    written = _member(metadata, _NAMES) if hasattr(metadata, "keys") else None
    if written is not None and written.shape == (1,) and not written.external and not written.is_virtual:
        try:
            names = json.loads(written[0])
        except (ValueError, TypeError, RecursionError):
            names = None
        if isinstance(names, list) and len(names) == count and len({str(name) for name in names}) == count:
            return tuple(str(name) for name in names)
    return tuple(f"value_{number}" for number in range(1, count + 1))
