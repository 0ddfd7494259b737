from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import VqaExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export, write_json

EXPORT = VqaExport("vqa", "q.json", "a.json")
QUESTION = {"question_id": 4, "image_id": 790, "question": "Is it a cat?"}
KINDS = {"question_type", "answer_type", "multiple_choice_answer"}
ANSWERS = {"question_id": 4, "answers": [{"answer": "yes", "answer_id": 1}, {"answer": "no", "answer_id": 2}]}


def pictures(*names: str) -> tuple[ItemName, ...]:
    return tuple(ItemName(name, "image", None, None) for name in names)


def outcomes(
    folder: Path, questions: list[Any], answers: list[Any], items: tuple[ItemName, ...] = ()
) -> list[Label | LabelFault]:
    write_json(folder / "q.json", {"questions": questions})
    write_json(folder / "a.json", {"annotations": answers})
    return read_export(folder, EXPORT, items)


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("images/790.jpg", "images/790.jpg"),
        ("000000000790.jpg", "000000000790.jpg"),
        ("val/COCO_val2014_000000000790.png", "val/COCO_val2014_000000000790.png"),
        ("x790.jpg", "790"),
        ("7900.jpg", "790"),
    ],
)
def test_a_picture_is_told_by_its_number(tmp_path: Path, name: str, media: str) -> None:
    found = outcomes(tmp_path, [QUESTION], [ANSWERS], pictures(name))
    assert [label.media for label in found if isinstance(label, Label)] == [media, media]


def test_a_number_that_two_pictures_have_is_ambiguous(tmp_path: Path) -> None:
    (fault,) = outcomes(tmp_path, [QUESTION], [ANSWERS], pictures("a/790.jpg", "b/0790.jpg"))
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("4", Reason.ITEM_AMBIGUOUS)


def test_every_answer_is_a_label_by_its_answerer(tmp_path: Path) -> None:
    found = outcomes(tmp_path, [QUESTION], [ANSWERS])
    assert [
        (label.native_id, label.label, label.annotator) for label in found if isinstance(label, Label)
    ] == [
        ("4-1", "yes", "1"),
        ("4-2", "no", "2"),
    ]


@pytest.mark.parametrize(
    ("question", "answers", "native_id", "detail"),
    [
        (QUESTION, [], "4", "the question has no answers"),
        (QUESTION, [{"question_id": 4, "answers": []}], "4", "the question has no answers"),
        (QUESTION, [{"question_id": 4}], "4", "expected a list 'answers'"),
        (QUESTION, [{**ANSWERS, "image_id": 5}], "4", "about image 790, its answers about another"),
        ({**QUESTION, "question": ""}, [ANSWERS], "4", "expected a text 'question'"),
        ({"question_id": 4, "question": "?"}, [ANSWERS], "4", "expected an id 'image_id'"),
        ({"image_id": 1, "question": "?"}, [], "questions[0]", "expected an id 'question_id'"),
        (QUESTION, [{"question_id": 4, "answers": [{"answer": 5}]}], "4-1", "expected a text 'answer'"),
        (
            QUESTION,
            [{"question_id": 4, "answers": [{"answer": "a", "answer_confidence": "sure"}]}],
            "4-1",
            "expected an answer_confidence of ['yes', 'maybe', 'no'], got 'sure'",
        ),
    ],
)
def test_a_question_or_an_answer_that_cannot_be_one_is_a_fault(
    tmp_path: Path, question: dict[str, Any], answers: list[Any], native_id: str, detail: str
) -> None:
    (fault,) = outcomes(tmp_path, [question], answers)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == (native_id, Reason.MALFORMED)
    assert detail in fault.detail


def test_answers_stay_as_they_are_with_what_is_said_of_their_question(tmp_path: Path) -> None:
    kinds = {"question_type": "is it", "answer_type": "yes/no", "multiple_choice_answer": "yes"}
    answers = [{"answer": "The Cat's", "answer_id": 1}, {"answer": "yes", "answer_id": 2}]
    found = outcomes(tmp_path, [QUESTION], [{"question_id": 4, "answers": answers, "x": "y", **kinds}])
    assert [(label.label, label.attributes) for label in found if isinstance(label, Label)] == [
        ("The Cat's", kinds),
        ("yes", kinds),
    ]


def test_questions_without_a_file_of_answers_are_labels_that_have_none_yet(tmp_path: Path) -> None:
    write_json(tmp_path / "q.json", {"questions": [QUESTION, {**QUESTION, "question_id": 5, "image_id": 8}]})
    items = pictures("790.jpg", "a/8.jpg", "b/8.jpg")
    label, fault = read_export(tmp_path, VqaExport("vqa", "q.json"), items)
    assert label == Label("4", "790.jpg", "vqa", "q.json#4", question="Is it a cat?")
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("5", Reason.ITEM_AMBIGUOUS)


def test_answers_without_a_question_are_a_fault(tmp_path: Path) -> None:
    (fault,) = outcomes(tmp_path, [], [ANSWERS])
    assert (fault.native_id, fault.origin) == ("4", "a.json#4")


def test_a_question_that_is_given_twice_is_answered_once(tmp_path: Path) -> None:
    *answers, fault = outcomes(tmp_path, [QUESTION, QUESTION], [ANSWERS])
    assert [label.native_id for label in answers] == ["4-1", "4-2"]
    assert isinstance(fault, LabelFault)
    assert fault.reason is Reason.REPEATED


def test_real_questions_have_ten_answers_each_about_a_picture(corpora: Path) -> None:
    images = sorted((corpora / "coco_cc" / "images").iterdir())
    items = pictures(*(f"images/{image.name}" for image in images))
    labels = labels_of(corpora / "vqa_v2", VqaExport("vqa", "questions.json", "annotations.json"), items)
    assert (len(labels), len({label.question for label in labels})) == (80, 8)
    assert set(Counter(label.question for label in labels).values()) == {10}
    assert all((label.attributes or {}).keys() == KINDS for label in labels)
    assert {label.media for label in labels} <= {item.native_id for item in items}
    assert {label.confidence for label in labels} == {0.0, 0.5, 1.0}
