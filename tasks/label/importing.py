"""One batch's exports, read block by block: what becomes of each annotation, as a row of outcomes.

Ids are `<batch>/<export>:<native id>`; those of items have a `#` there, so the two never meet. An export
that the batch file names twice is `<export>~2` the second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError, TableFileError
from tasks.core.fault import Fault
from tasks.core.item_index import ItemIndex
from tasks.core.label import ItemName, Label, LabelBlock, LabelFault, broken_export
from tasks.core.label_entries import Export
from tasks.core.row_order import one_array
from tasks.label.blocks import Block, gather_blocks, storable_fault
from tasks.label.characters import find_strange_characters
from tasks.label.checks import check_labels
from tasks.label.items import Int64s, LabelledItems
from tasks.label.missing_items import MissingItems
from tasks.label.outcomes import OUTCOMES
from tasks.label.placed import Flags, Placed
from tasks.label.retiming import Retiming, retiming_of
from tasks.label_formats import LABEL_FORMATS


def read_outcomes(batch: Batch, items: LabelledItems, names: tuple[ItemName, ...]) -> Iterator[pa.Table]:
    """Every label and every reject of the batch, export by export in the order of batch.yaml."""
    index = ItemIndex(items)
    taken: set[str] = set()
    for export in batch.file.labels:
        name = delivered_name(batch, export.path)
        importer = _Importer(
            batch.name,
            name,
            free_name(name, taken),
            export.format,
            index,
            items,
            retiming_of(export, names),
            MissingItems(export, items),
        )
        for block in gather_blocks(_read_export(batch, export, names)):
            yield from importer.outcomes(block)


def _read_export(
    batch: Batch, export: Export, names: tuple[ItemName, ...]
) -> Iterator[Label | LabelFault | LabelBlock]:
    """What the export holds; where it is broken as a whole, that is the last thing it says."""
    try:
        yield from LABEL_FORMATS[export.format].read(batch, export, names)
    except (LabelFormatError, TableFileError) as error:
        yield broken_export("export", export.format, error)


def free_name(name: str, taken: set[str]) -> str:
    """The name, or `<name>~2`, `~3` ... where it is taken; it is taken afterwards."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}~{number}", number + 1
    taken.add(free)
    return free


