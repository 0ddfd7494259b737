"""One batch's exports, read label by label: each becomes a row of labels or a reject.

Ids are `<batch>/<export>:<native id>`; those of items have a `#` there, so the two never meet. An export
that the batch file names twice is `<export>~2` the second time, and so is the reject of a native id that
was there before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError, TableFileError
from tasks.core.fault import Fault
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import Export
from tasks.core.rejects import Reason, Reject
from tasks.label.checks import check_label
from tasks.label.matching import ItemIndex, LabelledItem
from tasks.label_formats import LABEL_FORMATS
from tasks.label_formats.reading.delivered_name import delivered_name

_COLUMNS = [field.name for field in fields(Label) if field.name not in ("native_id", "media")]


@dataclass(frozen=True, slots=True)
class Imported:
    """One label with the item it is about."""

    label_id: str
    item: LabelledItem
    label: Label
    format: str

    def row(self, batch: str) -> dict[str, object]:
        """The row of the labels table; times that had no clock are moved onto the item's."""
        columns = {name: getattr(self.label, name) for name in _COLUMNS}
        if self.label.refers_to is not None:
            prefix = self.label_id.removesuffix(self.label.native_id)
            columns["refers_to"] = [prefix + native_id for native_id in self.label.refers_to]
        if self.label.attributes is not None:
            named = sorted(self.label.attributes.items())
            columns["attributes"] = [{"name": name, "value": value} for name, value in named]
        columns |= {"batch": batch, "label_id": self.label_id, "item_id": self.item.item_id}
        return columns | {"format": self.format} | _on_clock(self.label, self.item)


def import_labels(batch: Batch, items: Sequence[LabelledItem]) -> Iterator[Imported | Reject]:
    """Every label and every reject of the batch, export by export in the order of batch.yaml."""
    index = ItemIndex(items)
    names = tuple(
        ItemName(item.native_id, item.modality, item.width, item.height, item.duration_ns) for item in items
    )
    taken: set[str] = set()
    for export in batch.file.labels:
        name = delivered_name(batch, export.path)
        table = free_name(name, taken)
        ids: set[str] = set()
        for outcome in _read_export(batch, export, names):
            own_id = free_name(outcome.native_id, ids)
            place = _Place(batch.name, name, table, own_id)
            yield _import_one(outcome, place, index, export.format)


def _read_export(batch: Batch, export: Export, names: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """What the export holds; where it is broken as a whole, that is the last thing it says."""
    try:
        yield from LABEL_FORMATS[export.format].read(batch, export, names)
    except (LabelFormatError, TableFileError) as error:
        yield LabelFault("export", export.format, Reason.EXPORT_BROKEN, error.detail)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one outcome stands: its export by path and by the name its ids have, and its own id there."""

    batch: str
    export: str
    table: str
    own_id: str

    @property
    def label_id(self) -> str:
        return f"{self.batch}/{self.table}:{self.own_id}"

    def reject(self, reason: Reason, detail: str) -> Reject:
        return Reject(self.batch, self.table, self.label_id, reason, detail)


def _import_one(
    outcome: Label | LabelFault, place: _Place, index: ItemIndex, format_name: str
) -> Imported | Reject:
    if isinstance(outcome, LabelFault):
        return place.reject(outcome.reason, f"{outcome.origin}: {outcome.detail}")
    if place.own_id != outcome.native_id:
        detail = f"{outcome.origin}: the id '{outcome.native_id}' was there before"
        return place.reject(Reason.REPEATED, detail)
    item = index.find(outcome.media, place.export, timed=outcome.start_ns is not None)
    if isinstance(item, Fault):
        return place.reject(item.reason, f"{outcome.origin}: {item.detail}")
    fault = check_label(outcome, item)
    if fault:
        reject = place.reject(fault.reason, f"{outcome.origin}: {fault.detail}")
        return replace(reject, item_id=item.item_id, task=outcome.task)
    return Imported(place.label_id, item, outcome, format_name)


def free_name(name: str, taken: set[str]) -> str:
    """The name, or `<name>~2`, `~3` ... where it is taken; it is taken afterwards."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}~{number}", number + 1
    taken.add(free)
    return free


def _on_clock(label: Label, item: LabelledItem) -> dict[str, object]:
    if label.start_ns is None:
        return {"clock": None}
    if label.clock:
        return {}
    begin_ns = item.start_ns or 0
    end_ns = None if label.end_ns is None else label.end_ns + begin_ns
    return {"clock": item.clock, "start_ns": label.start_ns + begin_ns, "end_ns": end_ns}
