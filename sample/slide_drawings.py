"""The drawings on the slides: one function a slide, all in the harbour's own colours."""

import numpy as np

from sample.canvas import Canvas, Pen, Point, arc
from sample.colours import INK, WHITE, darker, lighter, mix
from sample.harbour import (
    DEEP,
    GOLD,
    GREEN,
    RED,
    SAND,
    SEA,
    STEEL,
    STONE,
    gull,
    sailing_boat,
    sea,
    tower,
)

MIDDLE: Point = (200, 178)


def whole(canvas: Canvas, size_px: float = 100) -> Pen:
    """A pen for the middle of the slide, below its title."""
    return Pen(canvas, *MIDDLE, size_px)


def title(canvas: Canvas) -> None:
    """Everything at once, small."""
    sea(canvas, 196)
    canvas.polygon([(250, 300), (290, 216), (352, 200), (400, 212), (400, 300)], darker(SAND, 0.1))
    tower(Pen(canvas, 350, 140, 68))
    sailing_boat(Pen(canvas, 120, 178, 44), RED)
    sailing_boat(Pen(canvas, 212, 206, 26), GREEN)
    for x_px, y_px in ((60, 90), (190, 84), (240, 112)):
        gull(Pen(canvas, x_px, y_px, 16))


def lighthouse(canvas: Canvas) -> None:
    """The lighthouse at night, its beam to both sides."""
    canvas.polygon([(0, 58), (400, 58), (400, 300), (0, 300)], (34, 44, 78))
    for x_px, y_px in ((40, 208), (90, 176), (150, 70), (252, 72), (330, 184), (370, 216), (286, 222)):
        Pen(canvas, x_px, y_px, 2).disc((0, 0), 1, WHITE)
    for side in (-1, 1):
        canvas.polygon([(200, 106), (200 + side * 220, 66), (200 + side * 220, 160)], (84, 92, 112))
    sea(canvas, 252, (28, 60, 92))
    Pen(canvas, 200, 272, 60).oval((0, 0), (1, 0.3), (70, 74, 84))
    tower(whole(canvas))


def tide(canvas: Canvas) -> None:
    """The moon above stone steps that go down into the water."""
    Pen(canvas, 88, 112, 36).disc((0, 0), 1, (250, 240, 206))
    Pen(canvas, 88, 112, 36).disc((-0.3, -0.2), 0.22, (226, 214, 176))
    Pen(canvas, 88, 112, 36).disc((0.3, 0.3), 0.15, (226, 214, 176))
    for step in range(6):
        left, top = 370 - 46 * step, 110 + 26 * step
        canvas.polygon([(left, top), (400, top), (400, 300), (left, 300)], mix(STONE, INK, 0.09 * step))
    sea(canvas, 218)
    canvas.line([(180, 210), (180, 120)], RED, 4)
    canvas.polygon([(168, 126), (192, 126), (180, 104)], RED)


def sailing(canvas: Canvas) -> None:
    """A boat, and its zigzag into the wind."""
    sea(canvas, 150)
    track = [(60, 286), (150, 238), (84, 206), (190, 176)]
    canvas.line([(float(x), float(y)) for x, y in track], WHITE, 3)
    sailing_boat(Pen(canvas, 262, 152, 72), (60, 100, 160))
    for y_px in (86, 104, 122):
        canvas.line([(386, y_px), (346, y_px)], STEEL, 3)
        canvas.polygon([(340, y_px), (352, y_px - 6), (352, y_px + 6)], STEEL)


