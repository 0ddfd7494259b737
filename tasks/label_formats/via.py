"""VGG Image Annotator: projects and annotations of VIA 1 and 2 (JSON or CSV), projects of VIA 3 (JSON).

Pixels of the upright picture, from its top left corner; seconds from the start of the file, exact to the
ns. The entry names the attribute that is the class; the others become attributes. A region is a box
(rectangle, circle, ellipse), a polygon or key points, as in `reading/via_shapes.py`. A segment of time
without a place is an event, and one with a place has both. What is said of a whole file is a
classification where the entry's attribute is among it, else a fault. A region without a class is one, too.
A picture without regions is
not a declared negative: VIA lists every picture of the project, seen or not.
"""

from collections.abc import Iterator
from typing import Any

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import ViaExport
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError, reason_of
from tasks.label_formats.reading.json_export import JsonObject, object_of, read_json_export
from tasks.label_formats.reading.via_attributes import chosen, classes, others
from tasks.label_formats.reading.via_pictures import ViaRegion, regions_of_csv, regions_of_json
from tasks.label_formats.reading.via_project import ViaProject, span_of
from tasks.label_formats.reading.via_shapes import NOT_BOXES, shape_of_list, shape_of_object

# The export's name, its entry, and the attributes that anything in it has.
_About = tuple[str, ViaExport, list[str]]


def read(batch: Batch, entry: ViaExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per region, segment, and file of which something is said, in the file's order."""
    path, name = batch.path(entry.path), delivered_name(batch, entry.path)
    if path.suffix.lower() == ".csv":
        yield from _labels_of_regions(regions_of_csv(path), name, entry)
        return
    content = read_json_export(path)
    if not isinstance(content, dict):
        raise LabelFormatError(path, None, f"expected an object, got a {type(content).__name__}")
    tables = [content.get(table) for table in ("file", "view", "metadata")]
    if "_via_img_metadata" not in content and all(isinstance(table, dict) for table in tables):
        files, views, metadata = (object_of(table) for table in tables)
        attributes = content.get("attribute")
        project = ViaProject(files, views, attributes if isinstance(attributes, dict) else {})
        known = sorted(project.attribute_names)
        for native_id, one in metadata.items():
            yield from _labels_of_metadata(native_id, one, project, (name, entry, known))
        return
    pictures = content.get("_via_img_metadata", content)
    if not isinstance(pictures, dict) or not all(_is_picture(picture) for picture in pictures.values()):
        message = "expected a project of VIA 2 or 3, or the annotations of one; this is neither"
        raise LabelFormatError(path, None, message)
    yield from _labels_of_regions(regions_of_json(pictures), name, entry)


def _without_class(label: str, known: list[str], *, placed: bool) -> FaultError:
    """Why a region has no class, with the nearest attribute; what is said of a file may be something else."""
    if not placed:
        detail = f"it is said of the whole file, and no '{label}' is among it"
        return FaultError(Reason.UNSUPPORTED_LABEL, detail)
    if label in known:
        return FaultError(Reason.NO_CLASS, f"the attribute '{label}' is not set")
    detail = f"nothing in the export has the attribute '{label}'; expected one of {known[:20]}."
    return FaultError(Reason.NO_CLASS, detail + nearest_word(label, known))


def _is_picture(value: Any) -> bool:
    return isinstance(value, dict) and {"filename", "regions"} <= value.keys()


def _labels_of_regions(
    regions: Iterator[ViaRegion], name: str, entry: ViaExport
) -> Iterator[Label | LabelFault]:
    listed = list(regions)
    known = sorted({str(name) for region in listed for name in region.attributes})
    for region in listed:
        try:
            if region.fault:
                raise ValueError(region.fault)
            shape, fields = ("", {"task": "classification"})
            if region.shape:
                shape, fields = shape_of_object(region.shape)
            elif not others(region.attributes, ""):
                continue
            fields |= {"media": region.media}
            yield from _labels(region.native_id, (shape, fields), region.attributes, (name, entry, known))
        except ValueError as error:
            origin = f"{name}#{region.native_id}"
            yield LabelFault(region.native_id, origin, reason_of(error), str(error))


def _labels_of_metadata(
    native_id: str, one: Any, project: ViaProject, about: _About
) -> Iterator[Label | LabelFault]:
    try:
        metadata = object_of(one)
        place = metadata.get("xy")
        span = span_of(metadata)
        shape = ""
        fields: dict[str, Any] = {"task": "event" if span else "classification"}
        if isinstance(place, list) and place:
            shape, fields = shape_of_list(place)
        fields |= {"media": project.media(metadata), **span}
        yield from _labels(native_id, (shape, fields), project.named_attributes(metadata), about)
    except ValueError as error:
        yield LabelFault(native_id, f"{about[0]}#{native_id}", reason_of(error), str(error))


def _labels(
    native_id: str, drawn: tuple[str, dict[str, Any]], said: JsonObject, about: _About
) -> Iterator[Label]:
    """A label for every class that is said of the place."""
    (shape, fields), (name, entry, known) = drawn, about
    if not chosen(said.get(entry.label)):
        raise _without_class(entry.label, known, placed=fields["task"] != "classification")
    attributes = others(said, entry.label) | ({"shape": shape} if shape in NOT_BOXES else {})
    for apart, label in list(classes(said, entry.label)):
        yield Label(
            native_id=f"{native_id}{apart}",
            origin=f"{name}#{native_id}",
            label=label,
            annotator=entry.annotator,
            attributes=attributes or None,
            **fields,
        )


VIA = LabelFormat("via", ViaExport, read)
