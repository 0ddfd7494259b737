"""Tasks of Label Studio with one annotation each, read by the format: what its tests share."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import LabelStudioExport
from tests.label_formats.exports import read_export, write_json

EXPORT = LabelStudioExport("label_studio", "ls.json")
SIZE = {"original_width": 200, "original_height": 100}
BOX = {"x": 10, "y": 10, "width": 50, "height": 50}
PIXELS = (20.0, 10.0, 100.0, 50.0)


def result(kind: str, value: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """One result of the region `r`."""
    return {
        "id": "r",
        "type": kind,
        "from_name": "control",
        "to_name": "media",
        "value": value,
        **SIZE,
        **fields,
    }


def read_results(
    folder: Path,
    *results: object,
    data: dict[str, Any] | None = None,
    items: Sequence[ItemName] = (),
    **options: Any,
) -> list[Label | LabelFault]:
    """What one annotation of one task holds."""
    annotation = {"id": 5, "completed_by": {"id": 3, "email": "a@b.c"}, "result": list(results)}
    write_json(
        folder / "ls.json", [{"id": 1, "data": data or {"media": "a.jpg"}, "annotations": [annotation]}]
    )
    return read_export(folder, replace(EXPORT, **options), items)


def only_label(outcomes: list[Label | LabelFault]) -> Label:
    """The one label."""
    (label,) = outcomes
    assert isinstance(label, Label)
    return label


def only_fault(outcomes: list[Label | LabelFault]) -> LabelFault:
    """The one fault."""
    (fault,) = outcomes
    assert isinstance(fault, LabelFault)
    return fault


def labels_in(outcomes: list[Label | LabelFault]) -> list[Label]:
    """The labels, where there are no faults."""
    faults = [outcome for outcome in outcomes if isinstance(outcome, LabelFault)]
    if faults:
        raise ValueError(f"expected no faults, got {faults}")
    return [outcome for outcome in outcomes if isinstance(outcome, Label)]
