"""How a frame of a video has to be turned, as the EXIF orientation that would ask for the same.

reads   the display matrix of a decoded frame: nine int32 in 16.16 fixed point, row by row (ISO 14496-12,
        6.2.2: x' = a x + c y, y' = b x + d y of the matrix a b u, c d v, x y w)
"""

import struct
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from av import VideoFrame
    from av.buffer import Buffer

# The signs of a, b, c, d.
_ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


def orientation_of_frame(frame: "VideoFrame") -> int | None:
    """1 to 8; None where the frame says nothing, or asks for a turn that is no quarter."""
    from av.sidedata.sidedata import Type

    # What PyAV declares of side data is one kind of many.
    told = cast("Mapping[Type, Buffer]", frame.side_data)
    try:
        matrix = bytes(told[Type.DISPLAYMATRIX])
    except KeyError:
        return None
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    signs = tuple((number > 0) - (number < 0) for number in (a, b, c, d))
    return _ORIENTATIONS.get(signs)
