"""What several slides of the harbour share: its colours, the sea, a boat, a gull and the lighthouse."""

import numpy as np

from sample.canvas import Canvas, Pen, arc
from sample.colours import INK, RGB, WHITE, darker, lighter

SIZE_PX = (400, 300)
SKY: RGB = (222, 236, 240)
SEA: RGB = (72, 136, 168)
DEEP: RGB = (36, 86, 120)
RED: RGB = (206, 66, 58)
GREEN: RGB = (66, 146, 104)
SAND: RGB = (230, 206, 162)
STONE: RGB = (150, 150, 146)
STEEL: RGB = (96, 108, 122)
GOLD: RGB = (244, 190, 72)


def sea(canvas: Canvas, top_px: float, colour: RGB = SEA) -> None:
    """Water up to the lower edge, with a wavy surface and a few crests."""
    width, height = SIZE_PX
    wave = [(float(x), top_px + 3 * float(np.sin(x / 14))) for x in range(0, width + 1, 4)]
    canvas.polygon([*wave, (width, height), (0, height)], colour)
    for row, y_px in enumerate(np.arange(top_px + 16, height, 20)):
        for x_px in np.arange(20 + 37 * (row % 3), width, 110):
            crest = arc((float(x_px), float(y_px)), (13, 4), (200, 340), corners=9)
            canvas.line(crest, lighter(colour, 0.3), 1.6)


def sailing_boat(pen: Pen, hull: RGB) -> None:
    """A small sailing boat."""
    pen.line([(0, -1.0), (0, 0.5)], (96, 70, 50), 0.06)
    pen.polygon([(0.07, -0.92), (0.78, 0.36), (0.07, 0.36)], WHITE)
    pen.polygon([(-0.07, -0.72), (-0.62, 0.36), (-0.07, 0.36)], darker(WHITE, 0.1))
    pen.polygon([(-0.95, 0.46), (0.95, 0.46), (0.62, 0.94), (-0.62, 0.94)], hull)


def gull(pen: Pen) -> None:
    """A gull in flight."""
    pen.polygon(
        [*arc((-0.5, 0.1), (0.5, 0.42), (190, 350)), *arc((-0.5, 0.12), (0.5, 0.24), (350, 190))], WHITE
    )
    pen.polygon(
        [*arc((0.5, 0.1), (0.5, 0.42), (190, 350)), *arc((0.5, 0.12), (0.5, 0.24), (350, 190))], WHITE
    )
    pen.oval((0, 0.1), (0.14, 0.26), WHITE)
    pen.polygon([(-0.05, 0.3), (0.05, 0.3), (0, 0.46)], GOLD)
    for side in (-1, 1):
        pen.polygon([(side * 0.86, -0.08), (side * 1.02, 0.14), (side * 0.9, 0.06)], INK)


def tower(pen: Pen) -> None:
    """A red and white lighthouse."""
    pen.polygon([(-0.16, -0.58), (0.16, -0.58), (0.3, 0.9), (-0.3, 0.9)], WHITE)
    for top, bottom in ((-0.3, 0.0), (0.3, 0.6)):
        left, right = 0.16 + 0.0946 * (top + 0.58), 0.16 + 0.0946 * (bottom + 0.58)
        pen.polygon([(-left, top), (left, top), (right, bottom), (-right, bottom)], RED)
    pen.box((-0.24, -0.64), (0.24, -0.57), INK)
    pen.box((-0.13, -0.84), (0.13, -0.64), (255, 236, 160))
    pen.polygon([(-0.2, -0.84), (0, -1.02), (0.2, -0.84)], RED)
    pen.box((-0.07, 0.68), (0.07, 0.9), darker(STONE, 0.4))
