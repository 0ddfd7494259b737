"""What every label format keeps: round numbers in, exact pixels and ns out; ids, origins, errors."""

from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError, TableFileError, UnknownNameError
from tasks.core.label_entries import EXPORT_FORMATS, Export, TimedExport
from tasks.label_formats import LABEL_FORMATS
from tests.label_formats.examples import EXAMPLES
from tests.label_formats.examples.example import BOX, BOX_LABEL, SEGMENT_TEXTS, SEGMENTS_NS
from tests.label_formats.exports import labels_of, read_export, write_json

FORMATS_OF_FILES = sorted(EXAMPLES.keys() - {"imagenet"})


def write_files(folder: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            (folder / name).write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            (folder / name).write_bytes(content)
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
    assert labels_of(tmp_path, example.export, example.items) == list(example.expected)


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.spatial])
def test_the_same_box_is_the_same_row_in_every_spatial_format(name: str) -> None:
    label = EXAMPLES[name].expected[0]
    assert {field: getattr(label, field) for field in BOX} == BOX
    assert label.label == BOX_LABEL


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.timed])
def test_the_same_segments_are_the_same_nanoseconds_in_every_timed_format(name: str) -> None:
    example = EXAMPLES[name]
    assert len(example.expected) == len(SEGMENTS_NS)
    for label, times_ns, text in zip(example.expected, SEGMENTS_NS, SEGMENT_TEXTS, strict=True):
        assert text in (label.text, label.label)
        for found_ns, meant_ns in zip((label.start_ns, label.end_ns), times_ns, strict=True):
            assert found_ns is not None
            assert 2 * abs(found_ns - meant_ns) < max(example.resolution_ns, 2)


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
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"\x89PNG\r\n\x1a\n\xff\x00\x00")
    with pytest.raises((LabelFormatError, TableFileError), match=next(iter(example.files)).split(".")[0]):
        read_export(tmp_path, example.export, example.items)


@pytest.mark.parametrize("name", FORMATS_OF_FILES)
def test_a_folder_in_place_of_the_file_is_an_error(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    for file in example.files:
        (tmp_path / file).mkdir(parents=True)
    export = LABEL_FORMATS[name].options(**{**vars(example.export), **_without_item(example.export)})
    with pytest.raises((LabelFormatError, TableFileError), match="expected"):
        read_export(tmp_path, export, example.items)


def _without_item(export: Export) -> dict[str, Any]:
    return {"item": None} if isinstance(export, TimedExport) else {}
