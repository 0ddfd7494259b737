"""The frames of single items: where each has its numbers, and from when to when they hold.

reads   items (rows with their media), encoded sequences and vectors
writes  FrameStreams on the item's own clock (in memory), or a sentence why an item has none
rules   In this order: of a signal the numbers themselves, a series or one moment's row; of anything else the
        sequence that its encoder made (`<modality>_frames.arrow`), no frame of it beyond the item's end; else
        its one vector (`<modality>.arrow`), for as long as the item lasts.
        A moment that nobody gave an end holds until the next one of its series or, of single rows, of its
        role and session, but no longer than `hold` or, where that is not said, than twice what is usual:
        what follows is a gap. The last one holds for `hold`, or as long as is usual, where a lone one is a
        point.
        Usual is what half of the time is made of, if that came three times: in a stream of bursts most steps
        are those within a burst, and most of the time is that between two. Else it is what most steps are.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tasks.align.pool.pooling import FrameStream, Int64s
from tasks.core.series import SERIES_MARK, unpack_series
from tasks.core.shards import ShardReader
from tasks.core.vectors import FrameFile, VectorFile

Row = Mapping[str, Any]
_OFTEN = 3


class ItemFrames:
    """Finds the frames of one item after the other; shards stay open as long as the reader of them does."""

    def __init__(self, encoded: Path, media: ShardReader) -> None:
        self._encoded, self._media = encoded, media
        self._sequences: dict[str, FrameFile | None] = {}
        self._vectors: dict[str, tuple[VectorFile, dict[str, int]] | None] = {}

    def find(self, item: Row, hold_ns: int | None = None) -> FrameStream | str:
        """The item's frames, or why it has none; a lone moment without an end ends at its start."""
        if not item["readable"]:
            return "it could not be read"
        if item["start_ns"] is None:
            return "it has no time"
        if item["modality"] == "signal":
            return self._signal(item, hold_ns)
        sequences = self._sequence_file(item["modality"])
        frames = sequences.find(item["item_id"]) if sequences else None
        if frames is None:
            return self._vector(item)
        start_ns = item["start_ns"] + frames.start_ns + frames.step_ns * np.arange(len(frames.matrix))
        end_ns = start_ns + frames.step_ns
        if item["duration_ns"]:
            end_ns = np.maximum(np.minimum(end_ns, item["start_ns"] + item["duration_ns"]), start_ns)
        return FrameStream(start_ns, end_ns, frames.matrix)

    def _signal(self, item: Row, hold_ns: int | None) -> FrameStream | str:
        payload = self._payload(item)
        try:
            if not payload.startswith(SERIES_MARK):
                cells = payload.decode("utf-8").split(",")
                return _single(item, np.array([[float(cell) for cell in cells]], np.float64))
            series = unpack_series(payload)
        except ValueError as error:
            return f"its numbers cannot be read: {error}"
        end_ns = moment_ends(series.time_ns, hold_ns) if series.end_ns is None else series.end_ns
        times_ns = item["start_ns"] + series.time_ns, item["start_ns"] + end_ns
        return FrameStream(*times_ns, series.values, series.channels)

    def _vector(self, item: Row) -> FrameStream | str:
        modality = item["modality"]
        if modality not in self._vectors:
            path = self._encoded / f"{modality}.arrow"
            file = VectorFile(path) if path.is_file() else None
            places = {name: place for place, name in enumerate(file.ids.to_pylist())} if file else {}
            self._vectors[modality] = (file, places) if file else None
        found = self._vectors[modality]
        if found is None or item["item_id"] not in found[1]:
            return "no encoder made a vector of it"
        return _single(item, found[0].vector(found[1][item["item_id"]])[None])

    def _sequence_file(self, modality: str) -> FrameFile | None:
        if modality not in self._sequences:
            path = self._encoded / f"{modality}_frames.arrow"
            self._sequences[modality] = FrameFile(path) if path.is_file() else None
        return self._sequences[modality]

    def _payload(self, item: Row) -> bytes:
        if item["text"] is not None:
            return str(item["text"]).encode()
        return self._media.read(item["shard"], item["offset"], item["size"])


def moment_ends(start_ns: Int64s, hold_ns: int | None = None) -> Int64s:
    """Until when each moment holds, by the rules above; those of one time alike. The starts never fall."""
    distinct_ns, place = np.unique(start_ns, return_inverse=True)
    steps_ns = np.diff(distinct_ns)
    if hold_ns is not None:
        longest_ns = last_ns = hold_ns
    elif len(steps_ns):
        last_ns = _usual_ns(np.sort(steps_ns))
        longest_ns = 2 * last_ns
    else:
        return start_ns.copy()
    held_ns = np.append(np.minimum(steps_ns, longest_ns), [last_ns] * bool(len(distinct_ns)))
    end_ns: Int64s = (distinct_ns + held_ns)[place]
    return end_ns


def _usual_ns(ascending_ns: Int64s) -> int:
    """How long a moment of these steps usually holds."""
    passed_ns = np.cumsum(ascending_ns.astype(np.float64))
    long_ns = int(ascending_ns[np.searchsorted(passed_ns, passed_ns[-1] / 2)])
    came = np.count_nonzero(ascending_ns >= long_ns // 2)
    return long_ns if came >= _OFTEN else int(ascending_ns[len(ascending_ns) // 2])


def _single(item: Row, values: Any) -> FrameStream:
    start_ns = np.array([item["start_ns"]], np.int64)
    return FrameStream(start_ns, start_ns + (item["duration_ns"] or 0), values)
