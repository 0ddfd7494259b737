"""Rounds of tiny batches: paired as if they were one, each told of its own members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.by_content.aligning import align_by_content
from tasks.align.by_content.comparison import Evidence
from tasks.align.by_content.joined_evidence import join_evidence
from tasks.align.by_content.round import Part, align_round, part_of_round
from tasks.align.members import to_members
from tasks.align.result import Aligned
from tasks.core.align_entry import Align
from tasks.core.errors import MissingInputError
from tasks.core.vectors import Vectors
from tests.align.tables import items, labels

EVERYWHERE = Align("content", "picture", threshold=0.8, candidates="everywhere")


@dataclass
class Toy:
    """One batch: pictures and notes by id, each with a vector, a text and a hash of its own."""

    pictures: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: dict[str, tuple[float, float]] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)  # of which item
    fault: str = ""

    def part(self) -> Part:
        rows: list[dict[str, object]] = [{"item_id": name, "role": "picture"} for name in self.pictures]
        rows += [{"item_id": name, "role": "note"} for name in self.notes]
        said: list[dict[str, object]] = [
            {"label_id": name, "item_id": about, "task": "caption"} for name, about in self.captions.items()
        ]
        vectors = self.pictures | self.notes
        matrix = np.array(list(vectors.values()), np.float32).reshape(-1, 2)
        evidence = Evidence(
            {"image": Vectors(list(vectors), matrix)} if vectors else {},
            texts={name: f"{'xyz'[int(x) % 3]} {'uvw'[int(y) % 3]}" for name, (x, y) in vectors.items()},
            hashes={name: (int(x) + 3) * 15 + (int(y) + 3) * 4096 for name, (x, y) in vectors.items()},
            fault=self.fault,
        )
        return Part(to_members(items(*rows), labels(*said)), evidence)


def aligned(batches: Mapping[str, Toy], align: Align = EVERYWHERE) -> dict[str, Aligned]:
    parts = {name: batch.part() for name, batch in batches.items()}
    whole = align_round(parts, align)
    return {name: part_of_round(whole, part.members) for name, part in parts.items()}


def links(found: Aligned) -> set[tuple[str, str]]:
    return {(row["sample_id"], row["member_id"]) for row in found.links.to_pylist()}


def reasons(found: Aligned) -> dict[str, str]:
    return {row["member_id"]: row["reason"] for row in found.left_out.to_pylist()}


def told(found: Aligned) -> dict[str, str]:
    return {row["member_id"]: row["detail"] for row in found.left_out.to_pylist()}


def test_a_note_meets_the_picture_of_another_batch_and_its_label_follows() -> None:
    found = aligned(
        {
            "p": Toy(pictures={"p/1": (1, 0), "p/2": (0, 1)}),
            "n": Toy(notes={"n/1": (1, 0.1)}, captions={"n/c": "n/1"}),
        }
    )
    assert links(found["p"]) == {("p/1", "p/1"), ("p/2", "p/2")}
    assert links(found["n"]) == {("p/1", "n/1"), ("p/1", "n/c")}
    assert (found["p"].samples.to_pylist(), found["n"].samples.to_pylist()) == (["p/1", "p/2"], [])
    assert {row["member_id"] for row in found["p"].guests.to_pylist()} == {"n/1", "n/c"}
    assert found["n"].guests.num_rows == 0


def test_one_to_one_is_one_to_one_over_the_whole_round() -> None:
    found = aligned(
        {
            "p": Toy(pictures={"p/1": (1, 0)}),
            "n": Toy(notes={"n/1": (1, 0.3)}),
            "o": Toy(notes={"o/1": (1, 0.1)}),
        }
    )
    assert links(found["o"]) == {("p/1", "o/1")}
    assert links(found["n"]) == set()
    assert reasons(found["n"]) == {"n/1": "not_mutual"}
    assert told(found["n"])["n/1"] == (
        "its best candidate, p/1, is 0.958 alike, but that is more like o/1 (0.995)"
    )


def test_a_round_without_the_reference_says_so_to_all_of_its_batches() -> None:
    found = aligned({"n": Toy(notes={"n/1": (1, 0)}), "o": Toy(notes={"o/1": (1, 0)})})
    assert reasons(found["n"]) == {"n/1": "no_reference"}
    assert told(found["o"])["o/1"] == (
        "expected a role or task 'picture', the round of ['n', 'o'], which are of the same reference, by,"
        " pairing, threshold, margin, has ['note']: no candidate."
    )


def test_a_batch_whose_pairs_cannot_be_read_is_told_and_the_others_go_on() -> None:
    found = aligned(
        {
            "p": Toy(pictures={"p/1": (1, 0)}),
            "n": Toy(notes={"n/1": (1, 0)}, captions={"n/c": "n/1"}, fault="pairs.csv: line 2: no such id"),
            "o": Toy(notes={"o/1": (1, 0.1)}),
        }
    )
    assert links(found["o"]) == {("p/1", "o/1")}
    assert reasons(found["n"]) == {"n/1": "not_comparable", "n/c": "item_not_aligned"}
    assert told(found["n"])["n/1"] == "pairs.csv: line 2: no such id: no candidate"


def test_vectors_of_different_encoders_are_refused_and_the_way_out_is_told() -> None:
    wide = Evidence({"image": Vectors(["a/1"], np.zeros((1, 3), np.float32))}, {"image": "clip 1"})
    slim = Evidence({"image": Vectors(["b/1"], np.zeros((1, 2), np.float32))}, {"image": "clip 1"})
    with pytest.raises(MissingInputError, match=r"'a' 3 numbers.*'b' 2 numbers.*run the stage encode"):
        join_evidence({"b": slim, "a": wide})
    with pytest.raises(MissingInputError, match=r"space clip 1.*space clip 2"):
        join_evidence({"a": wide, "b": replace(wide, spaces={"image": "clip 2"})})


POINTS = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
Places = list[tuple[int, tuple[int, int]]]
PLACES = st.lists(st.tuples(st.integers(0, 2), POINTS), max_size=8)
WAYS: tuple[Literal["vectors", "text", "picture_hash"], ...] = ("vectors", "text", "picture_hash")
PAIRINGS: tuple[Literal["mutual", "assignment", "threshold"], ...] = ("mutual", "assignment", "threshold")


def delivered(pictures: Places, notes: Places) -> dict[str, Toy]:
    """Every picture and note in the batch that it names; their ids say where, and go up with the batch."""
    batches = {name: Toy() for name in "abc"}
    for kind, rows in (("pictures", pictures), ("notes", notes)):
        for number, (place, (x, y)) in enumerate(sorted(rows, key=lambda row: row[0])):
            getattr(batches["abc"[place]], kind)[f"{'abc'[place]}/{kind}{number}"] = (float(x), float(y))
    return batches


def together(batches: Mapping[str, Toy]) -> Toy:
    """One batch that holds everything, by the same ids."""
    one = Toy()
    for batch in batches.values():
        one.pictures |= batch.pictures
        one.notes |= batch.notes
        one.captions |= batch.captions
    return one


def rows_of(found: Sequence[Aligned]) -> tuple[list[str], list[str]]:
    return (
        sorted(repr(row) for one in found for row in one.links.to_pylist()),
        sorted(repr(row) for one in found for row in one.left_out.to_pylist()),
    )


@settings(deadline=None, max_examples=80)
@given(
    PLACES,
    PLACES,
    st.builds(
        replace,
        st.just(EVERYWHERE),
        by=st.sampled_from(WAYS),
        pairing=st.sampled_from(PAIRINGS),
        margin=st.sampled_from([0.0, 0.05]),
        threshold=st.just(0.6),
    ),
)
def test_a_round_is_aligned_as_one_batch_that_holds_everything(
    pictures: Places, notes: Places, align: Align
) -> None:
    batches = delivered(pictures, notes)
    found = aligned(batches, align)
    own = {name: set(batch.pictures) | set(batch.notes) for name, batch in batches.items()}
    for name, one in found.items():
        assert {row["member_id"] for row in one.links.to_pylist()} | set(reasons(one)) == own[name]
        assert {row["member_id"] for row in one.links.to_pylist()}.isdisjoint(reasons(one))
    if not pictures:
        assert all(set(reasons(one).values()) <= {"no_reference"} for one in found.values())
        return
    part = together(batches).part()
    alone = align_by_content(part.members, part.evidence, replace(align, candidates="batch"))
    assert rows_of(list(found.values())) == rows_of([alone])
    assert (
        sorted(sample for one in found.values() for sample in one.samples.to_pylist())
        == alone.samples.to_pylist()
    )


@settings(deadline=None, max_examples=30)
@given(PLACES, PLACES)
def test_the_order_of_the_batches_changes_nothing(pictures: Places, notes: Places) -> None:
    batches = delivered(pictures, notes)
    found = [
        {name: one.links.to_pylist() + one.left_out.to_pylist() for name, one in aligned(dict(order)).items()}
        for order in permutations(batches.items())
    ]
    assert all(one == found[0] for one in found)
