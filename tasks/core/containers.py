"""Containers of moving pictures, sound and sensors, played with PyAV: what comes in them, and exactly when.

reads   files of MP4, QuickTime, Matroska, WebM, AVI, MPEG-TS, MPEG-PS, Ogg, FLV, ASF, ADTS or AMR; FLAC, WAV,
        AIFF and CAF with what libsndfile does not decode; tags of ID3 may stand in front
Times are exact: a time stamp is a whole number of its stream's time base, both as fractions of a second. They
count from the start of the container, which is the earliest start of its picture and its sound (what
FFmpeg calls start_time, unrounded); a sound that starts before 0 does so for priming that is cut off, and
counts as 0. AVI has no presentation times: its frames are shown in order, at the times of its chunks.
Only the demuxer that the bytes ask for is tried: FFmpeg has others that would open files and addresses.
Decoded with one thread, so that every run gives the same frames.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from tasks.core.errors import MissingExtraError
from tasks.core.mpeg_audio import id3_bytes
from tasks.core.sound_samples import strange_sample
from tasks.core.times import NS_PER_S

if TYPE_CHECKING:
    from av import AudioFrame, Packet, VideoFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

_DEMUXERS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "mov"),
    (4, b"moov", "mov"),
    (4, b"mdat", "mov"),
    (4, b"wide", "mov"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (8, b"AVI ", "avi"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (0, b"\x00\x00\x01\xb3", "mpegvideo"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"OggS", "ogg"),
    (0, b"#!AMR", "amr"),
    (0, b"fLaC", "flac"),
    (8, b"WAVE", "wav"),
    (8, b"AIFC", "aiff"),
    (0, b"caff", "caf"),
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf9", "aac"),
    (188, b"G", "mpegts"),
)
_MARKED_BYTES = max(position + len(mark) for position, mark, _ in _DEMUXERS)
_WITHOUT_TIMES = "avi"
_ID3_HEADER_BYTES = 10
_FLOAT_SAMPLES = ("flt", "dbl")


class ContainerError(ValueError):
    """The bytes cannot be played, or not to their end; says why."""


@dataclass(frozen=True)
class Shown:
    """A frame of the picture, in the order of presentation."""

    time: Fraction
    duration: Fraction
    frame: "VideoFrame"


@dataclass(frozen=True)
class Heard:
    """A run of sound."""

    time: Fraction
    frame: "AudioFrame"


@dataclass(frozen=True)
class Sensed:
    """What a stream that is neither picture nor sound says, undecoded."""

    time: Fraction
    duration: Fraction
    payload: bytes


@dataclass(frozen=True)
class Reel:
    """An open container and what is played of it: the first picture that is no cover, the first sound."""

    container: "InputContainer"
    picture: "VideoStream | None"
    sound: "AudioStream | None"


def demuxer_of(file: BinaryIO) -> str | None:
    """FFmpeg's name of what can take the file apart; None where it is no container that is read here.

    The file is at its beginning before and after.
    """
    file.seek(id3_bytes(file.read(_ID3_HEADER_BYTES)))
    head = file.read(_MARKED_BYTES)
    file.seek(0)
    for position, mark, name in _DEMUXERS:
        if head.startswith(mark, position):
            return name
    return None


def to_ns(time: Fraction) -> int:
    """The nearest nanosecond; half a nanosecond rounds up."""
    return (2 * time.numerator * NS_PER_S + time.denominator) // (2 * time.denominator)


@contextmanager
def open_reel(file: BinaryIO, most_pixels: int) -> Iterator[Reel]:
    """The container, open; ContainerError where it cannot be, MissingExtraError where PyAV is not installed.

    A picture of more than `most_pixels` pixels is not decoded.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(
            "av", needed_by="reading video and compressed sound", extra="video"
        ) from error
    demuxer = demuxer_of(file)
    with _told(), av.open(file, "r", format=demuxer, metadata_errors="replace") as opened:
        pictures = [stream for stream in opened.streams.video if not _is_cover(stream)]
        reel = Reel(opened, next(iter(pictures), None), next(iter(opened.streams.audio), None))
        for stream in (reel.picture, reel.sound):
            if stream is not None:
                _prepare(stream, most_pixels)
        yield reel


