"""Finished annotations as a batch keeps them: Label Studio's own export format, a task a line.

writes  data/batches/<batch>/answers/label-studio-<project>.json

Kept are the tasks' ids and data and their annotations; our own predictions are not. Annotators are called
`label-studio:<id>`: other exports may have a 1 too.
"""

import json
from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

ANSWERS_FOLDER = "answers"
_NOT_KEPT = ("prediction", "draft_created_at")


def delivered_task(task: Mapping[str, Any], *, settle: bool) -> dict[str, Any]:
    """The task with its data and annotations; to settle is to mark these as ground truth."""
    annotations = []
    for annotation in sorted(task["annotations"], key=lambda one: int(one["id"])):
        kept = {
            name: value
            for name, value in annotation.items()
            if name not in ("prediction", "draft_created_at")
        }
        kept["completed_by"] = {"id": f"label-studio:{_person(annotation['completed_by'])}"}
        kept["ground_truth"] = settle or bool(annotation.get("ground_truth"))
        annotations.append(kept)
    return {"id": task["id"], "data": task["data"], "annotations": annotations}


def _person(completed_by: Any) -> Any:
    return completed_by.get("id") if isinstance(completed_by, dict) else completed_by


def write_answers(path: Path, tasks: Sequence[Mapping[str, Any]]) -> None:
    """Write the export whole, a task a line, in the order of their ids."""
    path.parent.mkdir(exist_ok=True)
    lines = (
        json.dumps(task, ensure_ascii=False, sort_keys=True) for task in sorted(tasks, key=itemgetter("id"))
    )
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    partial.replace(path)
