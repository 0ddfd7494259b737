"""Colours: 8-bit RGB triples, and the six that labels name."""

from numpy.random import Generator

RGB = tuple[int, int, int]

NAMED: dict[str, RGB] = {
    "red": (222, 60, 54),
    "green": (62, 168, 88),
    "blue": (52, 112, 214),
    "yellow": (246, 206, 60),
    "purple": (142, 78, 190),
    "orange": (240, 140, 44),
}
WHITE: RGB = (250, 249, 245)
INK: RGB = (38, 44, 58)


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """The colour that lies `share` of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def darker(colour: RGB, share: float = 0.2) -> RGB:
    """The colour, moved towards black."""
    return mix(colour, (0, 0, 0), share)


def lighter(colour: RGB, share: float = 0.3) -> RGB:
    """The colour, moved towards white."""
    return mix(colour, (255, 255, 255), share)


def greyer(colour: RGB, share: float) -> RGB:
    """The colour, moved towards the grey of its own brightness."""
    grey = round(0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2])
    return mix(colour, (grey, grey, grey), share)


def varied(rng: Generator, colour: RGB, spread: int = 10) -> RGB:
    """The colour, each channel moved by at most `spread`."""
    red, green, blue = (min(255, max(0, c + int(rng.integers(-spread, spread + 1)))) for c in colour)
    return red, green, blue
