"""Evaluate as a stage: scores beside chance, reasons for what has none, counts, and plots for DVC."""

import json
from pathlib import Path

import pytest

from tasks.core.errors import ConfigError
from tasks.core.schemas import ALIGN_REJECTS, FUSE_REJECTS, ITEMS, LABEL_REJECTS, LABELS, LINKS
from tests.evaluate.conftest import Upstream, target

ITEM = {"role": "image", "session": "all", "clock": "reference", "license": "CC0-1.0", "source": "by hand"}
LINK = {"session": "all", "kind": "item"}


def fill(upstream: Upstream, task: str, train: int = 20, test: int = 10) -> None:
    """Samples that say `left` and `right`, two to one, and whose vectors lie just there."""
    for split, count in (("train", train), ("test", test)):
        for n in range(count):
            label, x = ("right", 1.0) if n % 3 == 0 else ("left", -1.0)
            upstream.sample(f"{split}{n:02d}", split, [target(task, label)], [x, n / 100])


@pytest.mark.parametrize("task", ["classification", "sentiment", "vqa"])
def test_a_task_that_can_be_learned_is_far_above_chance(upstream: Upstream, task: str) -> None:
    fill(upstream, task)
    scores = upstream.run()["tasks"][task]
    assert scores == {
        **{"accuracy": 1.0, "precision": 1.0, "recall": 1.0, "f1": 1.0, "chance": 0.6, "chance_f1": 0.375},
        **{"classes": 2, "held_out": "test", "n_train": 20, "n_test": 10, "n_unusable": 0},
    }
    assert upstream.plot("accuracy") == ["answered_by,accuracy", f"{task},1.0", f"{task} (chance),0.6"]
    header, *pairs = upstream.plot(f"confusion_{task}")
    assert (header, pairs.count("left,left"), pairs.count("right,right")) == ("actual,predicted", 6, 4)


def test_categories_are_answered_one_by_one(upstream: Upstream) -> None:
    for split, count in (("train", 20), ("test", 10)):
        for n in range(count):
            cat = [target("detection", "cat")] * 2 if n % 2 else []
            upstream.sample(f"{split}{n}", split, [*cat, target("detection", "sky")], [n % 2 - 0.5, 0.0])
    scores = upstream.run()["tasks"]["detection"]
    assert (scores["accuracy"], scores["chance"], scores["classes"], scores["f1"]) == (1.0, 0.75, 2, 1.0)
    assert upstream.plot("f1_per_class") == [
        "class,f1,support",
        "detection: cat,1.0,5",
        "detection: sky,1.0,10",
    ]


def test_an_answer_may_depend_on_the_question_and_the_sample_together(upstream: Upstream) -> None:
    questions = ("is it light?", "is it dark?")
    for split, count in (("train", 40), ("test", 10)):
        for n in range(count):
            light = n % 2 == 0
            answers = ("yes", "no") if light else ("no", "yes")
            targets = [
                target("vqa", answer, question) for question, answer in zip(questions, answers, strict=True)
            ]
            upstream.sample(f"{split}{n}", split, targets, [1.0 if light else -1.0, 0.0])
    scores = upstream.run()["tasks"]["vqa"]
    assert (scores["accuracy"], scores["chance"], scores["n_test"]) == (1.0, 0.5, 20)


def test_a_small_test_split_is_asked_together_with_validation(upstream: Upstream) -> None:
    fill(upstream, "sentiment", test=6)
    for n in range(4):
        upstream.sample(f"validation{n}", "validation", [target("sentiment", "left")], [-1.0, 0.0])
    scores = upstream.run()["tasks"]["sentiment"]
    assert (scores["held_out"], scores["n_test"]) == ("validation and test", 10)


def test_a_sample_without_a_vector_is_counted_as_unusable(upstream: Upstream) -> None:
    fill(upstream, "sentiment")
    upstream.sample("blank", "test", [target("sentiment", "left")])
    upstream.sample("unsaid", "test", [target("sentiment", None)], [1.0, 0.0])
    assert upstream.run()["tasks"]["sentiment"]["n_unusable"] == 2


def test_what_cannot_be_evaluated_says_why(upstream: Upstream) -> None:
    fill(upstream, "classification", train=9)
    for n in range(30):
        targets = [target("caption", None, text="a cat"), target("detection", "cat"), target("event", None)]
        upstream.sample(f"same{n}", "train" if n < 20 else "test", targets, [0.0, 1.0])
    for n in range(20):
        upstream.sample(f"asked{n}", "train", [target("sentiment", "ab"[n % 2])], [0.0, 1.0])
    assert upstream.run()["tasks"] == {
        "not_evaluated": {
            "caption": "its answers are free text: see retrieval.json",
            "classification": "too few examples to learn from: expected 10, got 9",
            "detection": "all training examples have the same answer, ['cat']",
            "event": "too few examples to learn from: expected 10, got 0",
            "sentiment": "too few examples to ask: expected 5 held out, got 0",
        }
    }
    assert upstream.plot("confusion_classification") == ["actual,predicted"]


