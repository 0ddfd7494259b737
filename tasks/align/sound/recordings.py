"""The recordings of a clock compared with those of the reference: the glue between items and their sound.

reads   items of sound and videos with sound, and their media
writes  the pieces of one recorder's clock on the reference clock, or a ClockError that says why not; which of
        its recordings have no place, and which stretches of those that have one
rules   Every file is heard and judged by itself, so that a declared start, or another event's file in its
        place, moves no other. Of recordings that run side by side on the reference the longest is heard. A
        video counts as one where its sound was not taken out of it as an item of its own. Only the ends of
        the outermost file are open: what lies between two files was recorded by none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.sound.chapters import (
    HeardFile,
    Unplaced,
    carried_over,
    gaps_in,
    laid_apart,
    lone_refused,
    placed_file,
)
from tasks.align.sound.hearing import Hearing
from tasks.align.sound.reels import Reel, reels_of
from tasks.align.sound.refusal import SoundRefusal
from tasks.align.sound.samples import Recordings
from tasks.align.sound.synchronise import synchronise_sound
from tasks.align.warp.synchronise import WarpRefusal
from tasks.core.clock_line import ClockPiece, shifted
from tasks.core.errors import ClockError

Item = dict[str, Any]
Pieces = tuple[ClockPiece, ...]
# The pieces of the other recording's clock on the reference's, or why there are none.
Compare = Callable[[Recordings], Pieces | SoundRefusal | WarpRefusal]
_MOST_TOLD = 3


@dataclass
class HeardClocks:
    """Puts clocks on the reference by sound, file by file.

    `consecutive` are the clocks whose files follow each other without a break. `refused` are files that have
    no place, `unplaced` stretches of those that have one; both grow as clocks are told.
    """

    items: pa.Table
    hearing: Hearing
    consecutive: frozenset[str] = frozenset()
    refused: list[Unplaced] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)

    def synchronise(self, session: str, clock: str, reference: str) -> Pieces:
        """The pieces of a session's clock on the reference; ClockError where no file of it has a place."""
        rows = recordings_on(self.items, session, clock)
        reels = reels_of(recordings_on(self.items, session, reference), self.hearing)
        files = [self._heard(row, reels) for row in sorted(rows, key=lambda row: row["start_ns"] or 0)]
        if clock in self.consecutive:
            files = carried_over(files)
        if not any(file.pieces for file in files):
            raise ClockError(
                f"the sound of clock '{clock}' does not fit that of '{reference}': {_told(files)}"
            )
        files = laid_apart(files)
        self.refused += [file.without_place(session, clock) for file in lone_refused(files)]
        for file in files:
            self.unplaced += gaps_in(file, session, clock)
        return tuple(_between_files(files))

    def _heard(self, row: Item, reels: Sequence[Reel]) -> HeardFile:
        """What comes of one file: the reel that most of it is borne out by."""
        heard = self.hearing.hear(row)
        rate_hz, scratch = self.hearing.sample_rate_hz, self.hearing.scratch
        found = [synchronise_sound(Recordings(reel.sound, heard.samples, rate_hz, scratch)) for reel in reels]
        return placed_file(row["item_id"], heard, rate_hz, list(zip(reels, found, strict=True)))


def longest_synchroniser(
    items: pa.Table, hearing: Hearing, compare: Compare
) -> Callable[[str, str, str], Pieces]:
    """A function that puts a session's clock on the reference by comparing their longest recordings."""

    def synchronise(session: str, clock: str, reference: str) -> Pieces:
        own, other = (recordings_on(items, session, name)[0] for name in (clock, reference))
        heard, there = hearing.hear(own), hearing.hear(other)
        found = compare(
            Recordings(there.samples, heard.samples, hearing.sample_rate_hz, scratch=hearing.scratch)
        )
        if not isinstance(found, tuple):
            raise ClockError(f"the sound of clock '{clock}' does not fit that of '{reference}': {found}")
        return tuple(shifted(piece, heard.start_ns, there.start_ns) for piece in found)

    return synchronise


def recordings_on(items: pa.Table, session: str, clock: str) -> list[Item]:
    """The readable sounds, and videos with sound, of the session on that clock, the longest first."""
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
    return heard


def _why_unheard(rows: list[Item], session: str, clock: str) -> str:
    where = f"on clock '{clock}' in session '{session}'"
    if rows:
        return (
            f"sync by sound needs sound, and {rows[0]['item_id']}, the longest video {where}, has none:"
            " deliver its sound as a file on that clock, or use sync: events or sync: metadata"
        )
    return f"sync by sound needs a readable recording {where}: a file of sound, or a video with sound"


def _told(files: Sequence[HeardFile]) -> str:
    """Why files have no place; of one file that is all there is to say."""
    if len(files) == 1:
        return files[0].why
    more = f"; and {len(files) - _MOST_TOLD} more" if len(files) > _MOST_TOLD else ""
    return "; ".join(f"{file.item_id}: {file.why}" for file in files[:_MOST_TOLD]) + more


def _between_files(files: Sequence[HeardFile]) -> Iterator[ClockPiece]:
    """The pieces of all files in order; only before the first file and after the last one they are open."""
    for number, file in enumerate(files):
        for piece in file.pieces:
            from_ns = file.start_ns if piece.from_ns is None and number else piece.from_ns
            to_ns = file.end_ns if piece.to_ns is None and number < len(files) - 1 else piece.to_ns
            yield ClockPiece(piece.line, from_ns, to_ns)
