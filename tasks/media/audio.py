"""Sound: decoded to its last frame; a file that ends before its own header says so is truncated.

reads   the bytes of a sound file: WAV, RF64, FLAC, Ogg, MP3, AIFF, AU and CAF with libsndfile; M4A, AAC, AMR
        and sound alone in a container of video with PyAV
The licence is that of the tags license and copyright (Vorbis comments, ID3), by the rules of `licences.py`.
"""

import io
from typing import TYPE_CHECKING

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.times import NS_PER_S
from tasks.media.endings import missing_bytes
from tasks.media.licences import find_licence
from tasks.media.reader import Limits, MediaReader
from tasks.media.watching import watch

if TYPE_CHECKING:
    from soundfile import SoundFile

_READABLE = frozenset(f"audio/{name}" for name in ("wav", "flac", "ogg", "mpeg", "aiff", "basic", "x-caf"))
_BLOCK_VALUES = 2**18


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """Rate, channels and exact duration of the frames that are there."""
    import soundfile

    if media_type not in _READABLE:
        return watch(payload, media_type, limits)
    missing = missing_bytes(payload, media_type)
    cut = Fault(Reason.TRUNCATED, f"{missing} bytes are missing at the end of the file") if missing else None
    try:
        with soundfile.SoundFile(io.BytesIO(payload)) as sound:
            promised, rate, channels = sound.frames, sound.samplerate, sound.channels
            tags = sound.copy_metadata()
            frames = _count_frames(sound)
    except soundfile.LibsndfileError as error:
        return MediaFacts("audio", media_type, fault=cut or Fault(Reason.UNREADABLE, error.error_string))
    fault = cut or _fault_of(frames, promised)
    return MediaFacts(
        "audio",
        media_type,
        duration_ns=_duration_ns(frames, rate),
        sample_rate=rate,
        channels=channels,
        license=find_licence(tags.get("license"), tags.get("copyright")),
        fault=fault,
    )


def _count_frames(sound: "SoundFile") -> int:
    """Decode everything, a block at a time, and count."""
    import numpy as np

    block = np.empty((_BLOCK_VALUES // sound.channels, sound.channels), np.int16)
    frames = 0
    while count := len(sound.read(out=block)):
        frames += count
    return frames


def _duration_ns(frames: int, rate: int) -> int:
    """Half a nanosecond rounds up."""
    return (2 * frames * NS_PER_S + rate) // (2 * rate)


def _fault_of(frames: int, promised: int) -> Fault | None:
    if frames < promised:
        return Fault(Reason.TRUNCATED, f"expected {promised} frames, only {frames} can be decoded")
    return None if frames else Fault(Reason.FILE_EMPTY, "there is no sound in the file")


READER = MediaReader("audio", read)
