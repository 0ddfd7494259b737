"""Where the frames of an item come from, and from when to when they hold."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.pool.item_frames import ItemFrames, Row, moment_ends
from tasks.align.pool.pooling import FrameStream
from tasks.core.series import Series, pack_series
from tasks.core.shards import ShardReader, create_shards, fill_slot, plan_shards
from tasks.core.vectors import Frames, Vectors, write_frames, write_vectors

TIMES = np.array([0, 10, 20], np.int64)
VALUES = np.array([[1.0], [2.0], [3.0]])
SERIES = pack_series(Series(TIMES, ("x",), VALUES), {})
INTERVALS = pack_series(Series(TIMES, ("x",), VALUES, np.array([4, 30, 21], np.int64)), {})


def item(**more: object) -> Row:
    usual: dict[str, object] = {
        "item_id": "i",
        "modality": "signal",
        "start_ns": 100,
        "duration_ns": None,
        "readable": True,
        "text": None,
    }
    return {**usual, **more}


def finder(folder: Path, payload: bytes = b"") -> tuple[ItemFrames, Row]:
    """One that finds the payload in a shard, and where it is."""
    (slot,) = plan_shards([("m", len(payload))])
    create_shards(folder, [slot])
    fill_slot(folder, slot, payload)
    place = {"shard": slot.shard, "offset": slot.offset, "size": slot.size}
    return ItemFrames(folder, ShardReader(folder)), place


def found(frames: FrameStream | str) -> list[tuple[int, int, list[float]]]:
    assert isinstance(frames, FrameStream)
    columns = (frames.start_ns.tolist(), frames.end_ns.tolist(), frames.values.tolist())
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (SERIES, [(100, 110, [1]), (110, 120, [2]), (120, 130, [3])]),
        (INTERVALS, [(100, 104, [1]), (110, 130, [2]), (120, 121, [3])]),
        (b"1.5,2", [(100, 100, [1.5, 2])]),
    ],
)
def test_a_signal_has_its_own_numbers(
    tmp_path: Path, payload: bytes, expected: list[tuple[int, int, list[float]]]
) -> None:
    frames, place = finder(tmp_path, payload)
    assert found(frames.find(item(**place))) == expected


def test_a_sound_has_the_sequence_of_its_encoder_until_it_ends(tmp_path: Path) -> None:
    sequence = Frames(5, 10, np.array([[1], [2], [3]], np.float32))
    write_frames(tmp_path / "audio_frames.arrow", [("i", sequence)], 1)
    frames, _ = finder(tmp_path)
    assert found(frames.find(item(modality="audio", duration_ns=28))) == [
        (105, 115, [1]),
        (115, 125, [2]),
        (125, 128, [3]),
    ]


def test_anything_else_has_its_one_vector_for_as_long_as_it_lasts(tmp_path: Path) -> None:
    write_vectors(tmp_path / "image.arrow", [Vectors(["h", "i"], np.eye(2, dtype=np.float32))], 2)
    frames, _ = finder(tmp_path)
    assert found(frames.find(item(modality="image", duration_ns=7))) == [(100, 107, [0, 1])]
    assert frames.find(item(modality="image", item_id="j")) == "no encoder made a vector of it"


@pytest.mark.parametrize(
    ("row", "payload", "reason"),
    [
        ({"readable": False}, b"1", "it could not be read"),
        ({"start_ns": None}, b"1", "it has no time"),
        ({}, b"1,x", "its numbers cannot be read: could not convert"),
        ({}, b"\xff", "its numbers cannot be read"),
        ({}, SERIES[:-3], "its numbers cannot be read: it cannot be read as an Arrow file"),
        ({"modality": "video"}, b"", "no encoder made a vector of it"),
    ],
)
def test_an_item_without_frames_says_why(
    tmp_path: Path, row: dict[str, object], payload: bytes, reason: str
) -> None:
    frames, place = finder(tmp_path, payload)
    said = frames.find(item(**{**place, **row}))
    assert isinstance(said, str)
    assert said.startswith(reason)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ([], []),
        ([5], [5]),
        ([5, 5], [5, 5]),
        ([0, 10, 20], [10, 20, 30]),
        ([0, 10, 20, 90, 100], [10, 20, 40, 100, 110]),
        ([0, 0, 10], [10, 10, 20]),
        # Bursts: most steps are 1, and most of the time is the 60 between two of them.
        ([0, 1, 2, 62, 63, 64, 124, 125, 126, 186], [1, 2, 62, 63, 64, 124, 125, 126, 186, 246]),
    ],
)
def test_a_moment_holds_until_the_next_but_not_through_a_gap(starts: list[int], ends: list[int]) -> None:
    assert moment_ends(np.array(starts, np.int64)).tolist() == ends


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(-50, 50), max_size=9), st.integers(-(10**18), 10**18))
def test_no_moment_holds_beyond_the_next_and_shifting_shifts_nothing_else(
    times: list[int], shift: int
) -> None:
    starts = np.array(sorted(times), np.int64)
    ends = moment_ends(starts)
    assert (ends >= starts).all()
    following = starts[np.clip(np.searchsorted(starts, starts, side="right"), None, max(len(starts) - 1, 0))]
    assert (ends <= np.where(following > starts, following, ends)).all()
    assert (moment_ends(starts + shift) - shift).tolist() == ends.tolist()


def test_a_moment_holds_no_longer_than_is_said() -> None:
    assert moment_ends(np.array([0, 10, 10, 90], np.int64), 30).tolist() == [10, 40, 40, 120]
    assert moment_ends(np.array([5], np.int64), 30).tolist() == [35]
