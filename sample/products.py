"""Photos of products for the reviews: six things on a table, in colours that a bad mood dulls a little."""

from collections.abc import Callable

from numpy.random import Generator
from PIL import Image

from sample.canvas import Canvas, Pen, arc, gradient
from sample.colours import INK, RGB, WHITE, darker, greyer, lighter, mix, varied

SIZE_PX = (144, 144)
PAINTS: tuple[RGB, ...] = (
    (206, 74, 64),
    (64, 124, 190),
    (86, 156, 104),
    (232, 184, 70),
    (150, 96, 168),
    (232, 138, 72),
    (74, 160, 168),
    (220, 120, 150),
)
WALLS: tuple[RGB, ...] = ((214, 208, 196), (186, 200, 206), (206, 190, 206), (196, 210, 190), (120, 128, 140))
TABLES: tuple[RGB, ...] = ((150, 108, 74), (196, 160, 120), (96, 74, 62), (180, 180, 176))
WOOD: RGB = (140, 98, 66)
STEEL: RGB = (170, 176, 182)


def cup(pen: Pen, paint: RGB) -> None:
    """A cup of coffee."""
    pen.line(arc((0.52, 0.18), (0.34, 0.34), (-80, 80)), darker(paint), 0.14)
    pen.polygon([(-0.6, -0.3), (0.6, -0.3), (0.5, 0.82), (0.36, 0.95), (-0.36, 0.95), (-0.5, 0.82)], paint)
    pen.polygon([(0.3, -0.3), (0.6, -0.3), (0.5, 0.82), (0.36, 0.95), (0.2, 0.95)], darker(paint, 0.14))
    pen.oval((0, -0.3), (0.6, 0.15), lighter(paint, 0.4))
    pen.oval((0, -0.28), (0.5, 0.11), (92, 60, 40))
    for x in (-0.2, 0.15):
        steam = [(x, -0.5), (x + 0.08, -0.64), (x - 0.05, -0.78), (x + 0.05, -0.95)]
        pen.line(steam, (240, 240, 238), 0.05)


def lamp(pen: Pen, paint: RGB) -> None:
    """A table lamp, lit."""
    pen.oval((0, 0.9), (0.5, 0.12), darker(STEEL))
    pen.line([(0, 0.88), (0, -0.1)], STEEL, 0.09)
    pen.oval((0, -0.06), (0.5, 0.1), (255, 240, 190))
    pen.polygon([(-0.34, -0.92), (0.34, -0.92), (0.66, -0.06), (-0.66, -0.06)], paint)
    pen.polygon([(-0.34, -0.92), (-0.06, -0.92), (-0.26, -0.06), (-0.66, -0.06)], lighter(paint, 0.25))
    pen.disc((0.2, 0.3), 0.05, WHITE)
    pen.line([(0.2, -0.04), (0.2, 0.26)], WHITE, 0.02)


def chair(pen: Pen, paint: RGB) -> None:
    """A wooden chair with a cushion."""
    for x, top in ((-0.52, 0.2), (0.52, 0.2), (-0.4, -0.95), (0.4, -0.95)):
        pen.line([(x, top), (x * 1.06, 0.94 if top > 0 else 0.2)], darker(WOOD, 0.1), 0.1)
    for y in (-0.82, -0.52, -0.22):
        pen.line([(-0.4, y), (0.4, y)], WOOD, 0.13)
    pen.polygon([(-0.46, 0.04), (0.46, 0.04), (0.62, 0.3), (-0.62, 0.3)], paint)
    pen.box((-0.62, 0.3), (0.62, 0.4), darker(paint, 0.25))
    for x in (-0.36, 0.36):
        pen.line([(x, 0.4), (x, 0.74)], darker(WOOD, 0.35), 0.08)


def clock(pen: Pen, paint: RGB) -> None:
    """An alarm clock."""
    for side in (-1, 1):
        pen.line([(side * 0.4, 0.6), (side * 0.56, 0.94)], darker(paint, 0.4), 0.12)
        pen.disc((side * 0.46, -0.64), 0.26, darker(paint, 0.2))
    pen.disc((0, 0.08), 0.78, paint)
    pen.disc((0, 0.08), 0.62, WHITE)
    for degrees in range(0, 360, 30):
        pen.line(arc((0, 0.08), (0.54, 0.54), (degrees, degrees + 2), corners=2), INK, 0.06)
    pen.line([(0, 0.08), (-0.24, -0.14)], INK, 0.09)
    pen.line([(0, 0.08), (0.2, -0.34)], INK, 0.06)
    pen.disc((0, 0.08), 0.07, darker(paint))


