r"""LabelMe's JSON: one file per picture, or a folder of them.

Pixels of the upright picture, from its top left corner, with fractions (labelme's `_label_file.py`; labelme
is GPL and is neither used nor copied). A rectangle is two opposite corners in any order; an
oriented_rectangle four corners, the first edge is its front; a circle its centre and a point on it. A mask
is a PNG in base64, and what is not black in it is filled; its corner is rounded to whole pixels, and both
of its corners are in it. A flag of the picture that is set is a classification. Flags and group_id of a
shape and its description are attributes. A file without shapes and without a flag that is set is a declared
negative, with the attribute `negative`.

The picture is `imagePath`, from where the file lies, with / or \\; it is looked for among the items and
never opened. Its size is stated (imageWidth, imageHeight). imageData is not read. The XML of the old LabelMe
web tool is another format.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat, broken_export
from tasks.core.label_entries import LabelExport
from tasks.label_formats.reading.export_files import ExportFile, export_files
from tasks.label_formats.reading.fault_error import reason_of
from tasks.label_formats.reading.json_export import (
    JsonObject,
    object_of,
    objects_in,
    read_json_export,
    text_of,
)
from tasks.label_formats.reading.labelme_shapes import shape_fields
from tasks.label_formats.reading.negatives import negative_label
from tasks.label_formats.reading.stated_size import stated_size


@dataclass(frozen=True)
class _File:
    """One file's content, and what its labels share."""

    file: ExportFile
    content: JsonObject
    common: Mapping[str, Any]

    def origin(self, number: int) -> str:
        return f"{self.file.name}#{number}"


def read(batch: Batch, entry: LabelExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per shape and flag; a broken file of a folder is a fault, the others are read."""
    alone = not batch.path(entry.path).is_dir()
    for file in export_files(batch, entry.path, (".json",)):
        try:
            content = read_json_export(file.path)
            shapes = objects_in(file.path, content, "shapes")
        except LabelFormatError as error:
            if alone:
                raise
            yield broken_export(file.prefix.rstrip("/"), file.name, error)
            continue
        stated = stated_size(*_size(content))
        common = {"media": _media(content, file), "annotator": entry.annotator, **stated}
        yield from _labels_in(_File(file, content, common), shapes)


def _labels_in(file: _File, shapes: list[Any]) -> Iterator[Label | LabelFault]:
    for number, shape in enumerate(shapes, 1):
        yield _label_or_fault(file, shape, number)
    flags = file.content.get("flags")
    flagged = [name for name, is_set in flags.items() if is_set is True] if isinstance(flags, dict) else []
    for name in flagged:
        native_id, origin = f"{file.file.prefix}flag {name}", f"{file.file.name}#flag {name}"
        yield Label(native_id, task="classification", origin=origin, label=name, **file.common)
    if not shapes and not flagged:
        yield negative_label(f"{file.file.prefix}0", file.origin(0), "detection", dict(file.common))


def _label_or_fault(file: _File, shape: Any, number: int) -> Label | LabelFault:
    native_id, origin = f"{file.file.prefix}{number}", file.origin(number)
    try:
        record = object_of(shape)
        return Label(
            native_id=native_id,
            origin=origin,
            label=text_of(record, "label"),
            attributes=_attributes(record) or None,
            **shape_fields(record, _size(file.content)),
            **file.common,
        )
    except ValueError as error:
        return LabelFault(native_id, origin, reason_of(error), str(error))


def _size(content: JsonObject) -> tuple[int | None, int | None]:
    """Width and height of the picture, where the file says whole numbers."""
    width, height = content.get("imageWidth"), content.get("imageHeight")
    if isinstance(width, bool) or not isinstance(width, int):
        return None, None
    return (width, height) if isinstance(height, int) and not isinstance(height, bool) else (None, None)


def _attributes(shape: JsonObject) -> dict[str, str]:
    found = {
        name: str(shape[name]) for name in ("group_id", "description") if shape.get(name) not in (None, "")
    }
    if shape.get("shape_type") in ("circle", "line", "linestrip"):
        found["shape"] = shape["shape_type"]
    flags = shape.get("flags")
    if isinstance(flags, dict):
        found |= {f"flag.{name}": str(is_set).lower() for name, is_set in flags.items()}
    return found


def _media(content: JsonObject, file: ExportFile) -> str:
    """The path in the batch that is meant; one that is absolute, or leads out of it, as it is written."""
    written = content.get("imagePath")
    if not isinstance(written, str) or not written.strip():
        return file.name.removesuffix(file.path.suffix)
    slashed = written.strip().replace("\\", "/")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(file.name), slashed))
    return written if joined.startswith(("../", "/")) or slashed[1:2] == ":" else joined


LABELME = LabelFormat("labelme", LabelExport, read)
