"""Pictures: decoded once, to the last byte, with Pillow; that one decode also gives the perceptual hash.

reads   the bytes of a picture file; of several pictures in one file, the first
A JPEG is decoded grey and scaled down (draft mode): its whole data are read, at a fraction of the work.
Width and height are those of the upright picture, after its EXIF orientation.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.media.endings import missing_bytes
from tasks.media.phash import SIDE, perceptual_hash
from tasks.media.png_checksums import is_damaged
from tasks.media.reader import Limits, MediaReader

if TYPE_CHECKING:
    from PIL.Image import Image

# Only these are tried, each for its own signature: Pillow has more, and some start other programs (EPS).
_FORMATS = {
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/jp2": "JPEG2000",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/qoi": "QOI",
    "image/sgi": "SGI",
    "image/tiff": "TIFF",
    "image/vnd-ms.dds": "DDS",
    "image/vnd.adobe.photoshop": "PSD",
    "image/webp": "WEBP",
    "image/x-fli": "FLI",
    "image/x-icon": "ICO",
    "image/x-portable-anymap": "PPM",
    "image/x-tga": "TGA",
}
# What Pillow's readers raise for broken bytes; they have no error of their own.
_BROKEN = (
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
_DRAFT_SIDE = 2 * SIDE
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """Upright size and perceptual hash."""
    if media_type not in _FORMATS:
        detail = f"{media_type} cannot be read yet; deliver JPEG, PNG, WebP or TIFF"
        return MediaFacts("image", media_type, fault=Fault(Reason.UNSUPPORTED_MEDIA, detail))
    from PIL import Image, UnidentifiedImageError

    with _quiet_pillow(limits.most_pixels):
        try:
            facts = _read_picture(payload, media_type)
        except Image.DecompressionBombError:
            detail = f"it would decode to more than {limits.most_pixels} pixels"
            return MediaFacts("image", media_type, fault=Fault(Reason.TOO_LARGE, detail))
        except UnidentifiedImageError:
            # Pillow's own sentence would name an address in memory.
            fault = Fault(Reason.UNREADABLE, f"its header is not that of {media_type}")
        except _BROKEN as error:
            reason = Reason.TRUNCATED if "truncated" in str(error).lower() else Reason.UNREADABLE
            fault = Fault(reason, f"{error}" or type(error).__name__)
        else:
            return replace(facts, fault=_damage_of(payload, media_type))
    return MediaFacts("image", media_type, fault=fault)


def _damage_of(payload: bytes, media_type: str) -> Fault | None:
    """What Pillow passes over."""
    missing = missing_bytes(payload, media_type)
    if missing:
        return Fault(Reason.TRUNCATED, f"at least {missing} bytes are missing at its end")
    if media_type == "image/png" and is_damaged(payload):
        return Fault(Reason.UNREADABLE, "its data do not fit their checksum")
    return None


@contextmanager
def _quiet_pillow(most_pixels: int) -> Iterator[None]:
    """Pillow with our limit (it raises above twice its own number), its warnings about odd files unheard."""
    from PIL import Image

    usual = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = most_pixels // 2
    try:
        with warnings.catch_warnings():
            for category in (UserWarning, RuntimeWarning, Image.DecompressionBombWarning):
                warnings.simplefilter("ignore", category)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = usual


def _read_picture(payload: bytes, media_type: str) -> MediaFacts:
    from PIL import Image

    with Image.open(io.BytesIO(payload), formats=[_FORMATS[media_type]]) as picture:
        full_size = picture.size
        scaled = picture.draft("L", (_DRAFT_SIDE, _DRAFT_SIDE))
        picture.load()
        width, height = full_size if scaled else picture.size
        orientation = _orientation_of(picture)
        if orientation in _SIDEWAYS:
            width, height = height, width
        phash = _hash_upright(picture, orientation)
    return MediaFacts("image", media_type, width=width, height=height, phash=phash)


def _orientation_of(picture: "Image") -> int:
    """1 to 8; 1 where there is no EXIF or it is broken, which does not hurt the picture."""
    try:
        orientation = picture.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _hash_upright(picture: "Image", orientation: int) -> str:
    import numpy as np
    from PIL.Image import Resampling, Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    small = _to_grey(picture).resize((SIDE, SIDE), Resampling.LANCZOS, reducing_gap=3)
    if orientation in turns:
        small = small.transpose(turns[orientation])
    return perceptual_hash(np.asarray(small))


def _to_grey(picture: "Image") -> "Image":
    """One channel of 0 to 255; depth maps and 16-bit scans are stretched, not cut off to white."""
    if picture.mode == "LAB":
        return picture.getchannel("L")
    if picture.mode not in ("I", "F") and not picture.mode.startswith("I;16"):
        return picture.convert("L")
    import numpy as np
    from PIL.Image import fromarray

    values = np.nan_to_num(np.asarray(picture, np.float64), posinf=0.0, neginf=0.0)
    values -= values.min()
    return fromarray((values * (255 / (values.max() or 1))).astype(np.uint8))


READER = MediaReader("image", read)