def market(canvas: Canvas) -> None:
    """Fish on ice below a striped awning."""
    canvas.polygon([(30, 206), (370, 206), (386, 276), (14, 276)], (216, 232, 240))
    canvas.polygon([(14, 276), (386, 276), (386, 300), (14, 300)], (140, 98, 66))
    colours = ((228, 128, 70), (90, 140, 190), (210, 96, 110), (110, 160, 130), (228, 184, 80))
    for place, colour in enumerate(colours):
        pen = Pen(canvas, 66 + 68 * place, 226 + 24 * (place % 2), 30, mirrored=place % 2 == 1)
        pen.polygon([(0.4, 0), (1.0, -0.44), (0.86, 0), (1.0, 0.44)], darker(colour))
        pen.oval((-0.1, 0), (0.78, 0.42), colour)
        pen.disc((-0.56, -0.08), 0.09, INK)
    for stripe in range(10):
        left, colour = 20 + 36 * stripe, (RED if stripe % 2 else WHITE)
        flap = arc((left + 18, 120), (18, 16), (180, 0), corners=9)
        canvas.polygon([(left, 76), (left + 36, 76), *reversed(flap)], colour)
    for x_px in (26, 374):
        canvas.line([(x_px, 76), (x_px, 208)], (140, 98, 66), 5)


def gulls(canvas: Canvas) -> None:
    """A flock of gulls."""
    canvas.polygon([(0, 58), (400, 58), (400, 300), (0, 300)], (150, 196, 222))
    sea(canvas, 262)
    flock = ((116, 150, 66, -8), (276, 128, 44, 6), (330, 214, 34, 10), (196, 222, 28, -4), (44, 92, 22, 0))
    for x_px, y_px, size_px, tilt in flock:
        gull(Pen(canvas, x_px, y_px, size_px, tilt_degrees=tilt))


def pause(canvas: Canvas) -> None:
    """Still water, and nothing else."""
    canvas.polygon([(0, 58), (400, 58), (400, 300), (0, 300)], (236, 226, 214))
    sea(canvas, 212, (130, 160, 168))
    Pen(canvas, 200, 150, 3).disc((0, 0), 1, STEEL)


def crane(canvas: Canvas) -> None:
    """A harbour crane with a container on its hook."""
    sea(canvas, 268)
    canvas.polygon([(0, 256), (250, 256), (250, 300), (0, 300)], STONE)
    for x_px in (60, 128):
        canvas.line([(x_px, 256), (94, 96)], GOLD, 7)
    for y_px in (216, 176, 136):
        canvas.line([(94 - (y_px - 96) * 0.21, y_px), (94 + (y_px - 96) * 0.21, y_px)], darker(GOLD), 4)
    canvas.line([(30, 108), (344, 92)], GOLD, 8)
    canvas.line([(94, 68), (30, 108)], STEEL, 2.5)
    canvas.line([(94, 68), (300, 94)], STEEL, 2.5)
    canvas.line([(94, 96), (94, 68)], GOLD, 6)
    canvas.line([(290, 95), (290, 156)], INK, 2)
    canvas.polygon([(250, 156), (330, 156), (330, 192), (250, 192)], RED)
    for x_px in range(260, 330, 12):
        canvas.line([(x_px, 160), (x_px, 188)], darker(RED), 2)
    for place, colour in enumerate((SEA, GREEN, GOLD)):
        left = 140 + 34 * place
        canvas.polygon([(left, 236), (left + 32, 236), (left + 32, 256), (left, 256)], colour)


def buoy(canvas: Canvas) -> None:
    """A red and a green buoy, tilted by the swell."""
    sea(canvas, 206, DEEP)
    for x_px, colour, tilt in ((124, RED, -9), (276, GREEN, 8)):
        pen = Pen(canvas, x_px, 166, 74, tilt_degrees=tilt)
        for side in (-1, 1):
            pen.line([(side * 0.42, 0.5), (side * 0.12, -0.5)], colour, 0.09)
        pen.line([(-0.28, 0.04), (0.28, 0.04)], colour, 0.08)
        pen.box((-0.2, -0.62), (0.2, -0.46), darker(colour))
        pen.disc((0, -0.8), 0.16, (255, 236, 160))
        pen.polygon([(-0.66, 0.46), (0.66, 0.46), (0.5, 0.96), (-0.5, 0.96)], colour)
        pen.polygon([(-0.66, 0.46), (0.66, 0.46), (0.62, 0.58), (-0.62, 0.58)], lighter(colour))
    sea(canvas, 236, DEEP)


