"""Cut a sample's span out of a sound.

reads   a sound file's bytes; the span in int64 ns from the start of the file
writes  16-bit PCM WAV, same rate and channels; nothing where the span is the whole file
"""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.core.decoder_noise import DecoderNoise
from tasks.core.sound import open_sound
from tasks.core.times import NS_PER_S

if TYPE_CHECKING:
    from soundfile import SoundFile

WAV = "audio/wav"
_PCM_16_SCALE = 32768


class ClipCutter:
    """Cuts clips; the last sound stays open, since the samples of a session follow each other."""

    def __init__(self) -> None:
        self._sound_id: str | None = None
        self._sound: SoundFile | None = None

    def cut(self, sound_id: str, read: Callable[[], bytes], span_ns: tuple[int, int]) -> bytes | None:
        """The span as WAV, b"" where no frame is in it, None where it is the whole sound."""
        sound = self._opened(sound_id, read)
        first, last = (_to_frame(time_ns, sound.samplerate) for time_ns in span_ns)
        if first <= 0 and last >= sound.frames:
            return None
        first, last = max(first, 0), min(last, sound.frames)
        if last <= first:
            return b""
        with DecoderNoise() as noise:
            sound.seek(first)
            frames = sound.read(last - first, dtype="float32", always_2d=True)
            noise.tell(sound_id)
        return _to_wav(frames, sound.samplerate)

    def close(self) -> None:
        """Let go of the open sound."""
        if self._sound is not None:
            self._sound.close()
            self._sound_id, self._sound = None, None

    def _opened(self, sound_id: str, read: Callable[[], bytes]) -> "SoundFile":
        if self._sound is None or self._sound_id != sound_id:
            self.close()
            self._sound_id, self._sound = sound_id, open_sound(io.BytesIO(read()))
        return self._sound


def _to_frame(time_ns: int, sample_rate: int) -> int:
    """The nearest frame, counted exactly; half a frame is the later one."""
    return (2 * time_ns * sample_rate + NS_PER_S) // (2 * NS_PER_S)


def _to_wav(frames: np.ndarray[Any, np.dtype[np.float32]], sample_rate: int) -> bytes:
    import soundfile

    # Done here, since libsndfile scales differently in and out: so PCM_16 comes out as it went in.
    scaled = np.clip(np.rint(frames * _PCM_16_SCALE), -_PCM_16_SCALE, _PCM_16_SCALE - 1)
    stored = io.BytesIO()
    soundfile.write(stored, scaled.astype(np.int16), sample_rate, format="WAV", subtype="PCM_16")
    return stored.getvalue()
