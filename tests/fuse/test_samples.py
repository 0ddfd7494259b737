"""The stage over tiny batches: which samples there are, what they hold, and what was left out."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import GateStoppedError
from tasks.core.schemas import FUSE_REJECTS, SAMPLES
from tasks.core.tables import read_table
from tasks.core.vectors import read_vectors
from tasks.core.verdict import read_verdict
from tests.conftest import Repository
from tests.fuse.delivered import Delivery, put

LONG_TEXT = "It came on time, and it works."


def fused(repository: Repository) -> dict[str, dict[str, Any]]:
    """Run the stage; the samples by id."""
    repository.run("fuse")
    return samples_of(repository)


def samples_of(repository: Repository) -> dict[str, dict[str, Any]]:
    rows = read_table(SAMPLES, repository.data / "fused").to_pylist()
    return {row["sample_id"]: row for row in rows}


def rejects_of(repository: Repository) -> list[tuple[str, str, str]]:
    rows = read_table(FUSE_REJECTS, repository.data / "fused").to_pylist()
    return [(row["table"], row["row_id"], row["reason"]) for row in rows]


def scenes(name: str, count: int, first: int = 0) -> Delivery:
    """Pictures, each a session of its own with a caption; both have a vector."""
    batch = Delivery(name)
    for number in range(first, first + count):
        angle = [float(number % 5), float(number % 3), float(number % 7)]
        sample = batch.sample(f"{number:03d}.png", vector=angle, sha256=f"{name}{number}")
        batch.link(sample, batch.label(f"captions#{number}", "caption", sample, text="a", vector=angle[::-1]))
    return batch


def test_a_sample_has_its_members_targets_and_presence(repository: Repository) -> None:
    batch = Delivery("b")
    sample = batch.sample("cat.png", session="s", vector=[1.0])
    batch.link(sample, batch.item("cat.txt", "text", session="s", text="a cat", vector=[1.0, 0.0]))
    batch.link(sample, batch.label("captions#1", "caption", sample, text="it purrs"))
    batch.link(sample, batch.label("boxes#1", "detection", sample, label="cat"))
    put(repository, batch)
    assert fused(repository)[sample] == {
        "sample_id": sample,
        "batch": "b",
        "session": "s",
        "group": sample,
        "split": "train",
        "targets": [
            {
                "task": "caption",
                "question": None,
                "label": None,
                "text": "it purrs",
                "label_id": "b/captions#1",
                "item_id": sample,
            },
            {
                "task": "detection",
                "question": None,
                "label": "cat",
                "text": None,
                "label_id": "b/boxes#1",
                "item_id": sample,
            },
        ],
        "members": [
            {"role": "caption", "kind": "label", "ids": ["b/captions#1"]},
            {"role": "detection", "kind": "label", "ids": ["b/boxes#1"]},
            {"role": "image", "kind": "item", "ids": ["b/cat.png"]},
            {"role": "text", "kind": "item", "ids": ["b/cat.txt"]},
        ],
        "presence": {"image": True, "text": True, "audio": False, "video": False, "signal": False},
    }


def test_the_transcript_that_a_sample_was_cut_by_is_its_text_not_its_target(repository: Repository) -> None:
    batch = Delivery("b")
    talk = batch.item("talk.wav", "audio")
    spoken = batch.label("vtt#1", "transcript", talk, text="hello")
    batch.link(spoken, spoken)
    batch.link(spoken, talk, method="overlap")
    batch.link(spoken, batch.label("other#1", "transcript", talk, text="hallo"))
    put(repository, batch)
    sample = fused(repository)[spoken]
    assert [target["label_id"] for target in sample["targets"]] == ["b/other#1"]
    assert [name for name, present in sample["presence"].items() if present] == ["text", "audio"]


def test_several_annotators_are_one_target_by_their_consensus(repository: Repository) -> None:
    batch = Delivery("b")
    sample = batch.sample("cat.png")
    for number, answer in enumerate(["cat", "dog", "dog"]):
        label = batch.label(
            f"vqa#{number}", "vqa", sample, question="what?", label=answer, annotator=f"{number}"
        )
        batch.link(sample, label)
    alone = batch.label("vqa#9", "vqa", sample, question="where?", label="here")
    batch.link(sample, alone)
    batch.consensus.append(
        {
            "batch": "b",
            "item_id": sample,
            "task": "vqa",
            "question": "what?",
            "label": "dog",
            "region": 0,
            "votes": 3,
            "agreement": 2 / 3,
            "tie": False,
            "members": [],
        }
    )
    put(repository, batch)
    targets = fused(repository)[sample]["targets"]
    assert [(target["question"], target["label"], target["label_id"]) for target in targets] == [
        ("what?", "dog", "b/vqa#1"),
        ("where?", "here", alone),
    ]


def test_samples_in_are_samples_and_rejects_out(repository: Repository) -> None:
    good, bad = scenes("a-good", 6), scenes("b-bad", 4)
    bad.accepted = False
    caption_only = good.label("captions#x", "caption", "a-good/000.png", text="only words")
    good.link(caption_only, caption_only)
    good.quarantined = [("items", "a-good/001.png"), ("labels", "a-good/captions#2")]
    put(repository, good)
    put(repository, bad)
    samples = fused(repository)
    rejects = rejects_of(repository)
    left_out = {row_id for table, row_id, _ in rejects if table == "samples"}
    linked = {str(row["sample_id"]) for row in [*good.links, *bad.links]}
    assert {*samples, *left_out} == linked
    assert len(samples) + len(left_out) == len(linked) == 11
    assert Counter(reason for _, _, reason in rejects) == {
        "batch_rejected": 4,
        "reference_quarantined": 1,
        "nothing_but_targets": 1,
        "member_quarantined": 1,
    }


def test_a_quarantined_member_is_dropped_and_named_and_its_sample_goes_on(repository: Repository) -> None:
    batch = Delivery("b")
    sample = batch.sample("cat.png", session="s")
    sound = batch.item("cat.wav", "audio", session="s")
    batch.link(sample, sound)
    batch.link(sample, batch.label("about the sound#1", "classification", sound, label="meow"))
    batch.link(sample, batch.item("cat.txt", "text", session="s", text="a cat"))
    batch.quarantined = [("items", sound), ("links", f"{sample}|text|b/cat.txt")]
    put(repository, batch)
    row = fused(repository)[sample]
    assert row["members"] == [{"role": "image", "kind": "item", "ids": [sample]}]
    assert row["targets"] == []
    assert rejects_of(repository) == [
        ("links", f"{sample}|audio|b/cat.wav", "member_quarantined"),
        ("links", f"{sample}|classification|b/about the sound#1", "member_quarantined"),
        ("links", f"{sample}|text|b/cat.txt", "member_quarantined"),
    ]


def test_what_shares_media_or_long_text_shares_a_group(repository: Repository) -> None:
    batch = Delivery("b")
    one = batch.sample("1.png", sha256="same")
    copy = batch.sample("2.png", sha256="same")
    near = batch.sample("3.png", phash="00000000000000ff")
    like = batch.sample("4.png", phash="00000000000000f8")
    review = batch.sample("5.txt", "text", text=LONG_TEXT, sha256="5")
    quoted = batch.sample("6.txt", "text", text="  it came ON time; and it works!", sha256="6")
    short = [batch.sample(f"{n}.txt", "text", text="Good.", sha256="short") for n in (7, 8)]
    put(repository, batch)
    groups = {name: row["group"] for name, row in fused(repository).items()}
    pairs = [(one, copy), (near, like), (review, quoted)]
    expected = {name: pair[0] for pair in pairs for name in pair} | {name: name for name in short}
    assert groups == expected


@pytest.mark.parametrize(("characters", "groups"), [(0, 2), (10, 1)])
def test_the_same_caption_ties_its_pictures_where_that_is_asked_for(
    repository: Repository, characters: int, groups: int
) -> None:
    repository.set_param("shared_target_characters: 0", f"shared_target_characters: {characters}")
    batch = Delivery("b")
    for number, (session, text) in enumerate([("s", "A dog runs."), ("t", "a dog  runs")]):
        sample = batch.sample(f"{number}.png", session=session)
        batch.link(sample, batch.label(f"captions#{number}", "caption", sample, text=text))
    put(repository, batch)
    assert len({row["group"] for row in fused(repository).values()}) == groups


def test_a_later_batch_never_moves_an_earlier_sample(repository: Repository) -> None:
    put(repository, scenes("2026-01", 40))
    before = {name: row["split"] for name, row in fused(repository).items()}
    assert set(before.values()) == {"train", "validation", "test"}
    later = scenes("2026-02", 10)
    training = next(name for name, split in before.items() if split == "train")
    held_out = next(name for name, split in before.items() if split == "test")
    between = later.sample("between.png", sha256=f"2026-01{int(training[-7:-4])}")
    later.link(between, later.item("copy.png", sha256=f"2026-01{int(held_out[-7:-4])}"))
    put(repository, later)
    after = fused(repository)
    assert {name: after[name]["split"] for name in before} == before
    assert ("samples", between, "joins_groups_of_different_splits") in rejects_of(repository)
    assert len(after) == 50


def test_the_same_dataset_is_the_same_bytes(repository: Repository) -> None:
    put(repository, scenes("a", 20))
    put(repository, scenes("a-b", 20))
    made = []
    for _ in range(2):
        repository.run("fuse")
        made.append({path.name: path.read_bytes() for path in (repository.data / "fused").iterdir()})
    assert made[0] == made[1]
    assert sorted(made[0]) == [
        "coordinated.arrow",
        "fusion.json",
        "hierarchy.arrow",
        "joint.arrow",
        "notices.json",
        "partition.json",
        "rejects.parquet",
        "samples.parquet",
        "split_keys.parquet",
        "ties.parquet",
        "verdict.json",
    ]


def test_the_summary_counts_samples_and_what_was_left_out(repository: Repository) -> None:
    batch = scenes("a", 12)
    batch.quarantined = [("items", "a/003.png")]
    put(repository, batch)
    assert repository.run("fuse") == "fuse: built; 11 samples, 1 left out"
    assert read_verdict(repository.data / "fused").rows == {"samples": 11}


def test_a_dataset_that_its_gate_rejects_stops_the_run_with_the_verdict_on_disk(
    repository: Repository,
) -> None:
    batch = scenes("a", 3)
    batch.accepted = False
    put(repository, batch)
    with pytest.raises(GateStoppedError, match=r"the dataset was rejected.*\n  samples: .*row_count"):
        repository.run("fuse")
    fusion = json.loads((repository.data / "fused" / "fusion.json").read_text())
    assert not read_verdict(repository.data / "fused").accepted
    assert (fusion["samples"], samples_of(repository)) == (0, {})
    assert len(rejects_of(repository)) == 3


def strict_suite(repository: Repository, folder: Path) -> None:
    """A suite of the test's own, which refuses samples without a target."""
    suite = json.loads((repository.root / "expectations" / "samples.json").read_text())
    suite["expectations"] += [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "targets", "min_value": 1, "mostly": 0.5},
            "severity": "critical",
            "meta": {"notes": "nothing to learn"},
        }
    ]
    folder.mkdir()
    (folder / "samples.json").write_text(json.dumps(suite))


def test_a_sample_that_fails_an_expectation_is_left_out_and_named(
    repository: Repository, tmp_path: Path
) -> None:
    strict_suite(repository, tmp_path / "strict")
    (repository.root / "expectations").unlink()
    (tmp_path / "strict").rename(repository.root / "expectations")
    batch = scenes("a", 12)
    batch.links = [row for row in batch.links if row["member_id"] != "a/captions#5"]
    put(repository, batch)
    samples = fused(repository)
    assert len(samples) == 11
    assert rejects_of(repository) == [("samples", "a/005.png", "expectation_failed")]
    assert "a/005.png" not in read_vectors(repository.data / "fused" / "joint.arrow").ids
