"""Pictures decoded for encoders: RGB whatever they are stored as.

reads   an encoded image of any format that Pillow knows; its first frame, over white where it is see-through;
        measurements (16-bit and float pictures) from their least (black) to their most (white)
        ValueError for bytes that are no picture
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from tasks.core.pictures import (
    BROKEN_PICTURE,
    UPRIGHT,
    orientation_of,
    prepare_pillow,
    quiet_pillow,
    stretch,
    turn_upright,
)

if TYPE_CHECKING:
    from PIL.Image import Image


def read_upright(payload: bytes) -> "Image":
    """The picture at its full size, as it is meant to be seen."""
    with open_rgb(payload) as (picture, orientation):
        return turn_upright(picture, orientation)


@contextmanager
def open_rgb(payload: bytes, least: tuple[int, int] | None = None) -> Iterator[tuple["Image", int]]:
    """The picture as it is stored, and its orientation; a JPEG may come smaller, `least` at the least."""
    from PIL import Image, UnidentifiedImageError

    prepare_pillow(payload)
    try:
        # Without a limit: collect has refused bombs by our own.
        with quiet_pillow(None), Image.open(io.BytesIO(payload)) as picture:
            if least is not None:
                picture.draft("RGB", least)
            picture.load()
            yield _to_rgb(picture), orientation_of(picture) or UPRIGHT
    except UnidentifiedImageError as error:  # its own text has an address in memory in it
        raise ValueError("expected a picture, got bytes of no format that Pillow knows") from error
    except BROKEN_PICTURE as error:
        raise ValueError(f"expected a picture, got {error}") from error


def _to_rgb(picture: "Image") -> "Image":
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(stretch(np.asarray(picture, np.float64))).convert("RGB")
    if picture.mode == "LAB":  # Pillow cannot turn it into RGB
        return picture.getchannel("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
