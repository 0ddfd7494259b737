from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import LabelStudioExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export, write_json
from tests.label_formats.label_studio_tasks import BOX, only_label, read_results, result

CONFIG = """<View>
  <Image name="img" value="$pages[1].url"/>
  <Audio name="sound" value="$recording"/>
  <Text name="said" value="$recording"/>
  <RectangleLabels name="box" toName="img">
    <Label value="cat"/><View><Label value="Dog" alias="dog"/></View>
  </RectangleLabels>
  <Choices name="free" toName="img" value="$choices"/>
  <Taxonomy name="kind" toName="img"><Choice value="a"><Choice value="b"/></Choice></Taxonomy>
  <TextArea name="note" toName="sound"/>
</View>"""
DATA = {
    "first": "x.jpg",
    "pages": [{"url": "a.jpg"}, {"url": "b.jpg"}],
    "recording": "a recording",
}


def with_config(folder: Path, *results: object, config: str = CONFIG) -> list[Label | LabelFault]:
    (folder / "config.xml").write_text(config, encoding="utf-8")
    return read_results(folder, *results, data=DATA, config="config.xml")


def box(name: str, **fields: Any) -> dict[str, Any]:
    return result(
        "rectanglelabels", {**BOX, "rectanglelabels": [name]}, from_name="box", to_name="img", **fields
    )


def test_the_config_tells_which_of_the_tasks_data_an_object_shows(tmp_path: Path) -> None:
    assert only_label(with_config(tmp_path, box("cat"))).media == "b.jpg"


def test_a_label_that_the_config_does_not_have_is_an_unknown_category(tmp_path: Path) -> None:
    outcomes = with_config(tmp_path, box("cat", id="a"), box("dog", id="b"), box("cow", id="c"))
    assert [outcome.native_id for outcome in outcomes] == ["5/a", "5/b", "5/c"]
    fault = outcomes[-1]
    assert isinstance(fault, LabelFault)
    assert fault.reason is Reason.UNKNOWN_CATEGORY
    assert fault.detail == "the control 'box' of the labelling config has no label 'cow'"


@pytest.mark.parametrize(
    ("kind", "value", "from_name", "known"),
    [
        ("choices", {"choices": ["whatever"]}, "free", True),
        ("choices", {"choices": ["whatever"]}, "not in the config", True),
        ("taxonomy", {"taxonomy": [["a", "b"]]}, "kind", True),
        ("taxonomy", {"taxonomy": [["a", "c"]]}, "kind", False),
    ],
)
def test_only_labels_that_the_config_lists_are_checked(
    tmp_path: Path, kind: str, value: dict[str, Any], from_name: str, *, known: bool
) -> None:
    (outcome,) = with_config(tmp_path, result(kind, value, from_name=from_name, to_name="img"))
    assert isinstance(outcome, Label) == known


def test_the_config_tells_what_is_heard_and_what_is_read(tmp_path: Path) -> None:
    note = result("textarea", {"text": ["hello"]}, to_name="sound", from_name="note")
    assert only_label(with_config(tmp_path, note)).task == "transcript"
    span = {"start": 1, "end": 2, "labels": ["x"]}
    (heard,) = with_config(tmp_path, result("labels", span, to_name="sound"))
    (read,) = with_config(tmp_path, result("labels", span, to_name="said"))
    assert (type(heard), type(read)) == (Label, LabelFault)


@pytest.mark.parametrize(
    "config",
    ["<Views/>", "<View", "", '<!DOCTYPE v [<!ENTITY a "b">]><View>&a;</View>', "\x00"],
)
def test_a_config_that_is_none_is_an_error_that_names_it(tmp_path: Path, config: str) -> None:
    with pytest.raises(LabelFormatError, match=r"config\.xml"):
        with_config(tmp_path, box("cat"), config=config)


def test_the_real_configs_know_the_labels_of_their_exports_but_for_one_kind(corpora: Path) -> None:
    root = corpora / "labelstudio_exports" / "data" / "test_export_yolo"
    for kind, known, unknown in (("", 6, 0), ("_keypoints", 9, 0), ("_obb", 1, 24), ("_polygons", 1, 0)):
        export = LabelStudioExport("label_studio", f"data{kind}.json", config=f"label_config{kind}.xml")
        outcomes = read_export(root, export)
        faults = [one for one in outcomes if isinstance(one, LabelFault)]
        assert (len(outcomes) - len(faults), len(faults)) == (known, unknown)
        assert all(one.detail.endswith("has no label 'Butterfly'") for one in faults)


