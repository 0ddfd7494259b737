"""Small films for the tests, made on the spot with PyAV: a grey that tells the frame's number, and a tone."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

SIDE = (64, 48)
GREY_STEP = 20
RATE = 48_000


@dataclass(frozen=True)
class Film:
    """How a film is made; times of the frames in milliseconds, `sound_ms` long from `sound_from_ms`.

    `heard` is what is heard instead of a tone, at 48 kHz.
    """

    times_ms: Sequence[int] = tuple(range(0, 1000, 100))
    codec: str = "mpeg4"
    form: str = "mp4"
    sound_codec: str | None = None
    sound_ms: int = 1000
    sound_from_ms: int = 0
    b_frames: int = 0
    tags: tuple[tuple[str, str], ...] = ()
    heard: np.ndarray[tuple[int], np.dtype[np.float32]] | None = None


def film(plan: Film) -> bytes:
    """The bytes of the film."""
    buffer = io.BytesIO()
    # QuickTime's own keys, com.apple and the like, instead of those of the MP4 that phones copied.
    options = {"movflags": "use_metadata_tags"} if plan.form == "mov" else {}
    with av.open(buffer, "w", format=plan.form, options=options) as container:
        container.metadata.update(dict(plan.tags))
        picture = _picture_stream(container, plan) if plan.times_ms else None
        sound = container.add_stream(plan.sound_codec, rate=RATE) if plan.sound_codec else None
        if picture is not None:
            for number, time_ms in enumerate(plan.times_ms):
                container.mux(picture.encode(_frame(number, time_ms)))
            container.mux(picture.encode(None))
        if isinstance(sound, av.AudioStream):
            _add_sound(container, sound, plan)
    return buffer.getvalue()


def _picture_stream(container: "av.container.OutputContainer", plan: Film) -> av.VideoStream:
    stream = container.add_stream(plan.codec, rate=1000)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = SIDE
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, 1000)
    stream.codec_context.max_b_frames = plan.b_frames
    return stream


def _frame(number: int, time_ms: int) -> av.VideoFrame:
    """Grey by its number, its left half a little darker, so that a turn is seen."""
    pixels = np.full((SIDE[1], SIDE[0], 3), 20 + number * GREY_STEP % 200, np.uint8)
    pixels[:, : SIDE[0] // 2] -= 8
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
    return frame


def _add_sound(container: "av.container.OutputContainer", stream: av.AudioStream, plan: Film) -> None:
    samples = plan.sound_ms * RATE // 1000
    tone = (np.sin(np.arange(samples) / 9) * 0.5).astype(np.float32)
    heard = tone if plan.heard is None else plan.heard
    whole = av.AudioFrame.from_ndarray(heard[None, :], format="flt", layout="mono")
    whole.sample_rate = RATE
    start = plan.sound_from_ms * RATE // 1000
    fifo = av.AudioFifo()
    fifo.write(whole)
    while (run := fifo.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
        run.pts, run.time_base = start, Fraction(1, RATE)
        start += run.samples
        container.mux(stream.encode(run))
    container.mux(stream.encode(None))


def turned(payload: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """An MP4 whose first track asks to be turned: a, b, c and d of its display matrix."""
    edited = bytearray(payload)
    place = payload.index(b"tkhd") + 4 + 40
    a, b, c, d = (number << 16 for number in matrix)
    struct.pack_into(">9i", edited, place, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return bytes(edited)