def anchor(canvas: Canvas) -> None:
    """A large anchor with a length of chain."""
    canvas.polygon([(0, 250), (400, 236), (400, 300), (0, 300)], SAND)
    pen, rust = whole(canvas, 92), (134, 84, 60)
    pen.line([(0, -0.6), (0, 0.86)], rust, 0.15)
    pen.line([(-0.42, -0.4), (0.42, -0.4)], rust, 0.13)
    pen.line(arc((0, 0.16), (0.76, 0.72), (8, 172)), rust, 0.15)
    for side in (-1, 1):
        pen.polygon([(side * 0.98, 0.3), (side * 0.54, 0.32), (side * 0.8, -0.08)], rust)
    pen.line(arc((0, -0.76), (0.15, 0.15), (0, 360)), rust, 0.08)
    for link in range(8):
        centre = (0.25 + 0.2 * link, -0.8 + 0.024 * link * link)
        pen.line(arc(centre, (0.14, 0.07), (0, 360)), darker(rust, 0.25), 0.045)


def bridge(canvas: Canvas) -> None:
    """A suspension bridge across the bay."""
    canvas.polygon([(0, 210), (70, 196), (96, 300), (0, 300)], GREEN)
    canvas.polygon([(400, 206), (334, 196), (306, 300), (400, 300)], darker(GREEN, 0.1))
    sea(canvas, 244)
    for x_px in (116, 284):
        canvas.line([(x_px, 268), (x_px, 84)], RED, 10)
    cable = [(float(x), 92 + 96 * (1 - ((x - 200) / 84) ** 2)) for x in range(116, 285, 4)]
    for rope_px, top_px in cable[::3]:
        canvas.line([(rope_px, top_px), (rope_px, 202)], STEEL, 1.4)
    canvas.line(cable, INK, 3)
    for start, end in (((116, 92), (8, 202)), ((284, 92), (392, 202))):
        canvas.line([start, end], INK, 3)
    canvas.polygon([(0, 200), (400, 200), (400, 210), (0, 210)], darker(STEEL))


def flags(canvas: Canvas) -> None:
    """Three flags straight in the wind."""
    sea(canvas, 262)
    canvas.polygon([(0, 250), (400, 250), (400, 264), (0, 264)], (140, 98, 66))
    for x_px, top_px, colour in ((56, 84, RED), (166, 104, GOLD), (276, 88, SEA)):
        canvas.line([(x_px, 250), (x_px, top_px)], STEEL, 4)
        upper = [(x_px + step, top_px + 4 * float(np.sin(step / 9))) for step in range(0, 88, 4)]
        lower = [(x, y + 44) for x, y in reversed(upper)]
        canvas.polygon([*upper, *lower], colour)
        canvas.polygon([*[(x, y + 15) for x, y in upper], *[(x, y - 15) for x, y in lower]], WHITE)


def sunset(canvas: Canvas) -> None:
    """The sun goes down behind the sea."""
    bands = ((250, 214, 150), (248, 190, 128), (240, 160, 116), (222, 128, 116))
    for place, colour in enumerate(reversed(bands)):
        top = 58 + 38 * place
        canvas.polygon([(0, top), (400, top), (400, 300), (0, 300)], colour)
    Pen(canvas, 200, 200, 54).disc((0, 0), 1, (255, 236, 170))
    sea(canvas, 202, (120, 84, 118))
    for place in range(5):
        half = 44 - 7 * place
        canvas.line([(200 - half, 212 + 16 * place), (200 + half, 212 + 16 * place)], (250, 206, 150), 4)
    sailing_boat(Pen(canvas, 306, 184, 30), INK)
