"""Motifs of the pictures in class folders: each is drawn by a pen, in the colours that a seed gives it."""

from collections.abc import Callable

from numpy.random import Generator

from sample.canvas import Pen, arc
from sample.colours import INK, RGB, WHITE, darker, lighter, varied

Motif = Callable[[Generator, Pen], None]


def any_of(rng: Generator, colours: tuple[RGB, ...]) -> RGB:
    """One of the colours, a little varied."""
    return varied(rng, colours[int(rng.integers(len(colours)))], spread=14)


def tree(rng: Generator, pen: Pen) -> None:
    """A tree: round, or a fir; green, or in autumn colours."""
    leaves = any_of(rng, ((70, 150, 80), (46, 118, 72), (120, 170, 70), (206, 120, 44), (216, 168, 60)))
    pen.box((-0.13, 0.2), (0.13, 1.0), (112, 78, 52))
    if rng.random() < 0.4:
        for top, half_width in ((-1.0, 0.42), (-0.62, 0.58), (-0.2, 0.74)):
            pen.polygon([(0, top), (half_width, top + 0.68), (-half_width, top + 0.68)], leaves)
            pen.polygon([(0, top), (half_width, top + 0.68), (0.1, top + 0.68)], darker(leaves, 0.14))
        return
    for x, y, radius in ((-0.4, 0.02, 0.4), (0.4, 0.02, 0.4), (0, -0.42, 0.52), (0, 0.05, 0.44)):
        pen.disc((x, y), radius, darker(leaves, 0.16))
        pen.disc((x - 0.06, y - 0.07), radius * 0.85, leaves)
    for x, y in rng.uniform((-0.5, -0.7), (0.4, 0.2), (6, 2)):
        pen.disc((float(x), float(y)), 0.07, lighter(leaves))


def house(rng: Generator, pen: Pen) -> None:
    """A house with a gable, a door and two windows, lit or not."""
    wall = any_of(rng, ((240, 228, 204), (222, 190, 160), (204, 214, 222), (226, 160, 130), (250, 240, 190)))
    roof = any_of(rng, ((176, 66, 52), (90, 96, 116), (130, 84, 60), (60, 110, 120)))
    glass = (255, 222, 120) if rng.random() < 0.5 else (150, 196, 220)
    pen.box((0.36, -0.86), (0.56, -0.3), darker(roof, 0.25))
    pen.box((-0.78, -0.12), (0.78, 1.0), wall)
    pen.box((0.4, -0.12), (0.78, 1.0), darker(wall, 0.1))
    pen.polygon([(-0.98, -0.08), (0, -0.95), (0.98, -0.08)], roof)
    pen.box((-0.18, 0.38), (0.16, 1.0), darker(roof, 0.3))
    pen.disc((0.09, 0.7), 0.035, WHITE)
    for x in (-0.48, 0.46):
        pen.box((x - 0.19, 0.14), (x + 0.19, 0.56), WHITE)
        pen.box((x - 0.14, 0.19), (x + 0.14, 0.51), glass)
        pen.line([(x, 0.19), (x, 0.51)], WHITE, 0.04)


def boat(rng: Generator, pen: Pen) -> None:
    """A sailing boat, its hull in a strong colour."""
    hull = any_of(rng, ((170, 60, 56), (40, 74, 122), (236, 232, 224), (60, 120, 96), (130, 86, 54)))
    sail = any_of(rng, ((250, 246, 236), (244, 214, 130), (224, 120, 90), (190, 220, 232)))
    pen.line([(0, -1.0), (0, 0.5)], (96, 70, 50), 0.06)
    pen.polygon([(0.07, -0.92), (0.78, 0.36), (0.07, 0.36)], sail)
    pen.polygon([(-0.07, -0.72), (-0.62, 0.36), (-0.07, 0.36)], darker(sail, 0.12))
    pen.polygon([(0, -1.0), (-0.26, -0.92), (0, -0.84)], (214, 60, 54))
    pen.polygon([(-0.95, 0.46), (0.95, 0.46), (0.62, 0.94), (-0.62, 0.94)], hull)
    pen.polygon([(-0.95, 0.46), (0.95, 0.46), (0.87, 0.58), (-0.87, 0.58)], lighter(hull, 0.4))


