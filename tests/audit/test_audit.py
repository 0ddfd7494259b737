"""The audit finds nothing in a build as it is, and names what was taken out of it."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.audit import audit
from tasks.core.schemas import (
    ALIGN_REJECTS,
    FUSE_REJECTS,
    ITEMS,
    LABELS,
    LINKS,
    SAMPLES,
    TableSpec,
)
from tasks.core.tables import read_table, write_table
from tests.conftest import PROJECT, Repository
from tests.media.making import photo, saved, sound

STAGES = (
    *("fetch", "collect", "label", "encode", "align", "validate"),
    *("fuse", "export", "evaluate", "report"),
)
BATCH = """\
about: photos in class folders
license: CC0-1.0
sources: [{kind: files, path: media/, session: "{stem}"}, {kind: files, path: stray.wav, session: stray}]
labels:
  - {format: imagenet, path: media/}
  - {format: table, path: more.csv, item: file, label: kind, task: sentiment}
align: {method: key, reference: image}
"""
MORE = {"more.csv": b"file,kind\n0.jpg,one\ngone.jpg,two\n", "stray.wav": sound("WAV", "PCM_16")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Two batches, one of which the gate rejects, and one that cannot be read, built to the end."""
    repository = Repository(tmp_path_factory.mktemp("audited"))
    for seed, name in enumerate(("good", "bad")):
        photos = {f"media/{'ab'[n % 2]}/{n}.jpg": saved(photo(seed=12 * seed + n), "JPEG") for n in range(12)}
        if name == "bad":
            photos = {path: payload[:-40] for path, payload in photos.items()}
        repository.add_batch(name, BATCH, {**photos, **MORE})
    repository.add_batch("unread", "about: [")
    repository.run(*STAGES, may_refuse=True)
    return repository


@pytest.fixture
def copied(built: Repository, tmp_path: Path) -> Path:
    """The data/ of a copy that may be spoiled."""
    return Path(shutil.copytree(built.data, tmp_path / "data"))


def faults(data: Path) -> dict[str, str]:
    """The faults of every account that has any, by stage and subject."""
    return {f"{one.stage} {one.subject}": "; ".join(one.faults) for one in audit(data) if one.faults}


def test_a_build_as_it_is_adds_up(built: Repository) -> None:
    lines = [account.line() for account in audit(built.data)]
    assert [line for line in lines if not line.startswith("ok")] == []
    assert "ok   align     good: 26 members, 25 linked, 1 left out" in lines
    assert "ok   fuse      dataset: 12 samples, 12 left out, 25 members, 12 groups" in lines
    assert any(line.startswith("ok   collect   unread: refused at delivery: data/batches/") for line in lines)


@pytest.mark.parametrize(
    ("spec", "batch", "stage"),
    [
        (ITEMS, "good", "align good"),
        (LABELS, "good", "align good"),
        (LINKS, "good", "align good"),
        (ALIGN_REJECTS, "bad", "align bad"),
        (SAMPLES, "", "fuse dataset"),
        (FUSE_REJECTS, "", "fuse dataset"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_row_that_is_taken_out_is_named(copied: Path, spec: TableSpec, batch: str, stage: str) -> None:
    folder = copied / spec.folder / batch
    table = read_table(spec, folder)
    assert table.num_rows
    lost = table.slice(0, 1).to_pylist()[0]
    write_table(spec, table.slice(1), folder)
    name = lost.get("member_id") or lost.get("label_id") or lost.get("item_id") or lost.get("row_id")
    assert str(name or lost["sample_id"]) in faults(copied)[stage]


def lose_vector(data: Path) -> None:
    (data / "encoded/good/image.arrow").unlink()


def flip_byte(data: Path) -> None:
    shard = data / "collected/good/media-00000.tar"
    content = bytearray(shard.read_bytes())
    content[600] ^= 1
    shard.write_bytes(content)


def lose_shard(data: Path) -> None:
    next((data / "exports/webdataset").iterdir()).unlink()


def lose_partition(data: Path) -> None:
    shutil.rmtree(data / "labels/good")


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lose_vector, {"seal encoded good": "is gone", "encode good": "12 things to encode came in and are"}),
        (flip_byte, {"seal collected good": "is not what was sealed", "collect good": "1 have other bytes"}),
        (lose_shard, {"export dataset": "1 shards came in and are nowhere: "}),
        (lose_partition, {"seal labels good": "is not there", "label good": "labels.parquet is not there"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_lost_files_and_changed_bytes_are_named(
    copied: Path, spoil: Callable[[Path], None], found: dict[str, str]
) -> None:
    spoil(copied)
    told = faults(copied)
    for account, words in found.items():
        assert words in told[account]


def test_the_program_ends_with_1_where_something_is_missing(copied: Path) -> None:
    def run() -> tuple[int, str]:
        program = [sys.executable, "-m", "tasks.audit"]
        environment = {"PYTHONPATH": f"{PROJECT}"}
        done = subprocess.run(
            program, cwd=copied.parent, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout.splitlines()[-1]

    assert run() == (0, "audit: 40 accounts, all add up")
    lose_vector(copied)
    assert run() == (1, "audit: 40 accounts, 2 do not add up")
