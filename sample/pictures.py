"""Pictures in class folders, and thumbnails of most of them under names that tell nothing.

writes  pictures/<class>/<class>-<nn>.jpg, thumbnails/<nnn>.jpg, batch.yaml
truth   which picture each thumbnail shows; the thumbnails whose picture is not in the batch; counts
"""

import numpy as np
from numpy.random import Generator
from PIL import Image

from sample.canvas import Canvas, Pen
from sample.errors import CrowdedError
from sample.folder import Folder, Json
from sample.landscapes import landscape
from sample.likeness import Gallery
from sample.motifs import MOTIFS

SEED = 20_260_306
SIZE_PX = (240, 180)
THUMBNAIL_PX = (64, 48)
PER_CLASS = 16
LINKED_THUMBNAILS = 60
STRAY_THUMBNAILS = 6
TRIES = 200
# How far down the motif's middle may lie, as shares of the room there is: most things stand on the ground.
DEPTHS: dict[str, tuple[float, float]] = {"fish": (0.1, 0.9), "sun": (0.0, 0.45)}
GROUND_DEPTH = (0.55, 1.0)

BATCH_FILE = """\
about: Drawings in class folders, and thumbnails to be linked to them by what they show
license: CC0-1.0
sources:
  - kind: files
    path: pictures/
    role: picture
    session: "{stem}"
  - kind: files
    path: thumbnails/
    role: thumbnail
    session: "{stem}"
labels:
  - format: imagenet
    path: pictures/
align:
  method: content
  reference: picture
  threshold: 0.92
"""


def make(folder: Folder, gallery: Gallery) -> Json:
    """The whole batch; returns its truth."""
    rng = np.random.default_rng(SEED)
    pictures = {
        f"pictures/{name}/{name}-{number:02d}.jpg": new_picture(rng, name, gallery)
        for name in MOTIFS
        for number in range(1, PER_CLASS + 1)
    }
    for path, picture in pictures.items():
        folder.write_jpeg(path, picture)
    strays = [new_picture(rng, str(rng.choice(list(MOTIFS))), gallery) for _ in range(STRAY_THUMBNAILS)]
    links = write_thumbnails(rng, folder, pictures, strays)
    folder.write_text("batch.yaml", BATCH_FILE)
    return truth(links, len(pictures))


def new_picture(rng: Generator, name: str, gallery: Gallery) -> Image.Image:
    """A picture of the class, unlike all others."""
    for _ in range(TRIES):
        picture = draw(rng, name)
        if gallery.takes(picture):
            return picture
    raise CrowdedError(f"new picture of a {name}", TRIES)


def draw(rng: Generator, name: str) -> Image.Image:
    """The motif in a landscape, at any size that still shows it well."""
    canvas = Canvas(landscape(rng, SIZE_PX))
    width, height = SIZE_PX
    size_px = float(rng.uniform(0.24, 0.42)) * height
    x_px = float(rng.uniform(1.05 * size_px, width - 1.05 * size_px))
    depth = float(rng.uniform(*DEPTHS.get(name, GROUND_DEPTH)))
    y_px = 1.05 * size_px + depth * (height - 2.1 * size_px)
    tilt_degrees = float(rng.uniform(-8, 8))
    MOTIFS[name](rng, Pen(canvas, x_px, y_px, size_px, bool(rng.random() < 0.5), tilt_degrees))
    return canvas.finish()


def write_thumbnails(
    rng: Generator, folder: Folder, pictures: dict[str, Image.Image], strays: list[Image.Image]
) -> dict[str, str | None]:
    """Thumbnails in a shuffled order; returns each one's picture, or None for a stray."""
    paths = list(pictures)
    chosen: list[str | None] = [paths[index] for index in rng.permutation(len(paths))[:LINKED_THUMBNAILS]]
    sources = [*chosen, *[None] * len(strays)]
    waiting = list(strays)
    links: dict[str, str | None] = {}
    for number, index in enumerate(rng.permutation(len(sources)), start=1):
        path, name = sources[index], f"thumbnails/{number:03d}.jpg"
        picture = waiting.pop() if path is None else pictures[path]
        folder.write_jpeg(name, picture.resize(THUMBNAIL_PX, Image.Resampling.LANCZOS), quality=72)
        links[name] = path
    return links


def truth(links: dict[str, str | None], picture_count: int) -> Json:
    """What a test can check."""
    return {
        "picture_of_thumbnail": {name: path for name, path in links.items() if path is not None},
        "strays": [name for name, path in links.items() if path is None],
        "counts": {
            "pictures": picture_count,
            "thumbnails": len(links),
            "linked": LINKED_THUMBNAILS,
            "per_class": dict.fromkeys(MOTIFS, PER_CLASS),
        },
    }
