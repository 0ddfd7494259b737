from pathlib import Path

import numpy as np
import pytest

from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.candidate import Candidate, Delivery
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.series import unpack_series
from tasks.core.source_entries import CsdSource
from tasks.sources import SOURCES
from tests.label_formats.examples.csd import csd_file
from tests.label_formats.exports import CLOCKS

SOURCE = CsdSource("csd", "features.csd", session="{video}", role="face", clock="camera")


def listed(folder: Path, payload: bytes) -> list[Candidate]:
    (folder / "features.csd").write_bytes(payload)
    file = BatchFile("a test", "CC0-1.0", (SOURCE,), Align("key", "signal"), clocks=CLOCKS)
    return list(SOURCES["csd"].list(Delivery(Batch("monday", folder, file), folder, folder), SOURCE))


def test_every_video_is_a_series_with_its_times_in_order(tmp_path: Path) -> None:
    features = ([[0.5, 1], [0.1, 0.5]], np.array([[3, 4], [1, -np.inf]], np.float32))
    first, second = listed(tmp_path, csd_file("FACET", b=([[0, 0.25]], [[7.5, 8]]), a=features))
    assert (first.native_id, second.native_id) == ("features.csd#a", "features.csd#b")
    assert (first.session, first.role, first.clock, first.modality, first.duration_ns) == (
        "a",
        "face",
        "camera",
        "signal",
        1_000_000_000,
    )
    assert first.content is not None
    payload = first.content.read()
    assert isinstance(payload, bytes)
    assert first.content.size() == len(payload)
    series = unpack_series(payload)
    assert series.time_ns.tolist() == [100_000_000, 500_000_000]
    assert series.channels == ("value_1", "value_2")
    assert series.values.tolist() == [[1, -np.inf], [3, 4]]


@pytest.mark.parametrize(
    ("intervals", "features", "reason"),
    [
        ([[0, 1]], [b"word"], Reason.UNSUPPORTED_MEDIA),
        (np.zeros((0, 2)), np.zeros((0, 1)), Reason.FILE_EMPTY),
        ([[-1, 1]], [1.0], Reason.MALFORMED),
        ([[0, 1], [1, 2]], [1.0], Reason.MALFORMED),
    ],
)
def test_what_is_no_series_is_an_item_that_says_so(
    tmp_path: Path, intervals: object, features: object, reason: Reason
) -> None:
    (candidate,) = listed(tmp_path, csd_file("x", v=(intervals, features)))
    assert isinstance(candidate.fault, Fault)
    assert (candidate.native_id, candidate.fault.reason) == ("features.csd#v", reason)


def test_a_file_that_is_none_is_an_item_that_says_so(tmp_path: Path) -> None:
    (candidate,) = listed(tmp_path, b"no HDF5")
    assert candidate.native_id == "features.csd#file"
    assert str(candidate.fault).startswith("malformed: expected an HDF5 file")


def test_a_sequence_that_changed_since_it_was_listed_is_not_read(tmp_path: Path) -> None:
    (candidate,) = listed(tmp_path, csd_file("x", v=([[0, 1]], [[1.0]])))
    (tmp_path / "features.csd").write_bytes(csd_file("x", v=([[0, 1]], [[1.0, 2.0]])))
    assert candidate.content is not None
    with pytest.raises(OSError, match="the sequence of 'v' has changed"):
        candidate.content.read()
