"""A batch with one export, read by its format: what every test of a label format needs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.clock_entry import Clock
from tasks.core.label import ItemName, Label, LabelBlock, LabelFault
from tasks.core.label_entries import Export
from tasks.core.source_entries import FilesSource
from tasks.label_formats import LABEL_FORMATS
from tests.label_formats.examples.example import PICTURE

SOURCES = (FilesSource("files", "images"), FilesSource("files", "images", clock="camera"))
CLOCKS: dict[str, Literal["reference"] | Clock] = {"camera": Clock(offset=0)}


def batch_of(folder: Path, *exports: Export) -> Batch:
    """The folder as a batch whose media lie in images/."""
    file = BatchFile("a test", "CC0-1.0", SOURCES, Align("key", "image"), exports, CLOCKS)
    return Batch("monday", folder, file)


def read_export(
    folder: Path, export: Export, items: Sequence[ItemName] = (PICTURE,)
) -> list[Label | LabelFault]:
    """What the export's format yields, blocks of labels one by one."""
    outcomes = LABEL_FORMATS[export.format].read(batch_of(folder, export), export, tuple(items))
    return [
        one
        for outcome in outcomes
        for one in (outcome.labels() if isinstance(outcome, LabelBlock) else (outcome,))
    ]


def labels_of(folder: Path, export: Export, items: Sequence[ItemName] = (PICTURE,)) -> list[Label]:
    """The labels of an export that has no faults."""
    outcomes = read_export(folder, export, items)
    faults = [outcome for outcome in outcomes if isinstance(outcome, LabelFault)]
    if faults:
        raise ValueError(f"expected no faults, got {faults}")
    return [outcome for outcome in outcomes if isinstance(outcome, Label)]


def write_json(path: Path, value: object) -> None:
    """The value as a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
