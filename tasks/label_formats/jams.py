"""JAMS (jams.readthedocs.io, JAMS 0.2 and 0.3): one label per observation of every annotation.

Times are seconds from the start of the recording, which is the item of the file's name, as JAMS has none of
it. A value is the `label`; of an object its "label", and what else it has are attributes, next to
`namespace`; a value that names nothing is labelled by its namespace. Lyrics are transcripts, `tag_*` are
classifications, all else events; the entry's task goes before that. The annotator is whom annotation_metadata
names, else its curator. A confidence that is not from 0 to 1 is the attribute `score`. Data may be a list of
observations or, dense, an object of lists. Native ids are the numbers of annotation and observation. An
annotation without observations is a declared negative: somebody listened for its namespace. The package
jams is not used: it needs librosa and pandas to read what is plain JSON.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.json_export import (
    JsonObject,
    list_of,
    number_of,
    object_of,
    objects_in,
    read_json_export,
    text_of,
)
from tasks.label_formats.reading.negatives import negative_label
from tasks.label_formats.reading.timed_files import CLASS_TASKS, TimedFile, read_timed_files

_PARTS = ("time", "duration", "value", "confidence")


@dataclass(frozen=True)
class _Annotation:
    """One annotation: what all its labels share."""

    file: TimedFile
    entry: TimedExport
    number: int
    namespace: str
    task: str
    annotator: str | None
    attributes: dict[str, str]


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per observation; a fault per annotation that is none."""
    yield from read_timed_files(batch, entry, (".jams",), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TimedExport) -> Iterator[Label | LabelFault]:
    export = read_json_export(file.path)
    for number, value in enumerate(objects_in(file.path, export, "annotations"), 1):
        try:
            annotation = _to_annotation(file, entry, number, object_of(value))
            observations = list(_observations_in(value))
        except ValueError as error:
            native_id = f"{file.prefix}{number}"
            yield LabelFault(native_id, f"{file.name}:{number}", Reason.MALFORMED, str(error))
            continue
        if not observations:
            common = {"media": file.media, "annotator": annotation.annotator}
            yield negative_label(f"{file.prefix}{number}", f"{file.name}:{number}", annotation.task, common)
        for place, observation in enumerate(observations, 1):
            yield _to_label_or_fault(annotation, place, observation)


def _to_annotation(file: TimedFile, entry: TimedExport, number: int, value: JsonObject) -> _Annotation:
    namespace = text_of(value, "namespace")
    task = "transcript" if namespace.startswith("lyrics") else "event"
    task = "classification" if namespace.startswith("tag_") else task
    said = _annotator_in(value.get("annotation_metadata"))
    attributes = {"namespace": namespace}
    return _Annotation(
        file, entry, number, namespace, entry.task or task, said or entry.annotator, attributes
    )


def _annotator_in(metadata: Any) -> str | None:
    """The name, else the id or address, of the annotator, else of the curator."""
    people = [metadata.get(role) for role in ("annotator", "curator")] if isinstance(metadata, dict) else []
    known = [person for person in people if isinstance(person, dict)]
    told = [person.get(key) for person in known for key in ("name", "id", "email")]
    return next((name for name in told if isinstance(name, str) and name.strip()), None)


def _observations_in(value: JsonObject) -> Iterator[Any]:
    data = value.get("data")
    if not isinstance(data, dict):
        return iter(list_of(value, "data"))
    columns = [list_of(data, part) for part in _PARTS]
    if len({len(column) for column in columns}) > 1:
        raise ValueError("expected lists of one length in dense data")
    return (dict(zip(_PARTS, row, strict=True)) for row in zip(*columns, strict=True))


def _to_label_or_fault(annotation: _Annotation, place: int, observation: Any) -> Label | LabelFault:
    number = f"{annotation.number}/{place}"
    native_id, origin = f"{annotation.file.prefix}{number}", f"{annotation.file.name}:{number}"
    try:
        return _to_label(annotation, native_id, origin, object_of(observation))
    except ValueError as error:
        return LabelFault(native_id, origin, Reason.MALFORMED, str(error))


def _to_label(annotation: _Annotation, native_id: str, origin: str, observation: JsonObject) -> Label:
    start_ns = seconds_to_ns(number_of(observation, "time"))
    said, attributes = _said(annotation, observation.get("value"))
    confidence = observation.get("confidence")
    if confidence is not None:
        sure = number_of(observation, "confidence")
        if not 0 <= sure <= 1:
            confidence, attributes = None, attributes | {"score": str(confidence)}
    is_text = annotation.task not in CLASS_TASKS and annotation.namespace.startswith("lyrics")
    return Label(
        native_id=native_id,
        media=annotation.file.media,
        task=annotation.task,
        origin=origin,
        label=None if is_text else said,
        text=said if is_text else None,
        clock=annotation.entry.clock,
        start_ns=start_ns,
        end_ns=start_ns + seconds_to_ns(number_of(observation, "duration")),
        confidence=None if confidence is None else float(confidence),
        annotator=annotation.annotator,
        attributes=attributes,
    )


def _said(annotation: _Annotation, value: Any) -> tuple[str, dict[str, str]]:
    """What the value names, and what else it says."""
    if isinstance(value, str):
        return value, annotation.attributes
    if isinstance(value, dict):
        told = {name: _as_text(part) for name, part in value.items() if part is not None}
        named = told.pop("label", annotation.namespace)
        return named, annotation.attributes | told
    if isinstance(value, list):
        return annotation.namespace, annotation.attributes | {"value": _as_text(value)}
    return annotation.namespace if value is None else _as_text(value), annotation.attributes


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


JAMS = LabelFormat("jams", TimedExport, read)