@dataclass(frozen=True)
class _Importer:
    """Finds the items of one export's labels and checks them; `table` is the export as its ids name it."""

    batch: str
    export: str
    table: str
    format: str
    index: ItemIndex
    items: LabelledItems
    retiming: Retiming
    missing: MissingItems

    def outcomes(self, block: Block) -> Iterator[pa.Table]:
        """The block's labels and rejects."""
        faults = list(block.faults)
        found, missing = self._find_items(block.labels)
        faults += _with_places(block, missing)
        block = _only(block, found >= 0)
        labels, mistimed = self.retiming.apply(block.labels, found[found >= 0])
        block = replace(block, labels=labels)
        wrong = check_labels(Placed(labels, found[found >= 0], self.items)) | mistimed
        wrong |= find_strange_characters(labels)
        if faults:
            yield self._rejects(faults)
        if wrong:
            yield self._refused(block, wrong, found[found >= 0])
        right = np.ones(block.labels.num_rows, bool)
        right[list(wrong)] = False
        if right.any():
            yield self._rows(_only(block, right), found[found >= 0][right])

    def _find_items(self, labels: pa.Table) -> tuple[Int64s, dict[int, Fault]]:
        """The row of each label's item, -1 where there is none, and then why; each name is looked up once."""
        media = one_array(labels["media"])
        said = pc.equal(labels["task"], "transcript")
        recorded = pc.or_(labels["start_ns"].is_valid(), said).to_numpy()
        asked_ways = pa.array(media.indices.to_numpy() * 2 + recorded).dictionary_encode()
        asked, ways = asked_ways.dictionary.to_numpy(), asked_ways.indices.to_numpy()
        names = media.dictionary.take(pa.array(asked // 2)).to_pylist()
        answers = [
            self.missing.told(self.index.find(name, self.export, recorded=bool(way % 2)), name)
            for name, way in zip(names, asked.tolist(), strict=True)
        ]
        rows = np.array([-1 if isinstance(answer, Fault) else answer for answer in answers], np.int64)
        found = rows[ways]
        faults = {}
        for row in np.flatnonzero(found < 0).tolist():
            fault = answers[ways[row]]
            if isinstance(fault, Fault):
                faults[row] = fault
        return found, faults

    def _rejects(self, faults: list[tuple[int, LabelFault]]) -> pa.Table:
        columns = {
            "batch": pa.repeat(self.batch, len(faults)),
            "label_id": pa.array([f"{self._prefix}{fault.native_id}" for _, fault in faults]),
            "table": pa.repeat(self.table, len(faults)),
            "position": pa.array([position for position, _ in faults], pa.int64()),
            "reason": pa.array([fault.reason.value for _, fault in faults]),
            "detail": pa.array([f"{fault.origin}: {fault.detail}" for _, fault in faults]),
        }
        return _to_outcomes(columns, len(faults))

    def _refused(self, block: Block, wrong: dict[int, Fault], item_rows: Int64s) -> pa.Table:
        """Rejects of labels whose item is known."""
        rows = pa.array(list(wrong), pa.int64())
        rejects = self._rejects(_with_places(block, wrong))
        about = {
            "item_id": self.items.item_ids.take(pa.array(item_rows).take(rows)),
            "task": block.labels["task"].take(rows),
        }
        for name, column in about.items():
            rejects = rejects.set_column(rejects.schema.get_field_index(name), OUTCOMES.field(name), column)
        return rejects

    def _rows(self, block: Block, item_rows: Int64s) -> pa.Table:
        labels, count = block.labels, block.labels.num_rows
        columns = {name: labels[name] for name in labels.column_names if name not in ("native_id", "media")}
        columns |= {
            "batch": pa.repeat(self.batch, count),
            "label_id": pc.binary_join_element_wise(self._prefix, labels["native_id"], ""),
            "item_id": self.items.item_ids.take(pa.array(item_rows)),
            "format": pa.repeat(self.format, count),
            "refers_to": self._with_prefix(one_array(labels["refers_to"])),
            "table": pa.repeat(self.table, count),
            "position": pa.array(block.positions),
        }
        return _to_outcomes(columns | self._on_clock(labels, item_rows), count)

    def _on_clock(self, labels: pa.Table, item_rows: Int64s) -> dict[str, pa.ChunkedArray]:
        """Times that had no clock are moved onto the item's; a label without times has none."""
        start_ns, end_ns = labels["start_ns"], labels["end_ns"]
        if start_ns.null_count == len(start_ns):
            return {"clock": pa.nulls(len(start_ns), pa.string())}
        own = pc.not_equal(labels["clock"], "").fill_null(False)
        begins_ns = pc.if_else(own, 0, pa.array(self.items.starts_ns[item_rows]))
        clock = pc.if_else(own, labels["clock"], self.items.clocks.take(pa.array(item_rows)))
        return {
            "clock": pc.if_else(start_ns.is_valid(), clock, None),
            "start_ns": pc.add(start_ns, begins_ns),
            "end_ns": pc.add(end_ns, begins_ns),
        }

    def _with_prefix(self, refers_to: pa.ListArray) -> pa.Array:
        if refers_to.null_count == len(refers_to):
            return refers_to
        referred = pc.binary_join_element_wise(self._prefix, refers_to.flatten(), "")
        ends = np.concatenate([[0], np.cumsum(pc.list_value_length(refers_to).fill_null(0))])
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), referred, mask=refers_to.is_null())

    @property
    def _prefix(self) -> str:
        return f"{self.batch}/{self.table}:"


def _with_places(block: Block, faults: dict[int, Fault]) -> list[tuple[int, LabelFault]]:
    """The faults as those of their labels, each with its place in the export."""
    places = block.labels.select(["native_id", "origin"]).take(pa.array(list(faults), pa.int64())).to_pylist()
    return [
        (
            int(block.positions[row]),
            storable_fault(LabelFault(**place, reason=fault.reason, detail=fault.detail)),
        )
        for (row, fault), place in zip(faults.items(), places, strict=True)
    ]


def _only(block: Block, kept: Flags) -> Block:
    if kept.all():
        return block
    return Block(block.labels.filter(pa.array(kept)), block.positions[kept], [])


def _to_outcomes(columns: dict[str, pa.Array], rows: int) -> pa.Table:
    return pa.Table.from_arrays(
        [columns.get(field.name, pa.nulls(rows, field.type)) for field in OUTCOMES], schema=OUTCOMES
    )
