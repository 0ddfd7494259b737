"""Scores of tiny answers, worked out by hand."""

import pyarrow as pa
import pytest

from tasks.evaluate.baselines import majority_categories, majority_one
from tasks.evaluate.examples import Example, draw, held_out_splits, read_examples
from tasks.evaluate.plots import MOST_CLASSES, OTHER, task_plots
from tasks.evaluate.scores import ClassScore, accuracy, class_scores, exact_accuracy, macro_means
from tasks.evaluate.task_scores import TaskResult


def answers(*spoken: str) -> list[frozenset[str]]:
    """One set per word; a word's letters are its categories."""
    return [frozenset(word) for word in spoken]


def example(sample_id: str, *said: str) -> Example:
    return Example(sample_id, "train", "", said)


def test_precision_recall_and_f1_of_each_class() -> None:
    scores = class_scores(answers("a", "a", "b", "c"), answers("a", "b", "b", "a"))
    assert scores == [
        ClassScore("a", 1 / 2, 1 / 2, 1 / 2, 2),
        ClassScore("b", 1 / 2, 1.0, 2 / 3, 1),
        ClassScore("c", 0.0, 0.0, 0.0, 1),
    ]
    assert macro_means(scores) == {"precision": 1 / 3, "recall": 1 / 2, "f1": (1 / 2 + 2 / 3) / 3}


def test_a_class_that_was_only_predicted_counts_against_precision() -> None:
    assert class_scores(answers("a"), answers("z")) == [
        ClassScore("a", 0.0, 0.0, 0.0, 1),
        ClassScore("z", 0.0, 0.0, 0.0, 0),
    ]


def test_accuracy_of_categories_counts_every_yes_and_no() -> None:
    assert accuracy(answers("ab", ""), answers("a", "b"), ["a", "b"]) == 0.5
    assert exact_accuracy(answers("ab", ""), answers("ab", "b")) == 0.5


def test_nothing_to_score_is_nothing_and_no_crash() -> None:
    assert (accuracy([], [], []), exact_accuracy([], []), class_scores([], [])) == (0.0, 0.0, [])
    assert macro_means([]) == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_the_majority_is_the_most_frequent_and_of_equals_the_first() -> None:
    train = [example("1", "b"), example("2", "a"), example("3", "c"), example("4", "c"), example("5", "b")]
    assert majority_one(train, train[:2]) == answers("b", "b")


def test_the_majority_of_categories_is_what_more_than_half_have() -> None:
    train = [example("1", "a", "b"), example("2", "a"), example("3", "b", "c"), example("4", "a")]
    assert majority_categories(train, train[:1]) == answers("a")


@pytest.mark.parametrize(("in_test", "expected"), [(9, ("validation", "test")), (10, ("test",))])
def test_ten_test_examples_are_enough(in_test: int, expected: tuple[str, ...]) -> None:
    assert held_out_splits(["train"] * 50 + ["validation"] * 50 + ["test"] * in_test) == expected


def test_of_many_examples_some_are_drawn_in_their_order() -> None:
    drawn = draw(list(range(1000)), 100, seed=1)
    assert (len(set(drawn)), drawn) == (100, sorted(drawn))
    assert draw(list(range(1000)), 100, seed=1) == drawn
    assert draw(list(range(1000)), 100, seed=2) != drawn
    assert 30 < sum(number % 2 for number in drawn) < 70


def test_few_examples_are_all_taken() -> None:
    assert draw([1, 2], 2, seed=1) == [1, 2]
    assert draw([], 4, seed=1) == []


def test_labels_become_one_answer_or_a_set() -> None:
    def target(task: str, label: str | None, text: str | None = None) -> dict[str, str | None]:
        return {"task": task, "question": None, "label": label, "text": text}

    targets = [target("classification", label) for label in ("cat", "dog", "dog", "ant")]
    targets += [target("event", label) for label in ("rain", "bell", "rain")]
    targets += [target("vqa", None, "two"), target("sentiment", None, "only text")]
    samples = pa.table({"sample_id": ["s"], "split": ["test"], "targets": [targets]})
    assert read_examples(samples) == {
        "classification": [Example("s", "test", "", ("dog",))],
        "event": [Example("s", "test", "", ("bell", "rain"))],
        "sentiment": [Example("s", "test", "", ())],
        "vqa": [Example("s", "test", "", ("two",))],
    }


def test_rare_classes_share_one_row_of_the_confusion() -> None:
    names = [f"{n:02d}" for n in range(MOST_CLASSES)]
    actual = [frozenset([name]) for name in [*names, *names, "rare"]]
    result = TaskResult({"accuracy": 1.0, "chance": 0.0}, actual, actual, [])
    plots = {plot.name: list(plot.rows) for plot in task_plots({"vqa": result})}
    assert plots["confusion_vqa"][-1] == (OTHER, OTHER)
    assert plots["confusion_vqa"][0] == ("00", "00")
