"""Export as a stage: every sample goes out or is named, what goes out is what came in, and twice the same."""

import hashlib
import json

import pytest

from tasks.core.errors import ConfigError, MissingInputError
from tasks.core.schemas import EXPORT_REJECTS
from tasks.core.tables import read_table
from tests.export.conftest import Upstream, files_of, png

SHARD_BYTES = "shard_bytes: 268435456"


def pictures(upstream: Upstream, count: int, split: str = "train") -> None:
    for n in range(count):
        picture = upstream.item(f"{split}{n:02d}.png", "image", "image/png", png(n))
        upstream.sample(f"{split}{n:02d}", split, [("image", "item", [picture])])


def test_every_sample_is_in_each_format_or_among_the_rejects(upstream: Upstream) -> None:
    pictures(upstream, 3)
    pictures(upstream, 1, "test")
    broken = upstream.item("broken.png", "image", "image/png", b"", readable=False)
    upstream.sample("broken", "train", [("image", "item", [broken])])
    upstream.sample("gone", "test", [("image", "item", ["demo/gone.png"])])
    box = upstream.label("box", "detection", broken, label="cat")
    upstream.sample("only-a-box", "test", [("detection", "label", [box])])
    upstream.write()
    summary = upstream.repository.run("export")
    assert summary == "export: built; 4 samples as parquet, webdataset, 3 left out"
    manifest = json.loads((upstream.exports / "manifest.json").read_text())
    assert manifest["rejected"] == 3
    for splits in manifest["formats"].values():
        assert {split: found["samples"] for split, found in splits.items()} == {"train": 3, "test": 1}
    rejects = read_table(EXPORT_REJECTS, upstream.exports).to_pylist()
    assert [(row["row_id"], row["role"], row["reason"], row["detail"]) for row in rejects] == [
        ("demo/broken", "image", "no_media", "its image demo/broken.png could not be read"),
        ("demo/gone", "image", "no_media", "its image demo/gone.png was not collected"),
        ("demo/only-a-box", "", "no_media", "none of its members is media or a text"),
    ]


def test_the_manifest_names_every_shard_with_its_digest(upstream: Upstream) -> None:
    pictures(upstream, 2)
    upstream.write()
    upstream.repository.run("export")
    manifest = json.loads((upstream.exports / "manifest.json").read_text())
    described = {
        f"{name}/{shard['name']}": (shard["bytes"], shard["sha256"])
        for name, splits in manifest["formats"].items()
        for split in splits.values()
        for shard in split["shards"]
    }
    found = {
        name: (len(content), hashlib.sha256(content).hexdigest())
        for name, content in files_of(upstream.exports).items()
        if "/" in name
    }
    assert described == found
    assert sorted(found) == ["parquet/train-00000.parquet", "webdataset/train-00000.tar"]


def test_two_runs_give_the_same_bytes(upstream: Upstream) -> None:
    pictures(upstream, 5)
    upstream.write()
    upstream.repository.run("export")
    first = files_of(upstream.exports)
    upstream.repository.run("export")
    assert files_of(upstream.exports) == first


def test_a_dataset_without_samples_has_a_manifest_and_no_shard(upstream: Upstream) -> None:
    upstream.write()
    assert upstream.repository.run("export") == "export: built; 0 samples as parquet, webdataset, 0 left out"
    assert sorted(files_of(upstream.exports)) == ["manifest.json", "rejects.parquet"]


def test_small_shards_split_between_samples_and_lose_none(upstream: Upstream) -> None:
    pictures(upstream, 7)
    upstream.write()
    upstream.repository.set_param(SHARD_BYTES, "shard_bytes: 9000")
    upstream.repository.run("export")
    splits = json.loads((upstream.exports / "manifest.json").read_text())["formats"]
    shards = splits["webdataset"]["train"]["shards"]
    assert [(shard["samples"], shard["bytes"] <= 9000) for shard in shards] == [(2, True)] * 3 + [(1, True)]


def test_an_unknown_format_is_refused_with_the_nearest_name(upstream: Upstream) -> None:
    upstream.write()
    upstream.repository.set_param("[parquet, webdataset]", "[webdatasets]")
    with pytest.raises(ConfigError, match=r"no export format named 'webdatasets'.*'webdataset'\?"):
        upstream.repository.run("export")
    assert not upstream.exports.exists()


@pytest.mark.parametrize("formats", ["[]", "[parquet, parquet]"])
def test_no_format_or_one_twice_is_refused(upstream: Upstream, formats: str) -> None:
    upstream.repository.set_param("[parquet, webdataset]", formats)
    with pytest.raises(ConfigError, match="expected different formats, at least one"):
        upstream.repository.run("export")


def test_shards_need_room(upstream: Upstream) -> None:
    upstream.repository.set_param(SHARD_BYTES, "shard_bytes: 0")
    with pytest.raises(ConfigError, match="expected shard_bytes above 0, got 0"):
        upstream.repository.run("export")


def test_samples_of_a_batch_that_left_ask_for_a_new_fuse(upstream: Upstream) -> None:
    pictures(upstream, 1)
    upstream.write()
    (upstream.repository.data / "batches" / "demo").rename(upstream.repository.data / "batches" / "other")
    with pytest.raises(MissingInputError, match="the batch 'demo', which is not in data/batches: run fuse"):
        upstream.repository.run("export")
