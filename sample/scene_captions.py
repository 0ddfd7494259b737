"""Captions of a scene: one that says how the shapes lie to each other, one that lists them."""

from collections.abc import Sequence

from numpy.random import Generator

from sample.backgrounds import Background
from sample.scene_model import SIZE_PX, Shape

NUMBERS = ("no", "one", "two", "three", "four")
SMALL_PX = 27
LARGE_PX = 37


def captions(rng: Generator, background: Background, shapes: Sequence[Shape]) -> tuple[str, str]:
    """Two captions, true and worded differently."""
    return relation_caption(background, shapes), list_caption(rng, background, shapes)


def relation_caption(background: Background, shapes: Sequence[Shape]) -> str:
    """Such as: a red circle left of a blue square on a dark striped background."""
    if len(shapes) == 1:
        (shape,) = shapes
        return f"{with_article(sized(shape))} {position(shape)} on a {background.words}"
    pairs = [related(*shapes[start : start + 2]) for start in range(0, len(shapes) - 1, 2)]
    odd = [with_article(shapes[-1].words)] if len(shapes) % 2 else []
    return f"{' and '.join(pairs + odd)} on a {background.words}"


def list_caption(rng: Generator, background: Background, shapes: Sequence[Shape]) -> str:
    """Such as: Three shapes on a light cloudy background: a large star, ..."""
    ordered = [shapes[index] for index in rng.permutation(len(shapes))]
    names = joined([with_article(sized(shape)) for shape in ordered])
    noun = "shape" if len(shapes) == 1 else "shapes"
    count = NUMBERS[len(shapes)]
    forms = (
        f"{count.capitalize()} {noun} on a {background.words}: {names}.",
        f"The {background.words} shows {names}.",
        f"The picture holds {names}, {count} {noun} in all; its background is {background.tone} and "
        f"{background.texture}.",
        f"A drawing with {names} on a {background.words}.",
    )
    return forms[int(rng.integers(len(forms)))]


def related(first: Shape, second: Shape) -> str:
    """The two, with the word for how they lie to each other."""
    across, down = second.x_px - first.x_px, second.y_px - first.y_px
    if abs(across) >= abs(down):
        word = "left of" if across > 0 else "right of"
    else:
        word = "above" if down > 0 else "below"
    return f"{with_article(first.words)} {word} {with_article(second.words)}"


def sized(shape: Shape) -> str:
    """The shape's words, with small or large where it is."""
    if shape.radius_px < SMALL_PX:
        return f"small {shape.words}"
    return f"large {shape.words}" if shape.radius_px > LARGE_PX else shape.words


def position(shape: Shape) -> str:
    """Which of nine fields of the picture holds the shape's centre."""
    row = ("upper", "", "lower")[int(3 * shape.y_px / SIZE_PX[1])]
    column = ("left", "", "right")[int(3 * shape.x_px / SIZE_PX[0])]
    if not row and not column:
        return "in the middle"
    if not column:
        return f"in the {row} middle"
    return f"in the {row} {column}" if row else f"on the {column}"


def with_article(words: str) -> str:
    """The words after a or an."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def joined(names: Sequence[str]) -> str:
    """Such as: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
