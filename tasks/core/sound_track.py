"""Decoded sound as a sound file, written as it comes: nothing but a few frames is in memory.

reads   runs of sound as PyAV decodes them, each with its time
writes  a sound file of libsndfile: 16 bits a sample, or 24 where the decoder gives whole numbers of 32 bits
Floating point, which lossy decoders give, is rounded to 16 bits and clipped. Where 50 ms or more of sound are
missing between two runs, silence stands in for them, so that what follows keeps its time; smaller holes are
the rounding of containers that count milliseconds.
"""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from tasks.core.containers import ContainerError, Heard

if TYPE_CHECKING:
    from av import AudioFrame
    from soundfile import SoundFile

Samples = npt.NDArray[Any]

_SMALLEST_HOLE = Fraction(50, 1000)
_LARGEST_HOLE = Fraction(3600)
_SILENCE_SAMPLES = 2**16


class SoundTrack:
    """A sound file in the making, a context; `kind` is libsndfile's name. No file where there is no sound."""

    def __init__(self, place: Path, kind: str) -> None:
        self._place = place
        self._kind = kind
        self._file: SoundFile | None = None
        self._form: tuple[int, int, str] | None = None
        self.start = Fraction(0)
        self.samples = 0

    @property
    def sample_rate(self) -> int:
        """Samples a second; 0 before the first run."""
        return self._form[0] if self._form else 0

    @property
    def channels(self) -> int:
        """Channels; 0 before the first run."""
        return self._form[1] if self._form else 0

    @property
    def end(self) -> Fraction:
        """When the last run ends."""
        return self.start + Fraction(self.samples, self.sample_rate or 1)

    def add(self, heard: Heard) -> None:
        """Take one run; ContainerError where its form or its time do not follow from what came before."""
        values = _kept(heard.frame)
        form = (heard.frame.sample_rate, values.shape[1], heard.frame.format.name)
        if self._form is None:
            self._open(form, values.dtype)
            self.start = heard.time
        elif form != self._form:
            raise ContainerError(f"its sound changes from {self._form} to {form}")
        self._fill_hole(heard.time - self.end, values)
        self._write(values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self, form: tuple[int, int, str], kind: "np.dtype[Any]") -> None:
        import soundfile

        self._form = form
        subtype = "PCM_16" if kind == np.int16 else "PCM_24"
        try:
            self._file = soundfile.SoundFile(
                self._place, "w", form[0], form[1], subtype=subtype, format=self._kind
            )
        except soundfile.LibsndfileError as error:
            raise ContainerError(f"{self._kind} cannot hold its sound: {error.error_string}") from error

    def _fill_hole(self, hole: Fraction, values: Samples) -> None:
        if hole > _LARGEST_HOLE:
            raise ContainerError(f"its sound jumps ahead by {float(hole):.0f} s")
        missing = int(hole * self.sample_rate) if hole >= _SMALLEST_HOLE else 0
        while missing > 0:
            run = min(missing, _SILENCE_SAMPLES)
            self._write(np.zeros((run, values.shape[1]), values.dtype))
            missing -= run

    def _write(self, values: Samples) -> None:
        if self._file is not None:
            self._file.write(values)
            self.samples += len(values)


def _kept(frame: "AudioFrame") -> Samples:
    """The run as whole numbers, int16 or int32, of shape (samples, channels)."""
    channels = frame.layout.nb_channels
    decoded = frame.to_ndarray()
    values = decoded.T if frame.format.is_planar else decoded.reshape(-1, channels)
    values = _to_whole_numbers(values)
    # The last run of an MP4 or WebM may last less than it holds: the container says where the sound ends.
    if frame.time_base == Fraction(1, frame.sample_rate) and frame.duration:
        values = values[: frame.duration]
    return np.ascontiguousarray(values)


def _to_whole_numbers(values: Samples) -> Samples:
    if values.dtype == np.uint8:
        return (values.astype(np.int16) - 128) * np.int16(256)
    if values.dtype in (np.int16, np.int32):
        return values
    if values.dtype == np.int64:
        return (values >> 32).astype(np.int32)
    scaled = np.rint(values * 32_768)
    clipped: Samples = np.clip(scaled, -32_768, 32_767).astype(np.int16)
    return clipped
