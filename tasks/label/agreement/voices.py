"""Who says what of which item: the labels that are voted on, taken from the table topic by topic.

reads   labels (the columns of VOICE_COLUMNS)

A voice is one label by one annotator; labels without an annotator are all one annotator's. Voted on are
labels that name something; captions and transcripts are texts, of which all are kept. A rotated box counts by
the upright box around it, an outline by its box.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.label.agreement.overlap import Place

VOTED_TASKS = ("classification", "sentiment", "vqa", "detection", "segmentation", "event")
VOICE_COLUMNS = (
    *("label_id", "item_id", "task", "question", "label", "annotator", "ground_truth"),
    *("x", "y", "width", "height", "rotation", "start_ns", "end_ns"),
)
_TOPIC = ["item_id", "task", "question"]
_CHUNK_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Voice:
    """One label; `frame_ns` is when a box stands in a video."""

    label_id: str
    annotator: str
    label: str
    truth: bool
    place: Place | None
    frame_ns: int | None


@dataclass(frozen=True, slots=True)
class Topic:
    """What several annotators say of one item under one task and question; voices sorted by label id."""

    item_id: str
    task: str
    question: str
    voices: tuple[Voice, ...]

    @property
    def annotators(self) -> frozenset[str]:
        """Everyone who spoke."""
        return frozenset(voice.annotator for voice in self.voices)


def voted_labels(labels: pa.Table) -> pa.Table:
    """The labels that are voted on, with an empty text for no question and for no annotator."""
    voted = labels.select(VOICE_COLUMNS)
    voted = voted.filter(pc.and_(pc.is_in(voted["task"], pa.array(VOTED_TASKS)), pc.is_valid(voted["label"])))
    for name in ("question", "annotator"):
        voted = voted.set_column(voted.schema.get_field_index(name), name, pc.fill_null(voted[name], ""))
    return voted


def shared_topics(voted: pa.Table) -> Iterator[Topic]:
    """The topics that at least two annotators spoke on, sorted by item, task and question."""
    told = voted.group_by(_TOPIC).aggregate([("annotator", "count_distinct")])
    shared = told.filter(pc.greater(told["annotator_count_distinct"], 1)).select(_TOPIC)
    if not shared.num_rows:
        return
    rows = voted.join(shared, _TOPIC, join_type="left semi")
    order = [(name, "ascending") for name in (*_TOPIC, "label_id")]
    for (item_id, task, question), own in groupby(_rows(rows.sort_by(order)), itemgetter(*_TOPIC)):
        yield Topic(item_id, task, question, tuple(_voice(row) for row in own))


def by_place(topic: Topic) -> Iterator[tuple[Voice, ...]]:
    """The topic's voices in parts that may be the same thing: of the whole, boxes by frame, spans."""
    for _, voices in groupby(sorted(topic.voices, key=_kind), _kind):
        yield tuple(voices)


def _kind(voice: Voice) -> tuple[int, int]:
    dimensions = len(voice.place.low) if voice.place else 0
    return dimensions, -1 if voice.frame_ns is None else voice.frame_ns


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for chunk in table.to_batches(max_chunksize=_CHUNK_ROWS):
        yield from chunk.to_pylist()


def _voice(row: dict[str, Any]) -> Voice:
    place = _place(row)
    frame_ns = row["start_ns"] if place and len(place.low) > 1 else None
    truth = bool(row["ground_truth"])
    return Voice(row["label_id"], row["annotator"], row["label"], truth, place, frame_ns)


def _place(row: dict[str, Any]) -> Place | None:
    if None not in (row["x"], row["y"], row["width"], row["height"]):
        return _upright(row["x"], row["y"], (row["width"], row["height"]), row["rotation"] or 0.0)
    if row["start_ns"] is None:
        return None
    end_ns = row["start_ns"] if row["end_ns"] is None else row["end_ns"]
    return Place((row["start_ns"],), (end_ns,))


def _upright(x: float, y: float, size: tuple[float, float], rotation: float) -> Place:
    """The box, or the upright box around it when it is turned clockwise about (x, y)."""
    width, height = size
    if not rotation:
        return Place((x, y), (x + width, y + height))
    turn = math.radians(rotation)
    corners = [
        (
            x + across * math.cos(turn) - down * math.sin(turn),
            y + across * math.sin(turn) + down * math.cos(turn),
        )
        for across in (0.0, width)
        for down in (0.0, height)
    ]
    across, down = zip(*corners, strict=True)
    return Place((min(across), min(down)), (max(across), max(down)))
