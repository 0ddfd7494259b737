"""WebDataset shards, read back with the webdataset library itself."""

import gc
import io
import tarfile
import warnings
from typing import Any

import numpy as np
import pytest
import soundfile

from tasks.core.exporter import ExportMember, ExportSample
from tasks.core.vectors import Vectors, write_vectors
from tasks.exporters.webdataset import member_suffixes
from tests.export.conftest import Upstream, png, wav

SECOND_NS = 1_000_000_000


def shard_samples(upstream: Upstream, decode: str | None = None) -> list[dict[str, Any]]:
    """The train samples as the webdataset library gives them."""
    import webdataset

    upstream.write()
    upstream.repository.run("export")
    shard = upstream.exports / "webdataset" / "train-00000.tar"
    shards = webdataset.WebDataset(str(shard), shardshuffle=False)
    with warnings.catch_warnings():
        # The library leaves the shard open until it is collected, which must then happen in here.
        warnings.simplefilter("ignore", ResourceWarning)
        samples = list(shards.decode(decode) if decode else shards)
        del shards
        gc.collect()
    return samples


def member(
    role: str, modality: str, media_type: str, kind: str = "item", member_id: str = "id"
) -> ExportMember:
    return ExportMember(role, kind, member_id, modality, media_type, b"")


def suffixes(*members: ExportMember) -> list[str]:
    return member_suffixes(ExportSample("s", "b", "all", "s", "train", members, (), {}, None))


def test_a_sample_comes_back_decoded_with_its_targets(upstream: Upstream) -> None:
    picture = upstream.item("sub.folder/a.b.png", "image", "image/png", png(200))
    caption = upstream.label("c", "caption", picture, text="Ein Würfel")
    label = upstream.label("l", "classification", picture, label="cube")
    target = {"task": "classification", "question": None, "label": "cube", "text": None}
    target |= {"label_id": label, "item_id": picture}
    members = [
        ("caption", "label", [caption]),
        ("classification", "label", [label]),
        ("image", "item", [picture]),
    ]
    upstream.sample("sub.folder/a.b", "train", members, [target])
    (sample,) = shard_samples(upstream, "rgb8")
    assert sample["__key__"] == "00000000"
    assert sample["png"].shape == (3, 4, 3)
    assert sample["png"][0, 0].tolist() == [200, 200, 200]
    assert sample["txt"] == "Ein Würfel"
    assert sample["npy"].tolist() == [0.0, 1.0]
    described = sample["json"]
    assert (described["sample_id"], described["split"]) == ("demo/sub.folder/a.b", "train")
    assert described["targets"] == [target]
    assert {found["file"]: found["id"] for found in described["members"]} == {"txt": caption, "png": picture}


def test_samples_stand_in_the_order_of_their_ids_with_their_own_bytes(upstream: Upstream) -> None:
    for n in (2, 0, 1):
        picture = upstream.item(f"{n}.png", "image", "image/png", png(n))
        upstream.sample(f"{n}", "train", [("image", "item", [picture])])
    assert [sample["png"] for sample in shard_samples(upstream)] == [png(0), png(1), png(2)]


def test_a_span_of_sound_is_cut_on_the_recorders_own_clock(upstream: Upstream) -> None:
    # 100 ppm fast after an anchor of 0: 4 s on the recorder are 4.0004 s, and 2 s are added.
    talk = upstream.item(
        "talk.wav", "audio", "audio/wav", wav(list(range(100)), 10), clock="recorder", start_ns=0
    )
    upstream.clock("recorder", anchor_ns=0, offset_ns=2 * SECOND_NS, drift_ppm=100.0)
    sample = upstream.sample("words", "train", [("audio", "item", [talk])])
    upstream.link(sample, "audio", talk, 6_000_400_000, 7_000_500_000)
    (found,) = shard_samples(upstream)
    clip, rate = soundfile.read(io.BytesIO(found["wav"]), dtype="int16")
    assert (clip.tolist(), rate) == (list(range(40, 50)), 10)


