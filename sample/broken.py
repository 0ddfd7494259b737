"""A delivery that went wrong in many ways, though its batch.yaml is right: the gate must stop it.

writes  images/<id>.jpg or .png (8 of 20 cannot be read), sound/hall.wav (cut off), captions.json,
        instances.json, batch.yaml
truth   per file, and per label by its id, what is wrong with it
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sample.damages import cut_off_wav, shuffled_fates
from sample.folder import Folder, Json
from sample.likeness import Gallery, Phrasebook
from sample.scene_coco import (
    CATEGORY_IDS,
    caption_annotations,
    captions_file,
    instance_annotations,
    instances_file,
)
from sample.scene_model import SIZE_PX, Scene
from sample.scenes import new_scene

SEED = 20_260_309
FIRST_ID = 9001
ABSENT_IDS = (9101, 9102, 9103, 9104, 9105)
FIRST_BAD_CAPTION_ID = 49_001
FIRST_BAD_BOX_ID = 79_001
UNKNOWN_CATEGORY = 99
WIDTH, HEIGHT = SIZE_PX

BATCH_FILE = """\
about: A delivery that went wrong in many ways; it must be stopped at the gate
license: CC0-1.0
sources:
  - kind: files
    path: images/
    role: image
    session: "{stem}"
  - kind: files
    path: sound/
    role: audio
    session: "{stem}"
labels:
  - format: coco
    path: captions.json
  - format: coco
    path: instances.json
align:
  method: key
  reference: image
"""


@dataclass(frozen=True)
class Delivery:
    """What was delivered: per image its scene, its file, and what is wrong with it (nothing, when empty)."""

    scenes: list[Scene]
    file_names: dict[int, str]
    reasons: dict[int, str]

    def good_ids(self) -> list[int]:
        return [image_id for image_id, reason in self.reasons.items() if not reason]


# What is wrong, the box, and its category.
BAD_BOXES: tuple[tuple[str, tuple[float, float, float, float], int], ...] = (
    ("zero_area_box", (40.0, 30.0, 0.0, 25.0), CATEGORY_IDS["circle"]),
    ("zero_area_box", (80.0, 60.0, 30.0, 0.0), CATEGORY_IDS["square"]),
    ("zero_area_box", (120.0, 90.0, 0.0, 0.0), CATEGORY_IDS["star"]),
    ("box_outside_image", (WIDTH - 30.0, 20.0, 90.0, 50.0), CATEGORY_IDS["circle"]),
    ("box_outside_image", (-25.0, 40.0, 60.0, 60.0), CATEGORY_IDS["square"]),
    ("box_outside_image", (WIDTH + 60.0, HEIGHT + 40.0, 40.0, 40.0), CATEGORY_IDS["star"]),
    ("unknown_category", (50.0, 50.0, 40.0, 40.0), UNKNOWN_CATEGORY),
    ("unknown_category", (90.0, 20.0, 36.0, 36.0), UNKNOWN_CATEGORY),
)


def make(folder: Folder, gallery: Gallery, phrasebook: Phrasebook) -> Json:
    """The whole batch; returns its truth."""
    rng = np.random.default_rng(SEED)
    delivery = Delivery([], {}, {})
    for image_id, (reason, ending, maker) in enumerate(shuffled_fates(rng), start=FIRST_ID):
        scene, picture = new_scene(rng, image_id, gallery, phrasebook)
        name = f"{image_id:012d}{ending}"
        folder.write_bytes(f"images/{name}", maker(picture))
        delivery.scenes.append(scene)
        delivery.file_names[image_id] = name
        delivery.reasons[image_id] = reason
    folder.write_bytes("sound/hall.wav", cut_off_wav(rng))
    folder.write_text("batch.yaml", BATCH_FILE)
    write_labels(folder, delivery)
    return truth(delivery)


def write_labels(folder: Folder, delivery: Delivery) -> None:
    """Both COCO files: labels of all images, read or not, and those that are wrong in themselves."""
    listed = delivery.file_names | {image_id: f"{image_id:012d}.jpg" for image_id in ABSENT_IDS}
    captions = [*caption_annotations(delivery.scenes), *absent_captions()]
    boxes = [*instance_annotations(delivery.scenes), *bad_boxes(delivery.good_ids())]
    folder.write_json("captions.json", captions_file(listed, captions))
    folder.write_json("instances.json", instances_file(listed, boxes))


def absent_captions() -> list[Json]:
    """Captions of images that the file lists but the folder lacks."""
    return [
        {
            "image_id": image_id,
            "id": caption_id,
            "caption": f"a shape that nobody delivered, number {image_id}",
        }
        for caption_id, image_id in enumerate(ABSENT_IDS, start=FIRST_BAD_CAPTION_ID)
    ]


def bad_boxes(good_ids: Sequence[int]) -> list[Json]:
    """Boxes that cannot be, all on images that can be read."""
    return [
        {
            "segmentation": [],
            "area": box[2] * box[3],
            "iscrowd": 0,
            "image_id": good_ids[number],
            "bbox": list(box),
            "category_id": category_id,
            "id": FIRST_BAD_BOX_ID + number,
        }
        for number, (_, box, category_id) in enumerate(BAD_BOXES)
    ]


def truth(delivery: Delivery) -> Json:
    """What a test can check."""
    bad_images = {
        f"images/{delivery.file_names[image_id]}": reason
        for image_id, reason in delivery.reasons.items()
        if reason
    }
    return {
        "files": bad_images | {"sound/hall.wav": "truncated"},
        "labels": {
            "captions.json": {
                str(FIRST_BAD_CAPTION_ID + number): "file_not_there" for number in range(len(ABSENT_IDS))
            },
            "instances.json": {
                str(FIRST_BAD_BOX_ID + number): reason for number, (reason, _, _) in enumerate(BAD_BOXES)
            },
        },
        "counts": {
            "images": len(delivery.scenes),
            "bad_images": len(bad_images),
            "captions": 2 * len(delivery.scenes) + len(ABSENT_IDS),
            "instances": sum(len(scene.shapes) for scene in delivery.scenes) + len(BAD_BOXES),
        },
    }
