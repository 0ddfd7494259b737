from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.core.label import ItemName, LabelFault
from tasks.core.rejects import Reason
from tests.label_formats.label_studio_tasks import labels_in, only_fault, only_label, read_results, result

MS = 1_000_000
# Ten frames at 25 a second; the last but one is late, as in a video of varying rate.
TIMES_NS = [0, 40, 80, 120, 160, 200, 240, 280, 330, 360]
VIDEO = ItemName(
    "clips/a.mp4",
    "video",
    *(200, 100, 400 * MS),
    frame_times_ns=np.array([time * MS for time in TIMES_NS], dtype=np.int64),
)
DATA = {"media": "/data/upload/3/0badcafe-a.mp4"}


def key(frame: Any, x: float, **fields: Any) -> dict[str, Any]:
    box = {"x": x, "y": 10, "width": 20, "height": 50, "rotation": 0, "time": frame / 24}
    return {"frame": frame, "enabled": True, **box, **fields}


def moved(*sequence: dict[str, Any], **fields: Any) -> dict[str, Any]:
    # As the editor writes it: a box on a video has no original size, its counts follow the declared rate.
    value = {"framesCount": 10, "duration": 0.4, "sequence": list(sequence), "labels": ["car"]}
    return {
        **{"id": "r", "type": "videorectangle", "from_name": "box", "to_name": "media", "value": value},
        **fields,
    }


def on_video(folder: Path, *results: object, **options: Any) -> list[Any]:
    return read_results(folder, *results, data=DATA, items=[VIDEO], **options)


def test_a_box_moves_in_a_straight_line_between_its_key_frames(tmp_path: Path) -> None:
    labels = labels_in(on_video(tmp_path, moved(key(2, 10), key(4, 20, enabled=False))))
    assert [(one.native_id, one.x, one.start_ns, one.end_ns) for one in labels] == [
        ("5/r/2", 20.0, 40 * MS, 80 * MS),
        ("5/r/3", 30.0, 80 * MS, 120 * MS),
        ("5/r/4", 40.0, 120 * MS, 160 * MS),
    ]
    assert {(one.task, one.label, one.y, one.width, one.height, one.rotation) for one in labels} == {
        ("detection", "car", 10.0, 40.0, 50.0, 0.0)
    }
    assert {(one.track, one.media) for one in labels} == {("5/r", DATA["media"])}
    assert [one.attributes for one in labels] == [{"frame": "2"}, {"frame": "3"}, {"frame": "4"}]


def test_a_box_stays_to_the_end_of_the_video_which_tells_the_end_of_its_last_frame(tmp_path: Path) -> None:
    labels = labels_in(on_video(tmp_path, moved(key(9, 10))))
    assert [(one.start_ns, one.end_ns) for one in labels] == [(330 * MS, 360 * MS), (360 * MS, 400 * MS)]


def test_a_box_is_gone_from_after_a_key_frame_that_is_not_enabled_to_the_next(tmp_path: Path) -> None:
    sequence = (key(1, 0), key(2, 0, enabled=False), key(8, 0), key(9, 0, enabled=False))
    labels = labels_in(on_video(tmp_path, moved(*sequence)))
    assert [(one.attributes or {})["frame"] for one in labels] == ["1", "2", "8", "9"]


@pytest.mark.parametrize(
    ("begin", "end", "between"), [(0, 20, 10), (350, 10, 360), (10, 350, 0), (-170, 170, -180)]
)
def test_a_box_turns_the_shorter_way(tmp_path: Path, begin: float, end: float, between: float) -> None:
    sequence = (key(1, 0, rotation=begin), key(3, 0, rotation=end, enabled=False))
    first, middle, last = labels_in(on_video(tmp_path, moved(*sequence)))
    assert (first.rotation, middle.rotation, last.rotation) == (begin, between, end)


def test_frames_that_a_player_counted_at_another_rate_are_put_on_those_that_it_showed(tmp_path: Path) -> None:
    # At 50 a second frames 3 and 5 are at 40 and 80 ms: the video's second and third.
    labels = labels_in(on_video(tmp_path, moved(key(3, 10), key(5, 20, enabled=False)), frame_rate=50.0))
    assert [(one.x, one.start_ns, (one.attributes or {})["frame"]) for one in labels] == [
        (20.0, 40 * MS, "2"),
        (40.0, 80 * MS, "3"),
    ]