def backpack(pen: Pen, paint: RGB) -> None:
    """A backpack with a front pocket."""
    pen.line(arc((0, -0.72), (0.22, 0.24), (180, 360)), darker(paint, 0.3), 0.09)
    pen.polygon(
        [*arc((0, -0.28), (0.62, 0.6), (180, 360)), (0.7, 0.82), (0.58, 0.96), (-0.58, 0.96), (-0.7, 0.82)],
        paint,
    )
    pen.line(arc((0, -0.26), (0.46, 0.42), (185, 355)), darker(paint, 0.25), 0.04)
    pen.polygon([(-0.48, 0.22), (0.48, 0.22), (0.52, 0.84), (-0.52, 0.84)], darker(paint, 0.14))
    pen.box((-0.5, 0.18), (0.5, 0.36), lighter(paint, 0.25))
    pen.box((-0.06, 0.3), (0.06, 0.46), (230, 200, 120))


def kettle(pen: Pen, paint: RGB) -> None:
    """A kettle for the stove."""
    pen.line(arc((0, -0.3), (0.5, 0.58), (195, 345)), INK, 0.11)
    pen.polygon([(0.4, 0.3), (0.92, -0.34), (1.0, -0.24), (0.62, 0.62)], darker(paint, 0.2))
    pen.polygon([*arc((0, 0.34), (0.68, 0.62), (180, 360)), (0.6, 0.94), (-0.6, 0.94)], paint)
    pen.polygon(
        [*arc((-0.1, 0.34), (0.44, 0.5), (180, 240)), (-0.3, 0.84), (-0.5, 0.84)], lighter(paint, 0.3)
    )
    pen.oval((0, -0.24), (0.3, 0.08), darker(paint, 0.3))
    pen.disc((0, -0.36), 0.09, INK)


PRODUCTS: dict[str, Callable[[Pen, RGB], None]] = {
    "backpack": backpack,
    "chair": chair,
    "clock": clock,
    "cup": cup,
    "kettle": kettle,
    "lamp": lamp,
}


def photo(rng: Generator, product: str, dullness: float) -> Image.Image:
    """The product on a table; `dullness` from 0 (bright) to 1 greys and darkens the whole room."""
    wall, table, paint = (
        room_colour(varied(rng, colours[int(rng.integers(len(colours)))], spread=14), dullness)
        for colours in (WALLS, TABLES, PAINTS)
    )
    canvas = Canvas(gradient(SIZE_PX, lighter(wall, float(rng.uniform(0, 0.35))), darker(wall, 0.2)))
    edge_px = float(rng.uniform(0.62, 0.76)) * SIZE_PX[1]
    canvas.polygon([(0, edge_px), (144, edge_px), (144, 144), (0, 144)], table)
    add_light(rng, canvas, wall)
    size_px = float(rng.uniform(0.3, 0.4)) * SIZE_PX[1]
    x_px = float(rng.uniform(1.1 * size_px, SIZE_PX[0] - 1.1 * size_px))
    y_px = min(edge_px + 0.16 * SIZE_PX[1] - size_px, SIZE_PX[1] - 1.02 * size_px)
    pen = Pen(canvas, x_px, y_px, size_px, mirrored=bool(rng.random() < 0.5))
    pen.oval((0.08, 0.94), (0.86, 0.12), darker(table, 0.3))
    PRODUCTS[product](pen, paint)
    return canvas.finish()


def room_colour(colour: RGB, dullness: float) -> RGB:
    """The colour, as a dull room shows it."""
    return darker(greyer(colour, 0.75 * dullness), 0.3 * dullness)


def add_light(rng: Generator, canvas: Canvas, wall: RGB) -> None:
    """A slanting patch of light, or a picture frame, on the wall."""
    x_px, width_px = float(rng.uniform(-20, 120)), float(rng.uniform(16, 56))
    top_px, bottom_px = float(rng.uniform(0, 20)), float(rng.uniform(40, 84))
    slant_px = float(rng.choice([0.0, rng.uniform(-40, 40)]))
    tone = mix(wall, WHITE if rng.random() < 0.5 else INK, float(rng.uniform(0.12, 0.3)))
    right_px = x_px + width_px
    corners = [
        (x_px, top_px),
        (right_px, top_px),
        (right_px + slant_px, bottom_px),
        (x_px + slant_px, bottom_px),
    ]
    canvas.polygon(corners, tone)