def test_a_sound_without_a_span_goes_out_as_it_came(upstream: Upstream) -> None:
    talk = upstream.item("talk.wav", "audio", "audio/x-wav", wav([1, 2, 3], 10))
    upstream.sample("whole", "train", [("audio", "item", [talk])])
    assert shard_samples(upstream)[0]["wav"] == wav([1, 2, 3], 10)


def test_a_span_on_a_clock_that_was_not_told_is_a_reject(upstream: Upstream) -> None:
    talk = upstream.item("talk.wav", "audio", "audio/wav", wav([1, 2, 3], 10), clock="recorder", start_ns=0)
    sample = upstream.sample("words", "train", [("audio", "item", [talk])])
    upstream.link(sample, "audio", talk, 0, SECOND_NS)
    upstream.write()
    assert upstream.repository.run("export").endswith("0 samples as parquet, webdataset, 1 left out")


def test_members_beyond_the_leading_one_are_named_by_role_and_number() -> None:
    assert suffixes(
        member("caption", "text", "text/plain", kind="label"),
        member("caption", "text", "text/plain", kind="label"),
        member("depth.left", "image", "image/png"),
        member("image", "image", "image/jpeg"),
        member("image", "image", "image/png"),
        member("lidar", "signal", "application/octet-stream"),
        member("signal", "signal", "text/csv"),
        member("scan", "image", "image/x-portable-anymap"),
        member("old", "image", "image/vnd-ms.dds"),
    ) == [
        *("txt", "caption.1.txt", "depth_left.0.png", "jpg", "image.1.png", "lidar.0.bin", "csv"),
        *("scan.0.pnm", "old.0.vndmsdds"),
    ]


def test_the_reference_of_a_sample_leads_then_the_modalitys_own_role_then_what_labels_say() -> None:
    depth, rgb = member("depth", "image", "image/png"), member("rgb", "image", "image/png", member_id="s")
    assert suffixes(depth, rgb) == ["depth.0.png", "png"]
    assert suffixes(depth, member("image", "image", "image/png")) == ["depth.0.png", "png"]
    ocr, caption = member("ocr", "text", "text/plain"), member("caption", "text", "text/plain", kind="label")
    assert suffixes(ocr, caption) == ["ocr.0.txt", "txt"]
    assert suffixes(depth, member("thermal", "image", "image/png")) == ["png", "thermal.0.png"]


def test_roles_that_look_alike_once_made_safe_still_differ() -> None:
    alike = [member(role, "image", "image/png") for role in ("a.b", "a/b", "a b")]
    assert suffixes(*alike) == ["png", "a_b.1.png", "a_b.2.png"]


def test_a_signal_never_takes_the_place_of_the_description() -> None:
    assert suffixes(member("signal", "signal", "application/json")) == ["signal.0.json"]


def test_headers_carry_no_time_and_no_owner(upstream: Upstream) -> None:
    text = upstream.item("a.txt", "text", "text/plain", b"hello")
    upstream.sample("a", "train", [("text", "item", [text])])
    shard_samples(upstream)
    with tarfile.open(upstream.exports / "webdataset" / "train-00000.tar") as shard:
        found = [(entry.name, entry.mtime, entry.uid, entry.uname, entry.mode) for entry in shard]
    names = ["00000000.json", "00000000.npy", "00000000.txt"]
    assert found == [(name, 0, 0, "", 0o644) for name in names]


@pytest.mark.parametrize("missing", [True, False])
def test_a_sample_without_a_joint_vector_has_no_npy(upstream: Upstream, *, missing: bool) -> None:
    text = upstream.item("a.txt", "text", "text/plain", b"hello")
    upstream.sample("a", "train", [("text", "item", [text])])
    upstream.write()
    if missing:
        empty = Vectors([], np.empty((0, 2), np.float32))
        write_vectors(upstream.repository.data / "fused" / "joint.arrow", [empty], 2)
    upstream.repository.run("export")
    with tarfile.open(upstream.exports / "webdataset" / "train-00000.tar") as shard:
        assert ("00000000.npy" in shard.getnames()) is not missing
