"""Readers of media, one per modality: bytes in, facts or a fault out."""

from tasks.core.registry import Registry
from tasks.media import audio, image, signal, text, video
from tasks.media.reader import MediaReader

READERS: Registry[MediaReader] = Registry(
    "media reader",
    {
        "audio": audio.READER,
        "image": image.READER,
        "signal": signal.READER,
        "text": text.READER,
        "video": video.READER,
    },
)
