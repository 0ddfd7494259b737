"""YOLO: one text file per picture, a row per object; Ultralytics' and Darknet's layouts.

Numbers are shares of the width and height of the upright picture; a box is its centre and its size. The four
forms of a row are in `reading/yolo_rows.py`; which one it is, the entry says (`shape`), and it is never
guessed. An OBB is its four corners as a polygon, and the smallest turned box around them.

The picture of labels/train/1.txt is the item images/train/1.* (the last folder `labels` becomes `images`, as
in Ultralytics), else the one beside the text file, else the only picture of that stem. A file without rows
is a declared negative: a label without a class and without a place, with the attribute `negative`. A picture
without a file has no label at all: nobody has looked at it, or nobody has said so.

A text file about no picture (such as a list of them) is a fault for each of its rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.fault import Fault
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat, broken_export
from tasks.core.label_entries import YoloExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.export_files import ExportFile, export_files, read_text
from tasks.label_formats.reading.fault_error import reason_of
from tasks.label_formats.reading.known_items import KnownItems
from tasks.label_formats.reading.negatives import negative_label
from tasks.label_formats.reading.yolo_names import NAMES_FILES, read_vocabulary
from tasks.label_formats.reading.yolo_rows import RowReader

_TASKS = {"detection": "detection", "obb": "detection", "segmentation": "segmentation", "pose": "keypoints"}


@dataclass(frozen=True)
class _Export:
    """What every file is read with."""

    entry: YoloExport
    pictures: KnownItems
    rows: RowReader


def read(batch: Batch, entry: YoloExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per row; of a folder, one broken file is a fault and the others are read."""
    place = batch.path(entry.path)
    vocabulary = read_vocabulary(batch, entry)
    if entry.shape == "pose" and not vocabulary.kpt_shape:
        raise LabelFormatError(vocabulary.path, None, "expected a `kpt_shape` here or in batch.yaml")
    export = _Export(entry, KnownItems(items, ("image",)), RowReader(entry.shape, vocabulary))
    for file in export_files(batch, entry.path, (".txt",)):
        if place.is_dir() and (file.path == vocabulary.path or file.path.name in NAMES_FILES):
            continue
        try:
            text = read_text(file.path)
        except LabelFormatError as error:
            if not place.is_dir():
                raise
            yield broken_export(file.prefix.rstrip("/"), file.name, error)
            continue
        yield from _labels_in(text, file, export)


def _labels_in(text: str, file: ExportFile, export: _Export) -> Iterator[Label | LabelFault]:
    picture = export.pictures.find(_picture_path(file.name), file.name)
    rows = [(number, row) for number, row in enumerate(text.split("\n"), 1) if row.strip()]
    for number, row in rows:
        yield _label_or_fault(row, f"{file.prefix}{number}", f"{file.name}:{number}", picture, export)
    if rows:
        return
    native_id = f"{file.prefix}0"
    if isinstance(picture, Fault):
        yield LabelFault(native_id, file.name, picture.reason, picture.detail)
    else:
        common = {"media": picture.native_id, "annotator": export.entry.annotator}
        yield negative_label(native_id, file.name, _TASKS[export.entry.shape], common)


def _label_or_fault(
    row: str, native_id: str, origin: str, picture: ItemName | Fault, export: _Export
) -> Label | LabelFault:
    if isinstance(picture, Fault):
        return LabelFault(native_id, origin, picture.reason, picture.detail)
    if not picture.width or not picture.height:
        detail = f"the size of '{picture.native_id}' is not known, so shares of it are no pixels"
        return LabelFault(native_id, origin, Reason.NOT_READABLE, detail)
    try:
        fields = export.rows.fields(row, (picture.width, picture.height))
    except ValueError as error:
        return LabelFault(native_id, origin, reason_of(error), str(error))
    return Label(native_id, picture.native_id, origin=origin, annotator=export.entry.annotator, **fields)


def _picture_path(name: str) -> str:
    """The path with its last folder `labels` as `images`."""
    parts = name.split("/")
    for at in range(len(parts) - 2, -1, -1):
        if parts[at] == "labels":
            return "/".join([*parts[:at], "images", *parts[at + 1 :]])
    return name


YOLO = LabelFormat("yolo", YoloExport, read)
