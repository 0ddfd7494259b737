"""One annotation of Label Studio: its results become labels and faults, region by region, then its relations.

Native ids: `<annotation>/<region>` for the first label of a region, `<annotation>/<region>/2` for the next;
a box on a video has its frame between (`<annotation>/<region>/<frame>`); `<annotation>/relation/<from>/<to>`.
A choice is the label of a classification whose question is the name of its control, unless the task's data
tell another task and question for that control: `modalweave_asked`, which `tasks/asking` writes.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import Any, get_args

from tasks.core.label import NEGATIVE, Label, LabelFault
from tasks.core.label_entries import Task
from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import reason_of
from tasks.label_formats.reading.json_export import JsonObject, number_of, text_of
from tasks.label_formats.reading.label_studio_answers import ANSWER_KINDS, TEXT_KIND, answers_in, text_in
from tasks.label_formats.reading.label_studio_media import TaskMedia
from tasks.label_formats.reading.label_studio_negatives import HEARD_SUFFIXES, negatives_of
from tasks.label_formats.reading.label_studio_region import (
    NAMING_KINDS,
    SHAPE_KINDS,
    WHOLE_ITEM,
    Place,
    PlaceRules,
    covering,
    is_on_video,
    names_in,
    places_of,
)
from tasks.label_formats.reading.label_studio_relation import RELATION, relation_base, relation_fields
from tasks.label_formats.reading.stated_size import stated_size

READ_KINDS = (*SHAPE_KINDS, *ANSWER_KINDS, TEXT_KIND)

# What `tasks/asking` writes into the data of a task: {control: {task, question}}.
_ASKED_KEY = "modalweave_asked"
_ANSWERED_BY_NAME = ("classification", "sentiment", "vqa")

Outcomes = list[Label | LabelFault]


@dataclass(frozen=True)
class Annotation:
    """The fields that its labels share, the task it is about, and what is declared; `scored`: by a model."""

    native_id: str
    task: JsonObject
    shared: dict[str, Any]
    media: TaskMedia
    rules: PlaceRules
    scored: bool = False
    _numbers: Counter[str] = field(default_factory=Counter)

    def read(self, results: list[Any]) -> Iterator[Label | LabelFault]:
        """A label or a fault for everything that the results say; without any, a declared negative."""
        if not results:
            for number, fields in enumerate(negatives_of(self.task, self.media), 1):
                native_id = f"{self.native_id}/nothing{'' if number == 1 else f'/{number}'}"
                yield Label(native_id, **(self.shared | fields | {"attributes": {NEGATIVE: "true"}}))
            return
        regions: dict[str, list[JsonObject]] = {}
        relations: list[JsonObject] = []
        for position, result in enumerate(results):
            record = result if isinstance(result, dict) else {"type": None}
            if record.get("type") == RELATION:
                relations.append(record)
            else:
                regions.setdefault(str(record.get("id") or f"result[{position}]"), []).append(record)
        outcomes = {region: self._read_region(region, members) for region, members in regions.items()}
        first_ids = {region: found for region, one in outcomes.items() if (found := _first_label(one))}
        for region, members in regions.items():
            parent = first_ids.get(str(next((one["parentID"] for one in members if one.get("parentID")), "")))
            yield from (_below(outcome, parent) for outcome in outcomes[region])
        for relation in relations:
            yield from self._read_relation(relation, first_ids)

    def _read_region(self, region: str, members: list[JsonObject]) -> Outcomes:
        read = [result for result in members if result.get("type") in READ_KINDS]
        outcomes: Outcomes = []
        try:
            places = self._places(region, read)
            if self._is_without_place(members, places):
                read = []
            outcomes += list(self._labels(region, read, places))
        except ValueError as error:
            outcomes = [self._fault(base, reason_of(error), str(error)) for base in _bases(region, read)]
        unread = [result for result in members if not any(result is one for one in read)]
        return [*outcomes, *(self._unsupported(region, result) for result in unread)]

    def _places(self, region: str, results: list[JsonObject]) -> tuple[Place, ...]:
        if any(self._is_text_span(result) for result in results):
            return (WHOLE_ITEM,)
        on_video = is_on_video(results)
        video = self.media.video_of(self._media(results[0])) if on_video else None
        places = places_of(results, self.rules, video)
        if any("frame" in place.fields.get("attributes", {}) for place in places):
            track = {"track": f"{self.native_id}/{region}"}
            places = tuple(replace(place, fields=place.fields | track) for place in places)
        drawn = next((str(one["type"]) for one in results if one["type"] in SHAPE_KINDS), "labels")
        if places == (WHOLE_ITEM,) and drawn != "labels":
            raise ValueError(f"expected the place of a result of type '{drawn}'")
        return places

    def _is_text_span(self, result: JsonObject) -> bool:
        """Whether the result's start and end count characters."""
        value = result.get("value")
        if result.get("type") != "labels" or not isinstance(value, dict):
            return False
        counted = all(isinstance(value.get(name), int) for name in ("start", "end"))
        written = isinstance(value.get("text"), str) or "startOffset" in value
        return written or (counted and self.media.is_read(self.task, result))

    def _is_without_place(self, members: list[JsonObject], places: tuple[Place, ...]) -> bool:
        """Whether the place cannot be read, so that the results would seem to be about the whole item."""
        unread = any(result.get("type") not in READ_KINDS for result in members)
        return places == (WHOLE_ITEM,) and (unread or any(one.get("type") == "labels" for one in members))

    def _labels(
        self, region: str, results: list[JsonObject], places: tuple[Place, ...]
    ) -> Iterator[Label | LabelFault]:
        """The region's places with their labels and its text, then its answers."""
        written = "\n".join(text_in(result) for result in results if result["type"] == TEXT_KIND) or None
        shapes = [result for result in results if result["type"] in SHAPE_KINDS]
        named = _named(shapes) if shapes else []
        if written is None and any(one["type"] in ANSWER_KINDS for one in results):
            # A place without a label of its own is that of its answers, which say what is there.
            named = [(result, name) for result, name in named if name is not None]
        for place in places if named else ():
            base = f"{region}/{place.key}" if place.key else region
            task = "transcript" if written and place.task == "event" else place.task
            for (result, name), text in zip(named, chain([written], repeat(None)), strict=False):
                yield self._label(base, result, {"task": task, "label": name, "text": text, **place.fields})
        place = covering(places)
        if written and not shapes:
            said = {"task": self._task_of_text(results[0], place), "text": written}
            yield self._label(region, results[0], said | self._asked(results[0], written) | place.fields)
        for result in results:
            for answer in answers_in(result) if result["type"] in ANSWER_KINDS else []:
                asked = {"task": "classification", "question": text_of(result, "from_name")}
                asked |= self._asked(result, answer)
                yield self._label(region, result, {**asked, "label": answer, **place.fields})

    def _asked(self, result: JsonObject, answer: str) -> dict[str, Any]:
        """The task and question of an answer, where the task's data tell what its control asks."""
        told = self.task["data"].get(_ASKED_KEY)
        asked = told.get(str(result.get("from_name"))) if isinstance(told, dict) else None
        if not isinstance(asked, dict) or asked.get("task") not in get_args(Task):
            return {}
        named = {"label": answer, "text": None} if asked["task"] in _ANSWERED_BY_NAME else {}
        return {"task": asked["task"], "question": _question(asked), **named}

    def _label(self, base: str, result: JsonObject, fields: dict[str, Any]) -> Label | LabelFault:
        native_id = self._next_id(base)
        name, control = fields.get("label"), str(result.get("from_name", ""))
        if name is not None and self.media.config and not self.media.config.knows(control, name):
            detail = f"the control '{control}' of the labelling config has no label '{name[:80]}'"
            return LabelFault(native_id, self.shared["origin"], Reason.UNKNOWN_CATEGORY, detail)
        if self.scored and result.get("score") is not None:
            fields = fields | {"confidence": number_of(result, "score")}
        stated = stated_size(result.get("original_width"), result.get("original_height"))
        return Label(native_id=native_id, media=self._media(result), **(self.shared | stated | fields))

    def _media(self, result: JsonObject) -> str:
        return self.media.media_of(self.task, result)

    def _task_of_text(self, result: JsonObject, place: Place) -> str:
        """A transcript when it is about a span or a whole recording, a caption of anything else."""
        told = self.media.config and self.media.config.is_heard(str(result.get("to_name", "")))
        heard = told or self._media(result).lower().endswith(HEARD_SUFFIXES)
        return "transcript" if heard or place.task == "event" else place.task

    def _read_relation(self, relation: JsonObject, first: dict[str, Label]) -> Iterator[Label | LabelFault]:
        base = relation_base(relation)
        try:
            for fields in list(relation_fields(relation, first)):
                yield Label(native_id=self._next_id(base), **(self.shared | fields))
        except ValueError as error:
            yield self._fault(base, reason_of(error), str(error))

    def _next_id(self, base: str) -> str:
        self._numbers[base] += 1
        number = self._numbers[base]
        return f"{self.native_id}/{base}{'' if number == 1 else f'/{number}'}"

    def _fault(self, base: str, reason: Reason, detail: str) -> LabelFault:
        return LabelFault(f"{self.native_id}/{base}", self.shared["origin"], reason, detail)

    def _unsupported(self, region: str, result: JsonObject) -> LabelFault:
        kind = str(result.get("type"))
        detail = f"results of type '{kind}' are not read here; read are {list(READ_KINDS)}"
        if kind in READ_KINDS:
            detail = "it is about a region whose place is not read, such as a span of characters"
        return self._fault(f"{region}/{kind}", Reason.UNSUPPORTED_LABEL, detail)


def _question(asked: JsonObject) -> str | None:
    question = asked.get("question")
    return question if isinstance(question, str) and question else None


def _named(shapes: list[JsonObject]) -> list[tuple[JsonObject, str | None]]:
    """Each name that the shapes carry, with its result; one without a name where there is none."""
    named = [(one, name) for one in shapes if one["type"] in NAMING_KINDS for name in names_in(one)]
    return [*named] or [(shapes[0], None)]


def _bases(region: str, results: list[JsonObject]) -> list[str]:
    """What the faults of a region's results are called."""
    return [region, *(f"{region}/{result['type']}" for result in results[1:])]


def _first_label(outcomes: Outcomes) -> Label | None:
    return next((outcome for outcome in outcomes if isinstance(outcome, Label)), None)


def _below(outcome: Label | LabelFault, parent: Label | None) -> Label | LabelFault:
    """The outcome; a label refers to the region that it was drawn into."""
    if parent is None or isinstance(outcome, LabelFault) or outcome.native_id == parent.native_id:
        return outcome
    return replace(outcome, refers_to=[parent.native_id])
