"""Speech: a sentence spoken by espeak-ng, cut to where the voice begins and ends.

Only the generator needs espeak-ng: what it says is committed as audio.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sample.errors import MissingProgramError

Samples = NDArray[np.float64]

PROGRAM = "espeak-ng"
VOICE = "en-gb"
WORDS_PER_MINUTE = "150"
RATE_HZ = 22_050
LOUDEST = 0.3
QUIETEST_SHARE = 0.01


def speak(sentence: str) -> Samples:
    """The sentence at 22,050 Hz; the first and the last sample are already voice."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise MissingProgramError(PROGRAM, package=PROGRAM)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentence.wav"
        command = [program, "-v", VOICE, "-s", WORDS_PER_MINUTE, "-w", str(path), sentence]
        subprocess.run(command, check=True, capture_output=True)
        voice, rate_hz = soundfile.read(path, dtype="float64")
    if rate_hz != RATE_HZ:
        raise ValueError(
            f"{PROGRAM}: expected {RATE_HZ} samples a second, got {rate_hz}; is it another voice?"
        )
    return trimmed(voice)


def trimmed(voice: Samples) -> Samples:
    """The voice without the silence around it, at a fixed loudness."""
    loud = np.flatnonzero(np.abs(voice) > QUIETEST_SHARE * np.abs(voice).max())
    cut = voice[loud[0] : loud[-1] + 1]
    return np.asarray(cut * (LOUDEST / np.abs(cut).max()), dtype=np.float64)
