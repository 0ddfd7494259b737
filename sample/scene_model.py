"""A scene as facts: where each shape lies, its kind and colour, and what the background looks like."""

import math
from dataclasses import dataclass

from sample.backgrounds import Background
from sample.canvas import Point, oval

SIZE_PX = (240, 180)


def corners(count: int, inner: float = 1.0) -> tuple[Point, ...]:
    """A regular outline around the origin, first corner on top; `inner` < 1 makes a star of it."""
    steps = count if inner == 1.0 else 2 * count
    radii = [1.0 if step % 2 == 0 else inner for step in range(steps)]
    turns = [2 * math.pi * step / steps for step in range(steps)]
    return tuple((r * math.sin(turn), -r * math.cos(turn)) for r, turn in zip(radii, turns, strict=True))


KINDS: dict[str, tuple[Point, ...]] = {
    "circle": tuple(oval((0, 0), (0.92, 0.92))),
    "square": ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)),
    "triangle": corners(3),
    "star": corners(5, inner=0.42),
}


@dataclass(frozen=True)
class Shape:
    """One shape, in pixels of its picture."""

    kind: str
    colour: str
    x_px: float
    y_px: float
    radius_px: float
    tilt_degrees: float

    @property
    def words(self) -> str:
        return f"{self.colour} {self.kind}"

    def outline(self) -> list[Point]:
        """Its corners, to a tenth of a pixel."""
        turn = math.radians(self.tilt_degrees)
        cosine, sine = math.cos(turn) * self.radius_px, math.sin(turn) * self.radius_px
        points = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in KINDS[self.kind]]
        return [(round(self.x_px + x, 1), round(self.y_px + y, 1)) for x, y in points]


@dataclass(frozen=True)
class Scene:
    """One picture."""

    image_id: int
    background: Background
    shapes: tuple[Shape, ...]
    captions: tuple[str, str]

    @property
    def file_name(self) -> str:
        return f"{self.image_id:012d}.jpg"
