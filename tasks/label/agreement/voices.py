"""Who says what of which item: the labels that are voted on, topic by topic.

reads   labels (the columns of VOICE_COLUMNS), portion by portion in any order

A voice is one label by one annotator; labels without an annotator are all one annotator's. Voted on are
labels that name something; captions and transcripts are texts, of which all are kept. A rotated box counts by
the upright box around it, an outline by its box. The labels are sorted by topic in a scratch folder, so that
memory does not grow with them; those of topics with one annotator are never looked at one by one.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.schemas import LABELS
from tasks.core.sorted_runs import SortedRuns
from tasks.label.agreement.overlap import Place

VOTED_TASKS = ("classification", "sentiment", "vqa", "detection", "segmentation", "event")
VOICE_COLUMNS = (
    *("label_id", "item_id", "task", "question", "label", "annotator", "ground_truth"),
    *("x", "y", "width", "height", "rotation", "start_ns", "end_ns"),
)
_FREE = "vqa"
_TOPIC = ["item_id", "task", "question"]
_VOICES = pa.schema([LABELS.schema.field(name).with_nullable(True) for name in VOICE_COLUMNS])
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


class VotedLabels:
    """The labels that are voted on: portions in, topics out."""

    def __init__(self, scratch: Path) -> None:
        scratch.mkdir()
        self._runs = SortedRuns(_VOICES, [*_TOPIC, "label_id"], scratch)
        self._spoken: dict[tuple[str, str], set[str]] = {}

    def extend(self, labels: pa.Table) -> None:
        """Take a portion of the labels table."""
        voted = _voted(labels)
        self._runs.extend(voted)
        for (task, question), annotators in _speakers(voted):
            self._spoken.setdefault((task, question), set()).update(annotators)

    @property
    def spoken(self) -> dict[tuple[str, str], frozenset[str]]:
        """Who spoke on each task and question, alone or not; free questions count as one."""
        return {key: frozenset(self._spoken[key]) for key in sorted(self._spoken)}

    def topics(self) -> Iterator[Topic]:
        """The topics that at least two annotators spoke on, sorted by item, task and question."""
        if all(len(annotators) < 2 for annotators in self._spoken.values()):
            return
        waiting = _VOICES.empty_table()
        for piece in self._runs.pieces():
            rows = pa.concat_tables([waiting, piece])
            # The last topic may go on in the next piece.
            whole = _rows_before_last_topic(rows)
            yield from _shared(rows.slice(0, whole))
            waiting = rows.slice(whole)
        yield from _shared(waiting)


def topic_of(task: str, question: str) -> tuple[str, str]:
    """The task and question that labels of these are measured under: free questions are measured together."""
    return (task, "") if task == _FREE else (task, question)


def _voted(labels: pa.Table) -> pa.Table:
    """The labels that are voted on, with an empty text for no question and for no annotator."""
    voted = labels.select(VOICE_COLUMNS)
    counts = pc.and_(pc.is_in(voted["task"], pa.array(VOTED_TASKS)), pc.is_valid(voted["label"]))
    if not pc.all(counts).as_py():
        voted = voted.filter(counts)
    for name in ("question", "annotator"):
        voted = voted.set_column(voted.schema.get_field_index(name), name, pc.fill_null(voted[name], ""))
    return voted.cast(_VOICES)


def _speakers(voted: pa.Table) -> Iterator[tuple[tuple[str, str], set[str]]]:
    question = pc.if_else(pc.equal(voted["task"], _FREE), "", voted["question"])
    columns = [voted["task"], question, voted["annotator"]]
    said = pa.Table.from_arrays(columns, ["task", "question", "annotator"])
    for row in _rows(said.group_by(["task", "question", "annotator"], use_threads=False).aggregate([])):
        yield (row["task"], row["question"]), {row["annotator"]}


def _rows_before_last_topic(rows: pa.Table) -> int:
    if not rows.num_rows:
        return 0
    last = rows.slice(rows.num_rows - 1).select(_TOPIC).to_pylist()[0]
    same = [pc.equal(rows[name], last[name]) for name in _TOPIC]
    of_last = int(pc.sum(pc.and_(pc.and_(same[0], same[1]), same[2])).as_py())
    return int(rows.num_rows) - of_last


def _shared(rows: pa.Table) -> Iterator[Topic]:
    """The topics in these rows that several annotators spoke on; the rows are whole topics in order."""
    told = rows.group_by(_TOPIC, use_threads=False).aggregate([("annotator", "count_distinct")])
    shared = told.filter(pc.greater(told["annotator_count_distinct"], 1)).select(_TOPIC)
    if not shared.num_rows:
        return
    found = rows.join(shared, _TOPIC, join_type="left semi", use_threads=False)
    order = [(name, "ascending") for name in (*_TOPIC, "label_id")]
    for (item_id, task, question), own in groupby(_rows(found.sort_by(order)), itemgetter(*_TOPIC)):
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
