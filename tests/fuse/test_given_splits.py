"""A split that media were delivered with is kept, and only the others are drawn."""

import pytest

from tasks.core.notices import read_notices
from tasks.core.schemas import FUSE_REJECTS, SAMPLES
from tasks.core.tables import read_table
from tasks.fuse.splits import Ties
from tasks.release import release
from tests.conftest import Repository
from tests.fuse.delivered import BATCH_FILE, Delivery, put, remove
from tests.fuse.test_splits import sessions_in, splitter_of


def delivered(name: str, given: dict[str, str | None], contents: dict[str, str] | None = None) -> Delivery:
    """A batch of pictures by name, each with the split that it came with."""
    batch = Delivery(name)
    for picture, split in given.items():
        content = (contents or {}).get(picture, f"{name} {picture}")
        batch.sample(picture, split=split, vector=[1.0, float(len(picture))], sha256=content)
    return batch


def splits(repository: Repository) -> dict[str, str]:
    repository.run("fuse")
    rows = read_table(SAMPLES, repository.data / "fused", ("sample_id", "split")).to_pylist()
    return {row["sample_id"]: row["split"] for row in rows}


def rejects(repository: Repository) -> list[tuple[str, str, str]]:
    rows = read_table(FUSE_REJECTS, repository.data / "fused").to_pylist()
    return [(row["row_id"], row["reason"], row["detail"]) for row in rows]


def test_given_splits_are_kept_and_the_others_are_drawn(repository: Repository) -> None:
    given = {f"{n:03d}": ("train", "validation", "test")[n % 3] for n in range(60)}
    put(repository, delivered("official", given))
    put(repository, delivered("own", {f"{n}": None for n in range(60)}))
    found = splits(repository)
    assert {name: found[f"official/{name}"] for name in given} == given
    assert {found[f"own/{n}"] for n in range(60)} == {"train", "validation", "test"}


def test_what_has_no_split_of_its_own_follows_what_it_is_tied_to(repository: Repository) -> None:
    contents = {f"{n}": f"{n % 9}" for n in range(18)}
    given = {f"{n}": "test" if n >= 9 else None for n in range(18)} | {"alone": "train"}
    put(repository, delivered("one", given, contents))
    assert splits(repository) == {f"one/{n}": "test" for n in range(18)} | {"one/alone": "train"}


def test_a_tie_across_a_given_border_leaves_the_younger_one_out_by_name(repository: Repository) -> None:
    put(repository, delivered("one", {"a": "train", "b": "test", "c": "test"}, {"a": "x", "b": "x"}))
    assert splits(repository) == {"one/a": "train", "one/c": "test"}
    (row_id, reason, detail), *_ = rejects(repository)
    assert (row_id, reason) == ("one/b", "joins_groups_of_different_splits")
    assert detail.startswith("it was delivered in test, and it shares media, text or a session with samples")
    assert "split_ties: report" in detail


def test_a_batch_may_ask_for_a_report_of_such_ties_instead(repository: Repository) -> None:
    batch = delivered("one", {"a": "train", "b": "test", "c": "test"}, {"a": "x", "b": "x"})
    batch.batch_file = f"{BATCH_FILE}split_ties: report\n"
    put(repository, batch)
    assert splits(repository) == {"one/a": "train", "one/b": "test", "one/c": "test"}
    assert rejects(repository) == []
    (notice, *_) = [said for said in read_notices(repository.data / "fused") if "delivered with" in said]
    assert notice.endswith("(split_ties: report): 1, such as one/b in test (and train)")


def test_members_that_were_delivered_in_different_splits_are_no_sample(repository: Repository) -> None:
    batch = delivered("one", {"a": "train", "b": "train"})
    batch.link("one/a", batch.item("a.txt", "text", session="a", split="test", text="hello"))
    put(repository, batch)
    assert splits(repository) == {"one/b": "train"}
    (row_id, reason, detail), *_ = rejects(repository)
    assert (row_id, reason) == ("one/a", "splits_disagree")
    assert "one/a.txt in test, one/a in train" in detail


def test_a_released_sample_stays_though_its_source_says_another_split(repository: Repository) -> None:
    put(repository, delivered("one", {"a": "train", "b": "test"}))
    before = splits(repository)
    release(repository.root)
    remove(repository, "one")
    put(repository, delivered("one", {"a": "test", "b": "test"}))
    assert splits(repository) == before
    (notice, *_) = [said for said in read_notices(repository.data / "fused") if "released in" in said]
    assert notice.endswith("stay there: 1, such as one/a in train (and test)")


@pytest.mark.parametrize("keeps_given", [False, True])
def test_an_earlier_sample_is_not_moved_by_a_given_split_that_comes_later(keeps_given: bool) -> None:
    (training, fresh) = sessions_in("train", 2)
    splitter = splitter_of()
    splitter.take("a", Ties(training, ("text:x",), ()))
    later = Ties(fresh, ("text:x",), (), ("test",), keeps_given)
    assert splitter.take("b", later) == (("test",) if keeps_given else ("test", "train"))
    assert splitter.split_of("a") == "train"
    assert [crossing.sample_id for crossing in splitter.crossings] == (["b"] if keeps_given else [])
    assert splitter.take("c", Ties("another", ("text:x",), ())) == (
        ("test", "train") if keeps_given else ("train",)
    )
