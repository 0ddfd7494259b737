import json
from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import read_export

EXPORT = LabelExport("flickr30k_entities", "fe", "ann")
SENTENCE = (
    "[/EN#1/people/clothing Two men] watch [/EN#2/scene the sea]"
    " in [/EN#0/notvisual front] of [/EN#3/people us] ."
)


def drawn(*objects: str) -> str:
    written = "".join(f"<object>{one}</object>" for one in objects)
    return f"<annotation><size><width>9</width></size>{written}</annotation>"


def box(*corners: object) -> str:
    names = ("xmin", "ymin", "xmax", "ymax")
    return f"<bndbox>{''.join(f'<{n}>{c}</{n}>' for n, c in zip(names, corners, strict=True))}</bndbox>"


DRAWN = drawn(
    f"<name>1</name>{box(1, 1, 1, 1)}",
    f"<name>1</name>{box(10, 20, 30, 50)}",
    "<name>2</name><scene>1</scene><nobndbox>0</nobndbox>",
    "<name>3</name><scene>0</scene><nobndbox>1</nobndbox>",
)


def outcomes(folder: Path, sentences: str, drawing: str | None) -> list[Label | LabelFault]:
    for name in ("Sentences", "Annotations"):
        (folder / "fe" / name).mkdir(parents=True, exist_ok=True)
    (folder / "fe/Sentences/7.txt").write_text(sentences, encoding="utf-8")
    if drawing is not None:
        (folder / "fe/Annotations/7.xml").write_text(drawing, encoding="utf-8")
    return read_export(folder, EXPORT, ())


def test_a_phrase_is_a_label_for_every_box_of_its_entity(tmp_path: Path) -> None:
    *phrases, caption = outcomes(tmp_path, SENTENCE, DRAWN)
    assert [
        (one.native_id, one.task, one.label, one.text, one.x, one.y, one.width, one.height)
        for one in phrases
        if isinstance(one, Label)
    ] == [
        ("7#0/0", "detection", "people/clothing", "Two men", 0.0, 0.0, 1.0, 1.0),
        ("7#0/0/2", "detection", "people/clothing", "Two men", 9.0, 19.0, 21.0, 31.0),
        ("7#0/1", "classification", "scene", "the sea", None, None, None, None),
    ]
    assert {(one.media, *(one.refers_to or ())) for one in phrases if isinstance(one, Label)} == {
        ("7.jpg", "7#0")
    }
    assert isinstance(caption, Label)
    assert (caption.native_id, caption.task, caption.text) == (
        *("7#0", "caption"),
        "Two men watch the sea in front of us .",
    )
    assert json.loads((caption.attributes or {})["unseen"]) == [
        {"entity": "0", "type": "notvisual", "phrase": "front"},
        {"entity": "3", "type": "people", "phrase": "us"},
    ]


def test_a_caption_that_is_listed_as_unrelated_says_so(tmp_path: Path) -> None:
    outcomes(tmp_path, "A dog .\nA cat .\n", None)
    listed = "# format: <imageID> <sentence number>\n7 2\n8 1"
    (tmp_path / "fe/UNRELATED_CAPTIONS").write_text(listed, encoding="utf-8")
    found = read_export(tmp_path, EXPORT, ())
    assert [(one.native_id, one.attributes) for one in found if isinstance(one, Label)] == [
        ("7#0", None),
        ("7#1", {"unrelated": "yes"}),
    ]


def test_an_object_may_be_several_entities(tmp_path: Path) -> None:
    sentence = "[/EN#1/people A man] and [/EN#2/people a boy] ."
    one, other, _ = outcomes(tmp_path, sentence, drawn(f"<name>1</name><name>2</name>{box(1, 1, 4, 4)}"))
    assert isinstance(one, Label)
    assert isinstance(other, Label)
    assert (one.attributes, other.attributes, one.width, other.width) == (
        *({"entity": "1"}, {"entity": "2"}),
        *(4.0, 4.0),
    )


@pytest.mark.parametrize(
    ("drawing", "reason", "detail"),
    [
        (drawn(f"<name>9</name>{box(1, 1, 2, 2)}"), Reason.LABEL_NOT_FOUND, "no sentence names the entity"),
        (drawn(box(1, 1, 2, 2)), Reason.MALFORMED, "object 1 names no entity"),
        (
            drawn(f"<name>1</name>{box(1, 1, 2, 'x')}"),
            Reason.MALFORMED,
            "object 1 has no box of whole pixels",
        ),
        (drawn("<name>1</name><bndbox/>"), Reason.MALFORMED, "object 1 has no box of whole pixels"),
    ],
)
def test_a_box_that_cannot_be_imported_is_a_fault(
    tmp_path: Path, drawing: str, reason: Reason, detail: str
) -> None:
    caption, fault = outcomes(tmp_path, "[/EN#1/people A man] .", drawing)
    assert isinstance(caption, Label)
    assert isinstance(fault, LabelFault)
    assert fault.reason is reason
    assert detail in fault.detail


def test_a_sentence_whose_brackets_are_broken_is_a_fault(tmp_path: Path) -> None:
    caption, fault = outcomes(tmp_path, "[/EN#1/people A man .\nA dog .\n", None)[::-1]
    assert isinstance(caption, Label)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, caption.native_id) == ("7#0", "7#1")


def test_a_picture_with_a_broken_file_is_a_fault_and_the_others_are_read(tmp_path: Path) -> None:
    outcomes(tmp_path, "[/EN#1/people A man] .", drawn(f"<name>1</name>{box(1, 1, 4, 4)}"))
    (tmp_path / "fe/Sentences/8.txt").write_text("A dog .", encoding="utf-8")
    (tmp_path / "fe/Annotations/8.xml").write_text("<!DOCTYPE a><annotation/>", encoding="utf-8")
    (tmp_path / "fe/Annotations/9.xml").write_text("<annotation/>", encoding="utf-8")
    found = read_export(tmp_path, EXPORT, ())
    assert [one.native_id for one in found] == ["7#0/0", "7#0", "8", "9"]
    assert [one.reason for one in found if isinstance(one, LabelFault)] == [Reason.MALFORMED] * 2


def test_a_line_in_another_encoding_is_a_fault_of_its_own(tmp_path: Path) -> None:
    outcomes(tmp_path, "", None)
    (tmp_path / "fe/Sentences/7.txt").write_bytes(b"A caf\xe9 .\nA dog .\n")
    fault, caption = read_export(tmp_path, EXPORT, ())
    assert isinstance(fault, LabelFault)
    assert isinstance(caption, Label)
    assert (fault.native_id, fault.reason) == ("7#0", Reason.WRONG_ENCODING)


@pytest.mark.parametrize("folder", ["", "fe", "fe/Annotations"])
def test_a_folder_without_sentences_is_an_error(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    with pytest.raises(LabelFormatError, match=r"there is no Sentences/\*\.txt"):
        read_export(tmp_path, EXPORT, ())
