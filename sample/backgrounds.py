"""Backgrounds of scenes: a tone and a texture, both named in captions, with a random slope of light."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from sample.colours import RGB, mix

Field = NDArray[np.float64]
Texture = Callable[[Generator, Field, Field], Field]

TONES: dict[str, RGB] = {"dark": (50, 54, 66), "grey": (132, 134, 140), "light": (222, 220, 214)}
TINTS: tuple[RGB, ...] = ((180, 120, 80), (80, 130, 170), (90, 140, 100), (140, 100, 150), (128, 128, 128))
TINT_SHARE = 0.16
SLOPE_LEVELS = 26.0
TEXTURE_LEVELS = 11.0


@dataclass(frozen=True)
class Background:
    """What a caption can say of a background."""

    tone: str
    texture: str

    @property
    def words(self) -> str:
        return f"{self.tone} {self.texture} background"


def plain(rng: Generator, x: Field, y: Field) -> Field:
    """No texture: the slope of light alone."""
    return np.zeros_like(x) + rng.normal(0, 0.1)


def striped(rng: Generator, x: Field, y: Field) -> Field:
    """Straight stripes at any angle."""
    turn = rng.uniform(0, np.pi)
    return soft_edges(np.sin((x * np.cos(turn) + y * np.sin(turn)) * rng.uniform(14, 30)))


def checked(rng: Generator, x: Field, y: Field) -> Field:
    """A chess board."""
    pitch = rng.uniform(9, 18)
    return soft_edges(np.sin(x * pitch)) * soft_edges(np.sin(y * pitch))


def spotted(rng: Generator, x: Field, y: Field) -> Field:
    """Round dots in staggered rows."""
    pitch = rng.uniform(10, 18)
    return soft_edges(np.cos(x * pitch) * np.cos(y * pitch) - 0.45)


def cloudy(rng: Generator, x: Field, y: Field) -> Field:
    """Soft patches without order."""
    coarse = Image.fromarray(rng.normal(0, 1, (7, 9)).astype(np.float32))
    return np.asarray(coarse.resize((x.shape[1], x.shape[0]), Image.Resampling.BICUBIC), dtype=np.float64)


def rippled(rng: Generator, x: Field, y: Field) -> Field:
    """Rings around a point, as where a stone fell into water."""
    distance = np.hypot(x - rng.uniform(-0.8, 0.8), y - rng.uniform(-0.6, 0.6))
    return np.asarray(np.sin(distance * rng.uniform(18, 34)), dtype=np.float64)


def soft_edges(wave: Field) -> Field:
    """The wave, squared off but without hard steps."""
    return np.asarray(np.tanh(wave * 6), dtype=np.float64)


TEXTURES: dict[str, Texture] = {
    "plain": plain,
    "striped": striped,
    "checked": checked,
    "spotted": spotted,
    "cloudy": cloudy,
    "rippled": rippled,
}


def any_background(rng: Generator) -> Background:
    """A tone and a texture, each as likely as the others."""
    return Background(str(rng.choice(list(TONES))), str(rng.choice(list(TEXTURES))))


def paint(rng: Generator, background: Background, size: tuple[int, int]) -> Image.Image:
    """The background as a picture."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width] / (width / 2) - np.array([height / width, 1.0]).reshape(2, 1, 1)
    levels = SLOPE_LEVELS * slope(rng, x, y) + TEXTURE_LEVELS * TEXTURES[background.texture](rng, x, y)
    tint = TINTS[int(rng.integers(len(TINTS)))]
    base = np.array(mix(TONES[background.tone], tint, TINT_SHARE), dtype=np.float64)
    pixels = np.clip(base + levels[..., None], 0, 255).round().astype(np.uint8)
    return Image.fromarray(pixels)


def slope(rng: Generator, x: Field, y: Field) -> Field:
    """Light from one side, with a lamp somewhere."""
    turn = rng.uniform(0, 2 * np.pi)
    lamp = np.exp(-((x - rng.uniform(-1, 1)) ** 2 + (y - rng.uniform(-0.7, 0.7)) ** 2) * 3)
    return np.asarray(
        0.8 * (x * np.cos(turn) + y * np.sin(turn)) + lamp * rng.choice([-1, 1]), dtype=np.float64
    )
