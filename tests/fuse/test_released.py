"""What was released never changes sides, whatever is added, corrected, renamed or removed later."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core.errors import GateStoppedError
from tasks.core.notices import read_notices
from tasks.core.released import (
    NOTHING_RELEASED,
    Released,
    hash_of,
    read_released,
    record_release,
    to_key_table,
    to_released,
    with_release,
)
from tasks.core.schemas import FUSE_REJECTS, SAMPLES
from tasks.core.tables import read_table
from tasks.fuse.splits import Splitter, Ties
from tasks.release import release
from tests.conftest import Repository
from tests.fuse.delivered import Delivery, put, remove
from tests.fuse.test_splits import PARAMS


def pictures(name: str, contents: dict[str, str]) -> Delivery:
    """A batch of pictures by name, each of that content."""
    batch = Delivery(name)
    for picture, content in contents.items():
        batch.sample(picture, vector=[1.0, float(len(content))], sha256=content)
    return batch


def splits(repository: Repository) -> dict[str, str]:
    repository.run("fuse")
    rows = read_table(SAMPLES, repository.data / "fused", ("sample_id", "split")).to_pylist()
    return {row["sample_id"]: row["split"] for row in rows}


def fused_bytes(repository: Repository) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (repository.data / "fused").iterdir()}


SIXTY = {f"{number:02d}.jpg": f"content {number}" for number in range(60)}


def test_twins_stay_where_they_were_when_the_first_copies_are_taken_out(repository: Repository) -> None:
    put(repository, pictures("first", SIXTY))
    put(repository, pictures("second", SIXTY))
    before = splits(repository)
    release(repository.root)
    remove(repository, "first")
    after = splits(repository)
    assert len(after) == 60
    assert after == {name: before[name] for name in after}


def test_without_a_release_the_twins_of_removed_pictures_are_drawn_by_their_own_names(
    repository: Repository,
) -> None:
    put(repository, pictures("first", SIXTY))
    put(repository, pictures("second", SIXTY))
    before = splits(repository)
    remove(repository, "first")
    assert splits(repository) != {name: split for name, split in before.items() if name.startswith("second")}


def test_a_renamed_batch_and_a_corrected_picture_stay_where_they_were(repository: Repository) -> None:
    put(repository, pictures("first", SIXTY))
    before = splits(repository)
    release(repository.root)
    remove(repository, "first")
    corrected = {name: f"corrected {name}" for name in list(SIXTY)[:30]}
    put(repository, pictures("first", corrected))
    put(repository, pictures("a-new-name", dict(list(SIXTY.items())[30:])))
    after = splits(repository)
    assert {name.partition("/")[2]: split for name, split in after.items()} == {
        name.partition("/")[2]: split for name, split in before.items()
    }


def test_a_build_with_its_own_record_is_the_same_bytes(repository: Repository) -> None:
    put(repository, pictures("first", SIXTY))
    put(repository, pictures("second", SIXTY | {"more.jpg": "more"}))
    splits(repository)
    built = fused_bytes(repository)
    assert release(repository.root) == Path("data/released/0001/released.parquet")
    splits(repository)
    assert fused_bytes(repository) == built
    assert release(repository.root) is None


def test_a_record_holds_only_what_a_version_brought(repository: Repository) -> None:
    put(repository, pictures("first", {"a.jpg": "one"}))
    put(repository, pictures("other", {f"{n}.jpg": f"other {n}" for n in range(9)}))
    splits(repository)
    release(repository.root)
    put(repository, pictures("second", {"b.jpg": "two"}))
    splits(repository)
    assert release(repository.root) == Path("data/released/0002/released.parquet")
    folder = repository.data / "released"
    known = read_released(folder)
    assert len(known.keys) == len(set(known.keys.tolist())) == 11 * 3
    assert known.splits_of("sample:second/b.jpg") == known.splits_of("media:two") != ()


def test_what_is_new_is_left_out_where_it_would_join_released_splits(repository: Repository) -> None:
    put(repository, pictures("first", SIXTY))
    before = splits(repository)
    release(repository.root)
    remove(repository, "first")
    (held_out,) = [name for name, split in before.items() if split == "test"][:1]
    (trained,) = [name for name, split in before.items() if split == "train"][:1]
    batch = pictures("second", {f"{n}.jpg": f"new {n}" for n in range(9)})
    sample = batch.sample("both.jpg", sha256=SIXTY[held_out.partition("/")[2]])
    other = batch.item("other.jpg", session="both.jpg", sha256=SIXTY[trained.partition("/")[2]])
    batch.link(sample, other)
    put(repository, batch)
    assert sample not in splits(repository)
    (reject,) = read_table(FUSE_REJECTS, repository.data / "fused").to_pylist()
    assert (reject["row_id"], reject["reason"]) == (sample, "joins_groups_of_different_splits")


def test_released_samples_that_turn_out_to_be_tied_both_stay_and_are_told(repository: Repository) -> None:
    put(repository, pictures("first", SIXTY))
    before = splits(repository)
    release(repository.root)
    held_out = next(name for name, split in before.items() if split == "test")
    trained = next(name for name, split in before.items() if split == "train")
    remove(repository, "first")
    same = {name.partition("/")[2]: "the same content" for name in (held_out, trained)}
    put(repository, pictures("first", SIXTY | same))
    assert splits(repository) == before
    (notice,) = read_notices(repository.data / "fused")
    told = "released samples that were found to share media, text or a session with another split stay where"
    assert notice.startswith(told)
    assert held_out in notice or trained in notice


def test_a_rejected_dataset_is_not_released(repository: Repository) -> None:
    put(repository, pictures("first", {}))
    with pytest.raises(GateStoppedError, match="the dataset was rejected"):
        repository.run("fuse")
    with pytest.raises(GateStoppedError, match="nothing is released"):
        record_release(repository.data / "fused", repository.data / "released")


def test_nothing_was_released_where_there_is_no_record(tmp_path: Path) -> None:
    assert read_released(tmp_path / "released").is_empty
    assert NOTHING_RELEASED.splits_of("sample:a") == ()
    assert hash_of("sample:a") == hash_of("sample:a") != hash_of("sample:b")


LOOKS = [number * 0b111 for number in range(10)]
# Each version: samples by name, each with a session, texts and a picture.
VERSION = st.dictionaries(
    st.integers(0, 9),
    st.tuples(
        st.integers(0, 6), st.lists(st.integers(0, 4), max_size=2), st.integers(0, 9).map(lambda n: n * 0b111)
    ),
    max_size=10,
)


def split_version(samples: dict[int, tuple[int, list[int], int]], released: Released) -> Splitter:
    splitter = Splitter(
        PARAMS, np.array([picture for _, _, picture in samples.values()], np.uint64), released
    )
    for was_released in (True, False):
        for name, (session, texts, picture) in samples.items():
            if splitter.was_released(str(name)) == was_released:
                keys = (f"session:{session}", *(f"text:{text}" for text in texts))
                splitter.take(str(name), Ties(str(session), keys, (picture,)))
    return splitter


@given(st.lists(VERSION, max_size=6))
@settings(max_examples=150, deadline=None)
def test_no_history_of_versions_moves_a_released_sample(
    versions: list[dict[int, tuple[int, list[int], int]]],
) -> None:
    record = to_key_table(())
    known: dict[str, str] = {}
    for samples in versions:
        splitter = split_version(samples, to_released(record))
        found = {name: splitter.split_of(name) for name in map(str, samples) if splitter.has_taken(name)}
        assert all(known.get(name, split) == split for name, split in found.items())
        assert all(name in found for name in map(str, samples) if name in known)
        known |= found
        built = to_key_table(splitter.claims())
        again = split_version(samples, to_released(with_release(record, built)))
        assert {name: (again.split_of(name), again.group_of(name)) for name in found} == {
            name: (split, splitter.group_of(name)) for name, split in found.items()
        }
        record = with_release(record, built)
