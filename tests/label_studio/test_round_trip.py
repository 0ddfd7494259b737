"""What needs a person goes to a real server, is answered there, and comes back as labels."""

import io
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flows.label_studio import run
from tasks.core.schemas import LABELS, RELABEL
from tasks.core.tables import read_table
from tests.conftest import Repository
from tests.label_studio.conftest import TOKEN, Server

SHAPES = """\
about: shapes
license: CC0-1.0
sources: [{kind: files, path: images/, session: "{stem}"}]
labels:
  - {format: label_studio, path: drawn.json}
align: {method: key, reference: image}
"""
MIXED = """\
about: sounds, reviews and a picture that is asked about
license: CC0-1.0
sources:
  - {kind: table, path: reviews.csv, text: words, id: id}
  - {kind: files, path: media/, session: "{stem}"}
labels:
  - {format: table, path: moods.csv, item: id, label: mood, task: sentiment, annotator: by}
  - {format: table, path: heard.csv, item: file, label: what, task: event, annotator: by, start: at, end: to}
  - {format: vqa, path: questions.json, answers: answers.json}
align: {method: key, reference: text}
"""
WIDTH, HEIGHT = 633, 477


def box(label: str, x: float, width: float, rotation: float = 0) -> dict[str, Any]:
    """A rectangle as the editor writes it, from pixels."""
    size = {"original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0}
    percent = {
        "x": x * 100 / WIDTH,
        "y": 20 * 100 / HEIGHT,
        "width": width * 100 / WIDTH,
        "height": 40 * 100 / HEIGHT,
    }
    value = {**percent, "rotation": rotation, "rectanglelabels": [label]}
    return {
        "id": f"{label}-{x:g}",
        "type": "rectanglelabels",
        "from_name": "l",
        "to_name": "image",
        **size,
        "value": value,
    }


def choice(label: str) -> dict[str, Any]:
    return {
        "id": "k",
        "type": "choices",
        "from_name": "kind",
        "to_name": "image",
        "value": {"choices": [label]},
    }


def drawn(number: int, *annotations: list[dict[str, Any]]) -> dict[str, Any]:
    by = [
        {"id": 10 * number + who, "completed_by": who, "result": results}
        for who, results in enumerate(annotations, 1)
    ]
    return {"id": number, "data": {"image": f"images/shape {number}.png"}, "annotations": by}


def picture(shade: int) -> bytes:
    encoded = io.BytesIO()
    Image.linear_gradient("L").rotate(shade).resize((WIDTH, HEIGHT)).convert("RGB").save(encoded, "PNG")
    return encoded.getvalue()


def sound() -> bytes:
    encoded = io.BytesIO()
    with wave.open(encoded, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(256)) * 125)
    return encoded.getvalue()


