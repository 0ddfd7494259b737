"""Hear a recording of a batch: decoded once, block by block, to mono samples on disk at the wanted rate.

reads   an item of sound, or a video for its sound, where it lies in its shard
writes  FloatsOnDisk, and when the first sample is; memory holds one block, however long the recording is
rules   The mean of the channels counts. The rate is changed by soxr, whose output is the same for any blocks.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from tasks.core.decoder_noise import DecoderNoise
from tasks.core.errors import ClockError
from tasks.core.floats_on_disk import FloatsOnDisk
from tasks.core.shards import ShardReader
from tasks.core.sound import DecodedTrack, decode_track, open_sound

if TYPE_CHECKING:
    from soundfile import SoundFile

_BLOCK_VALUES = 2**18


@dataclass(frozen=True)
class HeardRecording:
    """Mono samples, and when the first of them is on the item's own clock, in ns."""

    samples: FloatsOnDisk
    start_ns: int


class Hearing:
    """Hears each recording of a session once; samples are kept until another session is heard.

    `scratch` is the folder that they lie in, nameless.
    """

    def __init__(self, media: Path, sample_rate_hz: int, scratch: Path) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.scratch = scratch
        self._media = media
        self._session: str | None = None
        self._heard: dict[str, HeardRecording] = {}

    def hear(self, item: dict[str, Any]) -> HeardRecording:
        """The recording that the row of `items` names; ClockError where it cannot be decoded."""
        if item["session"] != self._session:
            self._session, self._heard = item["session"], {}
        if item["item_id"] not in self._heard:
            self._heard[item["item_id"]] = self._decode(item)
        return self._heard[item["item_id"]]

    def _decode(self, item: dict[str, Any]) -> HeardRecording:
        with ShardReader(self._media) as shards, DecoderNoise() as noise:
            file = shards.open(item["shard"], item["offset"], item["size"])
            try:
                track = self._open(file, item["modality"])
            except ValueError as error:
                raise ClockError(f"the recording {item['item_id']} cannot be decoded: {error}") from error
            with track.sound as sound:
                samples = to_mono(sound, self.sample_rate_hz, self.scratch)
            noise.tell(item["item_id"])
        return HeardRecording(samples, (item["start_ns"] or 0) + track.start_ns)

    def _open(self, file: BinaryIO, modality: str) -> DecodedTrack:
        if modality == "video":
            return decode_track(file, self.scratch)
        return DecodedTrack(open_sound(file, self.scratch), 0)


def to_mono(sound: "SoundFile", sample_rate_hz: int, folder: Path | None = None) -> FloatsOnDisk:
    """The mean of the channels at that rate, from where the sound is read to its end."""
    import soxr

    mono = FloatsOnDisk(folder)
    stream = soxr.ResampleStream(sound.samplerate, sample_rate_hz, 1, dtype="float32")
    for block in sound.blocks(max(_BLOCK_VALUES // sound.channels, 1), dtype="float32", always_2d=True):
        mono.append(stream.resample_chunk(block.mean(axis=1)))
    mono.append(stream.resample_chunk(np.empty(0, np.float32), last=True))
    return mono
