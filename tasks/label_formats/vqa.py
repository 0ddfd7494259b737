"""VQA v2: questions in one file, about ten answers to each in another; every answer is one label.

Answers were already normalised by the dataset's makers (lower case, no articles, numbers as digits) and
stay as they are. `question_type`, `answer_type` and `multiple_choice_answer`, the answer that most gave,
are attributes of each. Without a file of answers (test-dev has none) each question is a label that has no
answer yet.

A picture is told by its number: 790 is `000000000790.jpg` or `COCO_train2014_000000000790.jpg`. How sure an
answerer was becomes the confidence: yes 1, maybe 0.5, no 0.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import VqaExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.json_export import (
    JsonObject,
    id_of,
    list_of,
    object_of,
    objects_in,
    read_json_export,
    text_of,
)

_NUMBERED = re.compile(r"(?:COCO_[A-Za-z0-9]+_)?([0-9]{1,18})")
_ATTRIBUTES = ("question_type", "answer_type", "multiple_choice_answer")
_CONFIDENCES = {"yes": 1.0, "maybe": 0.5, "no": 0.0}


@dataclass(frozen=True)
class _Question:
    """One question and the pictures that carry its picture's number."""

    native_id: str
    text: str
    image_id: str
    pictures: tuple[str, ...]

    @property
    def media(self) -> str:
        return self.pictures[0] if self.pictures else self.image_id


def read(batch: Batch, entry: VqaExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """The answers to each question in the order of the questions, then answers that have no question."""
    questions = _read_by_id(batch, entry.path, "questions")
    answered = {} if entry.answers is None else _read_by_id(batch, entry.answers, "annotations")
    pictures = _pictures_by_number(items)
    asked_in = delivered_name(batch, entry.path)
    answered_in = delivered_name(batch, entry.answers or entry.path)
    for native_id, (question, *repeated) in questions.items():
        origin = f"{asked_in}#{native_id}"
        try:
            asked = _to_question(native_id, question, pictures)
            if entry.answers is None:
                yield _unanswered(asked, origin)
            else:
                yield from _to_answers(asked, answered.get(native_id, []), answered_in)
        except ValueError as error:
            yield LabelFault(native_id, origin, Reason.MALFORMED, str(error))
        for _ in repeated:
            yield LabelFault(native_id, origin, Reason.REPEATED, "the question is given more than once")
    for native_id in answered:
        if native_id not in questions:
            detail = "there are answers, but no question of that id"
            yield LabelFault(native_id, f"{answered_in}#{native_id}", Reason.MALFORMED, detail)


def _read_by_id(batch: Batch, written: str, name: str) -> dict[str, list[Any]]:
    """The file's records under their question ids, or under their place in the list where they have none."""
    path = batch.path(written)
    records: dict[str, list[Any]] = {}
    for position, record in enumerate(objects_in(path, read_json_export(path), name)):
        try:
            native_id = id_of(object_of(record), "question_id")
        except ValueError:
            native_id = f"{name}[{position}]"
        records.setdefault(native_id, []).append(record)
    return records


def _pictures_by_number(items: tuple[ItemName, ...]) -> dict[int, list[str]]:
    pictures: dict[int, list[str]] = {}
    for item in items:
        number = _NUMBERED.fullmatch(PurePosixPath(item.native_id).stem)
        if item.modality == "image" and number:
            pictures.setdefault(int(number[1]), []).append(item.native_id)
    return pictures


def _to_question(native_id: str, question: Any, pictures: dict[int, list[str]]) -> _Question:
    record = object_of(question)
    id_of(record, "question_id")
    image_id = id_of(record, "image_id")
    numbered = (
        pictures.get(int(image_id), []) if _NUMBERED.fullmatch(image_id) and image_id.isdecimal() else []
    )
    return _Question(native_id, text_of(record, "question"), image_id, tuple(numbered))


def _to_answers(question: _Question, annotations: list[Any], name: str) -> Iterator[Label | LabelFault]:
    origin = f"{name}#{question.native_id}"
    if not annotations:
        raise ValueError("the question has no answers")
    if len(question.pictures) > 1:
        yield _ambiguous(question, origin)
        return
    for annotation in annotations:
        record = object_of(annotation)
        if "image_id" in record and id_of(record, "image_id") != question.image_id:
            raise ValueError(f"the question is about image {question.image_id}, its answers about another")
        answers = list_of(record, "answers")
        if not answers:
            raise ValueError("the question has no answers")
        for position, answer in enumerate(answers, 1):
            yield _to_label(question, answer, position, origin, _attributes(record))


def _unanswered(question: _Question, origin: str) -> Label | LabelFault:
    if len(question.pictures) > 1:
        return _ambiguous(question, origin)
    return Label(question.native_id, question.media, "vqa", origin, question=question.text)


def _ambiguous(question: _Question, origin: str) -> LabelFault:
    detail = f"the image id {question.image_id} is the number of {sorted(question.pictures)}"
    return LabelFault(question.native_id, origin, Reason.ITEM_AMBIGUOUS, detail)


def _attributes(annotation: JsonObject) -> dict[str, str] | None:
    named = {name: annotation.get(name) for name in _ATTRIBUTES}
    return {name: value for name, value in named.items() if isinstance(value, str) and value} or None


def _to_label(
    question: _Question, answer: Any, position: int, origin: str, attributes: dict[str, str] | None
) -> Label | LabelFault:
    answerer = str(position)
    try:
        record = object_of(answer)
        answerer = id_of(record, "answer_id") if "answer_id" in record else answerer
        return Label(
            native_id=f"{question.native_id}-{answerer}",
            media=question.media,
            task="vqa",
            origin=origin,
            label=text_of(record, "answer"),
            question=question.text,
            confidence=_confidence(record),
            annotator=answerer,
            attributes=attributes,
        )
    except ValueError as error:
        return LabelFault(f"{question.native_id}-{answerer}", origin, Reason.MALFORMED, str(error))


def _confidence(answer: JsonObject) -> float | None:
    if "answer_confidence" not in answer:
        return None
    word = text_of(answer, "answer_confidence")
    if word not in _CONFIDENCES:
        raise ValueError(f"expected an answer_confidence of {list(_CONFIDENCES)}, got {word[:40]!r}")
    return _CONFIDENCES[word]


VQA = LabelFormat("vqa", VqaExport, read)
