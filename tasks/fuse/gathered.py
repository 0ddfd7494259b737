"""Gather the samples of all batches, batch after batch: rows, splits, rejects, and their views.

reads   collected, labels, encoded, aligned, validated, released
writes  the samples table, rejects and views (in memory)
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice
from operator import attrgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.near_hashes import UInt64s
from tasks.core.rejects import Reason, Reject
from tasks.core.released import read_released, to_key_table
from tasks.core.schemas import CLOCKS, GATE_REJECTS, ITEMS, LINKS, SAMPLES
from tasks.core.stage import StageInput
from tasks.core.tables import TableBuilder, iterate_table
from tasks.core.verdict import read_verdict
from tasks.fuse.batch_tables import (
    BatchTables,
    StoredTables,
    Tying,
    modality_of,
    read_stored,
    sample_row,
)
from tasks.fuse.guests import Guests, links_abroad, links_at_home
from tasks.fuse.params import FuseParams
from tasks.fuse.samples import (
    Draft,
    Member,
    abroad_rejects,
    batch_rejects,
    to_drafts,
    to_members,
    to_quarantine,
)
from tasks.fuse.spans import ItemClocks
from tasks.fuse.splits import Crossing, Splitter
from tasks.fuse.taking import Taken, Taker
from tasks.fuse.ties.found import alike_items, find_ties
from tasks.fuse.views import WORDS, BatchViews, ViewLink

_WORD_ROLES = ("caption", "transcript")
_SAMPLES_AT_ONCE = 1024

Row = dict[str, object]


@dataclass(frozen=True)
class Gathered:
    """The samples before the dataset's gate, and what was left out.

    `given` counts the samples that came with a split; `crossings` are those that stay in one although they
    are tied to another; `claims` are the rows of `split_keys`.
    """

    samples: pa.Table
    rejects: list[Reject]
    ties: pa.Table
    given: Mapping[str, int]
    crossings: Sequence[Crossing]
    claims: pa.Table

    @property
    def parted(self) -> frozenset[str]:
        """The ids of links that samples are made without, so that these stay in one split."""
        return frozenset(
            reject.row_id
            for reject in self.rejects
            if reject.table == LINKS.name and reject.reason is Reason.JOINS_SPLITS
        )


def gather(inputs: StageInput, params: FuseParams, guests: Guests) -> Gathered:
    """All samples of accepted batches, in order of batch and sample id; samples in = samples + rejects."""
    splitter = Splitter(params, _picture_hashes(inputs), read_released(inputs.folder("released")))
    ties = find_ties(inputs, params)
    tying = Tying(params.shared_text_characters, params.shared_target_characters, alike_items(ties))
    taker = Taker(splitter, tying)
    builder = TableBuilder(SAMPLES)
    rejects: list[Reject] = []
    if not splitter.released.is_empty:
        _take_places(inputs, guests, taker)
    for row in _rows(inputs, guests, taker):
        if isinstance(row, Reject):
            rejects.append(row)
        else:
            builder.append(row)
    samples = builder.finish()
    groups = pa.array([splitter.group_of(name) for name in samples["sample_id"].to_pylist()], pa.string())
    position = samples.schema.get_field_index("group")
    samples = samples.set_column(position, SAMPLES.schema.field("group"), groups)
    claims = to_key_table(splitter.claims())
    return Gathered(samples, rejects, ties, taker.given, splitter.crossings, claims)


def _picture_hashes(inputs: StageInput) -> UInt64s:
    """The perceptual hashes of the accepted batches' pictures."""
    digits: list[str] = []
    for batch in inputs.batches:
        if read_verdict(inputs.folder("validated", batch)).accepted:
            digits += pc.unique(inputs.table(ITEMS, batch, ("phash",))["phash"].drop_null()).to_pylist()
    return np.array([int(hexadecimal, 16) for hexadecimal in digits], np.uint64)


