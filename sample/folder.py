"""The folder of one batch while it is written: every writer gives the same bytes for the same content."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


@dataclass(frozen=True)
class Folder:
    """A folder that is filled file by file; parents are made as needed."""

    root: Path

    def path(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_bytes(self, name: str, content: bytes) -> None:
        self.path(name).write_bytes(content)

    def write_text(self, name: str, text: str) -> None:
        self.write_bytes(name, text.encode())

    def write_json(self, name: str, content: Json) -> None:
        """All on one line, as label exports come."""
        self.write_text(name, json.dumps(content, separators=(",", ":")) + "\n")

    def write_csv(self, name: str, rows: Sequence[Mapping[str, str]]) -> None:
        """A table whose columns are those of its first row."""
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.write_text(name, text.getvalue())

    def write_jpeg(self, name: str, picture: Image.Image, quality: int = 85) -> None:
        self.write_bytes(name, jpeg_bytes(picture, quality))

    def write_png(self, name: str, picture: Image.Image, colours: int) -> None:
        """A PNG with a palette: drawings stay sharp, and small."""
        picture.quantize(colours, dither=Image.Dither.NONE).save(self.path(name), "PNG", optimize=True)

    def write_flac(self, name: str, samples: NDArray[np.float64], rate_hz: int) -> None:
        soundfile.write(self.path(name), samples, rate_hz, format="FLAC", subtype="PCM_16")


def jpeg_bytes(picture: Image.Image, quality: int = 85) -> bytes:
    """The picture as a JPEG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()