def test_an_empty_dataset_has_metrics_and_plots_all_the_same(upstream: Upstream) -> None:
    metrics = upstream.run()
    assert metrics["tasks"] == {"not_evaluated": {}}
    assert metrics["dataset"]["samples"] == {"train": 0, "validation": 0, "test": 0, "total": 0}
    assert len(metrics["retrieval"]["not_evaluated"]) == 4
    assert upstream.plot("splits") == ["split,samples", "train,0", "validation,0", "test,0"]
    assert upstream.plot("lags") == ["role,lag_ms"]
    assert upstream.repository.run("evaluate") == "evaluate: built; no task could be evaluated"


def test_the_dataset_is_counted(upstream: Upstream) -> None:
    fill(upstream, "sentiment", train=2, test=1)
    for n in range(3):
        readable, modality = n > 0, "text" if n > 1 else "image"
        upstream.add(ITEMS, item_id=f"demo/{n}", modality=modality, readable=readable, **ITEM)
    upstream.add(LABELS, label_id="demo/l", item_id="demo/1", task="event", format="table", origin="x")
    for member, method in (("demo/1", "key"), ("demo/2", "reference"), ("demo/3", "reference")):
        upstream.add(LINKS, sample_id="s", role="image", member_id=member, method=method, **LINK)
    upstream.reject(LABEL_REJECTS, "a", "zero_area")
    upstream.reject(LABEL_REJECTS, "b", "zero_area")
    upstream.reject(ALIGN_REJECTS, "c", "no_overlap")
    upstream.reject(FUSE_REJECTS, "d", "batch_rejected")
    assert upstream.run()["dataset"] == {
        "samples": {"train": 2, "validation": 0, "test": 1, "total": 3},
        "batches": {"accepted": 1, "rejected": 0, "total": 1},
        "items": {"image": 2, "text": 1, "unreadable": 1, "total": 3},
        "labels": 1,
        "links": {"key": 1, "reference": 2},
        "rejects": {"collect": 0, "label": 2, "encode": 0, "align": 1, "validate": 0, "fuse": 1},
    }
    assert upstream.plot("rejects") == [
        *("reason,rows", "label: zero_area,2", "align: no_overlap,1", "fuse: batch_rejected,1"),
    ]


def test_lags_are_shown_where_a_start_tells_something(upstream: Upstream) -> None:
    links = [("a", 1_500_000, None), ("b", -3_000_001, 0.5), ("c", -9_000_000, 1.0), ("d", None, None)]
    for member, lag_ns, overlap in links:
        upstream.add(
            LINKS,
            sample_id="s",
            role="depth",
            member_id=member,
            method="m",
            lag_ns=lag_ns,
            overlap=overlap,
            **LINK,
        )
    upstream.run()
    assert upstream.plot("lags") == ["role,lag_ms", "depth,-3.000001", "depth,1.5"]


def test_recall_is_written_with_chance_beside_it(upstream: Upstream) -> None:
    for n in range(10):
        upstream.sample(f"s{n}", "test", [])
        for modality in ("image", "text"):
            upstream.coordinate(f"s{n}#{modality}", [1.0, float(n)])
    retrieval = upstream.run()["retrieval"]
    assert retrieval["image_to_text"] == {
        **{"n": 10, "held_out": "test", "recall_at_1": 1.0, "recall_at_5": 1.0, "recall_at_10": 1.0},
        **{"chance_at_1": 0.1, "chance_at_5": 0.5, "chance_at_10": 1.0},
    }
    reason = "too few held-out samples have both: expected 2, got 0"
    assert retrieval["not_evaluated"] == {"audio_to_text": reason, "text_to_audio": reason}
    assert upstream.plot("recall_text_to_image") == [
        "k,recall,chance",
        "1,1.0,0.1",
        "5,1.0,0.5",
        "10,1.0,1.0",
    ]
    assert upstream.plot("recall_audio_to_text") == ["k,recall,chance"]


def test_two_runs_give_the_same_bytes_with_sorted_names(upstream: Upstream) -> None:
    fill(upstream, "sentiment")
    upstream.run()
    first = contents(upstream.repository.data)
    upstream.repository.run("evaluate")
    assert contents(upstream.repository.data) == first
    assert len(first) == 3 + 12
    for name, text in first.items():
        if name.endswith(".json"):
            assert list(json.loads(text)) == sorted(json.loads(text))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[1, 5, 10]", "[0]", "expected ranks of at least 1"),
        ("[1, 5, 10]", "[]", "expected ranks of at least 1"),
        ("[1, 5, 10]\n  seed: 20260323", "[1]\n  seed: -1", "seed: expected at least 0, got -1"),
    ],
)
def test_ranks_and_seeds_that_mean_nothing_are_refused(
    upstream: Upstream, old: str, new: str, message: str
) -> None:
    upstream.repository.set_param(old, new)
    with pytest.raises(ConfigError, match=message):
        upstream.repository.run("evaluate")


def contents(data: Path) -> dict[str, str]:
    return {path.name: path.read_text() for name in ("metrics", "plots") for path in (data / name).iterdir()}
