"""Label Studio's export as JSON: boxes, polygons, key points, spans of sound, choices and written text.

Results of one id are one region: its choices and text share its place. A cancelled annotation, a draft, a
prediction of a model and each result of another kind are faults: they are seen, and never become targets.
The question of a choice is the name of its control. Percent become pixels; rotation stays about the top left.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.delivered_name import delivered_name
from tasks.label_formats.reading.json_export import (
    JsonObject,
    id_of,
    list_of,
    object_of,
    read_json_export,
    text_of,
)
from tasks.label_formats.reading.label_studio_media import media_of
from tasks.label_formats.reading.label_studio_region import (
    NAMING_KINDS,
    READ_KINDS,
    WHOLE_ITEM,
    Place,
    names_in,
    place_of,
    text_in,
)

_HEARD_SUFFIXES = (".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".mp4", ".webm", ".mov", ".mkv")
_LEFT_OUT = {
    "predictions": "a model's prediction is no annotation; it is not imported",
    "drafts": "a draft is no annotation yet; it is not imported",
}


@dataclass(frozen=True)
class _Annotation:
    """One annotation: the fields that its labels share, and the task it is about."""

    native_id: str
    task: JsonObject
    shared: dict[str, Any]

    def media(self, result: JsonObject) -> str:
        """What the result is about, as the task names it."""
        return media_of(self.task, str(result.get("to_name", "")))

    def label(self, number: int, region: str, result: JsonObject, fields: dict[str, Any]) -> Label:
        """The region's label of that number, from 1."""
        native_id = f"{self.native_id}/{region}{'' if number == 1 else f'/{number}'}"
        return Label(native_id=native_id, media=self.media(result), **self.shared, **fields)


def read(batch: Batch, entry: LabelExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """Labels and faults, task by task in the order of the file."""
    path = batch.path(entry.path)
    name = delivered_name(batch, entry.path)
    tasks = read_json_export(path)
    _refuse_other_exports(path, tasks)
    for position, task in enumerate(tasks):
        task_id = str(task.get("id", f"tasks[{position}]"))
        for number, annotation in enumerate(_annotations(task)):
            yield from _read_annotation(f"{task_id}.{number}", task, annotation, (name, entry.annotator))
        for kind, detail in _LEFT_OUT.items():
            for number, _ in enumerate(task.get(kind) or []):
                native_id = f"{task_id}/{kind}[{number}]"
                yield LabelFault(native_id, f"{name}#{native_id}", Reason.UNSUPPORTED_LABEL, detail)


def _refuse_other_exports(path: Path, tasks: Any) -> None:
    found = tasks if isinstance(tasks, list) else [tasks]
    for position, task in enumerate(found):
        if isinstance(tasks, list) and isinstance(task, dict) and isinstance(task.get("data"), dict):
            continue
        message = f"expected a list of tasks with `data` and `annotations`, task {position} is none"
        raise LabelFormatError(path, None, f"{message}; export from Label Studio as JSON, not as JSON-MIN")


def _annotations(task: JsonObject) -> list[Any]:
    found = task.get("annotations", task.get("completions"))  # the name until version 1.0
    return found if isinstance(found, list) else []


def _read_annotation(
    fallback: str, task: JsonObject, annotation: Any, export: tuple[str, str | None]
) -> Iterator[Label | LabelFault]:
    name, annotator = export
    native_id = fallback
    try:
        record = object_of(annotation)
        native_id = id_of(record, "id") if record.get("id") is not None else fallback
        results = list_of(record, "result")
    except ValueError as error:
        yield LabelFault(native_id, f"{name}#{native_id}", Reason.MALFORMED, str(error))
        return
    if record.get("was_cancelled"):
        yield LabelFault(native_id, f"{name}#{native_id}", Reason.CANCELLED, "the annotator skipped the task")
        return
    shared = {
        "origin": f"{name}#{native_id}",
        "annotator": _annotator(record) or annotator,
        "created_at": str(record["created_at"]) if record.get("created_at") else None,
        "ground_truth": record.get("ground_truth") if isinstance(record.get("ground_truth"), bool) else None,
    }
    yield from _read_results(_Annotation(native_id, task, shared), results)


def _annotator(annotation: JsonObject) -> str | None:
    """Who made it: a number, or an object with one."""
    person = annotation.get("completed_by")
    found = person.get("id") if isinstance(person, dict) else person
    return None if found is None else str(found)


def _read_results(annotation: _Annotation, results: list[Any]) -> Iterator[Label | LabelFault]:
    regions: dict[str, list[JsonObject]] = {}
    for position, result in enumerate(results):
        record = result if isinstance(result, dict) else {"type": None}
        regions.setdefault(str(record.get("id") or f"result[{position}]"), []).append(record)
    for region, members in regions.items():
        read_members = [result for result in members if result.get("type") in READ_KINDS]
        try:
            place = place_of(read_members)
            if _without_its_place(members, place):
                read_members = []
            yield from list(_read_region(annotation, region, read_members, place))
        except ValueError as error:
            yield LabelFault(
                f"{annotation.native_id}/{region}", annotation.shared["origin"], Reason.MALFORMED, str(error)
            )
        for result in members:
            if result not in read_members:
                yield _unsupported(annotation, region, result)


def _without_its_place(members: list[JsonObject], place: Place) -> bool:
    """Whether the results' place cannot be read, so that they would seem to be about the whole item."""
    unread = any(result.get("type") not in READ_KINDS for result in members)
    return place is WHOLE_ITEM and (unread or any(result.get("type") == "labels" for result in members))


def _unsupported(annotation: _Annotation, region: str, result: JsonObject) -> LabelFault:
    kind = str(result.get("type"))
    detail = f"results of type '{kind}' are not read here; read are {list(READ_KINDS)}"
    native_id = f"{annotation.native_id}/{region}/{kind}"
    return LabelFault(native_id, annotation.shared["origin"], Reason.UNSUPPORTED_LABEL, detail)


def _read_region(
    annotation: _Annotation, region: str, results: list[JsonObject], place: Place
) -> Iterator[Label]:
    """The region's place with its labels and text, then its choices."""
    numbers = itertools.count(1)
    written = "\n".join(text_in(result) for result in results if result["type"] == "textarea") or None
    shapes = [result for result in results if result["type"] not in ("choices", "textarea")]
    if shapes:
        found = [name for result in shapes if result["type"] in NAMING_KINDS for name in names_in(result)]
        task = "transcript" if written and place.task == "event" else place.task
        names: list[str | None] = [*found] or [None]
        texts = itertools.chain([written], itertools.repeat(None))
        for name, text in zip(names, texts, strict=False):
            fields = {"task": task, "label": name, "text": text, **place.fields}
            yield annotation.label(next(numbers), region, shapes[0], fields)
    elif written:
        fields = {"task": _task_of_text(annotation, results[0], place), "text": written, **place.fields}
        yield annotation.label(next(numbers), region, results[0], fields)
    for result in results:
        for name in names_in(result) if result["type"] == "choices" else []:
            fields = {"task": "classification", "label": name, "question": text_of(result, "from_name")}
            yield annotation.label(next(numbers), region, result, {**fields, **place.fields})


def _task_of_text(annotation: _Annotation, result: JsonObject, place: Place) -> str:
    """A transcript when it is about a span or a whole recording, a caption of anything else."""
    heard = annotation.media(result).lower().endswith(_HEARD_SUFFIXES)
    return "transcript" if heard or place.task == "event" else place.task


LABEL_STUDIO = LabelFormat("label_studio", LabelExport, read)
