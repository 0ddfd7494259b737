"""The relabel queue of one batch as projects: which items are asked what, and what is known of it.

reads   items, labels, consensus, relabel
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.asking.controls import (
    ASKED_KEY,
    CONTROLS,
    ITEM_KEY,
    QUESTION_KEY,
    SHOWN_SUFFIXES,
    WHY_KEY,
    Control,
    labelling_config,
)
from tasks.asking.known import Known, Topic, read_known
from tasks.asking.preannotation import Result, Row, results_of
from tasks.core.schemas import RELABEL
from tasks.core.tables import read_table

MODEL = "modalweave"
PROJECT_NAMES = tuple(f"{modality}{ending}" for modality in sorted(CONTROLS) for ending in ("", "-questions"))


@dataclass(frozen=True)
class AskedItem:
    """One task of a project: the item with where its media lie, and the task as Label Studio takes it.

    In the task's data the item's media are only named; a text is there itself.
    """

    item: Row
    task: Mapping[str, Any]


@dataclass(frozen=True)
class Project:
    """One project: its name in the batch, its labelling config, and its tasks sorted by item."""

    name: str
    modality: str
    config: str
    items: tuple[AskedItem, ...]


@dataclass(frozen=True)
class Asking:
    """All projects of a batch, and how many rows of the queue no control can ask, by modality and task."""

    projects: tuple[Project, ...]
    not_asked: Mapping[Topic, int]

    def words_of_not_asked(self) -> str:
        """What is left for a person to do elsewhere."""
        left = [f"{rows} of {task} about {modality}" for (modality, task), rows in self.not_asked.items()]
        return f"; not asked: {', '.join(left)}" if left else ""


def to_asking(data: Path, batch: str) -> Asking:
    """The projects that ask all of the batch's queue that can be asked."""
    queue = read_table(RELABEL, data / "labels" / batch)
    known = read_known(data, batch, queue)
    asked: dict[tuple[str, bool], list[Row]] = {}
    not_asked: dict[Topic, int] = {}
    for row in queue.to_pylist():
        topic = (known.items[row["item_id"]]["modality"], row["task"])
        if _can_be_asked(row, known.items[row["item_id"]]):
            asked.setdefault((topic[0], row["task"] == "vqa"), []).append(row)
        else:
            not_asked[topic] = not_asked.get(topic, 0) + 1
    projects = (
        _project(f"{modality}{'-questions' if free else ''}", modality, rows, known)
        for (modality, free), rows in sorted(asked.items())
    )
    return Asking(tuple(projects), dict(sorted(not_asked.items())))


def _can_be_asked(row: Row, item: Row) -> bool:
    """Whether there is a control for it, media to show, and for a free question its text."""
    known = row["task"] in CONTROLS.get(item["modality"], {})
    shown = item["modality"] == "text" or item["media_type"] in SHOWN_SUFFIXES
    return known and shown and bool(item["readable"]) and (row["task"] != "vqa" or bool(row["question"]))


def _project(name: str, modality: str, rows: Sequence[Row], known: Known) -> Project:
    controls = _controls(modality, rows, known)
    tasks: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        tasks.setdefault((row["item_id"], row["question"] if row["task"] == "vqa" else ""), []).append(row)
    items = tuple(_asked_item(key, own, controls, known) for key, own in sorted(tasks.items()))
    return Project(name, modality, labelling_config(modality, controls.values()), items)


def _controls(modality: str, rows: Sequence[Row], known: Known) -> dict[Topic, Control]:
    """A control for each task and question; whom nobody labelled is asked every question of a task."""
    topics = {topic for row in rows for topic in _topics(row, known)}
    controls: dict[Topic, Control] = {}
    for task, question in sorted(topics):
        number = sum(known_task == task for known_task, _ in controls) + 1
        name = task if number == 1 else f"{task}_{number}"
        topic = (task, question)
        labels = known.palette.get(topic, ())
        kind = CONTROLS[modality][task]
        controls[topic] = Control(name, kind, task, question, labels, topic in known.multiple)
    return controls


def _topics(row: Row, known: Known) -> list[Topic]:
    """What a row of the queue asks; free questions share a control, their text stands in their tasks."""
    if row["task"] == "vqa":
        return [("vqa", "")]
    if row["question"]:
        return [(row["task"], row["question"])]
    return [topic for topic in known.palette if topic[0] == row["task"]] or [(row["task"], "")]


def _asked_item(
    key: tuple[str, str], rows: Sequence[Row], controls: Mapping[Topic, Control], known: Known
) -> AskedItem:
    item_id, question = key
    item = known.items[item_id]
    native_id = item_id.removeprefix(f"{known.batch}/")
    topics = sorted({topic for row in rows for topic in _topics(row, known)})
    results: list[Result] = []
    for topic in topics:
        labels = known.of((item_id, topic[0], question or topic[1]))
        results += results_of(item, controls[topic], labels)
    media = item["text"] if item["modality"] == "text" else native_id
    data = {
        item["modality"]: media,
        ITEM_KEY: native_id,
        QUESTION_KEY: question,
        WHY_KEY: "; ".join(f"{row['task']}: {row['why']} ({row['detail']})" for row in rows),
        ASKED_KEY: {
            control.name: {"task": control.task, "question": question or control.question}
            for control in controls.values()
        },
    }
    predictions = [{"model_version": MODEL, "result": results}] if results else []
    return AskedItem(item, {"data": data, "predictions": predictions})
