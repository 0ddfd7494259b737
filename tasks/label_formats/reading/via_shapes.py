"""VIA's shapes: the shape_attributes of VIA 2 and the xy list of VIA 3 become the fields of a label.

Pixels of the picture as it is shown, from its top left corner. `theta` of an ellipse is in radians, clockwise
about its centre. VIA 3 numbers its shapes: 1 point, 2 rectangle, 3 circle, 4 ellipse, 5 line, 6 polyline, 7
polygon (`_via_metadata.js`); its extreme rectangles and circles (8, 9) are not read.
"""

import math
from typing import Any

from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject, list_of, number_of, text_of, to_number
from tasks.label_formats.reading.shapes import (
    Point,
    ellipse_box,
    line_fields,
    point_fields,
    polygon_fields,
)

_NAMES = {
    **{1: "point", 2: "rect", 3: "circle", 4: "ellipse", 5: "line", 6: "polyline", 7: "polygon"},
    **{8: "extreme rectangle", 9: "extreme circle"},
}
_COUNTS = {"point": 2, "rect": 4, "circle": 3, "ellipse": 4, "line": 4}
NOT_BOXES = ("circle", "ellipse", "line", "polyline")


def shape_of_object(shape: JsonObject) -> tuple[str, dict[str, Any]]:
    """The name of VIA 2's shape, with its task and place."""
    name = text_of(shape, "name")
    if name == "rect":
        numbers = [number_of(shape, key) for key in ("x", "y", "width", "height")]
    elif name in ("circle", "ellipse", "point"):
        radii = {"circle": ("r",), "ellipse": ("rx", "ry"), "point": ()}[name]
        numbers = [number_of(shape, key) for key in ("cx", "cy", *radii)]
    elif name in ("polygon", "polyline"):
        across, down = list_of(shape, "all_points_x"), list_of(shape, "all_points_y")
        if len(across) != len(down):
            raise ValueError(f"expected as many x as y, got {len(across)} and {len(down)}")
        pairs = zip(across, down, strict=True)
        numbers = [to_number(place, "all_points") for pair in pairs for place in pair]
    else:
        raise FaultError(Reason.UNSUPPORTED_LABEL, f"a shape '{name[:40]}' of VIA is not read")
    theta = number_of(shape, "theta") if name == "ellipse" and shape.get("theta") is not None else 0.0
    return name, _fields(name, numbers, math.degrees(theta))


def shape_of_list(xy: list[Any]) -> tuple[str, dict[str, Any]]:
    """The name of VIA 3's shape, with its task and place."""
    number = xy[0]
    if isinstance(number, bool) or not isinstance(number, int) or number not in _NAMES:
        raise ValueError(f"expected the number of a shape, from 1 to 9, got {str(number)[:40]}")
    return _NAMES[number], _fields(_NAMES[number], [to_number(place, "xy") for place in xy[1:]], 0.0)


def _fields(name: str, numbers: list[float], degrees: float) -> dict[str, Any]:
    if name.startswith("extreme"):
        raise FaultError(Reason.UNSUPPORTED_LABEL, f"an {name} of VIA is not read")
    if len(numbers) != _COUNTS.get(name, len(numbers) + len(numbers) % 2):
        raise ValueError(
            f"expected {_COUNTS.get(name, 'an even number of')} numbers of a {name}, got {len(numbers)}"
        )
    if name == "rect":
        x, y, width, height = numbers
        return {"task": "detection", "x": x, "y": y, "width": width, "height": height}
    if name == "circle":
        return {"task": "detection", **ellipse_box((numbers[0], numbers[1]), (numbers[2], numbers[2]))}
    if name == "ellipse":
        centre, radii = (numbers[0], numbers[1]), (numbers[2], numbers[3])
        return {"task": "detection", **ellipse_box(centre, radii, degrees)}
    points: list[Point] = list(zip(numbers[0::2], numbers[1::2], strict=True))
    if name == "polygon":
        return {"task": "segmentation", **polygon_fields(points)}
    return {"task": "keypoints", **(point_fields(points) if name == "point" else line_fields(points))}
