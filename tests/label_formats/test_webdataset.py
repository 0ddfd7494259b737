from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import WebDatasetExport
from tasks.label_formats.webdataset import WEBDATASET
from tests.collect.packing import tarred
from tests.label_formats.exports import batch_of, labels_of, read_export

EXPORT = WebDatasetExport("webdataset", "0.tar", "kind", "said")
ITEMS = (ItemName("0.tar/1.jpg", "image", 2, 2),)


def faults_of(folder: Path, export: WebDatasetExport, items: tuple[ItemName, ...]) -> dict[str, str]:
    return {
        outcome.native_id: f"{outcome.reason}: {outcome.detail}"
        for outcome in read_export(folder, export, items)
        if isinstance(outcome, LabelFault)
    }


@pytest.mark.parametrize(
    ("member", "payload", "faults"),
    [
        ("cls", b"", {"": "malformed: expected a classification in 'the member', got nothing"}),
        ("cls", b"\xff", {"": "wrong_encoding: expected UTF-8 text, byte 0 is none"}),
        ("json", b"[" * 100_000, {"": "malformed: the JSON is nested too deeply"}),
        ("json", b"[]", {"": "malformed: expected a JSON object, got a list"}),
        (
            "json",
            b'{"kind": "\\ud800"}',
            {"": "malformed: a \\u escape is half a character (a lone surrogate)"},
        ),
        (
            "json",
            b'{"kind": true, "said": ["", 3, "fine"]}',
            {
                ":kind": "malformed: expected a classification in 'kind', got a bool",
                ":said#1": "malformed: expected a caption in 'said', got nothing",
                ":said#2": "malformed: expected a caption in 'said', got a int",
            },
        ),
        (
            "json",
            b"{}",
            {
                ":kind": "malformed: expected a classification in 'kind', got nothing",
                ":said": "malformed: expected a caption in 'said', got nothing",
            },
        ),
    ],
)
def test_what_a_member_says_wrongly_is_a_fault(
    tmp_path: Path, member: str, payload: bytes, faults: dict[str, str]
) -> None:
    (tmp_path / "0.tar").write_bytes(tarred({f"1.{member}": payload}))
    found = faults_of(tmp_path, EXPORT, ITEMS)
    assert found == {f"0.tar/1.{member}{part}": detail for part, detail in faults.items()}


def test_json_is_seen_when_the_entry_says_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "0.tar").write_bytes(tarred({"1.json": b"{}"}))
    assert faults_of(tmp_path, WebDatasetExport("webdataset", "0.tar"), ITEMS) == {
        "0.tar/1.json": "unsupported_label: the entry says nothing about .json members:"
        " name the keys of `label` or `caption`"
    }


def test_a_sample_of_several_media_needs_to_be_told_which(tmp_path: Path) -> None:
    (tmp_path / "0.tar").write_bytes(tarred({"1.cls": b"cat"}))
    items = (*ITEMS, ItemName("0.tar/1.left.png", "image"), ItemName("0.tar/1.txt", "text"))
    assert faults_of(tmp_path, EXPORT, items) == {
        "0.tar/1.cls": "item_ambiguous: the sample '0.tar/1' has jpg, left.png; say which one as `item`"
    }
    (label,) = labels_of(tmp_path, WebDatasetExport("webdataset", "0.tar", item="left.png"), items)
    assert label.media == "0.tar/1.left.png"
    assert faults_of(tmp_path, EXPORT, ()) == {
        "0.tar/1.cls": "item_not_found: the sample '0.tar/1' has no such item"
    }


def test_one_broken_shard_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "0.tar").write_bytes(tarred({"1.cls": b"cat"})[:1024])
    (tmp_path / "1.tar").write_bytes(tarred({"1.cls": b"dog"}))
    items = (*ITEMS, ItemName("1.tar/1.jpg", "image"))
    export = WebDatasetExport("webdataset", "{0..1}.tar")
    outcomes = WEBDATASET.read(batch_of(tmp_path, export), export, items)
    labels = [next(outcomes), next(outcomes)]
    assert [label.label for label in labels if isinstance(label, Label)] == ["cat", "dog"]
    with pytest.raises(LabelFormatError, match=r"0\.tar: expected a shard: the archive is cut off"):
        next(outcomes)
