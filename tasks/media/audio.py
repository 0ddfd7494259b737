"""Sound: decoded to its last frame; a file that ends before its own header says so is truncated.

reads   the bytes of a sound file: WAV, RF64, FLAC, Ogg, MP3, AIFF, AU and CAF with libsndfile; with PyAV what
        libsndfile does not know of these (FLAC of 12 and 20 bits, chained Ogg, other codecs), M4A, AAC, AMR
        and sound alone in a container of video
What stands around the sound (tags, zeros, garbage) does not hurt it, see `tasks/core/sound_body.py`.
The licence is that of the tags license and copyright (Vorbis comments, ID3), by the rules of `licences.py`.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.sound import read_blocks
from tasks.core.sound_body import sound_body
from tasks.core.sound_samples import strange_sample
from tasks.core.times import NS_PER_S
from tasks.media.endings import missing_bytes
from tasks.media.licences import find_licence
from tasks.media.reader import Limits, MediaReader
from tasks.media.sound_print import LONGEST_S, sound_print
from tasks.media.watching import watch

if TYPE_CHECKING:
    from soundfile import SoundFile

_READABLE = frozenset(f"audio/{name}" for name in ("wav", "flac", "ogg", "mpeg", "aiff", "basic", "x-caf"))
_UNKNOWN_TO_LIBSNDFILE = 18  # SFE_UNIMPLEMENTED_FORMAT
_WAV_CODECS = frozenset((1, 2, 3, 6, 7, 0x11, 0x31, 0x40, 0x55, 0xFFFE))
_SPARE_MPEG_SAMPLES = 2 * 1152


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """Rate, channels and exact duration of the frames that are there."""
    import soundfile

    body = sound_body(io.BytesIO(payload))
    if media_type not in _READABLE or body.chained or _is_foreign_wav(payload):
        return watch(payload, media_type, limits)
    missing = missing_bytes(payload, media_type)
    cut = Fault(Reason.TRUNCATED, f"{missing} bytes are missing at the end of the file") if missing else None
    try:
        with soundfile.SoundFile(body.file) as sound:
            facts = _read_frames(sound, media_type)
    except soundfile.LibsndfileError as error:
        if error.code == _UNKNOWN_TO_LIBSNDFILE:
            return watch(payload, media_type, limits)
        return MediaFacts("audio", media_type, fault=cut or Fault(Reason.UNREADABLE, error.error_string))
    return replace(facts, fault=cut or facts.fault)


def _read_frames(sound: "SoundFile", media_type: str) -> MediaFacts:
    """Decode everything, and look at the samples of what may hold others than whole numbers."""
    frames, strange = 0, None
    mono: list[npt.NDArray[np.float32]] = []
    whole = sound.subtype.startswith(("PCM", "ALAC"))
    for block in read_blocks(sound, "int16" if whole else "float64"):
        if frames < LONGEST_S * sound.samplerate:
            mono.append(block.mean(axis=1, dtype=np.float32))
        frames += len(block)
        strange = strange or (None if whole else strange_sample(block))
    tags = sound.copy_metadata()
    return MediaFacts(
        "audio",
        media_type,
        duration_ns=_duration_ns(frames, sound.samplerate),
        sample_rate=sound.samplerate,
        channels=sound.channels,
        license=find_licence(tags.get("license"), tags.get("copyright")),
        sound_print=None if strange else _print_of(mono, sound.samplerate),
        fault=Fault(Reason.NOT_A_NUMBER, strange) if strange else _fault_of(frames, _promised(sound)),
    )


def _print_of(mono: Sequence[npt.NDArray[np.float32]], rate_hz: int) -> bytes | None:
    return sound_print(np.concatenate(mono)[: LONGEST_S * rate_hz], rate_hz) if mono else None


def _promised(sound: "SoundFile") -> int:
    """How many frames there are to be, at the least."""
    # Where garbage stands between the frames of MPEG audio, a decoder may lose one.
    spare = _SPARE_MPEG_SAMPLES if sound.subtype.startswith("MPEG") else 0
    return max(0, int(sound.frames) - spare)


def _is_foreign_wav(payload: bytes) -> bool:
    """Whether a WAV names a codec that libsndfile does not know."""
    form = payload.find(b"fmt ", 12, 2**16) if payload.startswith(b"WAVE", 8) else -1
    order: Literal["big", "little"] = "big" if payload.startswith(b"RIFX") else "little"
    return form >= 0 and int.from_bytes(payload[form + 8 : form + 10], order) not in _WAV_CODECS


def _duration_ns(frames: int, rate: int) -> int:
    """Half a nanosecond rounds up."""
    return (2 * frames * NS_PER_S + rate) // (2 * rate)


def _fault_of(frames: int, promised: int) -> Fault | None:
    if frames < promised:
        return Fault(Reason.TRUNCATED, f"expected {promised} frames, only {frames} can be decoded")
    return None if frames else Fault(Reason.FILE_EMPTY, "there is no sound in the file")


READER = MediaReader("audio", read)
