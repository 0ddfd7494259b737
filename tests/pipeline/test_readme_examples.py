"""The README's five examples as they stand, over real data of the corpora, built to the end."""

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tasks.audit import audit
from tasks.core.schemas import SAMPLES
from tasks.core.tables import read_table
from tests.conftest import Repository
from tests.pipeline.test_readme_batches import CASES
from tests.test_architecture import STAGES

CLASSES = ("RBC", "WBC", "Platelets")
PHOTOS = 100
CHOICES = """\
<View><Image name="image" value="$image"/>
<Choices name="kind" toName="image">{}</Choices></View>
"""


def deliver_class_folders(corpora: Path, batch: Path) -> None:
    for photo in some_clothes(corpora):
        (batch / "pictures" / photo.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(photo, batch / "pictures" / photo.parent.name)


def some_clothes(corpora: Path) -> list[Path]:
    return sorted((corpora / "clothing_small/validation").rglob("*.jpg"))[::3]


def deliver_coco(corpora: Path, batch: Path) -> None:
    with zipfile.ZipFile(batch / "val2017.zip", "w") as archive:
        for photo in sorted((corpora / "coco_cc/images").iterdir()):
            archive.write(photo, f"val2017/{photo.name}")
    shutil.copy(corpora / "coco_cc/annotations/instances.json", batch / "instances_val2017.json")


def deliver_yolo(corpora: Path, batch: Path) -> None:
    """Blood cells of Pascal VOC, their boxes as the four corners that YOLO's turned boxes have."""
    (batch / "images").mkdir()
    (batch / "labels").mkdir()
    for export in sorted((corpora / "bccd_voc/BCCD/Annotations").glob("*.xml"))[:PHOTOS]:
        shutil.copy(corpora / "bccd_voc/BCCD/JPEGImages" / f"{export.stem}.jpg", batch / "images")
        lines = [corners(cell) for cell in ElementTree.parse(export).getroot().iter("object")]  # noqa: S314 - ours
        (batch / "labels" / f"{export.stem}.txt").write_text("".join(lines))
    (batch / "data.yaml").write_text(f"names: [{', '.join(CLASSES)}]\n")


def corners(cell: ElementTree.Element) -> str:
    """One line of YOLO OBB; the pictures are 640 x 480, VOC counts pixels from 1."""
    left, top, right, bottom = (float(cell.findtext(f"bndbox/{side}", "")) for side in SIDES)
    x = ((left - 1) / 640, right / 640)
    y = ((top - 1) / 480, bottom / 480)
    points = [x[0], y[0], x[1], y[0], x[1], y[1], x[0], y[1]]
    return f"{CLASSES.index(cell.findtext('name', ''))} {' '.join(map(str, points))}\n"


SIDES = ("xmin", "ymin", "xmax", "ymax")


def deliver_label_studio(corpora: Path, batch: Path) -> None:
    """Clothes of class folders as a project with a choice; three annotators each."""
    (batch / "photos").mkdir()
    kinds, tasks = set(), []
    for number, photo in enumerate(some_clothes(corpora)):
        kinds.add(kind := photo.parent.name)
        shutil.copy(photo, batch / "photos")
        choice = {"type": "choices", "from_name": "kind", "to_name": "image", "value": {"choices": [kind]}}
        tasks.append(
            {
                "id": number,
                "data": {"image": f"/data/upload/8/{photo.name}"},
                "annotations": [
                    {"id": 3 * number + who, "completed_by": who, "result": [{"id": "r", **choice}]}
                    for who in (1, 2, 3)
                ],
            }
        )
    (batch / "project-8.json").write_text(json.dumps(tasks))
    (batch / "config.xml").write_text(
        CHOICES.format("".join(f'<Choice value="{kind}"/>' for kind in sorted(kinds)))
    )


def deliver_elan(corpora: Path, batch: Path) -> None:
    """A fable as the interview: the export names its media, so the name is changed in it too."""
    (told,) = (corpora / "elan_fable").rglob("fables_01_03_aesop_64kb.eaf")
    (batch / "interview.eaf").write_text(told.read_text(encoding="utf-8").replace(told.stem, "interview"))
    shutil.copy(told.with_suffix(".ogg"), batch / "interview.ogg")


MANY: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "imagenet": (deliver_class_folders, "classification"),
    "coco": (deliver_coco, "segmentation"),
    "yolo": (deliver_yolo, "detection"),
    "label_studio": (deliver_label_studio, "classification"),
}


def build(repository: Repository, corpora: Path, name: str, deliver: Callable[[Path, Path], None]) -> None:
    deliver(corpora, repository.add_batch("2026-03-02", CASES[name]))
    repository.run(*STAGES)
    assert [account.line() for account in audit(repository.data) if account.faults] == []


@pytest.mark.parametrize("name", MANY)
def test_an_example_of_many_things_has_three_splits_and_an_evaluated_task(
    repository: Repository, corpora: Path, name: str
) -> None:
    deliver, task = MANY[name]
    build(repository, corpora, name, deliver)
    splits = Counter(read_table(SAMPLES, repository.data / "fused", ("split",))["split"].to_pylist())
    assert splits.keys() == {"train", "validation", "test"}
    assert 0.55 < splits["train"] / splits.total() < 0.85
    assert task in json.loads((repository.data / "metrics/tasks.json").read_text())


def test_the_example_of_a_single_recording_says_that_it_is_one_group_and_what_that_means(
    repository: Repository, corpora: Path
) -> None:
    build(repository, corpora, "elan", deliver_elan)
    notices = json.loads((repository.data / "fused/notices.json").read_text(encoding="utf-8"))
    assert notices[0].startswith("2026-03-02 (97 samples, in train): all samples are one session")
    assert "no sample is in validation or test" in notices[1]
    assert notices[0] in (repository.data / "report/index.html").read_text(encoding="utf-8").replace(
        "&#34;", '"'
    )
