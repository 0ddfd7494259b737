"""What becomes of the outcomes of an export: ids, references, values that no table can hold."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import LabelExport
from tasks.core.registry import Registry
from tasks.core.rejects import Reason
from tasks.label import importing
from tests.label.test_stage import Result, an_item, run

Outcome = Label | LabelFault


def label(native_id: str, **fields: Any) -> Label:
    return replace(Label(native_id, "a.wav", "event", f"x#{native_id}", "hum"), **fields)


@pytest.fixture
def import_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the stage over an export that says just these outcomes."""

    def run_with(*outcomes: Outcome) -> Result:
        def read(batch: Batch, entry: LabelExport, items: tuple[ItemName, ...]) -> Iterator[Outcome]:
            yield from outcomes

        formats = Registry("label format", {"said": LabelFormat("said", LabelExport, read)})
        monkeypatch.setattr(importing, "LABEL_FORMATS", formats)
        items = [an_item("a.wav", "audio", start_ns=5)]
        return run(tmp_path, (LabelExport("said", "x"),), items, {"x": ""})

    return run_with


def rejected(result: Result) -> list[tuple[str, str]]:
    return [(row["row_id"].removeprefix("monday/x:"), row["reason"]) for row in result.rejects]


def test_the_first_of_an_id_stands_and_numbered_ids_keep_clear_of_the_others(import_all: Any) -> None:
    fault = LabelFault("a", "x#a", Reason.CANCELLED, "it was cancelled")
    result = import_all(label("a"), label("b~2"), label("b"), fault, label("b"), label("b"), label("a"))
    assert [row["label_id"] for row in result.labels] == ["monday/x:a", "monday/x:b", "monday/x:b~2"]
    assert rejected(result) == [
        ("a~2", "cancelled"),
        ("a~3", "repeated"),
        ("b~3", "repeated"),
        ("b~4", "repeated"),
    ]
    assert result.rejects[1]["detail"] == "x#a: the id 'a' was there before"


def test_an_id_that_a_fault_has_taken_is_not_given_to_a_label(import_all: Any) -> None:
    result = import_all(LabelFault("a", "x#a", Reason.MALFORMED, "no"), label("a"))
    assert (result.labels, rejected(result)) == ([], [("a", "malformed"), ("a~2", "repeated")])


def test_a_label_that_refers_to_one_that_does_not_stand_is_not_imported(import_all: Any) -> None:
    result = import_all(
        label("1", refers_to=["2", "3"]),
        label("2"),
        label("3", refers_to=[]),
        label("4", refers_to=["9"]),
        label("5", refers_to=["4", "2"]),
        label("6", media="gone.wav"),
        label("7", refers_to=["2", "6"]),
        label("8", refers_to=["8"]),
    )
    referring = {row["label_id"]: row["refers_to"] for row in result.labels}
    assert referring == {
        "monday/x:1": ["monday/x:2", "monday/x:3"],
        "monday/x:2": None,
        "monday/x:3": [],
        "monday/x:8": ["monday/x:8"],
    }
    lost = Reason.LABEL_NOT_FOUND
    assert rejected(result) == [("4", lost), ("5", lost), ("6", Reason.ITEM_NOT_FOUND), ("7", lost)]
    assert result.rejects[1]["detail"] == "x#5: it refers to '4', which is not there or was rejected"


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"start_ns": 2**63}, "x#2: a time is more than 292 years away"),
        ({"start_ns": 0, "end_ns": 2**70}, "x#2: a time is more than 292 years away"),
        ({"text": "half \ud800"}, "x#2: a value cannot be stored: .*surrogates not allowed"),
        ({"x": "left"}, "x#2: a value cannot be stored: .*left"),
        ({"label": 5}, "x#2: a value cannot be stored: "),
        ({"attributes": {"a": 1}}, "x#2: a value cannot be stored: "),
    ],
)
def test_a_value_that_a_table_cannot_hold_is_a_reject(
    import_all: Any, fields: dict[str, Any], detail: str
) -> None:
    result = import_all(label("1"), label("2", **fields), label("3"))
    assert [row["label_id"] for row in result.labels] == ["monday/x:1", "monday/x:3"]
    (reject,) = result.rejects
    assert reject["reason"] == "malformed"
    with pytest.raises(ValueError, match=detail):
        raise ValueError(reject["detail"])


def test_attributes_are_sorted_by_their_names(import_all: Any) -> None:
    (row,) = import_all(label("1", attributes={"b": "2", "a": "1"})).labels
    assert row["attributes"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]


STRANGE = ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\x9f", "\ufeff", "\uffff"]


@pytest.mark.parametrize("character", STRANGE)
@pytest.mark.parametrize(
    "fields",
    [
        *({name: "a{}b"} for name in ("label", "text", "question", "track", "annotator", "created_at")),
        {"attributes": {"a{}": "b"}},
        {"attributes": {"a": "b", "c": "d{}"}},
        {"keypoints": [{"name": "no{}se", "x": 1.0, "y": 1.0, "visible": 2}]},
    ],
)
def test_a_text_with_a_control_character_is_a_reject(
    import_all: Any, fields: dict[str, Any], character: str
) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {filled(name): filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return value.replace("{}", character) if isinstance(value, str) else value

    result = import_all(label("1"), label("2", **filled(fields)), label("3"))
    assert [row["label_id"] for row in result.labels] == ["monday/x:1", "monday/x:3"]
    (reject,) = result.rejects
    assert reject["reason"] == "control_character"
    assert f"x#2: U+{ord(character):04X} at character " in reject["detail"]
    assert character not in reject["detail"]


def test_a_native_id_with_a_control_character_is_written_out(import_all: Any) -> None:
    (reject,) = import_all(label("a\x1b[2J")).rejects
    assert (reject["row_id"], reject["reason"]) == ("monday/x:a\\x1b[2J", "control_character")


def test_line_ends_tabs_and_letters_of_any_script_are_text(import_all: Any) -> None:
    texts = ["two\nlines\r\n", "a\tb", "£ § Â ñ", "日本語", "한국어", "👩\u200d🚀"]
    result = import_all(*(label(f"{n}", text=text) for n, text in enumerate(texts)))
    assert [row["text"] for row in result.labels] == texts


@pytest.mark.parametrize(
    ("fields", "stands"),
    [
        ({"task": "classification"}, False),
        ({"task": "classification", "label": " "}, False),
        ({"task": "classification", "text": "hum"}, False),
        ({"task": "detection"}, False),
        ({"task": "detection", "attributes": {"hue": "red"}}, False),
        ({"task": "detection", "attributes": {"negative": "true"}}, True),
        ({"task": "detection", "text": "what it says"}, True),
        ({"task": "segmentation"}, False),
        ({"task": "keypoints", "text": ""}, False),
        ({"task": "event"}, False),
        ({"task": "event", "attributes": {"valence": "0.5"}}, True),
        ({"task": "sentiment"}, False),
        ({"task": "caption", "text": "a hum"}, True),
        ({"task": "transcript", "text": "hm"}, True),
        ({"task": "vqa", "question": "what?"}, True),
        ({"task": "relation"}, True),
    ],
)
def test_what_should_name_something_and_names_nothing_is_a_reject(
    import_all: Any, fields: dict[str, Any], stands: bool
) -> None:
    result = import_all(label("1", **({"label": None} | fields)))
    assert (len(result.labels), [row["reason"] for row in result.rejects]) == (
        (1, []) if stands else (0, ["no_class"])
    )
