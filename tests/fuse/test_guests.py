"""Samples with members of several batches: what they hold, what keeps them together, what is left out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.core.errors import MissingInputError
from tasks.core.params import load_params
from tasks.core.schemas import FUSE_REJECTS, LINKS, SAMPLES
from tasks.core.tables import read_table
from tasks.core.vectors import read_vectors
from tasks.fuse.params import FuseParams
from tasks.fuse.splits import Splitter, Ties
from tests.conftest import PROJECT, Repository
from tests.fuse.delivered import EVERYWHERE, Delivery, put
from tests.fuse.test_samples import scenes, strict_suite

Rejects = dict[tuple[str, str, str], tuple[str, str]]


def fused(repository: Repository) -> tuple[dict[str, dict[str, Any]], Rejects]:
    """Run the stage: the samples by id, and the rejects; no link is in neither."""
    repository.run("fuse")
    rows = read_table(SAMPLES, repository.data / "fused").to_pylist()
    rejects = {
        (row["batch"], row["table"], row["row_id"]): (row["reason"], row["detail"])
        for row in read_table(FUSE_REJECTS, repository.data / "fused").to_pylist()
    }
    samples = {row["sample_id"]: row for row in rows}
    for folder in (repository.data / "aligned").iterdir():
        for link in read_table(LINKS, folder).to_pylist():
            refuse_loss(folder.name, link, samples, rejects)
    return samples, rejects


def refuse_loss(
    batch: str, link: dict[str, Any], samples: dict[str, dict[str, Any]], rejects: Rejects
) -> None:
    """A link is in its sample or named, its own batch's if the sample is another's."""
    sample_id, home = link["sample_id"], link["sample_id"].partition("/")[0]
    members = {
        name for member in samples.get(sample_id, {"members": []})["members"] for name in member["ids"]
    }
    named = (batch, "links", f"{sample_id}|{link['role']}|{link['member_id']}") in rejects
    whole = home == batch and (batch, "samples", sample_id) in rejects
    assert (link["member_id"] in members) + (named or whole) == 1, link


def pictures(**columns: Any) -> Delivery:
    """A batch `p` of two pictures with a vector each, which are samples."""
    batch = Delivery("p", batch_file=EVERYWHERE)
    batch.sample("1.png", vector=[1.0, 0.0], sha256="1", **columns)
    batch.sample("2.png", vector=[0.0, 1.0], sha256="2", **columns)
    return batch


def words(name: str = "w", **columns: Any) -> Delivery:
    """A batch of one text with a caption about it, both in the sample p/1.png."""
    batch = Delivery(name, batch_file=EVERYWHERE)
    item = batch.item("1.txt", "text", vector=[1.0, 2.0], **columns)
    batch.link("p/1.png", item, session="1.png", method="content")
    caption = batch.label("c#1", "caption", item, text="a boat", vector=[3.0, 0.0])
    batch.link("p/1.png", caption, session="1.png", method="item")
    return batch


def test_a_sample_has_members_and_targets_of_other_batches(repository: Repository) -> None:
    put(repository, pictures())
    put(repository, words())
    samples, rejects = fused(repository)
    sample = samples["p/1.png"]
    assert (sample["batch"], sample["session"]) == ("p", "1.png")
    assert sample["members"] == [
        {"role": "caption", "kind": "label", "ids": ["w/c#1"]},
        {"role": "image", "kind": "item", "ids": ["p/1.png"]},
        {"role": "text", "kind": "item", "ids": ["w/1.txt"]},
    ]
    assert [target["text"] for target in sample["targets"]] == ["a boat"]
    assert [name for name, there in sample["presence"].items() if there] == ["image", "text"]
    assert set(samples) == {"p/1.png", "p/2.png"}
    assert rejects == {}


def session_in(split: str, batch: str) -> str:
    """A session of that batch that starts a group of that split."""
    params = load_params(PROJECT, "fuse", FuseParams)

    def drawn(name: str) -> str:
        (found,) = Splitter(params, np.empty(0, np.uint64)).take("any", Ties(f"{batch}/{name}", (), ()))
        return found

    return next(name for name in map(str, range(1000)) if drawn(name) == split)


def apart() -> Delivery:
    """A batch of one sample, of no round: a dataset must have something to train on."""
    batch = Delivery("z")
    batch.sample("0.png", vector=[1.0, 1.0], session=session_in("train", "z"))
    return batch


def vectors_of(repository: Repository) -> dict[str, tuple[list[str], bytes]]:
    paths = sorted((repository.data / "fused").glob("*.arrow"))
    found = {path.name: read_vectors(path) for path in paths}
    return {name: (vectors.ids, np.asarray(vectors.matrix).tobytes()) for name, vectors in found.items()}


def many(texts_of: str) -> list[Delivery]:
    """Twenty pictures of `p`, each with three texts, which are of `p` itself or of other batches."""
    batches = {name: Delivery(name, batch_file=EVERYWHERE) for name in sorted({"p", *texts_of})}
    for number in range(20):
        name = f"{number:02d}"
        batches["p"].sample(f"{name}.png", vector=[float(number % 4), float(number % 3)], sha256=name)
        for part, place in enumerate(texts_of):
            vector = [float(number % 5), float(part)]
            text = batches[place].item(f"{name}.txt{part}", "text", vector=vector, session=f"{name}.png")
            batches[place].link(f"p/{name}.png", text, session=f"{name}.png", method="content")
    return list(batches.values())


def test_vectors_are_those_of_samples_that_were_delivered_whole(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = Repository(tmp_path_factory.mktemp("whole"))
    for delivery in many("ppp"):
        put(whole, delivery)
    for delivery in many("apz"):
        put(repository, delivery)
    splits = [{name: row["split"] for name, row in fused(one)[0].items()} for one in (whole, repository)]
    assert splits[0] == splits[1]
    assert vectors_of(repository) == vectors_of(whole)


@pytest.mark.parametrize("name", ["a", "w"])
def test_without_a_rejected_batch_the_sample_is_made_and_its_links_are_named(
    repository: Repository, name: str
) -> None:
    put(repository, pictures())
    batch = words(name)
    batch.sample("own.png", vector=[1.0, 1.0])
    batch.accepted = False
    put(repository, batch)
    samples, rejects = fused(repository)
    assert set(samples) == {"p/1.png", "p/2.png"}
    assert [member["ids"] for member in samples["p/1.png"]["members"]] == [["p/1.png"]]
    detail = f"the batch '{name}' was rejected by the gate; sample p/1.png is made without it"
    assert rejects == {
        (name, "samples", f"{name}/own.png"): (
            "batch_rejected",
            f"the batch '{name}' was rejected by the gate",
        ),
        (name, "links", f"p/1.png|text|{name}/1.txt"): ("batch_rejected", detail),
        (name, "links", f"p/1.png|caption|{name}/c#1"): ("batch_rejected", detail),
    }


def test_members_of_a_rejected_batchs_samples_are_named_in_their_own(repository: Repository) -> None:
    batch = pictures()
    batch.accepted = False
    put(repository, batch)
    other = words()
    other.sample("own.png", vector=[1.0, 1.0])
    put(repository, other)
    samples, rejects = fused(repository)
    assert set(samples) == {"w/own.png"}
    assert rejects["p", "samples", "p/1.png"][0] == "batch_rejected"
    assert rejects["w", "links", "p/1.png|text|w/1.txt"] == (
        "sample_left_out",
        "sample p/1.png is left out: batch_rejected, the batch 'p' was rejected by the gate",
    )


def test_members_of_a_sample_whose_reference_is_quarantined_are_named(repository: Repository) -> None:
    batch = pictures()
    batch.quarantined = [("items", "p/1.png")]
    for delivery in (batch, words(), apart()):
        put(repository, delivery)
    samples, rejects = fused(repository)
    assert set(samples) == {"p/2.png", "z/0.png"}
    assert rejects["w", "links", "p/1.png|caption|w/c#1"] == (
        "sample_left_out",
        "sample p/1.png is left out: reference_quarantined, its reference, p/1.png, is quarantined",
    )


def test_a_member_that_its_own_batchs_gate_quarantined_is_not_used(repository: Repository) -> None:
    put(repository, pictures())
    batch = words()
    batch.quarantined = [("items", "w/1.txt")]
    put(repository, batch)
    samples, rejects = fused(repository)
    assert [member["ids"] for member in samples["p/1.png"]["members"]] == [["p/1.png"]]
    assert {key: reason for key, (reason, _) in rejects.items()} == {
        ("w", "links", "p/1.png|text|w/1.txt"): "member_quarantined",
        ("w", "links", "p/1.png|caption|w/c#1"): "member_quarantined",
    }


def test_a_member_is_left_out_with_a_sample_that_the_datasets_gate_leaves_out(
    repository: Repository, tmp_path: Path
) -> None:
    strict_suite(repository, tmp_path / "strict")
    (repository.root / "expectations").unlink()
    (tmp_path / "strict").rename(repository.root / "expectations")
    batch, other = scenes("p", 12), Delivery("w", batch_file=EVERYWHERE)
    batch.batch_file = EVERYWHERE
    batch.links = [row for row in batch.links if row["member_id"] != "p/captions#5"]
    text = other.item("1.txt", "text", vector=[1.0, 2.0])
    other.link("p/005.png", text, session="005.png", method="content")
    for delivery in (batch, other):
        put(repository, delivery)
    samples, rejects = fused(repository)
    assert "p/005.png" not in samples
    assert rejects["w", "links", "p/005.png|text|w/1.txt"] == (
        "sample_left_out",
        "sample p/005.png is left out: it fails an expectation about samples",
    )


def test_what_shares_a_session_with_a_member_of_another_batch_is_of_the_samples_group(
    repository: Repository,
) -> None:
    put(repository, pictures())
    batch = words(session="tour")
    batch.sample("beside.png", vector=[1.0, 1.0], session="tour")
    put(repository, batch)
    samples, _ = fused(repository)
    assert samples["w/beside.png"]["group"] == samples["p/1.png"]["group"] == "p/1.png"
    assert samples["w/beside.png"]["split"] == samples["p/1.png"]["split"]
    assert samples["p/2.png"]["group"] == "p/2.png"


def tied(training: str, held_out: str) -> tuple[Delivery, Delivery]:
    """A batch with a sample of training and one held out, and one whose texts of one session are in both."""
    batch = Delivery("p", batch_file=EVERYWHERE)
    other = Delivery("w", batch_file=EVERYWHERE)
    for name, session in (("1", training), ("2", held_out)):
        sample = batch.sample(f"{name}.png", vector=[1.0, float(name)], session=session, sha256=name)
        text = other.item(f"{name}.txt", "text", vector=[2.0, float(name)], session="tour")
        other.link(sample, text, session=session, method="content")
        own = batch.item(f"{name}.txt", "text", vector=[0.0, float(name)], session=session)
        batch.link(sample, own, method="content")
    return batch, other


def test_a_member_that_would_join_two_splits_stays_out_and_the_sample_is_made(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    batch, other = tied(session_in("train", "p"), session_in("test", "p"))
    put(repository, batch)
    put(repository, other)
    samples, rejects = fused(repository)
    assert [samples[name]["split"] for name in ("p/1.png", "p/2.png")] == ["train", "test"]
    ((key, (reason, detail)),) = rejects.items()
    assert key == ("w", "links", "p/2.png|text|w/2.txt")
    assert reason == "joins_groups_of_different_splits"
    assert "would share media, text or a session with test, train" in detail
    assert 'give them sessions of their own, such as "{stem}"' in detail
    without = Repository(tmp_path_factory.mktemp("without"))
    other.items, other.links = other.items[:1], other.links[:1]
    other.vectors["text"].pop("w/2.txt")
    put(without, batch)
    put(without, other)
    assert fused(without)[0] == samples
    assert vectors_of(without) == vectors_of(repository)


def test_a_link_to_a_sample_of_a_batch_that_is_gone_asks_for_alignment(repository: Repository) -> None:
    put(repository, words())
    with pytest.raises(MissingInputError, match=r"samples of \['p'\], which are not there: run align again"):
        repository.run("fuse")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.booleans(), st.sets(st.sampled_from(["p/1.png", "w/1.txt", "w/c#1", "p/2.png"])))
def test_whatever_the_gate_says_no_link_vanishes(
    tmp_path_factory: pytest.TempPathFactory, pictures_pass: bool, words_pass: bool, quarantined: set[str]
) -> None:
    repository = Repository(tmp_path_factory.mktemp("fate"))
    deliveries = (pictures(), words(session="tour"), apart())
    for delivery, accepted in zip(deliveries, (pictures_pass, words_pass, True), strict=True):
        delivery.accepted = accepted
        delivery.quarantined = [
            ("labels" if "#" in name else "items", name)
            for name in sorted(quarantined)
            if name.startswith(f"{delivery.name}/")
        ]
        put(repository, delivery)
    samples, _ = fused(repository)
    assert "z/0.png" in samples
