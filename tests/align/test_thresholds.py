"""What the thresholds that hold where batch.yaml says none do to real photos and captions."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tasks.align.by_content.compare_texts import weigh
from tasks.align.by_content.pairing import Limits, pair_mutual
from tasks.align.by_content.rows import HashRows, Int64s, Rows, SparseRows
from tasks.core.align_entry import THRESHOLDS
from tasks.media.image import read
from tasks.media.reader import Limits as MediaLimits

COCO = Path(__file__).resolve().parents[2].parent / "shared/corpora/coco_cc"
MEDIA_LIMITS = MediaLimits(10**9, 10**9)

pytestmark = pytest.mark.skipif(not COCO.exists(), reason="the shared corpora are not beside this checkout")


def hashed(*pictures: bytes) -> HashRows:
    facts = [read(picture, "image/jpeg", MEDIA_LIMITS) for picture in pictures]
    return HashRows(np.array([int(fact.phash or "", 16) for fact in facts], np.uint64))


def copied(picture: bytes, size: tuple[int, int], quality: int) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").resize(size).save(file, "JPEG", quality=quality)
    return file.getvalue()


def edited(caption: str) -> str:
    """In small letters, without the third word and the full stop, and with a slip in the last word."""
    first, second, _, *rest, last = caption.lower().rstrip(". ").split()
    return " ".join([first, second, *rest, last[1::-1] + last[2:]])


def found(reference: Rows, other: Rows, by: str) -> tuple[int, int]:
    """Of others that stand in the order of the references, twice as many: right ones and wrong ones."""
    pairing = pair_mutual(reference, other, Limits(THRESHOLDS[by]))
    matched: Int64s = np.flatnonzero(pairing.verdict == "matched")
    right = int(np.count_nonzero(pairing.best[matched] == matched))
    return right, len(matched) - right


@pytest.mark.parametrize(("size", "quality"), [((128, 96), 88), ((500, 375), 10), ((256, 256), 50)])
def test_every_copy_of_a_photo_meets_it_and_no_other_photo_does(size: tuple[int, int], quality: int) -> None:
    photos = [path.read_bytes() for path in sorted((COCO / "images").glob("*.jpg"))]
    copies = hashed(*(copied(photo, size, quality) for photo in photos))
    assert found(hashed(*photos[:48]), copies, "picture_hash") == (48, 0)


def test_every_text_with_a_few_changes_meets_it_and_no_other_text_does() -> None:
    rows = json.loads((COCO / "annotations/captions.json").read_text(encoding="utf-8"))["annotations"]
    captions = list({row["image_id"]: row["caption"] for row in rows}.values())
    matrix = weigh([*captions[:48], *(edited(caption) for caption in captions)])
    assert found(SparseRows(matrix[:48]), SparseRows(matrix[48:]), "text") == (48, 0)
