"""The queue as projects: who is asked what, with which words to choose from."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.asking.__main__ import main, tasks_text
from tasks.asking.controls import Control, labelling_config, offered
from tasks.asking.projects import Asking, to_asking
from tasks.core.schemas import CONSENSUS, ITEMS, LABELS, RELABEL
from tasks.core.tables import to_table, write_table
from tests.label.test_stage import an_item

Row = dict[str, Any]
PICTURE: Row = {"batch": "b", "media_type": "image/png", "width": 100, "height": 50}


def label(number: int, item: str, **fields: Any) -> Row:
    return {"batch": "b", "label_id": f"b/{number}", "item_id": item, "format": "x", "origin": "x", **fields}


def asked(item: str, task: str, question: str = "", why: str = "tie") -> Row:
    return {"batch": "b", "item_id": item, "task": task, "question": question, "why": why, "detail": "so"}


def given(
    data: Path, items: list[Row], labels: list[Row], queue: list[Row], consensus: list[Row] | None = None
) -> Asking:
    write_table(ITEMS, to_table(ITEMS, items), data / "collected" / "b")
    for spec, rows in ((LABELS, labels), (RELABEL, queue), (CONSENSUS, consensus or [])):
        write_table(spec, to_table(spec, rows), data / "labels" / "b")
    return to_asking(data, "b")


def pictures(*names: str) -> list[Row]:
    return [an_item(name, item_id=f"b/{name}", **PICTURE) for name in names]


def test_a_config_asks_every_question_and_escapes_what_xml_must() -> None:
    config = labelling_config(
        "image",
        [
            Control(
                "classification", "choices", "classification", "kind", ('a "b" & <c>', "d"), multiple=True
            ),
            Control("caption", "textarea", "caption", ""),
        ],
    )
    assert config.splitlines() == [
        "<View>",
        '  <Header value="$why" size="5"/>',
        '  <Image name="image" value="$image" zoom="true" zoomControl="true"/>',
        '  <Header value="kind" size="4"/>',
        '  <Choices name="classification" toName="image" choice="multiple">',
        '    <Choice value="a &quot;b&quot; &amp; &lt;c&gt;"/>',
        '    <Choice value="d"/>',
        "  </Choices>",
        '  <Header value="caption" size="4"/>',
        '  <TextArea name="caption" toName="image" rows="3" maxSubmissions="1" editable="true"/>',
        "</View>",
    ]
    assert offered(["b", "a", "", "bell\x07"]) == ("a", "b")


def test_an_item_is_one_task_that_names_it_and_says_why_and_what_is_asked(tmp_path: Path) -> None:
    labels = [
        label(1, "b/a", task="classification", question="kind", label="x", annotator="1"),
        label(2, "b/a", task="classification", question="kind", label="y", annotator="2"),
        label(3, "b/c", task="detection", label="cat", x=10, y=5, width=50, height=10),
    ]
    queue = [asked("b/a", "classification", "kind"), asked("b/c", "detection", why="rejected")]
    (project,) = given(tmp_path, pictures("a", "b", "c"), labels, queue).projects
    assert (project.name, len(project.items)) == ("image", 2)
    first, second = (one.task for one in project.items)
    told = {
        "classification": {"task": "classification", "question": "kind"},
        "detection": {"task": "detection", "question": ""},
    }
    assert first["data"] == {
        "image": "a",
        "modalweave_item": "a",
        "question": "",
        "why": "classification: tie (so)",
        "modalweave_asked": told,
    }
    ((box,),) = [one["result"] for one in second["predictions"]]
    assert box["value"] == {
        "x": 10,
        "y": 10,
        "width": 50,
        "height": 20,
        "rotation": 0,
        "rectanglelabels": ["cat"],
    }


def test_the_consensus_is_shown_where_there_is_one(tmp_path: Path) -> None:
    labels = [label(n, "b/a", task="sentiment", label=kind, annotator=f"{n}") for n, kind in enumerate("xyy")]
    agreed = {
        **{"batch": "b", "item_id": "b/a", "task": "sentiment", "question": "", "region": 0, "label": "y"},
        **{"votes": 3, "agreement": 2 / 3, "tie": False, "members": ["b/0", "b/1", "b/2"]},
    }
    (project,) = given(tmp_path, pictures("a"), labels, [asked("b/a", "sentiment")], [agreed]).projects
    ((shown,),) = [one["result"] for one in project.items[0].task["predictions"]]
    assert shown["value"] == {"choices": ["y"]}


def test_an_unlabelled_item_is_asked_each_question_and_free_questions_are_a_project_of_their_own(
    tmp_path: Path,
) -> None:
    labels = [
        label(1, "b/a", task="classification", question="kind", label="x"),
        label(2, "b/a", task="classification", question="mood", label="glad"),
        label(3, "b/a", task="vqa", question="who?", label="Ann", annotator="1"),
        label(4, "b/a", task="vqa", question="who?", label="Bob", annotator="2"),
    ]
    queue = [
        asked("b/b", "classification", why="unlabelled"),
        asked("b/a", "vqa", "who?"),
        asked("b/a", "vqa", "why?"),
    ]
    choices, free = given(tmp_path, pictures("a", "b"), labels, queue).projects
    assert choices.config.count("<Choices") == 2
    assert [one.task["data"]["question"] for one in free.items] == ["who?", "why?"]
    assert free.items[0].task["data"]["modalweave_asked"] == {"vqa": {"task": "vqa", "question": "who?"}}


def test_what_no_control_can_ask_is_counted(tmp_path: Path) -> None:
    items = [*pictures("a"), an_item("v", "video", batch="b", item_id="b/v"), *pictures("t")]
    items[-1]["media_type"] = "image/tiff"
    queue = [asked("b/a", "relation"), asked("b/v", "event"), asked("b/t", "detection"), asked("b/a", "vqa")]
    asking = given(tmp_path, items, [], queue)
    assert asking.projects == ()
    assert asking.not_asked == {
        ("image", "detection"): 1,
        ("image", "relation"): 1,
        ("image", "vqa"): 1,
        ("video", "event"): 1,
    }


def test_the_command_writes_what_label_studio_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = [label(1, "b/a", task="detection", label="cat", x=1, y=1, width=5, height=5)]
    asking = given(tmp_path / "data", pictures("a"), labels, [asked("b/a", "detection")])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["asking", "b", "out"])
    assert main() == 0
    assert capsys.readouterr().out == "asking 1 in 'image'\n"
    (project,) = asking.projects
    assert (tmp_path / "out/image/tasks.json").read_text() == tasks_text(project)
    assert json.loads(tasks_text(project)) == [one.task for one in project.items]
    assert (tmp_path / "out/image/config.xml").read_text() == project.config
    monkeypatch.setattr("sys.argv", ["asking", "unknown", "out"])
    assert main() == 1
    assert "run the stage that writes 'labels' first" in capsys.readouterr().err
