"""Two recordings of a session compared: the glue between items in shards and the mathematics of sound.

reads   items of sound and videos with sound, and their media
writes  the pieces of one recorder's clock on the reference clock, or a ClockError that says why not
rules   A clock is heard in its longest recording; a video counts as one where its sound was not taken out of
        it as an item of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.sound.hearing import Hearing
from tasks.align.sound.refusal import SoundRefusal
from tasks.align.sound.samples import Recordings
from tasks.align.sound.synchronise import synchronise_sound
from tasks.align.warp.synchronise import WarpRefusal
from tasks.core.clock_line import ClockPiece
from tasks.core.errors import ClockError

Item = dict[str, Any]
Pieces = tuple[ClockPiece, ...]
# The pieces of the other recording's clock on the reference's, or why there are none.
Compare = Callable[[Recordings], Pieces | SoundRefusal | WarpRefusal]


def sound_synchroniser(
    items: pa.Table, hearing: Hearing, compare: Compare
) -> Callable[[str, str, str], Pieces]:
    """A function that puts a session's clock on the reference by comparing their longest recordings."""

    def synchronise(session: str, clock: str, reference: str) -> Pieces:
        own, other = (longest_recording(items, session, name) for name in (clock, reference))
        heard, there = hearing.hear(own), hearing.hear(other)
        found = compare(
            Recordings(there.samples, heard.samples, hearing.sample_rate_hz, scratch=hearing.scratch)
        )
        if not isinstance(found, tuple):
            raise ClockError(f"the sound of clock '{clock}' does not fit that of '{reference}': {found}")
        return tuple(_on_clocks(piece, heard.start_ns, there.start_ns) for piece in found)

    return synchronise


def same_event(recordings: Recordings) -> Pieces | SoundRefusal:
    """The pieces of two recordings of one event (`sync: audio`)."""
    found = synchronise_sound(recordings)
    return found if isinstance(found, SoundRefusal) else found.pieces


def longest_recording(items: pa.Table, session: str, clock: str) -> Item:
    """The longest readable sound, or video with sound, of the session on that clock."""
    own = pc.and_(pc.equal(items["session"], session), pc.equal(items["clock"], clock))
    recorded = items.filter(
        pc.and_(pc.and_(own, items["readable"]), pc.is_in(items["modality"], pa.array(["audio", "video"])))
    )
    order = [("duration_ns", "descending"), ("modality", "ascending"), ("item_id", "ascending")]
    rows: list[Item] = recorded.sort_by(order).to_pylist()
    taken_out = {row["derived_from"] for row in rows if row["modality"] == "audio"}
    heard = [row for row in rows if row["channels"] and row["item_id"] not in taken_out]
    if not heard:
        raise ClockError(_why_unheard(rows, session, clock))
    return heard[0]


def _why_unheard(rows: list[Item], session: str, clock: str) -> str:
    where = f"on clock '{clock}' in session '{session}'"
    if rows:
        return (
            f"sync by sound needs sound, and {rows[0]['item_id']}, the longest video {where}, has none:"
            " deliver its sound as a file on that clock, or use sync: events or sync: metadata"
        )
    return f"sync by sound needs a readable recording {where}: a file of sound, or a video with sound"


def _on_clocks(piece: ClockPiece, own_start_ns: int, other_start_ns: int) -> ClockPiece:
    """The piece between the recordings' own beginnings, moved to where these stand on their clocks."""
    line = replace(
        piece.line,
        anchor_ns=piece.line.anchor_ns + own_start_ns,
        offset_ns=piece.line.offset_ns + other_start_ns - own_start_ns,
    )
    ends = (None if end_ns is None else end_ns + own_start_ns for end_ns in (piece.from_ns, piece.to_ns))
    return ClockPiece(line, *ends)
