"""Frames of recorders whose clocks jump, and what is pooled of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from tasks.align.pool.frame_clocks import FrameClocks
from tasks.align.pool.item_frames import ItemFrames
from tasks.align.pool.pooling import FrameStream
from tasks.align.pool.roles import PoolInputs, pool_role
from tasks.align.result import SPANS
from tasks.core.align_entry import Pool
from tasks.core.pooled import PooledFile
from tasks.core.schemas import CLOCKS
from tasks.core.shards import ShardReader
from tasks.core.tables import to_table
from tests.align.tables import items, labels

# The recorder paused for 400 ns when it showed 100.
PAUSED = ((None, 100, 10), (120, None, 410))
# Played from 0 to 100 as it is, and from there to 200 at half the tempo.
WARPED = ((0, 100, 0), (100, 200, 0))


def clocks(
    method: str, pieces: tuple[tuple[int | None, int | None, int], ...], drift: float = 0.0
) -> pa.Table:
    rows = [
        {
            **{
                "batch": "b",
                "session": "all",
                "clock": "recorder",
                "piece": number,
                "reference": "reference",
            },
            **{"from_ns": from_ns, "to_ns": to_ns, "anchor_ns": 100, "offset_ns": offset_ns},
            **{"drift_ppm": drift * number, "method": method, "marks": 0},
            **{"tolerance_ns": 0, "within_tolerance": True},
        }
        for number, (from_ns, to_ns, offset_ns) in enumerate(pieces)
    ]
    return to_table(CLOCKS, rows)


def frames(*spans: tuple[int, int]) -> FrameStream:
    start_ns, end_ns = np.array(spans, np.int64).T
    return FrameStream(start_ns, end_ns, np.arange(len(spans), dtype=np.float32)[:, None])


def placed(table: pa.Table, stream: FrameStream) -> list[tuple[int, int, float]]:
    found = FrameClocks(table).place(stream, "all", "recorder")
    assert found is not None
    return list(zip(found.start_ns.tolist(), found.end_ns.tolist(), found.values[:, 0].tolist(), strict=True))


def test_each_frame_moves_with_the_piece_that_covers_it_and_one_across_the_jump_is_not_there() -> None:
    stream = frames((0, 50), (50, 100), (90, 130), (105, 110), (120, 170))
    assert placed(clocks("audio", PAUSED), stream) == [(10, 60, 0), (60, 110, 1), (530, 580, 4)]


def test_a_frame_may_reach_over_the_pieces_of_a_warped_clock() -> None:
    stream = frames((0, 50), (50, 150), (150, 200), (190, 210))
    assert placed(clocks("warp", WARPED, 1e6), stream) == [(0, 50, 0), (50, 200, 1), (200, 300, 2)]


def test_a_clock_that_is_not_told_places_nothing() -> None:
    assert FrameClocks(clocks("audio", PAUSED)).place(frames((0, 1)), "all", "other") is None


def test_what_a_recorder_with_a_pause_has_is_pooled_on_both_sides_of_it_and_the_rest_is_told(
    tmp_path: Path,
) -> None:
    readings: list[dict[str, object]] = [
        {
            **{"item_id": f"r{start_ns}", "clock": "recorder", "modality": "signal", "role": "sensor"},
            **{"start_ns": start_ns, "duration_ns": 20, "text": str(start_ns), "readable": True},
        }
        for start_ns in (40, 60, 90, 110, 140)
    ]
    spans = pa.table(
        {
            "sample_id": ["before", "paused", "after"],
            "session": ["all"] * 3,
            "start_ns": [0, 120, 500],
            "end_ns": [120, 500, 600],
        },
        SPANS,
    )
    inputs = PoolInputs(spans, items(*readings), labels(), clocks("audio", PAUSED))
    with ShardReader(tmp_path) as media:
        report = pool_role("sensor", Pool(("sum",)), inputs, ItemFrames(tmp_path, media), tmp_path)
    file = PooledFile(tmp_path / "pooled/sensor.arrow")
    found = {name: file.find(name) for name in ("before", "paused", "after")}
    assert {name: None if row is None else list(row) for name, row in found.items()} == {
        "before": [100],
        "paused": None,
        "after": [140],
    }
    assert report["left_out"] == {"frames where its clock jumps or is not known": 2}
    assert report["left_out_examples"] == ["r110", "r90"]
    assert (report["items"], report["gaps"]) == (5, ["paused"])


def test_where_there_is_no_sample_at_all_every_item_is_told(tmp_path: Path) -> None:
    reading = {"item_id": "r", "clock": "recorder", "modality": "signal", "role": "sensor"}
    table = items({**reading, "start_ns": 0, "text": "1", "readable": True})
    inputs = PoolInputs(SPANS.empty_table(), table, labels(), clocks("audio", PAUSED))
    with ShardReader(tmp_path) as media:
        report = pool_role("sensor", Pool(), inputs, ItemFrames(tmp_path, media), tmp_path)
    assert report["left_out"] == {"its session has no sample": 1}
    assert (report["items"], report["samples"]) == (1, 0)