def test_a_range_of_frames_goes_from_the_start_of_its_first_to_the_end_of_its_last(tmp_path: Path) -> None:
    value = {"ranges": [{"start": 3, "end": 5}, {"start": 10, "end": 10}], "timelinelabels": ["moving"]}
    labels = labels_in(on_video(tmp_path, result("timelinelabels", value)))
    assert [(one.native_id, one.task, one.label, one.start_ns, one.end_ns) for one in labels] == [
        ("5/r", "event", "moving", 80 * MS, 200 * MS),
        ("5/r/2", "event", "moving", 360 * MS, 400 * MS),
    ]


def test_an_answer_about_a_moving_box_is_about_the_time_that_it_is_seen(tmp_path: Path) -> None:
    value = {"sequence": [key(2, 10), key(3, 10, enabled=False)]}
    labels = labels_in(
        on_video(
            tmp_path,
            {**moved(), "value": value},
            result("choices", {**value, "choices": ["parked"]}),
        )
    )
    answer = labels[-1]
    assert (answer.native_id, answer.task, answer.label, answer.start_ns, answer.end_ns, answer.track) == (
        *("5/r", "classification", "parked", 40 * MS, 120 * MS),
        "5/r",
    )


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (moved(key(12, 10)), Reason.BEYOND_MEDIA_END),
        (moved(), Reason.MALFORMED),
        (moved(key(1, 10), key(1, 20)), Reason.MALFORMED),
        (moved(key(0, 10)), Reason.MALFORMED),
        (moved({**key(1, 10), "frame": "1"}), Reason.MALFORMED),
        (moved({**key(1, 10), "frame": 1.5}), Reason.MALFORMED),
        (moved(key(1, 10, enabled="yes")), Reason.MALFORMED),
        (moved(key(1, 10, width=None)), Reason.MALFORMED),
        (result("timelinelabels", {"ranges": [{"start": 5, "end": 3}]}), Reason.END_BEFORE_START),
        (result("timelinelabels", {"ranges": [{"start": 5, "end": None}]}), Reason.MALFORMED),
        (result("timelinelabels", {"ranges": [{"start": 5, "end": 12}]}), Reason.BEYOND_MEDIA_END),
        (result("timelinelabels", {"ranges": []}), Reason.MALFORMED),
    ],
)
def test_frames_that_cannot_be_are_a_fault(tmp_path: Path, broken: dict[str, Any], reason: Reason) -> None:
    fault = only_fault(on_video(tmp_path, broken))
    assert (fault.native_id, fault.reason) == ("5/r", reason)


def test_the_frame_after_the_last_means_the_last_as_players_round_up(tmp_path: Path) -> None:
    value = {"ranges": [{"start": 10, "end": 11}], "timelinelabels": ["moving"]}
    label = only_label(on_video(tmp_path, result("timelinelabels", value)))
    assert (label.start_ns, label.end_ns) == (360 * MS, 400 * MS)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([ItemName("a.mp4", "video", 200, 100)], Reason.FRAME_RATE_UNKNOWN),
        ([ItemName("a.mp4", "image", 200, 100)], Reason.ITEM_NOT_FOUND),
        ([ItemName("x/a.mp4", "video"), ItemName("y/a.mp4", "video")], Reason.ITEM_AMBIGUOUS),
    ],
)
def test_without_the_frames_of_the_one_video_nothing_is_guessed(
    tmp_path: Path, items: list[ItemName], reason: Reason
) -> None:
    fault = only_fault(read_results(tmp_path, moved(key(1, 10)), data=DATA, items=items))
    assert fault.reason is reason


def test_a_video_of_even_frames_needs_only_its_rate(tmp_path: Path) -> None:
    video = ItemName("a.mp4", "video", 200, 100, 100_100_000, frame_rate=29.97)
    value = {"ranges": [{"start": 2, "end": 3}], "timelinelabels": ["moving"]}
    label = only_label(
        read_results(tmp_path, result("timelinelabels", value), data={"media": "a.mp4"}, items=[video])
    )
    assert (label.start_ns, label.end_ns) == (33_366_667, 100_100_000)


