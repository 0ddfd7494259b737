"""The files of one clock, each with its own pieces: what they say together.

reads   what came of each file that was compared with the reference's reels
writes  files whose pieces do not contradict each other; what has no place, and why
rules   Time that two files claim, and put at two places, belongs to none. Where files follow each other
        without a break (`chapters: consecutive`), one that is silent or short runs on the line of the file
        before it, or else after it, if that line holds up to where they meet. One that sounds otherwise does
        not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tasks.align.sound.evidence import SoundSync
from tasks.align.sound.hearing import HeardRecording
from tasks.align.sound.reels import Reel
from tasks.align.sound.refusal import SoundRefusal
from tasks.core.clock_line import ClockPiece, shifted, to_reference_ns
from tasks.core.times import NS_PER_MS, NS_PER_S

_ONE_PLACE_NS = 5 * NS_PER_MS
_BESIDE_NS = NS_PER_S
_WITHOUT_WORD = ("silent", "too_short")


@dataclass(frozen=True)
class Unplaced:
    """A recording, or a stretch of one, that has no place on the reference, by its own clock; and why."""

    session: str
    clock: str
    item_id: str
    from_ns: int
    to_ns: int
    why: str


@dataclass(frozen=True)
class HeardFile:
    """A file from when to when on its clock, and its pieces there; without pieces, `why` and its `reason`."""

    item_id: str
    start_ns: int
    end_ns: int
    pieces: tuple[ClockPiece, ...] = ()
    why: str = ""
    reason: str = ""

    def without_place(self, session: str, clock: str) -> Unplaced:
        """The file as one that has no place."""
        return Unplaced(session, clock, self.item_id, self.start_ns, self.end_ns, self.why)

    def within(self, piece: ClockPiece) -> tuple[int, int]:
        """From when to when of the file the piece is good."""
        return (
            self.start_ns if piece.from_ns is None else piece.from_ns,
            self.end_ns if piece.to_ns is None else piece.to_ns,
        )


def placed_file(
    item_id: str, heard: HeardRecording, rate_hz: int, found: Sequence[tuple[Reel, SoundSync | SoundRefusal]]
) -> HeardFile:
    """The file on the reel that bears out most of it; refused as by the longest reel where none does."""
    file = HeardFile(item_id, heard.start_ns, heard.start_ns + len(heard.samples) * NS_PER_S // rate_hz)
    placed = [
        tuple(shifted(piece, heard.start_ns, reel.start_ns) for piece in told.pieces)
        for reel, told in found
        if isinstance(told, SoundSync)
    ]
    if placed:
        return replace(file, pieces=max(placed, key=lambda pieces: _length_ns(file, pieces)))
    _, refusal = max(found, key=lambda pair: len(pair[0].sound))
    reason = refusal.reason if isinstance(refusal, SoundRefusal) else ""
    return replace(file, why=str(refusal), reason=reason)


def carried_over(files: Sequence[HeardFile]) -> list[HeardFile]:
    """The files of which those that have nothing to say run on with their neighbour."""
    carried = list(files)
    order = [(number, number - 1, -1) for number in range(1, len(files))]
    order += [(number, number + 1, 0) for number in range(len(files) - 2, -1, -1)]
    for number, beside, end in order:
        file, neighbour = carried[number], carried[beside]
        if file.pieces or file.reason not in _WITHOUT_WORD or not neighbour.pieces:
            continue
        piece = neighbour.pieces[end]
        if (piece.to_ns if end else piece.from_ns) is None:
            carried[number] = replace(file, pieces=(ClockPiece(piece.line),), why="", reason="")
    return carried


def laid_apart(files: Sequence[HeardFile]) -> list[HeardFile]:
    """The files without the time that two of them put at two places."""
    apart = list(files)
    for first in range(len(files)):
        for second in range(first + 1, len(files)):
            low = max(files[first].start_ns, files[second].start_ns)
            high = min(files[first].end_ns, files[second].end_ns)
            if low < high and _at_two_places(files[first], files[second], (low, high)):
                for number, other in ((first, second), (second, first)):
                    apart[number] = _without(apart[number], (low, high), files[other].item_id)
    return apart


def lone_refused(files: Sequence[HeardFile]) -> Iterator[HeardFile]:
    """The files without a place; one that ran beside one with a place (another track) has that one's."""
    placed = [file for file in files if file.pieces]
    for file in files:
        beside = any(
            other.start_ns - _BESIDE_NS <= file.start_ns and file.end_ns <= other.end_ns + _BESIDE_NS
            for other in placed
        )
        if not file.pieces and not beside:
            yield file


def gaps_in(file: HeardFile, session: str, clock: str) -> Iterator[Unplaced]:
    """The stretches of a file with a place that have none themselves."""
    why = "nothing there bears out a time on the reference: the two do not sound alike, or one is silent"
    if not file.pieces:
        return
    ends = sorted(file.within(piece) for piece in file.pieces)
    bounds = [file.start_ns, *(end_ns for span in ends for end_ns in span), file.end_ns]
    for from_ns, to_ns in zip(bounds[::2], bounds[1::2], strict=True):
        if to_ns > from_ns:
            yield Unplaced(session, clock, file.item_id, from_ns, to_ns, why)


def _at_two_places(one: HeardFile, other: HeardFile, span: tuple[int, int]) -> bool:
    """Whether pieces of both hold somewhere in the span, and differ."""
    for piece in one.pieces:
        for beside in other.pieces:
            low = max(span[0], one.within(piece)[0], other.within(beside)[0])
            high = min(span[1], one.within(piece)[1], other.within(beside)[1])
            ends_ns = np.array([low, high], np.int64)
            apart = np.abs(to_reference_ns(ends_ns, piece.line) - to_reference_ns(ends_ns, beside.line))
            if low < high and int(apart.max()) > _ONE_PLACE_NS:
                return True
    return False


def _without(file: HeardFile, span: tuple[int, int], other: str) -> HeardFile:
    """The file's pieces less the span, which another file claims."""
    kept = []
    for piece in file.pieces:
        low, high = file.within(piece)
        if high <= span[0] or low >= span[1]:
            kept.append(piece)
            continue
        if low < span[0]:
            kept.append(ClockPiece(piece.line, piece.from_ns, span[0]))
        if high > span[1]:
            kept.append(ClockPiece(piece.line, span[1], piece.to_ns))
    if file.pieces and not kept:
        why = (
            f"its time on the clock is claimed by {other} too, at another place: correct the declared starts"
        )
        return replace(file, pieces=(), why=why)
    return replace(file, pieces=tuple(kept))


def _length_ns(file: HeardFile, pieces: Sequence[ClockPiece]) -> int:
    spans = [file.within(piece) for piece in pieces]
    return sum(to_ns - from_ns for from_ns, to_ns in spans)
