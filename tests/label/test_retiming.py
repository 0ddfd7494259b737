"""Exports that were counted at another frame rate than their video has."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.core.label_entries import OnRateMismatch, SubtitlesExport
from tasks.core.schemas import FRAMES
from tasks.core.tables import to_table, write_table
from tasks.core.times import NS_PER_MS, NS_PER_S
from tasks.label.frame_rates import FILM, NTSC, find_mismatch, is_steady
from tests.label.test_stage import Result, an_item, run

FRAMES_SHOWN = np.random.default_rng(1).choice(4000, 60, replace=False)
FRAMES_SHOWN.sort()


def times_ns(rate: Fraction | int) -> Any:
    """The frames at that rate, rounded to milliseconds as subtitles are."""
    exact = [int(frame) / Fraction(rate) for frame in FRAMES_SHOWN]
    return np.array([round(time * 1000) * NS_PER_MS for time in exact], np.int64)


@pytest.mark.parametrize(
    ("counted", "video", "ratio"),
    [
        (24, FILM, Fraction(1001, 1000)),
        (FILM, 24, Fraction(1000, 1001)),
        (30, NTSC, Fraction(1001, 1000)),
        (NTSC, 30, Fraction(1000, 1001)),
        (25, 24, Fraction(25, 24)),
        (24, 25, Fraction(24, 25)),
        (25, FILM, Fraction(1001, 960)),
        (FILM, 25, Fraction(960, 1001)),
    ],
)
def test_whole_frames_of_a_rate_that_is_known_to_be_confused_are_recognised(
    counted: Fraction | int, video: Fraction | int, ratio: Fraction
) -> None:
    found = find_mismatch(times_ns(counted), float(video))
    assert found is not None
    assert found.ratio == ratio
    # Half a millisecond of the export's own rounding, scaled as the times are.
    assert np.abs(found.repaired_ns(times_ns(counted)) - times_ns(video)).max() <= 1_100_000


@pytest.mark.parametrize("rate", [Fraction(24), FILM, NTSC, Fraction(25), Fraction(50)])
def test_whole_frames_of_the_video_are_right(rate: Fraction) -> None:
    assert find_mismatch(times_ns(rate), float(rate)) is None


def test_times_of_no_rate_few_times_and_unknown_rates_say_nothing() -> None:
    speech = np.sort(np.random.default_rng(2).integers(0, 3600 * NS_PER_S, 500))
    assert find_mismatch(speech, float(FILM)) is None
    assert find_mismatch(times_ns(24)[:19], float(FILM)) is None
    assert find_mismatch(times_ns(24), None) is None
    assert find_mismatch(times_ns(24), 12.5) is None


def test_a_time_is_repaired_exactly() -> None:
    found = find_mismatch(times_ns(24), float(FILM))
    assert found is not None
    hour = np.array([0, 3600 * NS_PER_S, 1, -1000], np.int64)
    assert found.repaired_ns(hour).tolist() == [0, 3_603_600_000_000, 1, -1001]


def test_only_a_video_of_even_frames_is_steady() -> None:
    even = np.arange(100, dtype=np.int64) * 41_708_333
    assert is_steady(even)
    assert not is_steady(np.concatenate([even[:50], even[50:] + NS_PER_S]))
    assert not is_steady(even[:1])
    assert not is_steady(None)


def delivered(tmp_path: Path, on_rate_mismatch: OnRateMismatch) -> Result:
    """Subtitles at 24 of a video at 23.976 frames a second."""
    frame_times = [round(frame / FILM * NS_PER_S) for frame in range(4100)]
    folder = tmp_path / "data" / "collected" / "monday"
    rows = [
        {"batch": "monday", "item_id": "monday/a.mp4", "frame": frame, "time_ns": time_ns}
        for frame, time_ns in enumerate(frame_times)
    ]
    write_table(FRAMES, to_table(FRAMES, rows), folder)
    cues = [
        f"{number}\n{_written(start)} --> {_written(start + NS_PER_S)}\nHello {number}\n"
        for number, start in enumerate(times_ns(24).tolist(), 1)
    ]
    video = an_item("a.mp4", "video", duration_ns=171 * NS_PER_S, frame_rate=float(FILM), start_ns=0)
    export = SubtitlesExport("subtitles", "a.srt", on_rate_mismatch=on_rate_mismatch)
    return run(tmp_path, (export,), [video], {"a.srt": "\n".join(cues)})


def _written(time_ns: int) -> str:
    milliseconds = time_ns // NS_PER_MS
    return f"00:{milliseconds // 60_000:02d}:{milliseconds // 1000 % 60:02d},{milliseconds % 1000:03d}"


def test_such_an_export_is_refused_with_what_to_say(tmp_path: Path) -> None:
    result = delivered(tmp_path, "refuse")
    assert result.labels == []
    assert {reject["reason"] for reject in result.rejects} == {"frame_rate_mismatch"}
    assert len(result.rejects) == len(FRAMES_SHOWN)
    assert "whole frames at 24 frames a second, the video has 23.976" in result.rejects[0]["detail"]
    assert "on_rate_mismatch: repair (times x 1001/1000)" in result.rejects[0]["detail"]


def test_or_repaired_and_marked(tmp_path: Path) -> None:
    labels = delivered(tmp_path, "repair").labels
    starts = sorted(label["start_ns"] for label in labels)
    assert starts == [time_ns + time_ns // 1000 for time_ns in times_ns(24).tolist()]
    marks = {tuple((pair["name"], pair["value"]) for pair in label["attributes"]) for label in labels}
    assert marks == {(("frame_rate_ratio", "1001/1000"),)}


def test_or_kept_where_the_times_were_only_rounded(tmp_path: Path) -> None:
    starts = sorted(label["start_ns"] for label in delivered(tmp_path, "keep").labels)
    assert starts == times_ns(24).tolist()
