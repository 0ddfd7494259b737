"""All batches of the sample, in the order of their arrival, and the file of their truth.

writes  <root>/data/batches/<batch>/ and <root>/tests/sample_truth.json
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from sample import broken, pictures, reviews, scenes, slideshow
from sample.folder import Folder, Json
from sample.likeness import Gallery, Phrasebook
from sample.scenes import ScenesPlan

Maker = Callable[[Folder, Gallery, Phrasebook], Json]

BATCHES_FOLDER = Path("data/batches")
TRUTH_FILE = Path("tests/sample_truth.json")

SCENES = "Scenes of coloured shapes with captions, outlines, and questions with known answers"

FIRST_SCENES = ScenesPlan(
    seed=20_260_302,
    count=70,
    first_id=117,
    about=f"{SCENES}; first delivery",
)
SECOND_SCENES = ScenesPlan(
    seed=20_260_303,
    count=50,
    first_id=2038,
    about=f"{SCENES}; second delivery",
)

BATCHES: dict[str, Maker] = {
    "2026-03-02-scenes-a": lambda folder, gallery, phrasebook: scenes.make(
        folder, FIRST_SCENES, gallery, phrasebook
    ),
    "2026-03-03-scenes-b": lambda folder, gallery, phrasebook: scenes.make(
        folder, SECOND_SCENES, gallery, phrasebook
    ),
    "2026-03-04-slideshow": lambda folder, gallery, phrasebook: slideshow.make(folder, gallery),
    "2026-03-05-reviews": reviews.make,
    "2026-03-06-pictures": lambda folder, gallery, phrasebook: pictures.make(folder, gallery),
    "2026-03-09-broken": broken.make,
}


def make_all(root: Path) -> None:
    """Write every batch anew, and the truth about them; what is there stays until all of the new is made."""
    gallery, phrasebook = Gallery(), Phrasebook()
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".sample-", dir=root) as partial:
        truth = {
            name: maker(Folder(Path(partial) / name), gallery, phrasebook) for name, maker in BATCHES.items()
        }
        for name in BATCHES:
            replace_folder(Path(partial) / name, root / BATCHES_FOLDER / name)
    Folder(root).write_text(str(TRUTH_FILE), json.dumps(truth, sort_keys=True, indent=1) + "\n")


def replace_folder(new: Path, place: Path) -> None:
    """Put the new folder where the old one was, if there was one."""
    if place.exists():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    new.replace(place)
