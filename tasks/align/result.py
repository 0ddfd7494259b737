"""What each way of aligning gives back: samples, links and what found no place.

`batch` is not yet in these rows; the stage adds it. A link's `member_id` is its item's or its label's id.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import MEMBERS, roles_of, without_times
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason

FOUND = pa.schema(
    [
        ("sample_id", pa.string()),
        ("session", pa.string()),
        ("role", pa.string()),
        ("kind", pa.string()),
        ("member_id", pa.string()),
        ("item_id", pa.string()),
        ("label_id", pa.string()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("lag_ns", pa.int64()),
        ("overlap", pa.float64()),
        ("similarity", pa.float64()),
        ("margin", pa.float64()),
        ("method", pa.string()),
    ]
)
LEFT_OUT = pa.schema(
    [
        *((name, pa.string()) for name in ("member_id", "kind", "role", "session")),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        *((name, pa.string()) for name in ("reason", "detail", "candidate", "taken_by")),
        ("candidate_distance_ns", pa.int64()),
        ("candidate_similarity", pa.float64()),
    ]
)
STREAMS = pa.schema(
    [
        *((name, pa.string()) for name in ("session", "role", "clock")),
        *((name, pa.int64()) for name in ("members", "start_ns", "end_ns")),
    ]
)
SPANS = pa.schema(
    [("sample_id", pa.string()), ("session", pa.string()), ("start_ns", pa.int64()), ("end_ns", pa.int64())]
)


@dataclass(frozen=True)
class Aligned:
    """`samples`: every sample id, also of samples nothing was linked to. `left_out`: members in no sample.

    `spans`: where on the reference clock the samples lie, row by row; `streams`: from when to when there is
    something of a role and a clock; `placed`: the members on the reference clock, with the times that their
    words gave them, but for those that are lost on the way there. All three have no row where nothing is
    laid by time.
    `texts`: facts for the coverage about each transcript whose times were found by its words. `guests`: links
    of other batches' members to these samples.
    """

    samples: pa.Array
    links: pa.Table
    left_out: pa.Table
    spans: pa.Table = field(default_factory=SPANS.empty_table)
    streams: pa.Table = field(default_factory=STREAMS.empty_table)
    placed: pa.Table = field(default_factory=MEMBERS.empty_table)
    texts: tuple[dict[str, Any], ...] = ()
    guests: pa.Table = field(default_factory=FOUND.empty_table)


def to_links(members: pa.Table, samples: pa.Table, method: str, **measured: pa.Array) -> pa.Table:
    """Links of members to the samples (columns sample_id, session) that stand in the same row."""
    columns = {
        "sample_id": samples["sample_id"],
        "session": samples["session"],
        **{name: members[name] for name in ("role", "kind", "member_id", "item_id", "label_id")},
        "start_ns": members["start_ns"],
        "end_ns": members["end_ns"],
        "method": pa.repeat(method, members.num_rows),
        **measured,
    }
    nulls = {
        field.name: pa.nulls(members.num_rows, field.type) for field in FOUND if field.name not in columns
    }
    return pa.table({**nulls, **columns}).select(FOUND.names).cast(FOUND)


def to_left_out(members: pa.Table, reason: Reason, details: list[str], **candidates: pa.Array) -> pa.Table:
    """The members as left out for one reason, each with its own sentence, and the candidates that lost."""
    return left_out_rows(members, reason, pa.array(details, pa.string()), **candidates)


def left_out_rows(members: pa.Table, reason: Reason, details: pa.Array, **candidates: pa.Array) -> pa.Table:
    """The same, with sentences that already are an Arrow array: no object a row, for very many rows."""
    own = ("member_id", "kind", "role", "session", "start_ns", "end_ns")
    columns = {
        **{name: members[name] for name in own},
        "reason": pa.repeat(reason.value, members.num_rows),
        "detail": details,
        **candidates,
    }
    nulls = {
        field.name: pa.nulls(members.num_rows, field.type) for field in LEFT_OUT if field.name not in columns
    }
    return pa.table({**nulls, **columns}).select(LEFT_OUT.names).cast(LEFT_OUT)


def joined(*parts: str | pa.Array | pa.ChunkedArray) -> pa.Array:
    """One text a row, of the parts in their order: no object a row either."""
    return pc.binary_join_element_wise(*parts, "")


def reference_links(reference: pa.Table) -> pa.Table:
    """The links of reference members to the samples that they are themselves."""
    samples = pa.table({"sample_id": reference["member_id"], "session": reference["session"]})
    return to_links(reference, samples, "reference")


def without_reference(members: pa.Table, reference: str, of_whom: str) -> Aligned:
    """No samples, and everything left out: nothing has the role that the samples were to come from."""
    roles = roles_of(members)
    word = nearest_word(reference, roles)
    detail = f"expected a role or task '{reference}', {of_whom} has {roles}: no candidate.{word}"
    left_out = to_left_out(without_times(members), Reason.NO_REFERENCE, [detail] * members.num_rows)
    return Aligned(pa.array([], pa.string()), reference_links(members.slice(0, 0)), left_out)


def followers(labels: pa.Table, links: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Labels go where the item they are about goes: their links, and those whose item is in no sample."""
    if not labels.num_rows:
        return FOUND.empty_table(), LEFT_OUT.empty_table()
    hosts = links.filter(pc.equal(links["kind"], "item")).select(["sample_id", "session", "item_id"])
    # Numbers for items: a join of numbers takes a fraction of the time of one of ids.
    items = labels["item_id"].combine_chunks().dictionary_encode()
    of_host = pc.index_in(hosts["item_id"], items.dictionary)
    pairs = _numbered(items.indices, "label").join(
        _numbered(of_host, "host"), "item", join_type="inner", use_threads=False
    )
    pairs = pairs.sort_by([("host", "ascending"), ("label", "ascending")])
    stranded = labels.filter(pc.invert(pc.is_in(items.indices, pc.unique(of_host.drop_null()))))
    details = joined("its item ", stranded["item_id"], " is in no sample")
    return (
        to_links(labels.take(pairs["label"]), hosts.take(pairs["host"]), "item"),
        left_out_rows(stranded, Reason.ITEM_NOT_ALIGNED, details),
    )


def _numbered(item: pa.Array, name: str) -> pa.Table:
    """The number of the item of each row, and that of the row."""
    return pa.table({"item": item, name: pa.array(np.arange(len(item)))})
