"""CVAT XML 1.1, "for images" and "for video": one file of a task, a job or a project.

Pixels of the upright picture, from its top left corner; how shapes become labels is in
`reading/cvat_shapes.py`, how tracks become a label for every frame in `reading/cvat_tracks.py`, and which
item and time a frame is in `reading/cvat_frames.py`. A tag is a classification. Attributes of a label are
the shape's own (occluded, z_order, group_id, source, subset, keyframe), and those that the project defines;
one that is called like an own one is `attribute.<name>`. A picture of a project is <subset>/<name>. A shape
outside="1" only ends its track and is no label. A picture of another width or height than
CVAT saw makes a fault of every shape. A picture without shapes is not a declared negative: CVAT
lists every picture, seen or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import CvatExport
from tasks.label_formats.reading.cvat_frames import FrameFinder, TaskFrames
from tasks.label_formats.reading.cvat_meta import CvatTask, tasks_in
from tasks.label_formats.reading.cvat_shapes import Drawn, Size, fields_of, parse_shape
from tasks.label_formats.reading.cvat_tracks import Shown, shown_frames
from tasks.label_formats.reading.fault_error import reason_of
from tasks.label_formats.reading.numbers_in_text import to_whole
from tasks.label_formats.reading.stated_size import stated_size
from tasks.label_formats.reading.xml_export import read_elements

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OWN_ATTRIBUTES = ("occluded", "z_order", "group_id", "source", "keyframe")
_OF_ONE_FRAME = ("occluded", "z_order", "keyframe")
_UNREADABLE = Drawn("", ())
_SHAPED = ("ellipse", "polyline")
_NO_TASK = CvatTask()


@dataclass(frozen=True)
class _Export:
    """What every annotation is read with."""

    name: str
    annotator: str | None
    frames: FrameFinder

    def fault(self, native_id: str, error: ValueError) -> LabelFault:
        return LabelFault(native_id, f"{self.name}#{native_id}", reason_of(error), str(error))


def read(batch: Batch, entry: CvatExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per shape of a picture and per frame of a track, in the order of the file."""
    name, frames = delivered_name(batch, entry.path), FrameFinder(items, entry.item)
    export = _Export(name, entry.annotator, frames)
    tasks: dict[str, CvatTask] = {}
    pictures = tracks = 0
    for element in read_elements(batch.path(entry.path), "annotations", {"meta", "image", "track"}):
        if element.tag == "meta":
            tasks = tasks_in(element)
        elif element.tag == "image":
            pictures += 1
            task = _task_of(element, tasks)
            yield from _labels_of_picture(element, f"image {pictures}", task, export)
        else:
            tracks += 1
            task = _task_of(element, tasks)
            yield from _labels_of_track(element, f"track {element.get('id') or tracks}", task, export)


def _task_of(element: "Element", tasks: dict[str, CvatTask]) -> CvatTask:
    """The task that the picture or track names; the only one where it names none."""
    named = tasks.get(element.get("task_id", ""))
    return named or (next(iter(tasks.values())) if len(tasks) == 1 else _NO_TASK)


def _labels_of_picture(
    image: "Element", prefix: str, task: CvatTask, export: _Export
) -> Iterator[Label | LabelFault]:
    subset, name = image.get("subset"), image.get("name", "").strip()
    stated = stated_size(image.get("width"), image.get("height"))
    for number, shape in enumerate(image, 1):
        native_id = f"{prefix}/{number}"
        try:
            if not name:
                raise ValueError("expected the name of the picture, there is none")
            fields = (
                {"task": "classification"}
                if shape.tag == "tag"
                else fields_of(parse_shape(shape), _size(image))
            )
            place = export.frames.frame_named(name, task)
            if subset and place == {"media": name}:
                place = {"media": f"{subset}/{name}"}
            attributes = attributes_of(shape) | ({"subset": subset} if subset else {})
            yield Label(
                native_id=native_id,
                origin=f"{export.name}#{native_id}",
                label=shape.get("label") or None,
                annotator=export.annotator,
                attributes=attributes or None,
                **stated,
                **place,
                **fields,
            )
        except ValueError as error:
            yield export.fault(native_id, error)


def _size(image: "Element") -> Size:
    return to_whole(image.get("width"), "width"), to_whole(image.get("height"), "height")


def attributes_of(shape: "Element") -> dict[str, str]:
    """What is said of the shape beside its class and its place."""
    own = {name: shape.get(name, "") for name in _OWN_ATTRIBUTES if shape.get(name)}
    if shape.tag in _SHAPED:
        own["shape"] = shape.tag
    for holder in [shape, *shape.iterfind("points")]:
        part = "" if holder is shape else f"{holder.get('label')}."
        for attribute in holder.iterfind("attribute"):
            name = f"{part}{attribute.get('name')}"
            own[f"attribute.{name}" if name in _OWN_ATTRIBUTES else name] = attribute.text or ""
    return own


def _labels_of_track(
    track: "Element", prefix: str, task: CvatTask, export: _Export
) -> Iterator[Label | LabelFault]:
    written: dict[int, Shown] = {}
    for element, outcome in _written(track, prefix, export):
        if isinstance(outcome, Shown):
            written[outcome.frame] = outcome
        else:
            yield outcome
            frame = element.get("frame", "")
            if frame.isdecimal() and len(frame) < 10:
                written.setdefault(int(frame), Shown(int(frame), _UNREADABLE, outside=True, attributes={}))
    if not written:
        return
    lasting = [written[frame] for frame in sorted(written)]
    common: dict[str, Any] = {
        "label": track.get("label") or None,
        "track": prefix.removeprefix("track "),
        "annotator": export.annotator,
        **stated_size(*(task.size or (None, None))),
    }
    try:
        frames = export.frames.frames(task)
        for shown in shown_frames(lasting, task, frames.end):
            yield _label_of_frame(shown, f"{prefix}/{shown.frame}", frames, export, common)
    except ValueError as error:
        yield from (export.fault(f"{prefix}/{one.frame}", error) for one in lasting if not one.outside)


def _written(
    track: "Element", prefix: str, export: _Export
) -> Iterator[tuple["Element", Shown | LabelFault]]:
    """Every shape of the track with its element, in the file's order; attributes go on until they change."""
    seen: set[int] = set()
    lasting = {name: value for name in ("group_id", "source", "subset") if (value := track.get(name))}
    for number, element in enumerate(track, 1):
        try:
            frame, drawn = to_whole(element.get("frame"), "frame"), parse_shape(element)
            if frame < 0 or frame in seen:
                raise ValueError(f"expected frames from 0, each of them once, got {frame}")
        except ValueError as error:
            yield element, export.fault(f"{prefix}/shape {number}", error)
            continue
        seen.add(frame)
        attributes = lasting | attributes_of(element)
        lasting = {name: value for name, value in attributes.items() if name not in _OF_ONE_FRAME}
        outside = element.get("outside") == "1" or (drawn.kind == "skeleton" and not any(drawn.visible))
        yield element, Shown(frame, drawn, outside, attributes)


def _label_of_frame(
    shown: Shown, native_id: str, frames: TaskFrames, export: _Export, common: dict[str, Any]
) -> Label | LabelFault:
    try:
        return Label(
            native_id=native_id,
            origin=f"{export.name}#{native_id}",
            attributes=shown.attributes or None,
            **frames.place(shown.frame),
            **fields_of(shown.drawn, frames.size),
            **common,
        )
    except ValueError as error:
        return export.fault(native_id, error)


CVAT = LabelFormat("cvat", CvatExport, read)
