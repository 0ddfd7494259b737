"""Encoders that need no download: media bytes of one modality in, float32 vectors of a fixed width out."""

from tasks.core.encoder import Encoder
from tasks.core.registry import Registry
from tasks.encoders import hashed_words, mel_statistics, picture_layout, plain_values

ENCODERS: Registry[Encoder] = Registry(
    "encoder",
    {
        "hashed_words": hashed_words.ENCODER,
        "mel_statistics": mel_statistics.ENCODER,
        "picture_layout": picture_layout.ENCODER,
        "plain_values": plain_values.ENCODER,
    },
)
