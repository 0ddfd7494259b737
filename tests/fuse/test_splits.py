"""Splits: what belongs together stays on one side, and nothing ever moves."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core.errors import ConfigError
from tasks.core.params import load_params
from tasks.fuse.likeness import Likeness
from tasks.fuse.params import FuseParams
from tasks.fuse.splits import Splitter, Ties
from tests.conftest import Repository

PARAMS = FuseParams(0.7, 0.15, 20260323, 32, 3, 0.57, 0.8, 24, 0)


def ties(session: str, *keys: str, pictures: tuple[int, ...] = ()) -> Ties:
    return Ties(session, (f"session:{session}", *keys), pictures)


def splitter_of(*pictures: int) -> Splitter:
    return Splitter(PARAMS, np.array(pictures, np.uint64))


def sessions_in(split: str, count: int) -> list[str]:
    """Sessions that start a group of that split."""
    found = [name for name in map(str, range(1000)) if splitter_of().take("any", ties(name)) == (split,)]
    return found[:count]


def test_shares_are_met_over_many_sessions() -> None:
    splitter = splitter_of()
    splits = Counter(splitter.take(f"{n}", ties(f"{n}"))[0] for n in range(4000))
    shares = [splits[split] / 4000 for split in ("train", "validation", "test")]
    assert shares == pytest.approx([0.7, 0.15, 0.15], abs=0.02)


def test_a_session_is_on_one_side() -> None:
    splitter = splitter_of()
    assert len({splitter.take(f"s{n}", ties("one")) for n in range(50)}) == 1
    assert {splitter.group_of(f"s{n}") for n in range(50)} == {"s0"}


def test_a_near_duplicate_joins_the_group_of_the_picture_it_is_like() -> None:
    (held_out,) = sessions_in("test", 1)
    (other,) = sessions_in("train", 1)
    first, near = 0b1111, 0b1101 | 0b11 << 62
    splitter = splitter_of(first, near)
    splitter.take("first", ties(held_out, pictures=(first,)))
    assert splitter.take("near", ties(other, pictures=(near,))) == ("test",)
    assert splitter.group_of("near") == "first"


def test_a_picture_that_differs_in_one_bit_more_is_another() -> None:
    (held_out,) = sessions_in("test", 1)
    (other,) = sessions_in("train", 1)
    splitter = splitter_of(0, 0b1111)
    splitter.take("first", ties(held_out, pictures=(0,)))
    assert splitter.take("far", ties(other, pictures=(0b1111,))) == ("train",)


def test_a_sample_tied_to_two_splits_is_left_out_and_ties_nobody() -> None:
    (held_out,), (training, fresh) = sessions_in("test", 1), sessions_in("train", 2)
    splitter = splitter_of()
    splitter.take("a", ties(held_out, "text:x"))
    splitter.take("b", ties(training, "text:y"))
    assert splitter.take("c", ties(fresh, "text:x", "text:y", "text:z")) == ("test", "train")
    assert splitter.take("d", ties(fresh, "text:z")) == ("train",)
    assert splitter.group_of("d") == "d"


def test_groups_of_one_split_become_one_when_a_sample_is_tied_to_both() -> None:
    first, second = sessions_in("train", 2)
    splitter = splitter_of()
    splitter.take("a", ties(first, "text:x"))
    splitter.take("b", ties(second, "text:y"))
    assert splitter.group_of("b") == "b"
    assert splitter.take("c", ties(second, "text:x")) == ("train",)
    assert [splitter.group_of(name) for name in "abc"] == ["a", "a", "a"]


def splits_of_alone(names: list[str], seed: int) -> list[tuple[str, ...]]:
    """The split of each session in a dataset where it is alone."""
    nothing = np.empty(0, np.uint64)
    return [Splitter(replace(PARAMS, seed=seed), nothing).take("s", ties(name)) for name in names]


def test_another_seed_draws_other_splits() -> None:
    names = [f"{n}" for n in range(200)]
    drawn = [splits_of_alone(names, seed) for seed in (1, 2, 1)]
    assert drawn[0] == drawn[2]
    assert drawn[0] != drawn[1]


SAMPLES = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.lists(st.integers(0, 6), max_size=2),
        st.lists(st.integers(0, 9).map(lambda n: n * 0b111), max_size=2),
    ),
    max_size=40,
)


def split_all(samples: list[tuple[int, list[int], list[int]]]) -> dict[int, tuple[str, ...]]:
    splitter = splitter_of(*(picture for _, _, pictures in samples for picture in pictures))
    return {
        n: splitter.take(f"{n}", ties(f"{session}", *(f"text:{t}" for t in texts), pictures=tuple(pictures)))
        for n, (session, texts, pictures) in enumerate(samples)
    }


@given(SAMPLES, SAMPLES)
@settings(max_examples=150, deadline=None)
def test_later_samples_never_move_an_earlier_one(
    earlier: list[tuple[int, list[int], list[int]]], later: list[tuple[int, list[int], list[int]]]
) -> None:
    before, after = split_all(earlier), split_all(earlier + later)
    assert {n: after[n] for n in before} == before


@given(SAMPLES)
@settings(max_examples=150, deadline=None)
def test_samples_of_different_splits_share_nothing(samples: list[tuple[int, list[int], list[int]]]) -> None:
    kept = {n: splits[0] for n, splits in split_all(samples).items() if len(splits) == 1}
    for one in kept:
        for other in kept:
            if kept[one] != kept[other]:
                (session, texts, pictures), (session_2, texts_2, pictures_2) = samples[one], samples[other]
                assert session != session_2
                assert not set(texts) & set(texts_2)
                assert all((a ^ b).bit_count() > 3 for a in pictures for b in pictures_2)


def test_a_hash_is_near_itself_and_those_within_the_bits() -> None:
    likeness = Likeness(np.array([0b111, 0, 0b1, 0b11111, 0], np.uint64), 3)
    assert [likeness.near(seen) for seen in (0, 0b1, 0b111, 0b11111)] == [
        [0, 0b1, 0b111],
        [0, 0b1, 0b111],
        [0, 0b1, 0b111, 0b11111],
        [0b111, 0b11111],
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("train_share: 0.7", "train_share: 0.9", "at most 1 in sum"),
        (
            "near_duplicate_bits: 3",
            "near_duplicate_bits: 64",
            "near_duplicate_bits: expected 0 to 16, got 64",
        ),
        ("dimensions: 32", "dimensions: 0", "at least 1"),
    ],
)
def test_params_without_a_meaning_are_refused(
    repository: Repository, old: str, new: str, message: str
) -> None:
    repository.set_param(old, new)
    with pytest.raises(ConfigError, match=message):
        load_params(repository.root, "fuse", FuseParams)
