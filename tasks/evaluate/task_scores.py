"""One task, learned and asked: its scores beside chance, or the reason why it is not evaluated.

`chance` and `chance_f1` are what always answering the most frequent answer of training reaches. In a task of
categories (detection = which categories are in the picture) accuracy is about a yes or no per category.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.evaluate.baselines import Baseline, categories_of, majority_categories, majority_one
from tasks.evaluate.examples import (
    FREE_TEXT_TASKS,
    ONE_CLASS_TASKS,
    TRAIN,
    Example,
    draw,
    held_out_splits,
)
from tasks.evaluate.scores import Answers, ClassScore, accuracy, class_scores, exact_accuracy, macro_means

FEWEST_IN_TRAIN = 10
FEWEST_HELD_OUT = 5
# More examples than this make a baseline slower and not much better: so many are drawn.
MOST_EXAMPLES = 10_000

Scores = dict[str, float | int | str]


@dataclass(frozen=True)
class TaskResult:
    """The scores of a task, every held-out answer, and every class."""

    scores: Scores
    actual: Answers
    predicted: Answers
    classes: list[ClassScore]


@dataclass(frozen=True)
class _Sides:
    """The examples that can be used: known vectors and answers, in training and held out."""

    train: list[Example]
    asked: list[Example]
    held_out: tuple[str, ...]
    unusable: int


def evaluate_task(task: str, examples: Sequence[Example], baseline: Baseline) -> TaskResult | str:
    """The result, or why there is none."""
    if task in FREE_TEXT_TASKS:
        return "its answers are free text: see retrieval.json"
    sides = _to_sides(examples, baseline)
    reason = _reason_against(sides)
    if reason:
        return reason
    one_class = task in ONE_CLASS_TASKS
    answer = baseline.answer_one if one_class else baseline.answer_categories
    majority = majority_one if one_class else majority_categories
    return _to_result(
        sides, answer(sides.train, sides.asked), majority(sides.train, sides.asked), one_class=one_class
    )


def _to_sides(examples: Sequence[Example], baseline: Baseline) -> _Sides:
    usable = [example for example in examples if example.answers and example.sample_id in baseline.joint]
    held_out = held_out_splits([example.split for example in usable])
    train = [example for example in usable if example.split == TRAIN]
    asked = [example for example in usable if example.split in held_out]
    return _Sides(
        draw(train, MOST_EXAMPLES, baseline.seed),
        draw(asked, MOST_EXAMPLES, baseline.seed),
        held_out,
        len(examples) - len(usable),
    )


def _reason_against(sides: _Sides) -> str | None:
    if len(sides.train) < FEWEST_IN_TRAIN:
        return f"too few examples to learn from: expected {FEWEST_IN_TRAIN}, got {len(sides.train)}"
    if len(sides.asked) < FEWEST_HELD_OUT:
        return f"too few examples to ask: expected {FEWEST_HELD_OUT} held out, got {len(sides.asked)}"
    if len({example.answers for example in sides.train}) < 2:
        return f"all training examples have the same answer, {list(sides.train[0].answers)}"
    return None


def _to_result(sides: _Sides, predicted: Answers, usual: Answers, *, one_class: bool) -> TaskResult:
    actual = [frozenset(example.answers) for example in sides.asked]
    categories = categories_of(sides.train)
    classes = class_scores(actual, predicted)
    scores: Scores = {
        "accuracy": exact_accuracy(actual, predicted)
        if one_class
        else accuracy(actual, predicted, categories),
        "chance": exact_accuracy(actual, usual) if one_class else accuracy(actual, usual, categories),
        **macro_means(classes),
        "chance_f1": macro_means(class_scores(actual, usual))["f1"],
        "classes": len(categories),
        "n_train": len(sides.train),
        "n_test": len(sides.asked),
        "n_unusable": sides.unusable,
        "held_out": " and ".join(sides.held_out),
    }
    return TaskResult(scores, actual, predicted, classes)
