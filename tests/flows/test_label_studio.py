"""What the round trip refuses before it speaks to anyone, and what it writes down of an answer."""

import json
from pathlib import Path

import pytest

from flows.errors import LabelStudioError
from flows.label_studio import run, title_of
from flows.label_studio_answers import delivered_task, write_answers
from flows.label_studio_server import refuse_remote
from tests.conftest import Repository


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080", "https://[::1]"])
def test_this_machine_is_spoken_to(url: str) -> None:
    refuse_remote(url)


@pytest.mark.parametrize(
    "url", ["https://app.example.org", "http://127.0.0.1.example.org", "http://10.0.0.8:8080"]
)
def test_another_machine_is_not_spoken_to_unless_it_is_allowed(url: str) -> None:
    with pytest.raises(LabelStudioError, match="another machine: --allow-remote"):
        refuse_remote(url)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "file:///etc", "http://"])
def test_what_is_no_address_is_said_so(url: str) -> None:
    with pytest.raises(LabelStudioError, match="expected an address such as"):
        refuse_remote(url)


def test_a_missing_token_batch_or_server_is_named(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.root)
    monkeypatch.delenv("LABEL_STUDIO_API_KEY", raising=False)
    with pytest.raises(LabelStudioError, match="no token: set LABEL_STUDIO_API_KEY, or name a file"):
        run(["push", "monday"])
    with pytest.raises(LabelStudioError, match="the token cannot be read"):
        run(["push", "monday", "--token-file", "gone"])
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret")
    with pytest.raises(LabelStudioError, match="there is no batch 'monday'; there are \\[\\]"):
        run(["push", "monday"])
    repository.add_batch(
        "monday",
        "{about: x, license: x, sources: [{kind: files, path: .}], align: {method: key, reference: image}}",
    )
    with pytest.raises(LabelStudioError, match="is Label Studio there") as caught:
        run(["pull", "monday", "--url", "http://127.0.0.1:9"])
    assert "secret" not in str(caught.value)


def test_a_title_fits_what_the_server_takes() -> None:
    assert title_of("monday", "image") == "monday image"
    long = [title_of("x" * 100, name) for name in ("image", "text")]
    assert [len(title) for title in long] == [45, 45]
    assert long[0] != long[1]


def test_an_answer_is_kept_without_our_own_prediction_and_its_annotator_has_a_name_of_its_own(
    tmp_path: Path,
) -> None:
    annotations = [
        {"id": 9, "completed_by": {"id": 1, "email": "a@example.org"}, "result": [], "prediction": {"id": 3}},
        {"id": 8, "completed_by": 2, "result": [], "ground_truth": False},
    ]
    task = {"id": 4, "data": {"image": "a"}, "annotations": annotations, "predictions": [5], "drafts": []}
    settled, counted = delivered_task(task, settle=True), delivered_task(task, settle=False)
    assert [one["ground_truth"] for one in counted["annotations"]] == [False, False]
    assert settled == {
        "id": 4,
        "data": {"image": "a"},
        "annotations": [
            {"id": 8, "completed_by": {"id": "label-studio:2"}, "result": [], "ground_truth": True},
            {"id": 9, "completed_by": {"id": "label-studio:1"}, "result": [], "ground_truth": True},
        ],
    }
    write_answers(tmp_path / "answers" / "a.json", [settled, {**settled, "id": 3}])
    text = (tmp_path / "answers" / "a.json").read_text()
    assert [one["id"] for one in json.loads(text)] == [3, 4]
    assert [path.name for path in (tmp_path / "answers").iterdir()] == ["a.json"]