def sun(rng: Generator, pen: Pen) -> None:
    """A sun with rays, some of them with a cloud in front."""
    fire = any_of(rng, ((250, 200, 56), (244, 150, 50), (250, 222, 120), (236, 96, 60)))
    rays = int(rng.integers(9, 15))
    for step in range(rays):
        ray = Pen(
            pen.canvas, pen.x_px, pen.y_px, pen.size_px, tilt_degrees=pen.tilt_degrees + 360 * step / rays
        )
        ray.polygon([(-0.09, -0.66), (0, -1.0), (0.09, -0.66)], fire)
    pen.disc((0, 0), 0.58, darker(fire, 0.1))
    pen.disc((-0.04, -0.04), 0.52, fire)
    pen.disc((-0.12, -0.14), 0.3, lighter(fire))
    if rng.random() < 0.35:
        for x, y, radius in ((0.15, 0.55, 0.24), (0.48, 0.42, 0.3), (0.82, 0.56, 0.22)):
            pen.disc((x, y), radius, WHITE)
        pen.box((0.15, 0.55), (0.82, 0.79), WHITE)


def cat(rng: Generator, pen: Pen) -> None:
    """A sitting cat, seen from the front."""
    fur = any_of(rng, ((222, 140, 66), (70, 70, 78), (170, 170, 174), (236, 222, 200), (128, 92, 66)))
    eyes = any_of(rng, ((120, 190, 90), (236, 190, 70), (110, 180, 220)))
    pen.line([(0.4, 0.86), (0.84, 0.72), (0.88, 0.3), (0.74, 0.12)], darker(fur, 0.12), 0.17)
    pen.oval((0, 0.58), (0.52, 0.44), fur)
    pen.oval((0, 0.7), (0.24, 0.3), lighter(fur, 0.35))
    for side in (-1, 1):
        pen.polygon([(side * 0.5, -0.98), (side * 0.56, -0.3), (side * 0.08, -0.56)], fur)
        pen.polygon([(side * 0.45, -0.84), (side * 0.48, -0.42), (side * 0.2, -0.57)], (226, 150, 150))
        pen.disc((side * 0.27, 0.94), 0.13, lighter(fur, 0.2))
    pen.oval((0, -0.2), (0.6, 0.48), fur)
    for side in (-1, 1):
        pen.oval((side * 0.25, -0.26), (0.13, 0.15), eyes)
        pen.oval((side * 0.25, -0.26), (0.05, 0.13), INK)
        for drop in (-0.03, 0.05):
            pen.line([(side * 0.22, 0.0 + drop), (side * 0.74, -0.06 + 2.4 * drop)], lighter(fur, 0.7), 0.022)
    pen.polygon([(-0.07, -0.07), (0.07, -0.07), (0, 0.02)], (206, 110, 116))
    pen.line(arc((0, 0.0), (0.12, 0.1), (20, 160)), INK, 0.025)


def fish(rng: Generator, pen: Pen) -> None:
    """A striped fish that swims to the left or to the right."""
    scales = any_of(rng, ((240, 130, 50), (70, 130, 210), (236, 200, 70), (210, 80, 110), (90, 180, 160)))
    pen.polygon([(0.5, 0), (1.0, -0.48), (0.86, 0), (1.0, 0.48)], darker(scales, 0.16))
    pen.polygon([(-0.2, -0.4), (0.12, -0.78), (0.4, -0.3)], darker(scales, 0.16))
    pen.polygon([(-0.1, 0.4), (0.14, 0.7), (0.32, 0.32)], darker(scales, 0.16))
    pen.oval((-0.14, 0), (0.8, 0.48), scales)
    for x, half in ((-0.28, 0.44), (0.06, 0.44), (0.36, 0.34)):
        pen.line([(x, -half), (x + 0.07, 0), (x, half)], lighter(scales, 0.6), 0.085)
    pen.disc((-0.62, -0.1), 0.12, WHITE)
    pen.disc((-0.65, -0.1), 0.065, INK)
    pen.line(arc((-0.78, 0.12), (0.16, 0.1), (10, 100)), darker(scales, 0.5), 0.03)


MOTIFS: dict[str, Motif] = {"boat": boat, "cat": cat, "fish": fish, "house": house, "sun": sun, "tree": tree}
