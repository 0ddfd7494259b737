"""Landscapes behind the motifs: a sky and one to three rows of hills or waves, at many hours and places."""

import numpy as np
from numpy.random import Generator
from PIL import Image

from sample.canvas import Canvas, Point, gradient
from sample.colours import RGB, WHITE, mix, varied

# Top of the sky, sky at the horizon, nearest ground.
PALETTES: tuple[tuple[RGB, RGB, RGB], ...] = (
    ((104, 168, 222), (206, 230, 240), (96, 160, 88)),
    ((60, 84, 140), (240, 170, 130), (70, 80, 110)),
    ((24, 32, 66), (70, 90, 140), (26, 50, 60)),
    ((150, 190, 210), (240, 240, 236), (226, 234, 240)),
    ((120, 180, 200), (250, 232, 190), (220, 180, 120)),
    ((90, 180, 190), (220, 240, 230), (40, 120, 160)),
    ((196, 160, 200), (250, 220, 210), (120, 110, 160)),
    ((170, 176, 180), (220, 220, 214), (110, 126, 110)),
    ((250, 214, 120), (252, 240, 200), (180, 130, 80)),
)


def landscape(rng: Generator, size: tuple[int, int]) -> Image.Image:
    """A landscape without anything in it yet."""
    top, horizon, ground = (
        varied(rng, colour, spread=16) for colour in PALETTES[int(rng.integers(len(PALETTES)))]
    )
    canvas = Canvas(gradient(size, top, horizon))
    if rng.random() < 0.5:
        add_clouds(rng, canvas, mix(horizon, WHITE, 0.4))
    rows = int(rng.integers(1, 4))
    for row in range(rows):
        share = (row + 1) / rows
        level_px = size[1] * (rng.uniform(0.42, 0.7) + 0.24 * row / rows)
        canvas.polygon(hills(rng, size, level_px), mix(horizon, ground, 0.35 + 0.65 * share))
    return canvas.finish()


def hills(rng: Generator, size: tuple[int, int], level_px: float) -> list[Point]:
    """The outline of a row of hills, or of waves when they come short and low."""
    width, height = size
    x_px = np.linspace(0, width, 97)
    long_px, short_px = rng.uniform(0.02, 0.16) * height, rng.uniform(0, 0.03) * height
    phase, short_phase = rng.uniform(0, 2 * np.pi, 2)
    waves = long_px * np.sin(x_px / width * rng.uniform(2, 7) + phase)
    y_px = level_px + waves + short_px * np.sin(x_px / width * rng.uniform(14, 40) + short_phase)
    ridge = [(float(x), float(y)) for x, y in zip(x_px, y_px, strict=True)]
    return [*ridge, (float(width), float(height)), (0.0, float(height))]


def add_clouds(rng: Generator, canvas: Canvas, colour: RGB) -> None:
    """A few flat clouds in the upper half."""
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0.08, 0.4) * canvas.height
        for step in range(4):
            half = rng.uniform(0.04, 0.1) * canvas.width
            left, flat = x + step * 0.05 * canvas.width - half, 0.4 * half
            turns = np.linspace(0, 2 * np.pi, 25)
            canvas.polygon([(left + half * (1 + np.cos(t)), y + flat * np.sin(t)) for t in turns], colour)
