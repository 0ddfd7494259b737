"""Reviews: short texts about products, each with a photo and a sentiment.

writes  reviews.csv, photos/<product>-<nn>.jpg, batch.yaml
truth   per review its photo and its sentiment
"""

import numpy as np
from numpy.random import Generator
from PIL import Image

from sample.errors import CrowdedError
from sample.folder import Folder, Json
from sample.likeness import Gallery, Phrasebook
from sample.products import PRODUCTS, photo
from sample.review_texts import review_text

SEED = 20_260_305
POSITIVE = 54
NEGATIVE = 36
TRIES = 200
REVIEWERS = (
    "Ada",
    "Bo",
    "Carmen",
    "Dmitri",
    "Elif",
    "Femi",
    "Greta",
    "Hiro",
    "Ines",
    "Jonas",
    "Kaia",
    "Luca",
)

BATCH_FILE = """\
about: Product reviews with a photo each, and whether the reviewer was pleased
license: CC0-1.0
sources:
  - kind: table
    path: reviews.csv
    text: review
    id: id
    session: "{id}"
    role: text
  - kind: table
    path: reviews.csv
    media: photo
    session: "{id}"
    role: image
labels:
  - format: table
    path: reviews.csv
    item: id
    label: sentiment
    task: sentiment
align:
  method: key
  reference: text
"""


def make(folder: Folder, gallery: Gallery, phrasebook: Phrasebook) -> Json:
    """The whole batch; returns its truth."""
    rng = np.random.default_rng(SEED)
    moods = rng.permutation([True] * POSITIVE + [False] * NEGATIVE)
    rows = []
    for number, positive in enumerate(moods, start=1):
        product = list(PRODUCTS)[int(rng.integers(len(PRODUCTS)))]
        # Photos have numbers of their own: a review's id must not be taken for the stem of a photo.
        name = f"photos/{product}-{len(moods) + 10 - number:02d}.jpg"
        folder.write_jpeg(name, new_photo(rng, gallery, product, positive=bool(positive)))
        text = new_text(rng, phrasebook, product, positive=bool(positive))
        rows.append(row(rng, f"r{number:03d}", name, text, positive=bool(positive)))
    folder.write_csv("reviews.csv", rows)
    folder.write_text("batch.yaml", BATCH_FILE)
    return truth(rows)


def row(rng: Generator, review_id: str, photo_name: str, text: str, *, positive: bool) -> dict[str, str]:
    """One row of reviews.csv."""
    return {
        "id": review_id,
        "photo": photo_name,
        "review": text,
        "sentiment": "positive" if positive else "negative",
        "reviewer": str(rng.choice(REVIEWERS)),
        "stars": str(rng.integers(4, 6) if positive else rng.integers(1, 3)),
    }


def new_photo(rng: Generator, gallery: Gallery, product: str, *, positive: bool) -> Image.Image:
    """A photo unlike all others; photos of the displeased tend to be dull, but many are not."""
    for _ in range(TRIES):
        dullness = float(np.clip(rng.normal(0.25 if positive else 0.6, 0.25), 0, 1))
        picture = photo(rng, product, dullness)
        if gallery.takes(picture):
            return picture
    raise CrowdedError(f"new photo of a {product}", TRIES)


def new_text(rng: Generator, phrasebook: Phrasebook, product: str, *, positive: bool) -> str:
    """A text that no other review has."""
    for _ in range(TRIES):
        text = review_text(rng, product, positive=positive)
        if phrasebook.lacks([text]):
            phrasebook.add([text])
            return text
    raise CrowdedError(f"new text about a {product}", TRIES)


def truth(rows: list[dict[str, str]]) -> Json:
    """What a test can check."""
    return {
        "reviews": {row["id"]: {"photo": row["photo"], "sentiment": row["sentiment"]} for row in rows},
        "counts": {"reviews": len(rows), "positive": POSITIVE, "negative": NEGATIVE},
    }