def play(reel: Reel, *, sound_only: bool = False) -> Iterator[Shown | Heard | Sensed]:
    """Everything, to the last packet, as it lies in the container; ContainerError where that cannot be.

    Times are the same where only the sound is played.
    """
    origin = _origin_of(reel)
    timeless = reel.container.format.name == _WITHOUT_TIMES
    chunk_times: deque[Fraction] = deque()
    with _told():
        for packet in reel.container.demux(_played_streams(reel, sound_only)):
            if packet.stream.type == "data":
                yield from _sensed(packet, origin)
            elif reel.sound is not None and packet.stream.index == reel.sound.index:
                yield from (_heard(frame, origin) for frame in reel.sound.decode(packet))
            elif reel.picture is not None:
                if timeless and packet.dts is not None:
                    chunk_times.append(packet.dts * packet.time_base)
                for frame in reel.picture.decode(packet):
                    time = _next_chunk_time(chunk_times) if timeless else _time_of(frame)
                    yield Shown(time - origin, _duration_of(frame), frame)


def _heard(frame: "AudioFrame", origin: Fraction) -> Heard:
    """The run of sound; ContainerError where it holds what is no sample."""
    if frame.format.name.startswith(_FLOAT_SAMPLES):
        strange = strange_sample(frame.to_ndarray())
        if strange is not None:
            raise ContainerError(f"its sound is broken: {strange}")
    return Heard(_time_of(frame) - origin, frame)


@contextmanager
def _told() -> Iterator[None]:
    """FFmpeg's errors as ContainerError, without its number and its name for the file."""
    import av

    try:
        yield
    except av.FFmpegError as error:
        raise ContainerError(error.strerror or type(error).__name__) from error


def _is_cover(stream: "Stream") -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def _prepare(stream: "VideoStream | AudioStream", most_pixels: int) -> None:
    if stream.codec_context is None:
        raise ContainerError(f"there is no decoder for its {stream.type}")
    stream.codec_context.thread_count = 1
    if stream.type == "video":
        stream.codec_context.options = {"max_pixels": str(most_pixels)}


def _played_streams(reel: Reel, sound_only: bool) -> list["Stream"]:
    if sound_only:
        return [reel.sound] if reel.sound is not None else []
    told: list[Stream] = [stream for stream in (reel.picture, reel.sound) if stream is not None]
    return told + list(reel.container.streams.data)


def _origin_of(reel: Reel) -> Fraction:
    starts = []
    for stream in (reel.picture, reel.sound):
        if stream is not None and stream.start_time is not None and stream.time_base is not None:
            start = stream.start_time * stream.time_base
            starts.append(max(start, Fraction(0)) if stream is reel.sound else start)
    return min(starts, default=Fraction(0))


def _time_of(frame: "VideoFrame | AudioFrame") -> Fraction:
    stamp = frame.pts if frame.pts is not None else frame.dts
    if stamp is None or not frame.time_base:
        raise ContainerError("a frame has no time")
    return stamp * frame.time_base


def _duration_of(frame: "VideoFrame") -> Fraction:
    return Fraction(frame.duration or 0) * (frame.time_base or 0)


def _next_chunk_time(chunk_times: "deque[Fraction]") -> Fraction:
    if not chunk_times:
        raise ContainerError("there are more frames than chunks")
    return chunk_times.popleft()


def _sensed(packet: "Packet[Stream]", origin: Fraction) -> Iterator[Sensed]:
    if packet.size and packet.pts is not None:
        base = packet.time_base
        yield Sensed(packet.pts * base - origin, (packet.duration or 0) * base, bytes(packet))
