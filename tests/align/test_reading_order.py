"""The order in which sentences are read and cues are heard, against the obvious one row after the other."""

import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tasks.align.texts.reading_order import reading_order, text_groups

NAMES = st.text(alphabet="ab019./\n\u0662", max_size=8)
CUES = st.tuples(st.sampled_from("pqr"), st.sampled_from("xy"), st.integers(0, 2), st.integers(0, 2))


def slow_key(name: str) -> tuple[object, ...]:
    parts = re.split(r"([0-9]+)", name)
    return (*zip(parts[::2], [*map(int, parts[1::2]), -1], strict=True), name)


def member_table(names: list[str], rows: list[tuple[str, str, int, int]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([], [], [], [])
    texts, times = (pa.string(), pa.string()), (pa.int64(), pa.int64())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, texts + times, strict=True)]
    names_of_columns = ["member_id", "item_id", "session", "start_ns", "end_ns"]
    return pa.table([pa.array(names, pa.string()), *arrays], names=names_of_columns)


def test_numbers_are_counted_and_zeros_before_them_settle_a_tie() -> None:
    names = ["t:10", "t:2", "t", "t:02", "t:2/2", "a9b", "t:x"]
    ordered = [names[row] for row in reading_order(pa.chunked_array([names]))]
    assert ordered == ["a9b", "t", "t:02", "t:2", "t:2/2", "t:10", "t:x"]


@given(st.lists(NAMES, unique=True))
def test_names_stand_as_their_texts_and_numbers_by_turns(names: list[str]) -> None:
    found = reading_order(pa.chunked_array([pa.array(names, pa.string())]))
    assert [names[row] for row in found] == sorted(names, key=slow_key)


@given(st.data())
def test_each_sentence_is_in_one_group_with_the_cues_of_its_item_or_else_of_its_session(
    data: st.DataObject,
) -> None:
    names = data.draw(st.lists(NAMES, unique=True, max_size=12))
    rows = [data.draw(CUES) for _ in names]
    # An item is in one session.
    rows = [(item, "x" if item == "p" else session, start, end) for item, session, start, end in rows]
    half = len(names) // 2
    sentences, cues = member_table(names[:half], rows[:half]), member_table(names[half:], rows[half:])
    expected = []
    heard_of = {row[0] for row in rows[half:]}
    for place, asked in ((0, True), (1, False)):
        own = [row for row in range(half) if (rows[row][0] in heard_of) is asked]
        for key in sorted({rows[row][place] for row in own}):
            near = [row for row in range(half, len(names)) if rows[row][place] == key]
            near.sort(key=lambda row: (*rows[row][2:], slow_key(names[row])))
            members = sorted(
                (row for row in own if rows[row][place] == key), key=lambda row: slow_key(names[row])
            )
            expected.append((members, [row - half for row in near]))
    found = [(own.tolist(), near.tolist()) for own, near in text_groups(sentences, cues)]
    assert found == expected
