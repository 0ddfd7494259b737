"""How many changed copies of real photos are tied to their originals, and how many strangers are tied.

`python -m benchmarks.duplicates FOLDER [FOLDER ...]` takes the JPEG files below each folder, and prints for
each change how many copies were tied to their originals; then the pairs of originals that are tied, which are
strangers unless a look at them says otherwise; and seconds per picture at two sizes.
"""

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from tasks.fuse.ties.pictures import SmallPicture, picture_ties
from tasks.media.image import READER
from tasks.media.reader import Limits

LIMITS = Limits(most_pixels=2 * 10**8, largest_text_bytes=1)
LEAST = 0.62
SIZES = (500, 2_000)
Change = Callable[[Image.Image], Image.Image]


def crop(share: float, left: float, top: float) -> Change:
    """Cut that share off the width and the height."""

    def change(picture: Image.Image) -> Image.Image:
        width, height = (round(edge * (1 - share)) for edge in picture.size)
        x, y = round((picture.width - width) * left), round((picture.height - height) * top)
        return picture.crop((x, y, x + width, y + height))

    return change


CHANGES: dict[str, Change] = {
    "crop of 10 %": crop(0.1, 0.5, 0.5),
    "crop of 25 %, off centre": crop(0.25, 0.8, 0.3),
    "turn by 2 degrees": lambda picture: picture.rotate(2, Image.Resampling.BICUBIC),
    "turn by 5 degrees": lambda picture: picture.rotate(5, Image.Resampling.BICUBIC),
    "turn by 5 degrees, larger": lambda picture: picture.rotate(5, Image.Resampling.BICUBIC, expand=True),
    "quarter turn": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "mirror": ImageOps.mirror,
    "mirror and crop": lambda picture: crop(0.2, 0.1, 0.8)(ImageOps.mirror(picture)),
    "third of the size": lambda picture: picture.resize((picture.width // 3, picture.height // 3)),
    "square": lambda picture: picture.resize((256, 256)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.4),
    "less contrast": lambda picture: ImageEnhance.Contrast(picture).enhance(0.6),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "white border of 5 %": lambda picture: ImageOps.expand(picture, round(max(picture.size) / 20), "white"),
    "black border of 10 %": lambda picture: ImageOps.expand(picture, round(max(picture.size) / 10), "black"),
}


def small(name: str, picture: Image.Image, quality: int = 85) -> SmallPicture:
    """The picture as `collect` keeps it."""
    stored = io.BytesIO()
    picture.save(stored, "JPEG", quality=quality)
    facts = READER.read(stored.getvalue(), "image/jpeg", LIMITS)
    return SmallPicture(name, facts.small or b"", picture.width, picture.height)


def main(folders: list[Path]) -> None:
    """Measure and print."""
    originals: list[SmallPicture] = []
    for folder in folders:
        places = sorted(folder.rglob("*.jpg"))
        pictures = [Image.open(place).convert("RGB") for place in places]
        own = [small(str(place), picture) for place, picture in zip(places, pictures, strict=True)]
        pairs = len(own) * (len(own) - 1) // 2
        tied = list(picture_ties(own, LEAST))
        print(f"{folder}: {len(own)} pictures, {len(tied)} of {pairs} pairs tied")
        for tie in tied:
            print(f"  {tie.nearness:.2f} {tie.item_id} {tie.other_id}")
        for name, change in CHANGES.items():
            copies = [small(f"copy {one.item_id}", change(p)) for one, p in zip(own, pictures, strict=True)]
            found = {(tie.item_id, tie.other_id) for tie in picture_ties([*own, *copies], LEAST)}
            right = sum((f"copy {one.item_id}", one.item_id) in found for one in own)
            print(f"  {name}: {right} of {len(own)}")
        originals += own
    rng = np.random.default_rng(1)
    for size in SIZES:
        many = [_cut(originals[number % len(originals)], number, rng) for number in range(size)]
        start = time.perf_counter()
        ties = sum(1 for _ in picture_ties(many, LEAST))
        print(f"{size} pictures: {(time.perf_counter() - start) / size * 1e3:.2f} ms each, {ties} ties")


def _cut(picture: SmallPicture, number: int, rng: np.random.Generator) -> SmallPicture:
    """A picture of its own: its tiles in another order."""
    tiles = np.frombuffer(picture.grey, np.uint8).reshape(4, 16, 4, 16).swapaxes(1, 2).reshape(16, 16, 16)
    mixed = rng.permutation(tiles).reshape(4, 4, 16, 16).swapaxes(1, 2).reshape(64, 64)
    return SmallPicture(f"{number}", mixed.tobytes(), picture.width, picture.height)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
