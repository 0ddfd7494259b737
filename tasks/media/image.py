"""Pictures: decoded once, to the last byte, with Pillow; this also gives its hash and a small copy.

reads   the bytes of a picture file, of several pictures in it the first; HEIC and HEIF with the extra `heif`
A JPEG is decoded grey and scaled down (draft mode): its whole data are read, at a fraction of the work.
Width and height are those of the upright picture; `orientation` is the turn that its EXIF asks for, None
where it has none. Its capture time and licence are what the file itself says: `exif.py`, `licences.py`.
"""

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.pictures import (
    BROKEN_PICTURE,
    UPRIGHT,
    orientation_of,
    prepare_pillow,
    quiet_pillow,
    stretch,
    turn_upright,
    upright_size,
)
from tasks.core.rejects import Reason
from tasks.media.endings import missing_bytes
from tasks.media.exif import capture_time, rights_of
from tasks.media.licences import find_licence
from tasks.media.phash import SIDE, perceptual_hash
from tasks.media.png_checksums import is_damaged
from tasks.media.reader import Limits, MediaReader

if TYPE_CHECKING:
    from PIL.Image import Image

    from tasks.media.phash import Grid

# Only these are tried, each for its own signature: Pillow has more, and some start other programs (EPS).
_FORMATS = {
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
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
# An eighth is the least that libjpeg decodes to: of each block its mean, which is all that is needed.
_SMALL_SIDE = 64
_DRAFT_SIDE = _SMALL_SIDE
_WORDS_FOR_CUT = ("truncated", "end of file")
_TURNED_BY_PILLOW = "image/tiff"


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """Upright size, perceptual hash, and what the file says of its capture and licence."""
    if media_type not in _FORMATS:
        detail = f"Pillow does not read {media_type}; convert it to JPEG, PNG, WebP, AVIF or TIFF"
        return MediaFacts("image", media_type, fault=Fault(Reason.UNSUPPORTED_MEDIA, detail))
    from PIL import Image, UnidentifiedImageError

    prepare_pillow(payload)
    with quiet_pillow(limits.most_pixels):
        try:
            facts = _read_picture(payload, media_type)
        except Image.DecompressionBombError:
            detail = f"it would decode to more than {limits.most_pixels} pixels"
            return MediaFacts("image", media_type, fault=Fault(Reason.TOO_LARGE, detail))
        except UnidentifiedImageError:
            # Pillow's own sentence would name an address in memory.
            fault = Fault(Reason.UNREADABLE, f"its header is not that of {media_type}")
        except BROKEN_PICTURE as error:
            detail = " ".join(str(error).split()) or type(error).__name__
            cut = any(words in detail.lower() for words in _WORDS_FOR_CUT)
            fault = Fault(Reason.TRUNCATED if cut else Reason.UNREADABLE, detail)
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


def _read_picture(payload: bytes, media_type: str) -> MediaFacts:
    from PIL import Image

    with Image.open(io.BytesIO(payload), formats=[_FORMATS[media_type]]) as picture:
        full_size = picture.size
        scaled = picture.draft("L", (_DRAFT_SIDE, _DRAFT_SIDE))
        told = orientation_of(picture) if media_type == _TURNED_BY_PILLOW else None
        picture.load()
        left_to_turn = orientation_of(picture)
        turn = left_to_turn or UPRIGHT
        width, height = upright_size(*(full_size if scaled else picture.size), turn)
        grey = _to_grey(picture)
        return MediaFacts(
            "image",
            media_type,
            width=width,
            height=height,
            orientation=told or left_to_turn,
            phash=perceptual_hash(_shrink_upright(grey, SIDE, turn)),
            small=_shrink_upright(grey, _SMALL_SIDE, turn).tobytes(),
            captured_at=capture_time(picture),
            license=find_licence(*rights_of(picture)),
        )


def _shrink_upright(grey: "Image", side: int, orientation: int) -> "Grid":
    import numpy as np
    from PIL.Image import Resampling

    small = grey.resize((side, side), Resampling.LANCZOS, reducing_gap=3)
    return np.asarray(turn_upright(small, orientation))


def _to_grey(picture: "Image") -> "Image":
    """One channel of 0 to 255; depth maps and 16-bit scans are stretched, not cut off to white."""
    if picture.mode == "L":
        return picture
    if picture.mode == "LAB":
        return picture.getchannel("L")
    if picture.mode not in ("I", "F") and not picture.mode.startswith("I;16"):
        return picture.convert("L")
    import numpy as np
    from PIL.Image import fromarray

    return fromarray(stretch(np.asarray(picture, np.float64)))


READER = MediaReader("image", read)