@pytest.fixture
def shapes(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Four pictures: two annotators differ, agree, one label is refused, and one picture is forgotten."""
    tasks = [
        drawn(
            0,
            [box("circle", 100, 50), box("square", 400, 50), choice("flat")],
            [box("circle", 104, 50), choice("round")],
        ),
        drawn(1, [box("circle", 100, 50), choice("flat")], [box("circle", 100, 50), choice("flat")]),
        drawn(2, [box("circle", 100, 5000), box("square", 400, 50, 15), choice("flat")]),
    ]
    images = {f"images/shape {n}.png": picture(30 * n) for n in range(4)}
    repository.add_batch("shapes", SHAPES, {**images, "drawn.json": json.dumps(tasks).encode()})
    repository.run("collect", "label")
    monkeypatch.chdir(repository.root)
    return repository


def asked(repository: Repository, batch: str) -> list[tuple[str, str, str]]:
    rows = read_table(RELABEL, repository.data / "labels" / batch).to_pylist()
    return [(row["item_id"].rpartition("/")[2], row["task"], row["why"]) for row in rows]


def declare(repository: Repository, batch: str, *names: str) -> None:
    """Name the answers in batch.yaml, as `pull` says."""
    path = repository.data / "batches" / batch / "batch.yaml"
    lines = "".join(
        f"  - {{format: label_studio, path: answers/label-studio-{name}.json}}\n" for name in names
    )
    path.write_text(path.read_text().replace("align:", f"{lines}align:"))


def test_corrected_boxes_come_back_to_the_pixel_and_the_queue_is_empty(
    shapes: Repository, server: Server
) -> None:
    assert asked(shapes, "shapes") == [
        ("shape 0.png", "classification", "tie"),
        ("shape 0.png", "detection", "tie"),
        ("shape 2.png", "detection", "rejected"),
        ("shape 3.png", "classification", "unlabelled"),
        ("shape 3.png", "detection", "unlabelled"),
    ]
    assert run(server.arguments("push", "shapes")).startswith("asked 3 new in 'shapes image' (project ")
    assert run(server.arguments("push", "shapes")) == "asked 0 new in 'shapes image'"
    tasks = server.tasks("shapes image")
    by_picture = {name.removeprefix("images/"): task for name, task in tasks.items()}
    assert sorted(by_picture) == ["shape 0.png", "shape 2.png", "shape 3.png"]

    images = shapes.data / "batches/shapes/images"
    for name, task in by_picture.items():
        assert server.fetch(task["data"]["image"]) == (images / name).read_bytes()
    (guess,) = by_picture["shape 0.png"]["predictions"]
    assert [(one["type"], one["value"].get("rectanglelabels")) for one in guess["result"]] == [
        ("choices", None),
        ("rectanglelabels", ["circle"]),
        ("rectanglelabels", ["square"]),
    ]
    ((turned,),) = [one["result"] for one in by_picture["shape 2.png"]["predictions"]]
    assert turned["value"]["rotation"] == 15
    assert by_picture["shape 3.png"]["predictions"] == []

    corrected = {**turned, "value": {**turned["value"], "rotation": 30, "x": 200 * 100 / WIDTH}}
    server.annotate(by_picture["shape 0.png"], *guess["result"])
    server.annotate(by_picture["shape 2.png"], corrected)
    new = [
        {**box("circle", 10, 20), "from_name": "detection"},
        {**choice("round"), "from_name": "classification"},
    ]
    server.annotate(by_picture["shape 3.png"], *new)
    path = "answers/label-studio-image.json"
    assert run(server.arguments("pull", "shapes")) == (
        f"3 answered in {path} (name it under labels in batch.yaml: - {{format: label_studio, path: {path}}})"
    )
    declare(shapes, "shapes", "image")
    assert shapes.run("label") == "label: 1 built, 0 unchanged; 17 labels, 1 rejected"

    labels = read_table(LABELS, shapes.data / "labels" / "shapes").to_pylist()
    answers = [row for row in labels if row["origin"].startswith("answers/")]
    assert {row["annotator"] for row in answers} == {"label-studio:1"}
    assert {row["ground_truth"] for row in answers} == {True}
    boxes = {
        (row["item_id"].rpartition("/")[2], row["label"]): tuple(
            round(row[name], 9) for name in ("x", "y", "width", "height", "rotation")
        )
        for row in answers
        if row["task"] == "detection"
    }
    assert boxes == {
        ("shape 0.png", "circle"): (102, 20, 50, 40, 0),
        ("shape 0.png", "square"): (400, 20, 50, 40, 0),
        ("shape 2.png", "square"): (200, 20, 50, 40, 30),
        ("shape 3.png", "circle"): (10, 20, 20, 40, 0),
    }
    kinds = [
        (row["item_id"].rpartition("/")[2], row["question"], row["label"])
        for row in answers
        if row["task"] == "classification"
    ]
    assert kinds == [("shape 0.png", "kind", "flat"), ("shape 3.png", "kind", "round")]
    assert run(server.arguments("push", "shapes")) == "asked nothing"
    before = (shapes.data / "batches/shapes" / path).read_bytes()
    assert TOKEN.encode() not in before
    assert run(server.arguments("pull", "shapes")) == f"3 answered in {path}"
    assert (shapes.data / "batches/shapes" / path).read_bytes() == before


def test_sounds_texts_and_free_questions_come_back_as_what_was_asked(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    question = {"image_id": 7, "question_id": 1, "question": "How many?"}
    answers = [
        {"answer": word, "answer_id": n, "answer_confidence": "yes"} for n, word in enumerate(("1", "2"), 1)
    ]
    answered = {**question, "answers": answers, "question_type": "how many", "answer_type": "number"}
    files = {
        "reviews.csv": b"id,words\nr1,not bad\n",
        "moods.csv": b"id,mood,by\nr1,glad,ann\nr1,sad,bob\n",
        "heard.csv": b"file,what,by,at,to\nhall.wav,bark,ann,0.25,0.75\nhall.wav,meow,bob,0.25,0.75\n",
        "questions.json": json.dumps({"questions": [question]}).encode(),
        "answers.json": json.dumps({"annotations": [answered]}).encode(),
        "media/hall.wav": sound(),
        "media/7.png": picture(10),
    }
    repository.add_batch("mixed", MIXED, files)
    repository.run("collect", "label")
    monkeypatch.chdir(repository.root)
    assert {(task, why) for _, task, why in asked(repository, "mixed")} == {
        ("event", "tie"),
        ("sentiment", "tie"),
        ("vqa", "tie"),
    }
    run(server.arguments("push", "mixed"))
    (heard,) = server.tasks("mixed audio").values()
    ((bark,),) = [one["result"] for one in heard["predictions"]]
    assert (bark["value"]["start"], bark["value"]["end"], bark["value"]["labels"]) == (0.25, 0.75, ["bark"])
    assert server.fetch(heard["data"]["audio"]) == files["media/hall.wav"]
    server.annotate(heard, {**bark, "value": {**bark["value"], "end": 0.625, "labels": ["meow"]}})
    (read,) = server.tasks("mixed text").values()
    assert read["data"]["text"] == "not bad"
    mood = {"id": "m", "type": "choices", "from_name": "sentiment", "to_name": "text"}
    server.annotate(read, {**mood, "value": {"choices": ["sad"]}})
    counted = server.tasks("mixed image-questions")["How many?"]
    ((guess,),) = [one["result"] for one in counted["predictions"]]
    assert guess["value"]["text"] == ["1"]
    server.annotate(counted, {**guess, "value": {"text": ["3"]}})

    run(server.arguments("pull", "mixed"))
    declare(repository, "mixed", "audio", "image-questions", "text")
    repository.run("label")
    assert asked(repository, "mixed") == []
    labels = read_table(LABELS, repository.data / "labels" / "mixed").to_pylist()
    found = [row for row in labels if row["origin"].startswith("answers/")]
    names = ("task", "question", "label", "text", "start_ns", "end_ns")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("event", None, "meow", None, 250_000_000, 625_000_000),
        ("vqa", "How many?", "3", None, None, None),
        ("sentiment", None, "sad", None, None, None),
    ]


def test_a_project_keeps_the_config_that_its_answers_were_given_to(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.chdir(repository.root)
    split = [drawn(0, [choice("flat")], [choice("round")])]
    files = {"images/shape 0.png": picture(0), "drawn.json": json.dumps(split).encode()}
    folder = repository.add_batch("words", SHAPES, files)
    repository.run("collect", "label")
    run(server.arguments("push", "words"))
    (task,) = server.tasks("words image").values()
    server.annotate(task, {**choice("flat"), "from_name": "classification"})
    (folder / "drawn.json").write_text(json.dumps([drawn(0, [choice("bent")], [choice("round")])]))
    repository.run("collect", "label")
    assert run(server.arguments("push", "words")).startswith("asked 1 new in 'words image' (project ")
    (again,) = server.tasks("words image 2").values()
    server.annotate(again, {**choice("bent"), "from_name": "classification"})
    assert run(server.arguments("pull", "words")).startswith("2 answered in answers/label-studio-image.json")


def test_a_wrong_token_is_said_so_and_not_told(shapes: Repository, server: Server, tmp_path: Path) -> None:
    from flows.errors import LabelStudioError

    (tmp_path / "wrong").write_text("f" * 40)
    arguments = ["push", "shapes", "--url", server.url, "--token-file", f"{tmp_path / 'wrong'}"]
    with pytest.raises(LabelStudioError, match="401; is the token right") as caught:
        run(arguments)
    assert "f" * 40 not in str(caught.value)
