"""One row per batch with what no single row of its tables can tell: how much of it came through.

reads   items, labels and their rejects, links
makes   the table `batches`, which the suite expectations/batches.json judges; it is not kept
"""

from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason

# The export is sound, its label is only not wanted, or of a kind that we cannot hold.
# Text in a wrong encoding may be wrong in every line of its file.
BROKEN = (Reason.EXPORT_BROKEN, Reason.WRONG_ENCODING)
BLAMELESS = (Reason.CANCELLED, Reason.UNSUPPORTED_LABEL, Reason.NO_TEXT)


@dataclass(frozen=True)
class BatchTables:
    """What is known of a batch when it is judged; `samples`: the links to its samples, of whatever batch."""

    items: pa.Table
    labels: pa.Table
    label_rejects: pa.Table
    links: pa.Table
    samples: pa.Table


@dataclass(frozen=True)
class BatchFacts:
    """A batch in one row. A share is of 0 to 1, and 0 where there is nothing to take a share of.

    `exports_broken`: label exports that could not be read to their end. `labels_faulty`: labels that the
    export gets wrong (about no item, of no area, ...), among those that could be judged.
    `labels_without_class`: those that should name something and name nothing, among the same.
    `labels_left_out`: all that were not imported, among all. `items_repeated`: readable items with the bytes
    of an earlier one. `items_linked`: readable items that a sample has, or has a label of.
    `samples_alone`: those of one member.
    """

    batch: str
    items: int
    labels: int
    links: int
    exports_broken: int
    share_labels_faulty: float
    share_labels_without_class: float
    share_labels_left_out: float
    share_items_repeated: float
    share_items_linked: float
    share_samples_alone: float


def to_facts(batch: str, tables: BatchTables) -> pa.Table:
    """The batch as a table of one row."""
    imported, left_out = tables.labels.num_rows, tables.label_rejects.num_rows
    faulty = left_out - _count_in(tables.label_rejects["reason"], pa.array([str(r) for r in BLAMELESS]))
    readable = tables.items.filter(tables.items["readable"])
    media = readable["sha256"].drop_null()
    members = tables.samples["sample_id"].value_counts().field("counts")
    facts = BatchFacts(
        batch=batch,
        items=tables.items.num_rows,
        labels=imported,
        links=tables.links.num_rows,
        exports_broken=_count_in(tables.label_rejects["reason"], pa.array([str(r) for r in BROKEN])),
        share_labels_faulty=_share(faulty, imported + faulty),
        share_labels_without_class=_share(
            _count_in(tables.label_rejects["reason"], pa.array([str(Reason.NO_CLASS)])), imported + faulty
        ),
        share_labels_left_out=_share(left_out, imported + left_out),
        share_items_repeated=_share(len(media) - pc.count_distinct(media).as_py(), len(media)),
        share_items_linked=_share(_count_in(readable["item_id"], tables.links["item_id"]), readable.num_rows),
        share_samples_alone=_share(pc.sum(pc.equal(members, 1)).as_py() or 0, len(members)),
    )
    return pa.Table.from_pylist([asdict(facts)])


def _count_in(column: pa.ChunkedArray, wanted: pa.Array) -> int:
    return int(pc.sum(pc.is_in(column, value_set=wanted)).as_py() or 0)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
