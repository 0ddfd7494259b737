"""What every label format keeps: round numbers in, exact pixels and ns out; ids, origins, errors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError, TableFileError, UnknownNameError
from tasks.core.label import ItemName, Label
from tasks.core.label_entries import (
    EXPORT_FORMATS,
    ClassFolders,
    Export,
    LabelExport,
    TableExport,
    TimedExport,
    VqaExport,
)
from tasks.label_formats import LABEL_FORMATS
from tests.label_formats.exports import PICTURE, labels_of, read_export, write_json

BOX: dict[str, Any] = {"x": 64.0, "y": 48.0, "width": 320.0, "height": 240.0}
SPAN: dict[str, Any] = {"start_ns": 1_250_000_000, "end_ns": 2_500_000_000}


@dataclass(frozen=True)
class Example:
    """An export of one label, and what must come out of it."""

    export: Export
    files: dict[str, Any]
    expected: Label
    items: tuple[ItemName, ...] = (PICTURE,)


EXAMPLES = {
    "coco": Example(
        LabelExport("coco", "coco.json", "ann"),
        {
            "coco.json": {
                "images": [{"id": 1, "file_name": "a.jpg"}],
                "categories": [{"id": 90, "name": "cat"}],
                "annotations": [{"id": 7, "image_id": 1, "category_id": 90, "bbox": [64, 48, 320, 240]}],
            }
        },
        Label("7", "a.jpg", "detection", "coco.json#7", "cat", annotator="ann", **BOX),
    ),
    "imagenet": Example(
        ClassFolders("imagenet", "images", "ann"),
        {},
        Label("cat/a.jpg", "images/cat/a.jpg", "classification", "images/cat/a.jpg", "cat", annotator="ann"),
        (ItemName("images/cat/a.jpg", "image", 640, 480),),
    ),
    "label_studio": Example(
        LabelExport("label_studio", "ls.json"),
        {
            "ls.json": [
                {
                    "id": 1,
                    "data": {"image": "/data/upload/8-a.jpg"},
                    "annotations": [
                        {
                            "id": 5,
                            "completed_by": 3,
                            "created_at": "2024-01-30T02:40:43Z",
                            "ground_truth": False,
                            "result": [
                                {
                                    "id": "r",
                                    "type": "rectanglelabels",
                                    "to_name": "image",
                                    "original_width": 640,
                                    "original_height": 480,
                                    "value": {
                                        **{"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 90},
                                        "rectanglelabels": ["cat"],
                                    },
                                }
                            ],
                        }
                    ],
                }
            ]
        },
        Label(
            "5/r",
            "/data/upload/8-a.jpg",
            "detection",
            "ls.json#5",
            "cat",
            rotation=90.0,
            annotator="3",
            created_at="2024-01-30T02:40:43Z",
            ground_truth=False,
            **BOX,
        ),
    ),
    "subtitles": Example(
        TimedExport("subtitles", "talk.srt", item="a.wav", clock="camera", annotator="ann"),
        {"talk.srt": "1\n00:00:01,250 --> 00:00:02,500\nHello\n"},
        Label(
            "1", "a.wav", "transcript", "talk.srt:2", text="Hello", clock="camera", annotator="ann", **SPAN
        ),
    ),
    "table": Example(
        TableExport("table", "t.csv", "who", "event", "what", None, "from", "to", "by", "sure"),
        {"t.csv": "who,what,from,to,by,sure\na.wav,bark,1.25,2.5,ann,0.5\n"},
        Label("2", "a.wav", "event", "t.csv:2", "bark", annotator="ann", confidence=0.5, **SPAN),
    ),
    "textgrid": Example(
        TimedExport("textgrid", "talk.TextGrid"),
        {
            "talk.TextGrid": '"ooTextFile"\n"TextGrid"\n0\n3\n<exists>\n1\n"IntervalTier"\n"word"\n0\n3\n1\n'
            '1.25\n2.5\n"Hello"\n'
        },
        Label("1/1", "talk", "transcript", "talk.TextGrid:13", "word", "Hello", **SPAN),
    ),
    "vqa": Example(
        VqaExport("vqa", "q.json", "a.json"),
        {
            "q.json": {"questions": [{"question_id": 4, "image_id": 790, "question": "Is it a cat?"}]},
            "a.json": {
                "annotations": [
                    {
                        "question_id": 4,
                        "image_id": 790,
                        "answers": [{"answer": "yes", "answer_id": 1, "answer_confidence": "maybe"}],
                    }
                ]
            },
        },
        Label(
            "4-1",
            "images/COCO_val2014_000000000790.jpg",
            "vqa",
            "a.json#4",
            "yes",
            question="Is it a cat?",
            confidence=0.5,
            annotator="1",
        ),
        (ItemName("images/COCO_val2014_000000000790.jpg", "image", 640, 480),),
    ),
}
FORMATS_OF_FILES = sorted(EXAMPLES.keys() - {"imagenet"})


def write_files(folder: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        if isinstance(content, str):
            (folder / name).write_text(content, encoding="utf-8")
        else:
            write_json(folder / name, content)


def test_there_is_a_format_for_every_word_that_a_batch_file_may_use() -> None:
    assert set(LABEL_FORMATS) == set(EXPORT_FORMATS) == set(EXAMPLES)
    assert {name: entry.options for name, entry in LABEL_FORMATS.items()} == EXPORT_FORMATS
    assert [entry.name for entry in LABEL_FORMATS.values()] == list(LABEL_FORMATS)


def test_a_format_that_is_not_there_is_an_error_with_the_nearest_word() -> None:
    with pytest.raises(UnknownNameError, match=r"no label format named 'cocco'.*Did you mean 'coco'"):
        LABEL_FORMATS["cocco"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_round_numbers_become_exact_pixels_and_nanoseconds(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    write_files(tmp_path, example.files)
    assert labels_of(tmp_path, example.export, example.items) == [example.expected]


@pytest.mark.parametrize("name", EXAMPLES)
def test_reading_twice_gives_the_same_labels(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    write_files(tmp_path, example.files)
    first = read_export(tmp_path, example.export, example.items)
    assert first == read_export(tmp_path, example.export, example.items)


@pytest.mark.parametrize("name", FORMATS_OF_FILES)
def test_an_export_that_is_something_else_is_an_error_that_names_the_file(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    for file in example.files:
        (tmp_path / file).write_bytes(b"\x89PNG\r\n\x1a\n\xff\x00\x00")
    with pytest.raises((LabelFormatError, TableFileError), match=next(iter(example.files)).split(".")[0]):
        read_export(tmp_path, example.export, example.items)


@pytest.mark.parametrize("name", FORMATS_OF_FILES)
def test_a_folder_in_place_of_the_file_is_an_error(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    for file in example.files:
        (tmp_path / file).mkdir()
    export = LABEL_FORMATS[name].options(**{**vars(example.export), **_without_item(example.export)})
    with pytest.raises((LabelFormatError, TableFileError), match="expected"):
        read_export(tmp_path, export, example.items)


def _without_item(export: Export) -> dict[str, Any]:
    return {"item": None} if isinstance(export, TimedExport) else {}
