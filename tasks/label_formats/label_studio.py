"""Label Studio's export as JSON: whatever was drawn, painted, heard, chosen, written or related.

Units: percent of the original picture become pixels (`label_studio_shapes.py`), seconds ns; spans of time
series are in the unit of their time column (`label_studio_times.py`), boxes and spans on videos in frames
from 1 (`label_studio_video.py`). Origin: the top left corner; a rectangle turns clockwise about its own.
Results of one id are one region: its answers and text share its place. A region that was drawn into another
refers to it. A submitted answer without results is a declared negative. Not read, and a fault each: a
cancelled annotation, a draft, results about two media at once (pairwise, ranker), spans of characters and
results of any other kind. A model's predictions are faults too,
unless the batch file asks for them: then their annotator is `model:<version>` and they are no ground truth.
Memory is bounded by the largest task, not by the file.
Source: the editor's regions and tags, and label-studio-sdk's converter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.json_lists import iterate_list
from tasks.core.json_stream import open_json
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import LabelStudioExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.json_export import JsonObject, id_of, list_of, number_of, object_of
from tasks.label_formats.reading.label_studio_annotation import Annotation
from tasks.label_formats.reading.label_studio_config import read_labelling_config
from tasks.label_formats.reading.label_studio_media import TaskMedia
from tasks.label_formats.reading.label_studio_region import PlaceRules
from tasks.label_formats.reading.label_studio_times import TimeRules

_PREDICTION = "a model's prediction is no annotation; `predictions: true` imports it as the model's"
_ADVICE = "export from Label Studio as JSON, not as JSON-MIN"
_DRAFT = "a draft is no annotation yet; it is not imported"


@dataclass(frozen=True)
class _Export:
    """What all annotations of the export share."""

    name: str
    entry: LabelStudioExport
    media: TaskMedia
    rules: PlaceRules

    def fault(self, native_id: str, reason: Reason, detail: str) -> LabelFault:
        return LabelFault(native_id, f"{self.name}#{native_id}", reason, detail)


def read(batch: Batch, entry: LabelStudioExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """Labels and faults, task by task in the order of the file."""
    export = _to_export(batch, entry, items)
    for position, task in enumerate(_tasks(batch.path(entry.path))):
        task_id = str(task.get("id", f"tasks[{position}]"))
        for number, annotation in enumerate(_annotations(task)):
            yield from _read_annotation(f"{task_id}.{number}", task, annotation, export)
        for number, prediction in enumerate(_listed(task, "predictions")):
            yield from _read_prediction(f"{task_id}/predictions[{number}]", task, prediction, export)
        for number, _ in enumerate(_listed(task, "drafts")):
            yield export.fault(f"{task_id}/drafts[{number}]", Reason.UNSUPPORTED_LABEL, _DRAFT)


def _to_export(batch: Batch, entry: LabelStudioExport, items: tuple[ItemName, ...]) -> _Export:
    config = None if entry.config is None else read_labelling_config(batch.path(entry.config))
    media = TaskMedia(batch.name, {item.native_id: item for item in items}, config)
    times = TimeRules(entry.clock, entry.time_unit, entry.time_format)
    return _Export(delivered_name(batch, entry.path), entry, media, PlaceRules(times, entry.frame_rate))


def _tasks(path: Path) -> Iterator[JsonObject]:
    """The tasks of the file, read some megabytes at a time; another kind of export is refused at once."""
    with open_json(path) as stream:
        if not stream.starts_with(b"["):
            stream.skip()
            raise LabelFormatError(path, None, f"expected a list of tasks; {_ADVICE}")
    for position, task in enumerate(iterate_list(path, None)):
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            message = f"expected a list of tasks with `data` and `annotations`, task {position} is none"
            raise LabelFormatError(path, None, f"{message}; {_ADVICE}")
        yield task


def _annotations(task: JsonObject) -> list[Any]:
    return _listed(task, "annotations" if "annotations" in task else "completions")  # until version 1.0


def _listed(task: JsonObject, name: str) -> list[Any]:
    found = task.get(name)
    return found if isinstance(found, list) else []


def _read_annotation(
    fallback: str, task: JsonObject, annotation: Any, export: _Export
) -> Iterator[Label | LabelFault]:
    native_id = fallback
    try:
        record = object_of(annotation)
        native_id = id_of(record, "id") if record.get("id") is not None else fallback
        results = list_of(record, "result")
    except ValueError as error:
        yield export.fault(native_id, Reason.MALFORMED, str(error))
        return
    if record.get("was_cancelled") or record.get("skipped"):
        yield export.fault(native_id, Reason.CANCELLED, "the annotator skipped the task")
        return
    shared = {
        "origin": f"{export.name}#{native_id}",
        "annotator": _annotator(record) or export.entry.annotator,
        "created_at": _text(record.get("created_at")),
        "ground_truth": record.get("ground_truth") if isinstance(record.get("ground_truth"), bool) else None,
    }
    yield from Annotation(native_id, task, shared, export.media, export.rules).read(results)


def _read_prediction(
    native_id: str, task: JsonObject, prediction: Any, export: _Export
) -> Iterator[Label | LabelFault]:
    if not export.entry.predictions:
        yield export.fault(native_id, Reason.PREDICTION, _PREDICTION)
        return
    try:
        record = object_of(prediction)
        results = list_of(record, "result")
        score = None if record.get("score") is None else number_of(record, "score")
    except ValueError as error:
        yield export.fault(native_id, Reason.MALFORMED, str(error))
        return
    shared = {
        "origin": f"{export.name}#{native_id}",
        "annotator": f"model:{_text(record.get('model_version')) or 'unknown'}",
        "created_at": _text(record.get("created_at")),
        "confidence": score,
        "ground_truth": False,
    }
    yield from Annotation(native_id, task, shared, export.media, export.rules, scored=True).read(results)


def _annotator(annotation: JsonObject) -> str | None:
    """Who made it: a number, or an object with one, or with an e-mail address."""
    person = annotation.get("completed_by")
    if not isinstance(person, dict):
        return _text(person)
    return _text(person.get("id")) or _text(person.get("email"))


def _text(value: Any) -> str | None:
    # A bool is an int too, and 1 equals True.
    told = isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
    return str(value) if told else None


LABEL_STUDIO = LabelFormat("label_studio", LabelStudioExport, read)
