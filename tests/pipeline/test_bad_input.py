"""Bad input gets its error or its quarantine row, and nothing else is lost."""

import io
import json
import wave

import pyarrow.compute as pc
import pytest
from PIL import Image

from tasks.core.errors import GateStoppedError, InvalidBatchesError
from tasks.core.schemas import ALIGN_REJECTS, GATE_REJECTS, ITEMS, LABEL_REJECTS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.conftest import Repository

PER_BATCH = ("collect", "label", "encode", "align", "validate")
BATCH = """\
about: photos and sounds
license: CC0-1.0
sources: [{kind: files, path: media/, session: "{stem}"}]
labels: [{format: table, path: labels.csv, item: file, label: kind, task: classification}]
align: {method: key, reference: image}
"""
GOOD = 12


def photo(number: int) -> bytes:
    encoded = io.BytesIO()
    Image.radial_gradient("L").rotate(30 * number).resize((64, 48)).convert("RGB").save(encoded, "JPEG")
    return encoded.getvalue()


def sound() -> bytes:
    encoded = io.BytesIO()
    with wave.open(encoded, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(bytes(16_000))
    return encoded.getvalue()


@pytest.fixture
def spoiled(repository: Repository) -> Repository:
    """Twelve good photos, one cut off; one sound, cut off; a label about nothing."""
    media = {f"media/p{number:02d}.jpg": photo(number) for number in range(GOOD)}
    media |= {"media/cut.jpg": photo(1)[:-200], "media/cut.wav": sound()[:-1_000]}
    rows = [f"p{number:02d}.jpg,gradient" for number in range(GOOD)] + [
        "cut.jpg,gradient",
        "gone.jpg,gradient",
    ]
    labels = "\n".join(["file,kind", *rows]).encode()
    repository.add_batch("spoiled", BATCH, {**media, "labels.csv": labels})
    return repository


def test_the_bad_is_quarantined_with_its_reason_and_the_good_goes_on(spoiled: Repository) -> None:
    spoiled.set_param("on_rejected: quarantine", "on_rejected: stop")
    with pytest.raises(GateStoppedError, match="spoiled"):
        spoiled.run(*PER_BATCH)
    items = read_table(ITEMS, spoiled.data / "collected/spoiled")
    broken = items.filter(pc.invert(items["readable"]))
    reasons = {row["item_id"]: row["error"].split(":")[0] for row in broken.to_pylist()}
    assert reasons == {"spoiled/media/cut.jpg": "truncated", "spoiled/media/cut.wav": "truncated"}
    rejects = read_table(LABEL_REJECTS, spoiled.data / "labels/spoiled").to_pylist()
    assert [(row["reason"], "gone.jpg" in row["detail"]) for row in rejects] == [("item_not_found", True)]
    quarantined = read_table(GATE_REJECTS, spoiled.data / "validated/spoiled")
    assert set(reasons) <= set(quarantined["row_id"].to_pylist())
    verdict = json.loads((spoiled.data / "validated/spoiled/verdict.json").read_text())
    assert verdict["accepted"] is False
    assert "readable" in " ".join(verdict["reasons"])


def test_what_came_in_is_in_the_links_or_named(spoiled: Repository) -> None:
    spoiled.run(*PER_BATCH)
    items = read_table(ITEMS, spoiled.data / "collected/spoiled")
    labels = read_table(LABELS, spoiled.data / "labels/spoiled")
    label_rejects = read_table(LABEL_REJECTS, spoiled.data / "labels/spoiled")
    linked = set(read_table(LINKS, spoiled.data / "aligned/spoiled")["member_id"].to_pylist())
    left_out = set(read_table(ALIGN_REJECTS, spoiled.data / "aligned/spoiled")["row_id"].to_pylist())
    assert items.num_rows == GOOD + 2
    assert labels.num_rows + label_rejects.num_rows == GOOD + 2
    assert linked.isdisjoint(left_out)
    assert linked | left_out == {*items["item_id"].to_pylist(), *labels["label_id"].to_pylist()}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("license:", "licence:", r"spoiled/batch.yaml:2: unknown key 'licence'.*Did you mean 'license'\?"),
        (
            "path: media/",
            "path: ../other",
            r"spoiled/batch.yaml:3: the path '../other' leads out of the batch",
        ),
    ],
)
def test_a_wrong_batch_file_is_refused_before_any_work(
    spoiled: Repository, right: str, wrong: str, message: str
) -> None:
    batch_file = spoiled.data / "batches/spoiled/batch.yaml"
    batch_file.write_text(batch_file.read_text().replace(right, wrong))
    with pytest.raises(InvalidBatchesError, match=message):
        spoiled.run("collect")
    summary = spoiled.run("collect", may_refuse=True)
    assert summary.startswith("collect: 0 built, 0 unchanged, 1 refused (spoiled)")


def test_a_path_in_a_table_that_climbs_out_of_the_batch_is_an_unreadable_item(repository: Repository) -> None:
    text = BATCH.replace(
        '{kind: files, path: media/, session: "{stem}"}', "{kind: table, path: list.csv, media: file}"
    )
    text = "\n".join(line for line in text.splitlines() if not line.startswith("labels"))
    repository.add_batch(
        "list", text, {"list.csv": b"file\nmedia/a.jpg\n../../../secret.jpg\n", "media/a.jpg": photo(0)}
    )
    repository.run("collect")
    errors = read_table(ITEMS, repository.data / "collected/list")["error"].to_pylist()
    assert errors[1] is None
    assert "leads out of the batch" in errors[0]