@pytest.mark.parametrize(
    "media",
    [
        "clips/a.mp4",
        "s3://bucket/raw/clips/a.mp4",
        "/data/local-files/?d=raw/clips/a.mp4",
        "http://localhost:8080/data/local-files/?d=raw%5Cclips%5Ca.mp4",
        "/data/upload/12-a.mp4",
        "https://example.org/a.webm?token=1",
    ],
)
def test_a_video_is_told_by_the_names_that_tools_give_it(tmp_path: Path, media: str) -> None:
    outcomes = read_results(
        tmp_path,
        moved(key(10, 10)),
        data={"media": media},
        items=[VIDEO, ItemName("clips/b.mp4", "video")],
    )
    assert only_label(outcomes).start_ns == 360 * MS


def series(start: object, end: object, **fields: Any) -> dict[str, Any]:
    return result("timeserieslabels", {"start": start, "end": end, "timeserieslabels": ["step"], **fields})


@pytest.mark.parametrize(
    ("span", "options", "times"),
    [
        (series(1.5, 2), {}, (None, 1500 * MS, 2000 * MS)),
        (series(1.5, 2), {"time_unit": MS, "clock": "camera"}, ("camera", 1_500_000, 2 * MS)),
        (series(12, 13), {"time_unit": 1}, (None, 12, 13)),
        (series(9007199254740993, 9007199254740994), {"time_unit": 1}, (None, 2**53 + 1, 2**53 + 2)),
        (series(1, 2, instant=True), {}, (None, 10**9, 10**9)),
        (
            series("1970-01-01 00:00:01.000002", "1970-01-01T01:00:02+01:00"),
            {"clock": "camera"},
            ("camera", 1_000_002_000, 2_000_000_000),
        ),
        (
            series("02.01.1970 00:00", "02.01.1970 00:01"),
            {"clock": "camera", "time_format": "%d.%m.%Y %H:%M"},
            ("camera", 86_400 * 10**9, 86_460 * 10**9),
        ),
    ],
)
def test_a_span_of_a_time_series_is_in_the_declared_unit_of_its_column(
    tmp_path: Path, span: dict[str, Any], options: dict[str, Any], times: tuple[Any, ...]
) -> None:
    label = only_label(read_results(tmp_path, span, data={"media": "a.csv"}, **options))
    assert (label.task, label.label) == ("event", "step")
    assert (label.clock, label.start_ns, label.end_ns) == times


@pytest.mark.parametrize(
    ("span", "options", "reason"),
    [
        (series("2020-03-10", "2020-03-11"), {}, Reason.CLOCK_UNKNOWN),
        (series("10 March", "11 March"), {"clock": "camera"}, Reason.MALFORMED),
        (series("2020", "2021"), {"clock": "camera", "time_format": "%d.%m"}, Reason.MALFORMED),
        (series(1, None), {}, Reason.MALFORMED),
        (series(1, 1e300), {}, Reason.MALFORMED),
    ],
)
def test_a_span_that_no_rule_gives_a_time_is_a_fault(
    tmp_path: Path, span: dict[str, Any], options: dict[str, Any], reason: Reason
) -> None:
    fault = only_fault(read_results(tmp_path, span, data={"media": "a.csv"}, **options))
    assert fault.reason is reason


def test_a_span_of_sound_keeps_its_channel(tmp_path: Path) -> None:
    value = {"start": 0.5, "end": 1, "channel": 1, "labels": ["bark"]}
    label = only_label(read_results(tmp_path, result("labels", value), data={"media": "a.wav"}))
    assert label.attributes == {"channel": "1"}


@pytest.mark.parametrize(
    ("media", "items", "is_read"),
    [
        ("A sentence about a dog", (), True),
        ("rows.csv#7", (ItemName("rows.csv#7", "text"),), True),
        ("rows.csv#7", (ItemName("rows.csv#7", "audio"),), False),
        ("a.wav", (), False),
    ],
)
def test_whole_numbers_about_text_are_characters_and_never_seconds(
    tmp_path: Path, media: str, items: tuple[ItemName, ...], *, is_read: bool
) -> None:
    value = {"start": 0, "end": 5, "labels": ["greeting"]}
    (outcome,) = read_results(tmp_path, result("labels", value), data={"media": media}, items=items)
    assert isinstance(outcome, LabelFault) == is_read
