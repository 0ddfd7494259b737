"""Pillow as we use it: what it raises for broken bytes, which limit it keeps, which way up a picture is.

reads   a picture that Pillow has opened
The orientation is EXIF's (tag 0x0112 of CIPA DC-008, or XMP's tiff:Orientation), 1 to 8: how the stored
picture has to be turned so that it stands upright. 1 is upright.
"""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tasks.core.errors import MissingExtraError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

# What Pillow's readers raise for broken bytes; they have no error of their own.
BROKEN_PICTURE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
# ISO 23008-12, B.4: pictures and sequences of pictures in HEVC.
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
UPRIGHT = 1
_SIDEWAYS = (5, 6, 7, 8)
_ORIENTATION = 0x0112
# By the names of Pillow's transpositions, so that Pillow is loaded only where a picture is turned.
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


@contextmanager
def quiet_pillow(most_pixels: int | None) -> Iterator[None]:
    """Pillow with our limit (it raises above twice its own number) or none, its warnings unheard."""
    from PIL import Image

    usual = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None if most_pixels is None else most_pixels // 2
    try:
        with warnings.catch_warnings():
            for category in (UserWarning, RuntimeWarning, Image.DecompressionBombWarning):
                warnings.simplefilter("ignore", category)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = usual


def is_heif(payload: bytes) -> bool:
    """Whether the first box names HEIF, and not AVIF among what the file fits besides."""
    if payload[4:8] != b"ftyp" or payload[8:12] not in _HEIF_BRANDS:
        return False
    return b"avif" not in {payload[place : place + 4] for place in range(16, payload[3], 4)}


def prepare_pillow(payload: bytes) -> None:
    """Let Pillow know HEIF where the bytes are of it; MissingExtraError where nothing here reads that."""
    if not is_heif(payload):
        return
    try:
        import pi_heif
    except ImportError as error:
        raise MissingExtraError(
            "pi-heif", needed_by="reading HEIC and HEIF pictures", extra="heif"
        ) from error
    pi_heif.register_heif_opener(thumbnails=False)


def orientation_of(picture: "Image") -> int | None:
    """1 to 8; None where the picture says nothing, or says it in broken EXIF, which does not hurt it."""
    try:
        orientation = picture.getexif().get(_ORIENTATION)
    except BROKEN_PICTURE:
        return None
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else None


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """The size of the picture when it is turned."""
    return (height, width) if orientation in _SIDEWAYS else (width, height)


def turn_upright(picture: "Image", orientation: int) -> "Image":
    """The picture as it is meant to be seen."""
    from PIL.Image import Transpose

    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(Transpose[turn])


def stretch(values: "NDArray[np.float64]") -> "NDArray[np.uint8]":
    """Measurements as brightness, the least black and the most white; ValueError where none is finite.

    What is not finite is a hole, as depth maps and maps of the ground have them: black.
    """
    import numpy as np

    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("not one of its pixels is a finite number")
    least, most = values[finite].min(), values[finite].max()
    shares = (np.where(finite, values, least) - least) / ((most - least) or 1.0)
    return np.asarray(shares * 255, np.uint8)
