"""Sound of any kind that is collected, as samples: the one place where stages and encoders decode it.

reads   the bytes of a sound: what libsndfile knows, and through PyAV (extra `video`) what is in other
        containers (M4A, AAC, AMR, sound in WebM, Matroska, ASF)
"""

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tasks.core.containers import Heard, Reel, demuxer_of, open_reel, play
from tasks.core.sound_track import SoundTrack

if TYPE_CHECKING:
    from soundfile import SoundFile

# A cover is no picture that is played, and nothing else is decoded for its sound.
_MOST_PIXELS = 1


@dataclass(frozen=True)
class Sound:
    """`samples` are float32 of shape (frames, channels), 1.0 is full scale."""

    samples: npt.NDArray[np.float32]
    sample_rate: int


def read_sound(payload: bytes) -> Sound:
    """All of the sound; ValueError where the bytes hold none."""
    with open_sound(payload) as sound:
        return Sound(sound.read(dtype="float32", always_2d=True), sound.samplerate)


def open_sound(payload: bytes) -> "SoundFile":
    """The sound, to be read from any frame on; ValueError where the bytes hold none."""
    import soundfile

    try:
        return soundfile.SoundFile(io.BytesIO(payload))
    except soundfile.LibsndfileError as error:
        if demuxer_of(payload) is None:
            raise ValueError(error.error_string) from error
    return _decode(payload)


def _decode(payload: bytes) -> "SoundFile":
    """What libsndfile does not know, decoded into a file that is gone as soon as it is closed."""
    import soundfile

    with TemporaryDirectory() as folder:
        place = Path(folder) / "sound"
        with open_reel(payload, _MOST_PIXELS) as reel, SoundTrack(place, "RF64") as track:
            for event in play(Reel(reel.container, None, reel.sound)):
                if isinstance(event, Heard):
                    track.add(event)
        if not track.samples:
            raise ValueError("there is no sound in it")
        return soundfile.SoundFile(place)
