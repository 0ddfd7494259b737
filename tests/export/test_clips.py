"""Sounds: the span of a sample, on the recorder's own clock, frame by frame."""

import io
from typing import Any

import numpy as np
import pytest
import soundfile

from tasks.export.clips import ClipCutter
from tests.export.conftest import wav
from tests.media.filming import Film, film

TENTH_NS = 100_000_000
RAMP = list(range(-5, 5))


def cut(payload: bytes, begin_ns: int, end_ns: int) -> bytes | None:
    cutter = ClipCutter()
    try:
        return cutter.cut("a", lambda: payload, (begin_ns, end_ns))
    finally:
        cutter.close()


def frames(clip: bytes | None) -> Any:
    sound, _ = soundfile.read(io.BytesIO(clip or b""), dtype="int16")
    return sound.tolist()


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [(0, 3, [-5, -4, -3]), (7, 10, [2, 3, 4]), (-4, 1, [-5]), (9, 99, [4]), (4, 5, [-1])],
)
def test_a_clip_has_just_the_frames_of_its_span(begin: int, end: int, expected: list[int]) -> None:
    assert frames(cut(wav(RAMP, 10), begin * TENTH_NS, end * TENTH_NS)) == expected


def test_a_clip_is_cut_out_of_sound_that_libsndfile_does_not_know() -> None:
    song = film(Film(times_ms=(), form="matroska", sound_codec="flac"))
    longer = frames(cut(song, 0, 4 * TENTH_NS))
    assert len(longer) == 19_200
    assert frames(cut(song, TENTH_NS, 3 * TENTH_NS)) == longer[4_800:14_400]


def test_a_span_of_the_whole_sound_leaves_it_as_it_is() -> None:
    assert cut(wav(RAMP, 10), -1, 10 * TENTH_NS + 1) is None


@pytest.mark.parametrize(("begin", "end"), [(10, 12), (-3, 0), (4, 4), (6, 4)])
def test_a_span_without_a_frame_is_empty(begin: int, end: int) -> None:
    assert cut(wav(RAMP, 10), begin * TENTH_NS, end * TENTH_NS) == b""


def test_extreme_values_are_kept() -> None:
    assert frames(cut(wav([-32768, 32767, 0], 10), 0, 2 * TENTH_NS)) == [-32768, 32767]


def test_a_float_sound_is_clipped_and_not_wrapped() -> None:
    stored = io.BytesIO()
    soundfile.write(stored, np.array([1.5, -1.5, 0.5, 0.0], np.float32), 10, format="WAV", subtype="FLOAT")
    assert frames(cut(stored.getvalue(), 0, 3 * TENTH_NS)) == [32767, -32768, 16384]


def test_both_channels_of_a_flac_are_cut_to_wav() -> None:
    stored = io.BytesIO()
    soundfile.write(stored, np.array([[1, 2], [3, 4], [5, 6]], np.int16), 8000, format="FLAC")
    clip = cut(stored.getvalue(), 125_000, 250_000)
    assert frames(clip) == [[3, 4]]
    assert (clip or b"")[:4] == b"RIFF"


def test_the_last_sound_is_read_once() -> None:
    cutter, reads = ClipCutter(), []

    def read() -> bytes:
        reads.append("a")
        return wav(RAMP, 10)

    clips = [cutter.cut("a", read, (n * TENTH_NS, (n + 1) * TENTH_NS)) for n in range(3)]
    cutter.close()
    assert ([frames(clip) for clip in clips], reads) == ([[-5], [-4], [-3]], ["a"])
