"""Sound of any kind that is collected, as samples: the one place where stages and encoders decode it.

reads   a sound, as bytes or a file: what libsndfile knows, and through PyAV (extra `video`) what it does not
        (FLAC of 12 and 20 bits, chained Ogg, codecs in WAV) and what is in other containers (M4A, AAC, AMR,
        sound in WebM, Matroska, ASF), among them the sound of a video
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from tasks.core.containers import Heard, demuxer_of, open_reel, play, to_ns
from tasks.core.sound_body import sound_body
from tasks.core.sound_samples import strange_sample
from tasks.core.sound_track import SoundTrack

if TYPE_CHECKING:
    from soundfile import SoundFile

_BLOCK_VALUES = 2**18
# Nothing is decoded for its picture, least of all a cover.
_MOST_PIXELS = 1


@dataclass(frozen=True)
class Sound:
    """`samples` are float32 of shape (frames, channels), 1.0 is full scale."""

    samples: npt.NDArray[np.float32]
    sample_rate: int


@dataclass(frozen=True)
class DecodedTrack:
    """The sound of a container, and when it starts there, in ns."""

    sound: "SoundFile"
    start_ns: int


def read_sound(payload: bytes) -> Sound:
    """All of the sound; ValueError where the bytes hold none, or samples that cannot be meant."""
    with open_sound(io.BytesIO(payload)) as sound:
        samples = sound.read(dtype="float32", always_2d=True)
        strange = strange_sample(samples)
        if strange is not None:
            raise ValueError(strange)
        return Sound(samples, sound.samplerate)


def open_sound(file: BinaryIO, folder: Path | None = None) -> "SoundFile":
    """The sound, to be read from any frame on; ValueError where the file holds none.

    What must be decoded first is so in the folder, or in that for temporary files.
    """
    import soundfile

    body = sound_body(file)
    if body.chained:
        return decode_track(body.file, folder).sound
    try:
        return soundfile.SoundFile(body.file)
    except soundfile.LibsndfileError as error:
        body.file.seek(0)
        if demuxer_of(body.file) is None:
            raise ValueError(error.error_string) from error
        return decode_track(body.file, folder).sound


def read_blocks(sound: "SoundFile", kind: str) -> Iterator[npt.NDArray[Any]]:
    """Everything, a block at a time, as samples of that kind: (frames, channels)."""
    block = np.empty((max(_BLOCK_VALUES // sound.channels, 1), sound.channels), kind)
    left = sound.frames
    # Asked for more than there is, libsndfile takes what stands behind a FLAC for broken sound.
    while left and (count := len(sound.read(out=block[:left]))):
        yield block[:count]
        left -= count


def decode_track(file: BinaryIO, folder: Path | None = None) -> DecodedTrack:
    """The sound of a container, decoded into a file that is gone as soon as it is closed."""
    import soundfile

    with TemporaryDirectory(dir=folder) as scratch:
        place = Path(scratch) / "sound"
        with open_reel(file, _MOST_PIXELS) as reel, SoundTrack(place, "RF64") as track:
            for event in play(reel, sound_only=True):
                if isinstance(event, Heard):
                    track.add(event)
        if not track.samples:
            raise ValueError("there is no sound in it")
        return DecodedTrack(soundfile.SoundFile(place), to_ns(track.start))
