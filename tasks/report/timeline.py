"""A time line of one aligned session: a lane per role, a bar per link, one colour per sample in every lane.

reads   links, labels
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.schemas import LABELS, LINKS
from tasks.core.stage import StageInput
from tasks.core.times import NS_PER_S, ns_to_seconds_text

WIDTH = 1000.0
MOST_BARS = 400
TICKS = 10


@dataclass(frozen=True)
class Bar:
    """One link: where it lies (of WIDTH), the sample's colour number, and what it is."""

    left: float
    width: float
    colour: int
    words: str


@dataclass(frozen=True)
class Timeline:
    """A session on the reference clock."""

    batch: str
    session: str
    lanes: dict[str, list[Bar]]
    ticks: list[tuple[float, str]]
    shown: int
    links: int


def best_timeline(inputs: StageInput) -> Timeline | None:
    """The session with the most roles and samples among those aligned by time; None where there is none."""
    found = [session for batch in inputs.batches for session in _sessions(inputs, batch)]
    if not found:
        return None
    _, _, batch_name, session = max(found, key=lambda row: (row[0], row[1], row[2], row[3]))
    (batch,) = (batch for batch in inputs.batches if batch.name == batch_name)
    labels = inputs.table(LABELS, batch, ("label_id", "text"))
    words = dict(zip(labels["label_id"].to_pylist(), labels["text"].to_pylist(), strict=True))
    links = inputs.table(LINKS, batch)
    return draw(links.filter(pc.equal(links["session"], session)), batch_name, session, words)


def draw(links: pa.Table, batch: str, session: str, words: dict[str, str | None]) -> Timeline:
    """The time line of these links; a session of very many links is shown by its first ones, and says so."""
    rows = links.filter(pc.is_valid(links["start_ns"])).sort_by(
        [("start_ns", "ascending"), ("sample_id", "ascending")]
    )
    drawn = rows.slice(0, MOST_BARS).to_pylist()
    first_ns = min(row["start_ns"] for row in drawn)
    last_ns = max(max(row["end_ns"], row["start_ns"] + 1) for row in drawn)
    scale = WIDTH / (last_ns - first_ns)
    colours = {name: number for number, name in enumerate(dict.fromkeys(row["sample_id"] for row in drawn))}
    lanes: dict[str, list[Bar]] = {}
    for row in drawn:
        left, width = (row["start_ns"] - first_ns) * scale, (row["end_ns"] - row["start_ns"]) * scale
        spoken = words.get(row["label_id"]) or row["member_id"]
        bar = Bar(round(left, 2), round(max(width, 2.0), 2), colours[row["sample_id"]] % 6, spoken)
        lanes.setdefault(row["role"], []).append(bar)
    return Timeline(
        batch, session, dict(sorted(lanes.items())), _ticks(first_ns, last_ns), len(drawn), rows.num_rows
    )


def _sessions(inputs: StageInput, batch: Batch) -> list[tuple[int, int, str, str]]:
    """(roles, samples, batch, session) of the batch's sessions, where links have a length in time."""
    if batch.file.align.method != "timestamp":
        return []
    links = inputs.table(LINKS, batch, ("session", "role", "sample_id", "start_ns"))
    timed = links.filter(pc.is_valid(links["start_ns"]))
    groups = timed.group_by("session").aggregate(
        [("role", "count_distinct"), ("sample_id", "count_distinct")]
    )
    return [
        (group["role_count_distinct"], group["sample_id_count_distinct"], batch.name, group["session"])
        for group in groups.to_pylist()
    ]


def _ticks(first_ns: int, last_ns: int) -> list[tuple[float, str]]:
    """Positions and words of about ten round seconds."""
    span_s = (last_ns - first_ns) / NS_PER_S
    step_ns = next(
        (
            int(step * NS_PER_S)
            for step in (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600)
            if span_s / step <= TICKS
        ),
        int(span_s / TICKS) * NS_PER_S,
    )
    start_ns = -(-first_ns // step_ns) * step_ns
    scale = WIDTH / (last_ns - first_ns)
    return [
        (round((tick_ns - first_ns) * scale, 2), f"{ns_to_seconds_text(tick_ns)} s")
        for tick_ns in range(start_ns, last_ns, step_ns)
    ]