def _rows(inputs: StageInput, guests: Guests, taker: Taker) -> Iterator[Row | Reject]:
    """Rows of samples, whose group is not final, and rejects: batch after batch, those with guests last."""
    waiting: list[tuple[Batch, Guests]] = []
    for batch in inputs.batches:
        own_guests = guests.of(batch.name)
        if not read_verdict(inputs.folder("validated", batch)).accepted:
            yield from batch_rejects(batch.name, _merged(inputs, batch, own_guests))
            yield from abroad_rejects(to_members(links_abroad(inputs, batch)))
            continue
        if _gives_splits(inputs, batch):
            deque(_taken_rows(_drafts(inputs, batch, own_guests), taker.take_given), maxlen=0)
        rows = _taken_rows(_drafts(inputs, batch, own_guests), taker.take)
        if own_guests.links.num_rows:
            # For now they only take their places: a batch that comes later may be in the way of a guest.
            deque(rows, maxlen=0)
            waiting.append((batch, own_guests))
        else:
            yield from rows
    for batch, own_guests in waiting:
        yield from _taken_rows(_drafts(inputs, batch, own_guests), taker.admit_guests)


def _take_places(inputs: StageInput, guests: Guests, taker: Taker) -> None:
    """Take what was released before anything else: what is new comes to it, wherever its batch stands."""
    for batch in inputs.batches:
        if read_verdict(inputs.folder("validated", batch)).accepted:
            drafts = _drafts(inputs, batch, guests.of(batch.name))
            deque(_taken_rows(drafts, taker.take_released), maxlen=0)


def _gives_splits(inputs: StageInput, batch: Batch) -> bool:
    """Whether any item of the batch was delivered with a split."""
    return any(
        rows["split"].null_count < rows.num_rows
        for rows in iterate_table(ITEMS, inputs.folder("collected", batch), ("split",))
    )


def _taken_rows(
    drafts: Iterator[tuple[Draft | Reject, BatchTables]], take: Callable[[Draft, BatchTables], Taken]
) -> Iterator[Row | Reject]:
    for draft, tables in drafts:
        if isinstance(draft, Reject):
            yield draft
            continue
        taken = take(draft, tables)
        yield from taken.rejects
        if taken.split is not None:
            yield {**sample_row(taken.draft, tables), "group": draft.sample_id, "split": taken.split}


def open_batch_views(inputs: StageInput, guests: Guests, name: str, sample_ids: Sequence[str]) -> BatchViews:
    """The views of those samples of one batch; `guests` are those that the samples were taken with."""
    batches = {batch.name: batch for batch in inputs.batches}
    own_guests = guests.of(name)
    involved = sorted({name, *own_guests.batches()})
    clocks = {other: ItemClocks(inputs.table(CLOCKS, batches[other])) for other in involved}
    links = (
        link
        for draft, tables in _drafts(inputs, batches[name], own_guests)
        if isinstance(draft, Draft)
        for link in _view_links(draft, tables, clocks)
    )
    encoded = {other: inputs.folder("encoded", batches[other]) for other in involved}
    return BatchViews(sample_ids, links, encoded)


def _view_links(draft: Draft, tables: BatchTables, clocks: Mapping[str, ItemClocks]) -> Iterator[ViewLink]:
    for member in draft.members:
        modality, is_label = modality_of(member, tables.items), member.kind == "label"
        if member.is_input:
            item = {} if is_label else tables.items[member.member_id]
            span = clocks[member.batch].own_span(item, member.start_ns, member.end_ns)
            yield ViewLink(draft.sample_id, modality, member.batch, member.member_id, span)
        if member.role in _WORD_ROLES if is_label else modality == "text":
            yield ViewLink(draft.sample_id, WORDS, member.batch, member.member_id, None)


def _drafts(inputs: StageInput, batch: Batch, guests: Guests) -> Iterator[tuple[Draft | Reject, BatchTables]]:
    """Drafts and rejects in the order of the links, each with the rows of its members."""
    quarantine = to_quarantine(inputs.table(GATE_REJECTS, batch)) | guests.quarantine
    drafts = to_drafts(batch.name, _merged(inputs, batch, guests), quarantine)
    stored = StoredTables.joined([read_stored(inputs, batch), guests.stored])
    while some := list(islice(drafts, _SAMPLES_AT_ONCE)):
        rows = stored.of_drafts(draft for draft in some if isinstance(draft, Draft))
        tables = replace(rows, keeps_given=batch.file.split_ties == "report")
        yield from ((draft, tables) for draft in some)


def _merged(inputs: StageInput, batch: Batch, guests: Guests) -> Iterator[Member]:
    """The members of the batch's samples, its own and guests, in the order of links."""
    own = to_members(links_at_home(inputs, batch))
    return merge(own, guests.members(), key=attrgetter(*LINKS.key)) if guests.links.num_rows else own
