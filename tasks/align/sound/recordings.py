"""Two recordings of a session compared: the glue between items in shards and the mathematics of sound.

reads   items and their media
writes  the pieces of one recorder's clock on the reference clock, or a ClockError that says why not
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.sound.synchronise import Float32s, SoundRefusal, synchronise_sound
from tasks.align.warp.synchronise import WarpRefusal
from tasks.core.clock_line import ClockPiece
from tasks.core.errors import ClockError
from tasks.core.shards import ShardReader
from tasks.core.sound import read_sound

Pieces = tuple[ClockPiece, ...]
# (reference, other, samples a second) -> the pieces of the other's clock, or why there are none.
Compare = Callable[[Float32s, Float32s, int], Pieces | SoundRefusal | WarpRefusal]


def sound_synchroniser(
    items: pa.Table, media: Path, sound_rate_hz: int, compare: Compare
) -> Callable[[str, str, str], Pieces]:
    """A function that puts a session's clock on the reference by comparing their longest recordings."""
    audio = items.filter(pc.and_(pc.equal(items["modality"], "audio"), items["readable"]))

    def synchronise(session: str, clock: str, reference: str) -> Pieces:
        own, other = _recording(audio, session, clock), _recording(audio, session, reference)
        with ShardReader(media) as shards:
            sounds = [
                read_mono(shards.read(row["shard"], row["offset"], row["size"]), sound_rate_hz)
                for row in (other, own)
            ]
        found = compare(sounds[0], sounds[1], sound_rate_hz)
        if not isinstance(found, tuple):
            raise ClockError(f"the sound of clock '{clock}' does not fit that of '{reference}': {found}")
        starts_ns = int(own["start_ns"] or 0), int(other["start_ns"] or 0)
        return tuple(_on_clocks(piece, *starts_ns) for piece in found)

    return synchronise


def same_event(reference: Float32s, other: Float32s, sample_rate_hz: int) -> Pieces | SoundRefusal:
    """The pieces of two recordings of one event (`sync: audio`)."""
    found = synchronise_sound(reference, other, sample_rate_hz)
    return found if isinstance(found, SoundRefusal) else found.pieces


def read_mono(payload: bytes, sample_rate_hz: int) -> Float32s:
    """The mean of the channels of a sound file, at another rate; ClockError where it cannot be decoded."""
    from scipy.signal import resample_poly

    try:
        sound = read_sound(payload)
    except ValueError as error:
        raise ClockError(f"the recording cannot be decoded: {error}") from error
    mono: Float32s = sound.samples.mean(axis=1)
    own_rate_hz = sound.sample_rate
    if own_rate_hz == sample_rate_hz or not len(mono):
        return mono
    common_hz = math.gcd(own_rate_hz, sample_rate_hz)
    resampled: Float32s = resample_poly(mono, sample_rate_hz // common_hz, own_rate_hz // common_hz)
    return resampled


def _recording(audio: pa.Table, session: str, clock: str) -> dict[str, Any]:
    """The longest readable recording of the session on that clock."""
    rows = audio.filter(pc.and_(pc.equal(audio["session"], session), pc.equal(audio["clock"], clock)))
    if not rows.num_rows:
        raise ClockError(
            f"sync by sound needs a readable recording on clock '{clock}' in session '{session}'"
            " (of a video, its sound: `video: {sound: true}` of its source takes it out)"
        )
    ordered = rows.sort_by([("duration_ns", "descending"), ("item_id", "ascending")])
    longest: dict[str, Any] = ordered.slice(0, 1).to_pylist()[0]
    return longest


def _on_clocks(piece: ClockPiece, own_start_ns: int, other_start_ns: int) -> ClockPiece:
    """The piece between the recordings' own beginnings, moved to where these stand on their clocks."""
    line = replace(
        piece.line,
        anchor_ns=piece.line.anchor_ns + own_start_ns,
        offset_ns=piece.line.offset_ns + other_start_ns - own_start_ns,
    )
    ends = (None if end_ns is None else end_ns + own_start_ns for end_ns in (piece.from_ns, piece.to_ns))
    return ClockPiece(line, *ends)
