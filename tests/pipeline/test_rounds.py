"""Pictures delivered in one batch and their captions in others, from delivery to exports and report."""

import io
import json
import tarfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tasks.core.schemas import EXPORT_REJECTS, FUSE_REJECTS, LINKS, SAMPLES
from tasks.core.tables import read_table
from tasks.core.verdict import read_verdict
from tasks.export.open_media import MOST_OPEN
from tests.conftest import Repository

STAGES = (
    *("collect", "label", "encode", "align", "validate"),
    *("fuse", "export", "evaluate", "report"),
)
PICTURES = """\
about: pictures as they came from the camera
license: CC0-1.0
sources: [{kind: files, path: media/, role: picture, session: "{stem}"}]
align: {method: content, reference: picture, by: picture_hash, threshold: 0.9, candidates: everywhere}
"""
CAPTIONED = PICTURES.replace("role: picture", "role: thumbnail").replace(
    "align:", "labels: [{format: table, path: words.csv, item: file, text: words, task: caption}]\nalign:"
)
# In four batches: pictures, small copies of all but the last with captions, and two that the gate rejects.
GOOD, BAD_COPIES, BAD_PICTURES = range(20), range(20, 26), range(30, 36)


def picture(seed: int, side_px: int) -> bytes:
    tiles = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(tiles).resize((side_px, side_px), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def media(side_px: int, *seeds: int) -> dict[str, bytes]:
    return {f"media/{seed:02d}.png": picture(seed, side_px) for seed in seeds}


def words(*seeds: int, lost: int = 0) -> bytes:
    rows = [f"{seed:02d}.png,a scene of kind {seed % 3}" for seed in seeds]
    rows += [f"lost{number}.png,nothing" for number in range(lost)]
    return "\n".join(["file,words", *rows]).encode()


@pytest.fixture
def delivered(repository: Repository) -> Repository:
    repository.add_batch("a-pictures", PICTURES, media(200, *GOOD, *BAD_COPIES))
    copies = media(80, *GOOD[:-1], *BAD_PICTURES) | {"words.csv": words(*GOOD[:-1], *BAD_PICTURES)}
    repository.add_batch("b-copies", CAPTIONED, copies)
    bad = media(90, *BAD_COPIES) | {"words.csv": words(*BAD_COPIES, lost=9)}
    repository.add_batch("c-bad-copies", CAPTIONED, bad)
    captioned = CAPTIONED.replace("role: thumbnail", "role: picture")
    bad = media(190, *BAD_PICTURES) | {"words.csv": words(*BAD_PICTURES, lost=9)}
    repository.add_batch("d-bad-pictures", captioned, bad)
    return repository


def samples_of(repository: Repository) -> dict[str, dict[str, Any]]:
    rows = read_table(SAMPLES, repository.data / "fused").to_pylist()
    return {row["sample_id"]: row for row in rows}


def ids_of(sample: dict[str, Any]) -> dict[str, list[str]]:
    return {member["role"]: member["ids"] for member in sample["members"]}


def exported(repository: Repository) -> dict[str, dict[str, bytes]]:
    """The files of each sample in the WebDataset shards, by what follows their key."""
    found: dict[str, dict[str, bytes]] = {}
    for shard in sorted((repository.data / "exports/webdataset").glob("*.tar")):
        with tarfile.open(shard) as archive:
            for member in archive.getmembers():
                key, _, suffix = member.name.partition(".")
                content = archive.extractfile(member)
                found.setdefault(f"{shard.name}/{key}", {})[suffix] = content.read() if content else b""
    return {json.loads(files["json"])["sample_id"]: files for files in found.values()}


def test_captions_of_another_batch_come_out_with_their_pictures(delivered: Repository) -> None:
    delivered.run(*STAGES)
    samples = samples_of(delivered)
    assert set(samples) == {f"a-pictures/media/{seed:02d}.png" for seed in (*GOOD, *BAD_COPIES)}
    sample = samples["a-pictures/media/04.png"]
    assert ids_of(sample)["picture"] == ["a-pictures/media/04.png"]
    assert ids_of(sample)["thumbnail"] == ["b-copies/media/04.png"]
    assert [target["text"] for target in sample["targets"]] == ["a scene of kind 1"]
    assert set(ids_of(samples["a-pictures/media/19.png"])) == {"picture"}
    files = exported(delivered)
    assert set(files) == set(samples)
    assert files["a-pictures/media/04.png"]["png"] == picture(4, 200)
    assert files["a-pictures/media/04.png"]["thumbnail.0.png"] == picture(4, 80)
    assert files["a-pictures/media/04.png"]["txt"] == b"a scene of kind 1"
    assert read_table(EXPORT_REJECTS, delivered.data / "exports").num_rows == 0
    page = (delivered.data / "report/index.html").read_text(encoding="utf-8")
    assert "Compared with what b-copies, c-bad-copies, d-bad-pictures hold" in page
    retrieval = json.loads((delivered.data / "metrics/retrieval.json").read_text())
    assert "image_to_text" in {**retrieval, **retrieval["not_evaluated"]}


def test_every_link_to_or_of_a_rejected_batch_is_named_and_mending_it_brings_them_back(
    delivered: Repository,
) -> None:
    delivered.run(*STAGES)
    summary = delivered.run("validate")
    assert summary.startswith("validate: 0 built, 4 unchanged; 2 of 4 batches rejected: c-bad-copies, d-bad-")
    rejects = read_table(FUSE_REJECTS, delivered.data / "fused").to_pylist()
    named = {(row["batch"], row["table"], row["row_id"].split("|")[0]): row["reason"] for row in rejects}
    for seed in BAD_COPIES:
        assert named["c-bad-copies", "links", f"a-pictures/media/{seed}.png"] == "batch_rejected"
    for seed in BAD_PICTURES:
        assert named["d-bad-pictures", "samples", f"d-bad-pictures/media/{seed}.png"] == "batch_rejected"
        assert named["b-copies", "links", f"d-bad-pictures/media/{seed}.png"] == "sample_left_out"
    in_samples = {
        name for sample in samples_of(delivered).values() for ids in ids_of(sample).values() for name in ids
    }
    links = read_table(LINKS, delivered.data / "aligned/b-copies")["member_id"].to_pylist()
    left_out = {row["row_id"].split("|")[2] for row in rejects if row["batch"] == "b-copies"}
    assert sorted([*in_samples & set(links), *left_out]) == sorted(links)

    for name, seeds in (("c-bad-copies", BAD_COPIES), ("d-bad-pictures", BAD_PICTURES)):
        (delivered.data / "batches" / name / "words.csv").write_bytes(words(*seeds))
    delivered.run(*STAGES)
    samples = samples_of(delivered)
    assert ids_of(samples["a-pictures/media/20.png"])["thumbnail"] == ["c-bad-copies/media/20.png"]
    assert ids_of(samples["d-bad-pictures/media/30.png"])["thumbnail"] == ["b-copies/media/30.png"]
    assert read_table(FUSE_REJECTS, delivered.data / "fused").num_rows == 0


def test_a_sample_that_others_complete_does_not_count_as_alone(delivered: Repository) -> None:
    delivered.run(*STAGES[:5])
    for name in ("a-pictures", "b-copies"):
        verdict = read_verdict(delivered.data / "validated" / name)
        (alone,) = (outcome for outcome in verdict.outcomes if outcome.column == "share_samples_alone")
        assert alone.success, alone


def test_a_batchs_samples_have_members_of_more_batches_than_are_open_at_a_time(
    repository: Repository,
) -> None:
    seeds = range(2 * MOST_OPEN + 4)
    repository.add_batch("pictures", PICTURES, media(120, *seeds))
    for number in range(MOST_OPEN + 2):
        own = (number, number + MOST_OPEN + 2)  # so that each is opened, closed and opened again
        copies = media(60, *own) | {"words.csv": words(*own)}
        repository.add_batch(f"copies-{number}", CAPTIONED, copies)
    repository.run(*STAGES[:7])
    files = exported(repository)
    guests = [
        name for sample in samples_of(repository).values() for name in ids_of(sample).get("thumbnail", [])
    ]
    assert len(guests) == len(seeds)
    for sample_id, sample in samples_of(repository).items():
        for name in ids_of(sample).get("thumbnail", []):
            assert files[sample_id]["thumbnail.0.png"] == picture(int(name[-6:-4]), 60)


def test_a_splits_side_does_not_move_when_captions_come(delivered: Repository) -> None:
    folder = delivered.data / "batches"
    for name in ("b-copies", "c-bad-copies", "d-bad-pictures"):
        (folder / name).rename(delivered.root / name)
    delivered.run(*STAGES[:6])
    before = {name: sample["split"] for name, sample in samples_of(delivered).items()}
    (delivered.root / "b-copies").rename(folder / "b-copies")
    delivered.run(*STAGES[:6])
    after = samples_of(delivered)
    assert {name: sample["split"] for name, sample in after.items()} == before
    assert sum(len(sample["members"]) == 3 for sample in after.values()) == len(GOOD) - 1