ITEM = ItemName("images/b.jpg", "image")


@pytest.mark.parametrize(
    ("told", "media"),
    [
        ({"modalweave_item": "monday/images/b.jpg"}, "images/b.jpg"),
        ({"modalweave_item": "images/b.jpg"}, "images/b.jpg"),
        ({"modalweave_item": "images/gone.jpg"}, "images/gone.jpg"),
        ({"item_id": "monday/images/b.jpg"}, "images/b.jpg"),
        ({"item_id": "SKU 5"}, "http://x.org/a.jpg"),
        ({"item_id": 5, "modalweave_item": ""}, "http://x.org/a.jpg"),
    ],
)
def test_an_item_that_the_task_names_as_ours_is_meant(
    tmp_path: Path, told: dict[str, Any], media: str
) -> None:
    data = {"image": "http://x.org/a.jpg", **told}
    choice = result("choices", {"choices": ["x"]}, to_name="image")
    assert only_label(read_results(tmp_path, choice, data=data, items=[ITEM])).media == media


PAGES = {"image": "cover.jpg", "pages": ["p0.jpg", "p1.jpg"]}


@pytest.mark.parametrize("config", ['<View><Image name="pdf" valueList="$pages"/></View>', None])
@pytest.mark.parametrize(("index", "media"), [(0, "p0.jpg"), (1, "p1.jpg"), (None, "cover.jpg")])
def test_a_result_about_one_picture_of_a_list_says_which(
    tmp_path: Path, config: str | None, index: int | None, media: str
) -> None:
    (tmp_path / "config.xml").write_text(config or "", encoding="utf-8")
    choice = result("choices", {"choices": ["x"]}, to_name="pdf", item_index=index)
    label = only_label(read_results(tmp_path, choice, data=PAGES, config="config.xml" if config else None))
    assert label.media == media


@pytest.mark.parametrize("index", [2, -1, "0", True])
def test_a_picture_that_is_not_in_the_list_is_a_fault(tmp_path: Path, index: object) -> None:
    choice = result("choices", {"choices": ["x"]}, to_name="pages", item_index=index)
    (fault,) = read_results(tmp_path, choice, data=PAGES)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("5/r", Reason.MALFORMED)


def test_predictions_are_imported_only_when_asked_and_as_the_models(tmp_path: Path) -> None:
    prediction = {
        "model_version": "v2",
        "score": 0.25,
        "result": [
            result("choices", {"choices": ["x"]}, id="a", score=0.5),
            result("choices", {"choices": ["y"]}, id="b"),
        ],
    }
    task = {"id": 1, "data": {"media": "a.jpg"}, "annotations": [], "predictions": [prediction, 7]}
    write_json(tmp_path / "ls.json", [task])
    *labels, fault = read_export(tmp_path, LabelStudioExport("label_studio", "ls.json", predictions=True))
    assert [
        (one.native_id, one.label, one.annotator, one.confidence, one.ground_truth)
        for one in labels
        if isinstance(one, Label)
    ] == [
        ("1/predictions[0]/a", "x", "model:v2", 0.5, False),
        ("1/predictions[0]/b", "y", "model:v2", 0.25, False),
    ]
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("1/predictions[1]", Reason.MALFORMED)


@pytest.mark.parametrize(
    ("person", "annotator"),
    [(3, "3"), ({"id": 3}, "3"), ({"email": "a@b.c"}, "a@b.c"), ("kim", "kim"), (None, "ann"), ({}, "ann")],
)
def test_who_made_it_is_a_number_an_object_or_the_batchs_word(
    tmp_path: Path, person: object, annotator: str
) -> None:
    annotation = {"id": 5, "completed_by": person, "result": [result("choices", {"choices": ["x"]})]}
    write_json(tmp_path / "ls.json", [{"data": {"media": "a.jpg"}, "annotations": [annotation]}])
    (label,) = labels_of(tmp_path, LabelStudioExport("label_studio", "ls.json", "ann"))
    assert label.annotator == annotator
