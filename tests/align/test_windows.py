"""Samples that are windows."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.align.by_time import windows
from tasks.align.by_time.aligning import align_by_time
from tasks.align.by_time.windows import cut_windows, window_counts, window_starts
from tasks.align.members import to_members
from tasks.core.align_entry import Align, Windows
from tests.align.tables import items, labels


def timed(*rows: tuple[str, str, int, int]) -> pa.Table:
    found = [
        {"item_id": name, "session": session, "start_ns": start_ns, "duration_ns": length_ns}
        for name, session, start_ns, length_ns in rows
    ]
    return to_members(items(*found), labels())


@pytest.mark.parametrize(
    ("length", "window", "hop", "starts"),
    [
        (10, 5, 5, [0, 5]),
        (11, 5, 5, [0, 5, 10]),
        (10, 5, 2, [0, 2, 4, 6]),
        (3, 5, 2, [0]),
        (0, 5, 2, [0]),
        (10, 1, 5, [0, 5]),
    ],
)
def test_windows_cover_a_session_to_its_end(length: int, window: int, hop: int, starts: list[int]) -> None:
    counts = window_counts(np.array([length, length]), window, hop)
    found = window_starts(np.array([100, -7]), counts, hop)
    assert found.tolist() == [100 + at for at in starts] + [at - 7 for at in starts]


def test_the_last_stamp_of_a_session_is_in_a_window_although_windows_end_before_their_end() -> None:
    spans, _ = cut_windows(timed(("first", "s", 0, 0), ("last", "s", 10, 0)), Windows(5, 5), "b")
    assert spans.start_ns.tolist() == [0, 5, 10]
    spans, _ = cut_windows(timed(("sound", "s", 0, 10)), Windows(5, 5), "b")
    assert spans.start_ns.tolist() == [0, 5]


def test_windows_of_batches_whose_sessions_have_one_name_are_different_samples() -> None:
    members = timed(("a", "all", 0, 10))
    names = [cut_windows(members, Windows(10, 10), batch)[0].rows["sample_id"][0].as_py() for batch in "bc"]
    assert names == ["b/all@0s", "c/all@0s"]


def test_a_session_whose_times_are_of_two_clocks_is_left_out_and_the_others_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(windows, "MOST_WINDOWS", 100)
    members = timed(
        ("from_0", "mixed", 0, 10),
        ("from_1970", "mixed", 1_305_031_453_000_000_000, 10),
        ("well", "s", 0, 10),
    )
    found = align_by_time(members, Align("timestamp", Windows(10, 10)), "b")
    assert found.samples.to_pylist() == ["b/s@0s"]
    assert found.left_out["member_id"].to_pylist() == ["from_0", "from_1970"]
    assert set(found.left_out["reason"].to_pylist()) == {"time_out_of_reach"}
    assert found.left_out["detail"][0].as_py() == (
        "its session 'mixed' lasts 1305031453 s, more than 100 windows every 0.00000001 s:"
        " are all of its times on one clock? no candidate"
    )
