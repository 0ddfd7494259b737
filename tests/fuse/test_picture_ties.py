"""Pictures that are near duplicates are tied however one was changed, and strangers are not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from tasks.core.schemas import SAMPLES, TIES
from tasks.core.tables import read_table
from tasks.fuse.ties.pictures import SmallPicture, picture_ties
from tests.conftest import Repository
from tests.media.making import facts, saved

LEAST = 0.57
PHOTOS = 10


def photos(corpora: Path) -> list[Image.Image]:
    places = sorted((corpora / "coco_cc" / "images").glob("*.jpg"))[:PHOTOS]
    return [Image.open(place).convert("RGB") for place in places]


def cropped(picture: Image.Image, share: float, left: float = 0.5, top: float = 0.5) -> Image.Image:
    width, height = round(picture.width * (1 - share)), round(picture.height * (1 - share))
    x, y = round((picture.width - width) * left), round((picture.height - height) * top)
    return picture.crop((x, y, x + width, y + height))


def captioned(picture: Image.Image) -> Image.Image:
    written = picture.copy()
    draw = ImageDraw.Draw(written)
    width, height = picture.size
    draw.rectangle((0.1 * width, 0.8 * height, 0.5 * width, 0.92 * height), fill="white")
    return written


CHANGES = {
    "crop of 10 %": lambda picture: cropped(picture, 0.1),
    "crop of 25 %, off centre": lambda picture: cropped(picture, 0.25, 0.9, 0.2),
    "turn by 2 degrees": lambda picture: picture.rotate(2, Image.Resampling.BICUBIC),
    "turn by -5 degrees": lambda picture: picture.rotate(-5, Image.Resampling.BICUBIC),
    "quarter turn": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "mirror": ImageOps.mirror,
    "mirror and crop": lambda picture: cropped(ImageOps.mirror(picture), 0.15, 0.2, 0.8),
    "square of 256": lambda picture: picture.resize((256, 256)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.3),
    "grey": lambda picture: picture.convert("L"),
    "words on it": captioned,
}


def small(name: str, picture: Image.Image) -> SmallPicture:
    found = facts(saved(picture.convert("RGB"), "JPEG", quality=80), f"{name}.jpg")
    return SmallPicture(name, found.small or b"", picture.width, picture.height)


def tied(pictures: list[SmallPicture]) -> set[tuple[str, str]]:
    return {(tie.item_id, tie.other_id) for tie in picture_ties(pictures, LEAST)}


@pytest.fixture(scope="module")
def originals(corpora: Path) -> list[SmallPicture]:
    return [small(f"{number}", picture) for number, picture in enumerate(photos(corpora))]


@pytest.mark.parametrize("change", CHANGES)
def test_ten_of_ten_photos_are_tied_to_their_changed_copies_and_to_nothing_else(
    corpora: Path, originals: list[SmallPicture], change: str
) -> None:
    copies = [
        small(f"copy of {number}", CHANGES[change](picture)) for number, picture in enumerate(photos(corpora))
    ]
    assert tied([*originals, *copies]) == {(f"copy of {number}", f"{number}") for number in range(PHOTOS)}


def test_later_pictures_change_no_tie_among_earlier_ones(corpora: Path) -> None:
    pictures = photos(corpora)
    earlier = [
        small(f"{n}", picture) for n, picture in enumerate([*pictures, *map(ImageOps.mirror, pictures)])
    ]
    later = [small(f"later {n}", cropped(picture, 0.05)) for n, picture in enumerate(pictures)]
    before, after = tied(earlier), tied([*earlier, *later])
    assert {pair for pair in after if not pair[0].startswith("later")} == before
    assert len(before) == PHOTOS


def test_pictures_of_one_grey_are_not_tied_by_their_looks() -> None:
    empty = [SmallPicture(f"{number}", bytes([number // 2]) * 64 * 64, 64, 64) for number in range(4)]
    assert tied(empty) == set()


def test_a_mirrored_crop_in_a_later_batch_joins_the_group_of_its_original(
    repository: Repository, corpora: Path
) -> None:
    batch_file = "about: photos\nlicense: CC0-1.0\nsources: [{kind: files, path: media}]\n"
    batch_file += "align: {method: key, reference: image}\n"
    picture = photos(corpora)[0]
    noise = np.random.default_rng(3).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    for name, content in (("1", picture), ("2", cropped(ImageOps.mirror(picture), 0.1))):
        files = {"media/a.jpg": saved(content, "JPEG")}
        repository.add_batch(name, batch_file, files)
    repository.add_batch("3", batch_file, {"media/a.png": saved(Image.fromarray(noise), "PNG")})
    repository.run("collect", "label", "encode", "align", "validate", "fuse")
    fused = repository.data / "fused"
    groups = {row["sample_id"]: row["group"] for row in read_table(SAMPLES, fused).to_pylist()}
    assert groups == {
        "1/media/a.jpg": "1/media/a.jpg",
        "2/media/a.jpg": "1/media/a.jpg",
        "3/media/a.png": "3/media/a.png",
    }
    ties = read_table(TIES, fused).to_pylist()
    assert [(tie["item_id"], tie["other_id"], tie["kind"]) for tie in ties] == [
        ("2/media/a.jpg", "1/media/a.jpg", "looks")
    ]
