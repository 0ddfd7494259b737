"""Gather the samples of all batches, batch after batch: rows, splits, rejects, and their views.

reads   collected, labels, encoded, aligned, validated
writes  the samples table, rejects and views (in memory)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.near_hashes import UInt64s
from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import CLOCKS, GATE_REJECTS, ITEMS, LINKS, SAMPLES
from tasks.core.stage import StageInput
from tasks.core.tables import TableBuilder, iterate_table
from tasks.core.verdict import read_verdict
from tasks.fuse.batch_tables import BatchTables, StoredTables, modality_of, sample_row, ties_of
from tasks.fuse.params import FuseParams
from tasks.fuse.samples import MEMBER_COLUMNS, Draft, batch_rejects, to_drafts, to_quarantine
from tasks.fuse.spans import ItemClocks
from tasks.fuse.splits import Splitter
from tasks.fuse.views import WORDS, BatchViews, ViewLink

_WORD_ROLES = ("caption", "transcript")
_SAMPLES_AT_ONCE = 1024


@dataclass(frozen=True)
class Gathered:
    """The samples before the dataset's gate, and what was left out."""

    samples: pa.Table
    rejects: list[Reject]


def gather(inputs: StageInput, params: FuseParams) -> Gathered:
    """All samples of accepted batches, in order of batch and sample id; samples in = samples + rejects."""
    splitter = Splitter(params, _picture_hashes(inputs))
    builder = TableBuilder(SAMPLES)
    rejects: list[Reject] = []
    for batch in inputs.batches:
        for row in _batch_rows(inputs, batch, splitter, params.shared_text_characters):
            if isinstance(row, Reject):
                rejects.append(row)
            else:
                builder.append(row)
    samples = builder.finish()
    groups = pa.array([splitter.group_of(name) for name in samples["sample_id"].to_pylist()], pa.string())
    position = samples.schema.get_field_index("group")
    return Gathered(samples.set_column(position, SAMPLES.schema.field("group"), groups), rejects)


def _picture_hashes(inputs: StageInput) -> UInt64s:
    """The perceptual hashes of the accepted batches' pictures."""
    digits: list[str] = []
    for batch in inputs.batches:
        if read_verdict(inputs.folder("validated", batch)).accepted:
            digits += pc.unique(inputs.table(ITEMS, batch, ("phash",))["phash"].drop_null()).to_pylist()
    return np.array([int(hexadecimal, 16) for hexadecimal in digits], np.uint64)


def _batch_rows(
    inputs: StageInput, batch: Batch, splitter: Splitter, shortest_text: int
) -> Iterator[dict[str, object] | Reject]:
    """Rows of samples, whose group is not final, and rejects."""
    if not read_verdict(inputs.folder("validated", batch)).accepted:
        yield from batch_rejects(batch.name, _links(inputs, batch))
        return
    for draft, tables in _drafts(inputs, batch):
        if isinstance(draft, Reject):
            yield draft
            continue
        splits = splitter.take(draft.sample_id, ties_of(draft, tables, shortest_text))
        if len(splits) == 1:
            yield {**sample_row(draft, tables), "group": draft.sample_id, "split": splits[0]}
        else:
            yield draft.reject(
                Reason.JOINS_SPLITS, f"it shares media, text or a session with {', '.join(splits)}"
            )


def open_batch_views(inputs: StageInput, name: str, sample_ids: Sequence[str]) -> BatchViews:
    """The views of those samples of one batch."""
    batch = next(batch for batch in inputs.batches if batch.name == name)
    clocks = ItemClocks(inputs.table(CLOCKS, batch))
    links = (
        link
        for draft, tables in _drafts(inputs, batch)
        if isinstance(draft, Draft)
        for link in _view_links(draft, tables, clocks)
    )
    return BatchViews(sample_ids, links, inputs.folder("encoded", batch))


def _view_links(draft: Draft, tables: BatchTables, clocks: ItemClocks) -> Iterator[ViewLink]:
    for member in draft.members:
        modality, is_label = modality_of(member, tables.items), member.kind == "label"
        if member.is_input:
            item = {} if is_label else tables.items[member.member_id]
            span = clocks.own_span(item, member.start_ns, member.end_ns)
            yield ViewLink(draft.sample_id, modality, member.member_id, span)
        if member.role in _WORD_ROLES if is_label else modality == "text":
            yield ViewLink(draft.sample_id, WORDS, member.member_id, None)


def _drafts(inputs: StageInput, batch: Batch) -> Iterator[tuple[Draft | Reject, BatchTables]]:
    """Drafts and rejects in the order of the links, each with the rows of its members."""
    quarantine = to_quarantine(inputs.table(GATE_REJECTS, batch))
    drafts = to_drafts(batch.name, _links(inputs, batch), quarantine)
    stored = StoredTables(inputs, batch)
    while some := list(islice(drafts, _SAMPLES_AT_ONCE)):
        tables = stored.of_drafts(draft for draft in some if isinstance(draft, Draft))
        yield from ((draft, tables) for draft in some)


def _links(inputs: StageInput, batch: Batch) -> Iterator[pa.Table]:
    return iterate_table(LINKS, inputs.folder("aligned", batch), MEMBER_COLUMNS)
