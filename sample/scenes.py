"""Scenes: one to four coloured shapes, apart from each other, on a textured background.

writes  images/<id>.jpg, captions.json, instances.json (COCO), questions.json, annotations.json (VQA v2),
        batch.yaml
truth   per picture its background and shapes, per question its answer, and counts
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image

from sample.backgrounds import Background, any_background, paint
from sample.canvas import Canvas
from sample.colours import NAMED, darker, varied
from sample.errors import CrowdedError
from sample.folder import Folder, Json
from sample.likeness import Gallery, Phrasebook
from sample.scene_captions import captions
from sample.scene_coco import caption_annotations, captions_file, instance_annotations, instances_file
from sample.scene_model import KINDS, SIZE_PX, Scene, Shape
from sample.scene_questions import Question, annotations_file, numbered, questions, questions_file

COUNT_SHARES = (0.28, 0.3, 0.24, 0.18)
LEAST_RADIUS_PX = 22.0
# The more shapes, the smaller the largest: four of them must still find room.
LARGEST_RADII_PX = (50.0, 44.0, 40.0, 36.0)
GAP_PX = 7.0
TRIES = 3000

BATCH_FILE = """\
about: {about}
license: CC0-1.0
sources:
  - kind: files
    path: images/
    role: image
    session: "{{stem}}"
labels:
  - format: coco
    path: captions.json
  - format: coco
    path: instances.json
  - format: vqa
    path: questions.json
    answers: annotations.json
align:
  method: key
  reference: image
"""


@dataclass(frozen=True)
class ScenesPlan:
    """One batch of scenes."""

    seed: int
    count: int
    first_id: int
    about: str


def make(folder: Folder, plan: ScenesPlan, gallery: Gallery, phrasebook: Phrasebook) -> Json:
    """The whole batch; returns its truth."""
    rng = np.random.default_rng(plan.seed)
    scenes, image_id = [], plan.first_id
    for _ in range(plan.count):
        scene, picture = new_scene(rng, image_id, gallery, phrasebook)
        folder.write_jpeg(f"images/{scene.file_name}", picture, quality=82)
        scenes.append(scene)
        image_id += int(rng.integers(1, 10))
    asked = [question for scene in scenes for question in questions(rng, scene)]
    file_names = {scene.image_id: scene.file_name for scene in scenes}
    folder.write_json("captions.json", captions_file(file_names, caption_annotations(scenes)))
    folder.write_json("instances.json", instances_file(file_names, instance_annotations(scenes)))
    folder.write_json("questions.json", questions_file(asked))
    folder.write_json("annotations.json", annotations_file(rng, asked))
    folder.write_text("batch.yaml", BATCH_FILE.format(about=plan.about))
    return truth(scenes, asked)


def new_scene(
    rng: Generator, image_id: int, gallery: Gallery, phrasebook: Phrasebook
) -> tuple[Scene, Image.Image]:
    """A scene unlike all others, in its looks and in its captions."""
    for _ in range(TRIES):
        background, shapes = any_background(rng), any_shapes(rng)
        scene = Scene(image_id, background, shapes, captions(rng, background, shapes))
        picture = draw(rng, background, shapes)
        if phrasebook.lacks(scene.captions) and gallery.takes(picture):
            phrasebook.add(scene.captions)
            return scene, picture
    raise CrowdedError("new scene", TRIES)


def any_shapes(rng: Generator) -> tuple[Shape, ...]:
    """One to four shapes that do not touch."""
    count = 1 + int(rng.choice(len(COUNT_SHARES), p=COUNT_SHARES))
    for _ in range(TRIES):
        shapes = tuple(any_shape(rng, LARGEST_RADII_PX[count - 1]) for _ in range(count))
        if all(apart(first, second) for first, second in itertools.combinations(shapes, 2)):
            return shapes
    raise CrowdedError(f"room for {count} shapes", TRIES)


def any_shape(rng: Generator, largest_radius_px: float) -> Shape:
    """One shape, wholly inside the picture."""
    radius_px = round(rng.uniform(LEAST_RADIUS_PX, largest_radius_px), 1)
    margin_px = radius_px + 4
    return Shape(
        kind=str(rng.choice(list(KINDS))),
        colour=str(rng.choice(list(NAMED))),
        x_px=round(rng.uniform(margin_px, SIZE_PX[0] - margin_px), 1),
        y_px=round(rng.uniform(margin_px, SIZE_PX[1] - margin_px), 1),
        radius_px=radius_px,
        tilt_degrees=round(rng.uniform(-14, 14), 1),
    )


def apart(first: Shape, second: Shape) -> bool:
    """True when the two leave a gap."""
    distance_px = np.hypot(first.x_px - second.x_px, first.y_px - second.y_px)
    return bool(distance_px > 1.15 * (first.radius_px + second.radius_px) + GAP_PX)


def draw(rng: Generator, background: Background, shapes: tuple[Shape, ...]) -> Image.Image:
    """The picture: every shape with a soft shadow and a thin darker rim."""
    canvas = Canvas(paint(rng, background, SIZE_PX))
    for shape in shapes:
        outline, colour = shape.outline(), varied(rng, NAMED[shape.colour])
        canvas.shadow(outline, depth_px=3.0)
        canvas.polygon(outline, colour)
        canvas.line([*outline, outline[0]], darker(colour, 0.18), width_px=1.4)
    return canvas.finish()


def truth(scenes: list[Scene], asked: list[Question]) -> Json:
    """What a test can check."""
    return {
        "images": {
            scene.file_name: {
                "background": scene.background.words,
                "shapes": [shape.words for shape in scene.shapes],
            }
            for scene in scenes
        },
        "answers": {str(question_id): question.answer for question_id, question in numbered(asked)},
        "counts": {
            "images": len(scenes),
            "captions": 2 * len(scenes),
            "instances": sum(len(scene.shapes) for scene in scenes),
            "questions": len(asked),
            "answers": 10 * len(asked),
        },
    }
