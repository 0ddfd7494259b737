"""Pascal VOC: one XML file per picture, or a folder of them.

Corners are whole pixels counted from 1, both included (VOC development kit): a box from xmin to xmax begins
at x = xmin - 1 and is xmax - xmin + 1 wide. Corners may have fractions. With `corners: edges` they are the
distances of the box's edges from the picture's, as some tools write them; without it a corner at 0 is a
fault, as there is no such pixel. A box whose two corners are one and the same pixel is a click and not a box
(BCCD has two): zero area. A <part> is a label of its own that refers to its object. What else an object says
(pose, truncated, difficult, occluded, actions) becomes attributes, by its path below the object. A file
without objects is a declared negative: one label without a class and without a box, with the attribute
`negative`; unless the file says `segmented`: then its objects are in PNG masks, which are not read.
ImageSets are not read. The picture is <folder>/<filename>, else it is called as the XML file is; its size
is stated where the header says one (many tools write 0).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat, broken_export
from tasks.core.label_entries import VocExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.export_files import ExportFile, export_files
from tasks.label_formats.reading.fault_error import FaultError, reason_of
from tasks.label_formats.reading.negatives import negative_label
from tasks.label_formats.reading.numbers_in_text import to_real
from tasks.label_formats.reading.shapes import difference
from tasks.label_formats.reading.stated_size import stated_in_voc
from tasks.label_formats.reading.xml_export import read_tree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_NOT_ATTRIBUTES = ("name", "bndbox", "part", "attributes")


@dataclass(frozen=True)
class _Picture:
    """One file: what its labels share, and which pixel is the first."""

    file: ExportFile
    common: dict[str, Any]
    first_pixel: float


def read(batch: Batch, entry: VocExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per object and part; a broken file of a folder is a fault, the others are read."""
    alone = not batch.path(entry.path).is_dir()
    first_pixel = 1.0 if entry.corners == "pixels" else 0.0
    for file in export_files(batch, entry.path, (".xml",)):
        try:
            tree = read_tree(file.path, "annotation")
        except LabelFormatError as error:
            if alone:
                raise
            yield broken_export(file.prefix.rstrip("/"), file.name, error)
            continue
        common = {"media": _media(tree, file), "annotator": entry.annotator, **stated_in_voc(tree)}
        yield from _labels_in(tree, _Picture(file, common, first_pixel))


def _labels_in(tree: "Element", picture: _Picture) -> Iterator[Label | LabelFault]:
    objects = tree.findall("object")
    for number, found in enumerate(objects, 1):
        yield _label_or_fault(found, str(number), picture, None)
        for part_number, part in enumerate(found.findall("part"), 1):
            yield _label_or_fault(part, f"{number}/part {part_number}", picture, str(number))
    if objects:
        return
    native_id, origin = f"{picture.file.prefix}0", f"{picture.file.name}#0"
    if _text(tree, "segmented") in ("", "0"):
        yield negative_label(native_id, origin, "detection", picture.common)
    else:
        detail = "its objects are in the PNG masks of the segmentation, which are not read"
        yield LabelFault(native_id, origin, Reason.UNSUPPORTED_LABEL, detail)


def _label_or_fault(
    found: "Element", place: str, picture: _Picture, part_of: str | None
) -> Label | LabelFault:
    """The label of the element at that place in its file."""
    prefix, origin = picture.file.prefix, f"{picture.file.name}#{place}"
    try:
        name = _text(found, "name")
        if not name:
            raise ValueError("expected a <name>, there is none")
        return Label(
            native_id=f"{prefix}{place}",
            task="detection",
            origin=origin,
            label=name,
            refers_to=None if part_of is None else [f"{prefix}{part_of}"],
            attributes=dict(_attributes(found)) or None,
            **_box(found, picture.first_pixel),
            **picture.common,
        )
    except ValueError as error:
        return LabelFault(f"{prefix}{place}", origin, reason_of(error), str(error))


def _media(tree: "Element", file: ExportFile) -> str:
    name = _text(tree, "filename")
    if not name:
        return file.name.removesuffix(file.path.suffix)
    folder = _text(tree, "folder")
    return f"{folder}/{name}" if folder else name


def _box(found: "Element", first_pixel: float) -> dict[str, Any]:
    box = found.find("bndbox")
    if box is None:
        kinds = sorted({child.tag for child in found} - {"name"})
        raise FaultError(Reason.UNSUPPORTED_LABEL, f"there is no <bndbox> in it, but {kinds}")
    left, top, right, bottom = (to_real(box.findtext(corner), corner) for corner in _CORNERS)
    if (left, top) == (right, bottom):
        raise FaultError(Reason.ZERO_AREA, f"both corners are the pixel ({left:g}, {top:g})")
    if min(left, top) <= first_pixel - 1:
        detail = f"the corner ({left:g}, {top:g}) is before the first pixel, {first_pixel:g}"
        advice = "; if the tool counts from 0, say `corners: edges`" if first_pixel else ""
        raise FaultError(Reason.BOX_OUTSIDE_IMAGE, detail + advice)
    x, y = difference(left, first_pixel), difference(top, first_pixel)
    return {"x": x, "y": y, "width": difference(right, x), "height": difference(bottom, y)}


def _attributes(found: "Element") -> Iterator[tuple[str, str]]:
    for child in found:
        if child.tag not in _NOT_ATTRIBUTES:
            yield from _leaves(child, child.tag)
    for attribute in found.iterfind("attributes/attribute"):
        yield _text(attribute, "name"), _text(attribute, "value")


def _leaves(element: "Element", path: str) -> Iterator[tuple[str, str]]:
    if not len(element) and element.text and element.text.strip():
        yield path, element.text.strip()
    for child in element:
        yield from _leaves(child, f"{path}.{child.tag}")


def _text(element: "Element", tag: str) -> str:
    return (element.findtext(tag) or "").strip()


VOC = LabelFormat("voc", VocExport, read)
