"""Why an item found no place by key: which session is most like its own, or whom its samples are about.

reads   the items without a place, the reference members
writes  left-out rows; the candidate is the first sample of that session, and its likeness that of the keys
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_key.alike_keys import most_alike
from tasks.align.result import joined, left_out_rows
from tasks.core.rejects import Reason


def lost_keys(strangers: pa.Table, reference: pa.Table) -> pa.Table:
    """The items that no sample of their session takes."""
    firsts = (
        reference.select(["session", "member_id", "item_id"])
        .group_by("session", use_threads=False)
        .aggregate([("member_id", "first"), ("item_id", "first"), ("member_id", "count")])
        .sort_by("session")
    )
    has_samples = pc.is_in(strangers["session"], firsts["session"].combine_chunks())
    beside = strangers.filter(has_samples)
    return pa.concat_tables(
        [_of_other_items(beside, firsts), _of_no_session(strangers.filter(pc.invert(has_samples)), firsts)]
    )


def lost_in_crowds(items: pa.Table, reference: pa.Table) -> pa.Table:
    """Items whose session has so many of them, and of samples, that each with each is not meant."""
    both = ["session", "role"]
    counts = items.group_by(both, use_threads=False).aggregate([("member_id", "count")])
    samples = reference.group_by("session", use_threads=False).aggregate([("member_id", "count")])
    place = pc.index_in(_keys(items), _keys(counts))
    own = counts.take(place)["member_id_count"].cast(pa.string())
    of_session = samples.take(pc.index_in(items["session"], samples["session"].combine_chunks()))
    details = joined(
        *("its session '", items["session"], "' has ", own, " items of role '", items["role"], "' and "),
        *(of_session["member_id_count"].cast(pa.string()), " samples, and each would be put to each; say in"),
        ' batch.yaml which belong together, such as session: "{stem}": no candidate',
    )
    return left_out_rows(items, Reason.TOO_MANY_CANDIDATES, details)


def _keys(table: pa.Table) -> pa.Array:
    return pc.binary_join_element_wise(table["session"], table["role"], "\x00").combine_chunks()


def _of_other_items(strangers: pa.Table, firsts: pa.Table) -> pa.Table:
    """Their session has samples, which are labels of other items of the same role."""
    own = firsts.take(pc.index_in(strangers["session"], firsts["session"].combine_chunks()))
    details = joined(
        *("the samples of its session '", strangers["session"], "' are about other items, such as "),
        *(own["member_id_first"], " about ", own["item_id_first"]),
    )
    return left_out_rows(
        strangers,
        Reason.NO_SUCH_KEY,
        details,
        candidate=own["member_id_first"],
        taken_by=own["item_id_first"],
    )


def _of_no_session(strangers: pa.Table, firsts: pa.Table) -> pa.Table:
    """No sample has their session: the most alike key is compared once for each session."""
    sessions = strangers["session"].combine_chunks().dictionary_encode()
    place, likeness = most_alike(sessions.dictionary.to_pylist(), firsts["session"].to_pylist())
    code = np.asarray(sessions.indices.to_numpy(zero_copy_only=False), np.int64)
    found = place[code] >= 0
    alike = firsts.take(pa.array(np.where(found, place[code], -1), mask=~found))
    likeness_texts = pa.array([f"{value:.2f}" for value in likeness], pa.string()).take(pa.array(code))
    details = pc.if_else(
        pa.array(found),
        joined(
            *("no sample has the session '", strangers["session"], "'; the most alike with samples is '"),
            *(alike["session"], "' (", likeness_texts, " alike), e.g. ", alike["member_id_first"]),
        ),
        joined("no sample has the session '", strangers["session"], "', nor one like it: no candidate"),
    )
    return left_out_rows(
        strangers,
        Reason.NO_SUCH_KEY,
        details,
        candidate=alike["member_id_first"],
        candidate_similarity=pa.array(likeness[code], mask=~found),
    )
