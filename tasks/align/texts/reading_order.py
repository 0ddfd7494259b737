"""In which order sentences are read and cues are heard, and which of them belong together.

reads   members (columns member_id, item_id, session, start_ns, end_ns)
writes  rows of them
rules   Sentences stand in the order of their ids, numbers in these counted as numbers ("t.txt:2" before
        "t.txt:10"; digits of other scripts are text), cues in that of their starts, ends, and ids. Sentences
        belong to the cues about the same item where there are any, else to all of their session.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.align.members import Int64s, times_ns

_TEXT_NUMBER_REST = r"(?s)^(?P<text>[^0-9]*)(?:0*(?P<number>[0-9]+))?(?P<rest>.*)$"


def text_groups(sentences: pa.Table, cues: pa.Table) -> Iterator[tuple[Int64s, Int64s]]:
    """Rows of sentences in their order, and rows of the cues that they are looked for in, in theirs."""
    about = pc.is_in(sentences["item_id"], cues["item_id"].combine_chunks())
    rank = _ranks(sentences)
    for column, flags in (("item_id", about), ("session", pc.invert(about))):
        own = np.flatnonzero(flags.to_numpy())
        if not len(own):
            continue
        keys = pc.unique(sentences[column].take(own)).sort()
        own_key, cue_key = (_positions(table[column], keys) for table in (sentences, cues))
        own = own[np.lexsort((rank[own], own_key[own]))]
        heard = _in_time_order(cues, cue_key)
        own_edges = np.searchsorted(own_key[own], np.arange(len(keys) + 1))
        cue_edges = np.searchsorted(cue_key[heard], np.arange(len(keys) + 1))
        for key in range(len(keys)):
            yield own[slice(*own_edges[key : key + 2])], heard[slice(*cue_edges[key : key + 2])]


def reading_order(names: pa.ChunkedArray) -> Int64s:
    """The rows of the names in the order of their texts and numbers by turns."""
    columns: list[pa.ChunkedArray] = []
    rest = names
    while pc.any(pc.not_equal(rest, "")).as_py():
        parts = pc.extract_regex(rest, _TEXT_NUMBER_REST)
        text, number, rest = (pc.struct_field(parts, name) for name in ("text", "number", "rest"))
        # Of numbers without zeros before them the longer is the larger; where there is none it has no length.
        columns += [text, pc.binary_length(number), number]
    columns.append(names)
    # What a whole column has in common, such as the name of the batch, orders nothing.
    keys = pa.table({str(place): column for place, column in enumerate(columns) if _differs(column)})
    if not keys.column_names:
        return np.arange(len(names), dtype=np.int64)
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names])
    return np.asarray(order.to_numpy(), np.int64)


def _differs(column: pa.ChunkedArray) -> bool:
    return len(column) > 0 and bool(pc.any(pc.not_equal(column, column[0])).as_py())


def _ranks(members: pa.Table) -> Int64s:
    """Which one each row is in the order of reading."""
    ranks = np.empty(members.num_rows, np.int64)
    ranks[reading_order(members["member_id"])] = np.arange(members.num_rows)
    return ranks


def _in_time_order(cues: pa.Table, key: Int64s) -> Int64s:
    """The rows that have a key, by it and by their times; only those alike in all of these by their ids."""
    start_ns, end_ns = times_ns(cues, "start_ns"), times_ns(cues, "end_ns")
    rows = np.flatnonzero(key >= 0)
    rows = rows[np.lexsort((end_ns[rows], start_ns[rows], key[rows]))]
    alike = _alike_next(key[rows]) & _alike_next(start_ns[rows]) & _alike_next(end_ns[rows])
    tied = rows[np.append(alike, False) | np.append(False, alike)] if len(rows) else rows
    rank = np.zeros(len(key), np.int64)
    rank[tied] = _ranks(cues.take(tied))
    ordered: Int64s = rows[np.lexsort((rank[rows], end_ns[rows], start_ns[rows], key[rows]))]
    return ordered


def _alike_next(values: Int64s) -> NDArray[np.bool_]:
    alike: NDArray[np.bool_] = values[1:] == values[:-1]
    return alike


def _positions(column: pa.ChunkedArray, keys: pa.Array) -> Int64s:
    """Which key each row has, -1 where it has none of them."""
    position = pc.index_in(column, keys).fill_null(-1)
    return np.asarray(position.to_numpy(), np.int64)
