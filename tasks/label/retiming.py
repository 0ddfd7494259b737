"""What is done about an export whose frame rate is not its video's: refused, repaired or kept as is said.

reads   blocks of labels whose times count from the start of their item, and the items
writes  the labels, repaired ones with the attribute `frame_rate_ratio`, and a Fault for each refused one
Whether an export mismatches with a video is told by the first block that has enough times about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.fault import Fault
from tasks.core.label import ItemName
from tasks.core.label_entries import Export, OnRateMismatch
from tasks.core.rejects import Reason
from tasks.label.frame_rates import FEWEST_TIMES, Mismatch, find_mismatch, is_steady
from tasks.label.items import Int64s

ATTRIBUTE = "frame_rate_ratio"


@dataclass
class Retiming:
    """One export, read block by block; `found` is what is known so far, by the row of the item."""

    on_mismatch: OnRateMismatch
    names: tuple[ItemName, ...]
    found: dict[int, Mismatch] = field(default_factory=dict)

    @cached_property
    def _videos(self) -> npt.NDArray[np.bool_]:
        return np.array([name.modality == "video" for name in self.names], np.bool_)

    def apply(self, labels: pa.Table, item_rows: Int64s) -> tuple[pa.Table, dict[int, Fault]]:
        """The labels, repaired where that is wanted, and the rows that are refused."""
        faults: dict[int, Fault] = {}
        if self.on_mismatch == "keep":
            return labels, faults
        for rows, mismatch in self._mismatches(labels, item_rows):
            if self.on_mismatch == "repair":
                labels = _repaired(labels, rows, mismatch)
                continue
            fault = Fault(
                Reason.FRAME_RATE_MISMATCH,
                f"{mismatch}; say on_rate_mismatch: repair (times x {mismatch.ratio}) or keep in batch.yaml",
            )
            faults |= dict.fromkeys(rows.tolist(), fault)
        return labels, faults

    def _mismatches(self, labels: pa.Table, item_rows: Int64s) -> Iterator[tuple[Int64s, Mismatch]]:
        """The rows of each video that the export mismatches with."""
        on_clock = pc.not_equal(labels["clock"], "").fill_null(False)
        timed = pc.and_(labels["start_ns"].is_valid(), pc.invert(on_clock)).to_numpy()
        about = np.flatnonzero(timed & self._videos[item_rows])
        about = about[np.argsort(item_rows[about], kind="stable")]
        bounds = np.flatnonzero(np.diff(item_rows[about])) + 1
        for rows in np.split(about, bounds) if len(about) else ():
            item = int(item_rows[rows[0]])
            mismatch = self.found.get(item) or self._look(labels, rows, self.names[item])
            if mismatch is not None:
                self.found[item] = mismatch
                yield rows, mismatch

    def _look(self, labels: pa.Table, rows: Int64s, item: ItemName) -> Mismatch | None:
        if 2 * len(rows) < FEWEST_TIMES or not is_steady(item.frame_times_ns):
            return None
        some = labels.select(["start_ns", "end_ns"]).take(pa.array(rows))
        times_ns = pa.chunked_array([*some["start_ns"].chunks, *some["end_ns"].chunks], pa.int64())
        return find_mismatch(times_ns.drop_null().to_numpy(), item.frame_rate)


def retiming_of(export: Export, names: tuple[ItemName, ...]) -> Retiming:
    """How the export's times are treated; those of formats without the option are kept."""
    return Retiming(getattr(export, "on_rate_mismatch", "keep"), names)


def _repaired(labels: pa.Table, rows: Int64s, mismatch: Mismatch) -> pa.Table:
    for name in ("start_ns", "end_ns"):
        times = labels[name].to_pylist()
        given = [row for row in rows.tolist() if times[row] is not None]
        repaired = mismatch.repaired_ns(np.array([times[row] for row in given], np.int64)).tolist()
        for row, time_ns in zip(given, repaired, strict=True):
            times[row] = time_ns
        labels = labels.set_column(labels.column_names.index(name), name, pa.array(times, pa.int64()))
    attributes = labels["attributes"].to_pylist()
    for row in rows.tolist():
        mark = {"name": ATTRIBUTE, "value": str(mismatch.ratio)}
        attributes[row] = sorted([*(attributes[row] or ()), mark], key=lambda pair: pair["name"])
    kind = labels.schema.field("attributes").type
    return labels.set_column(
        labels.column_names.index("attributes"), "attributes", pa.array(attributes, kind)
    )
