"""Drawing: a canvas in pixels, and a pen that draws a motif at any place, size and tilt.

A motif is drawn in its own frame: x from -1 (left) to 1 (right), y from -1 (top) to 1 (bottom).
Everything is drawn three times too large and scaled down once, so that edges come out smooth.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sample.colours import RGB, mix

Point = tuple[float, float]

OVERSIZE = 3
SHADOW_DARKNESS = 0.35


class Canvas:
    """A picture in the making, in pixels of the finished picture."""

    def __init__(self, background: Image.Image) -> None:
        self.width, self.height = background.size
        self._image = background.resize(self._large(background.size), Image.Resampling.BICUBIC)
        self._draw = ImageDraw.Draw(self._image)

    @staticmethod
    def _large(size: tuple[int, int]) -> tuple[int, int]:
        return size[0] * OVERSIZE, size[1] * OVERSIZE

    def polygon(self, points: Sequence[Point], colour: RGB) -> None:
        self._draw.polygon([(x * OVERSIZE, y * OVERSIZE) for x, y in points], fill=colour)

    def line(self, points: Sequence[Point], colour: RGB, width_px: float) -> None:
        """A line with round joints and ends."""
        large = [(x * OVERSIZE, y * OVERSIZE) for x, y in points]
        self._draw.line(large, fill=colour, width=max(1, round(width_px * OVERSIZE)), joint="curve")
        radius = width_px * OVERSIZE / 2
        for x, y in (large[0], large[-1]):
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def shadow(self, points: Sequence[Point], depth_px: float) -> None:
        """A soft shadow of an outline, thrown down and to the right."""
        mask = Image.new("L", self._image.size, 0)
        moved = [((x + depth_px) * OVERSIZE, (y + depth_px) * OVERSIZE) for x, y in points]
        ImageDraw.Draw(mask).polygon(moved, fill=round(255 * SHADOW_DARKNESS))
        mask = mask.filter(ImageFilter.GaussianBlur(depth_px * OVERSIZE * 0.7))
        self._image.paste((0, 0, 0), (0, 0), mask)

    def text(self, place: Point, words: str, colour: RGB, size_px: float) -> None:
        """One line of text in Pillow's own typeface, its left end on the middle line at `place`."""
        font = ImageFont.load_default(size_px * OVERSIZE)
        self._draw.text((place[0] * OVERSIZE, place[1] * OVERSIZE), words, colour, font, anchor="lm")

    def finish(self) -> Image.Image:
        return self._image.resize((self.width, self.height), Image.Resampling.BOX)


@dataclass(frozen=True)
class Pen:
    """Draws in the frame of a motif: `size_px` is half the motif's height, `tilt` turns it clockwise."""

    canvas: Canvas
    x_px: float
    y_px: float
    size_px: float
    mirrored: bool = False
    tilt_degrees: float = 0.0

    def place(self, point: Point) -> Point:
        """Where a point of the motif lies on the canvas."""
        turn = math.radians(self.tilt_degrees)
        x, y = (-point[0] if self.mirrored else point[0]), point[1]
        turned_x, turned_y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        return self.x_px + turned_x * self.size_px, self.y_px + turned_y * self.size_px

    def polygon(self, points: Sequence[Point], colour: RGB) -> None:
        self.canvas.polygon([self.place(point) for point in points], colour)

    def line(self, points: Sequence[Point], colour: RGB, width: float) -> None:
        self.canvas.line([self.place(point) for point in points], colour, width * self.size_px)

    def shadow(self, points: Sequence[Point], depth: float) -> None:
        self.canvas.shadow([self.place(point) for point in points], depth * self.size_px)

    def disc(self, centre: Point, radius: float, colour: RGB) -> None:
        self.polygon(oval(centre, (radius, radius)), colour)

    def oval(self, centre: Point, radii: Point, colour: RGB) -> None:
        self.polygon(oval(centre, radii), colour)

    def box(self, left_top: Point, right_bottom: Point, colour: RGB) -> None:
        (left, top), (right, bottom) = left_top, right_bottom
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)


def arc(centre: Point, radii: Point, degrees: Point, corners: int = 24) -> list[Point]:
    """Points along an arc; degrees run clockwise from the right."""
    turns = np.radians(np.linspace(degrees[0], degrees[1], corners))
    return [(centre[0] + radii[0] * math.cos(turn), centre[1] + radii[1] * math.sin(turn)) for turn in turns]


def oval(centre: Point, radii: Point) -> list[Point]:
    """The outline of an oval."""
    return arc(centre, radii, (0, 360), corners=49)[:-1]


def gradient(size: tuple[int, int], top: RGB, bottom: RGB) -> Image.Image:
    """A picture that runs from one colour at the top to another at the bottom."""
    column = Image.new("RGB", (1, size[1]))
    column.putdata([mix(top, bottom, row / max(1, size[1] - 1)) for row in range(size[1])])
    return column.resize(size, Image.Resampling.NEAREST)
