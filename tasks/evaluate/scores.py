"""Scores of predictions: accuracy, and precision, recall and F1 as means over the classes, rare ones as much.

A class that was never predicted has precision 0, one that never was true has recall 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Answers = Sequence[frozenset[str]]


@dataclass(frozen=True)
class ClassScore:
    """How one class did; `support` is how often it was true."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


def class_scores(actual: Answers, predicted: Answers) -> list[ClassScore]:
    """The score of every class that was true or predicted, by name."""
    names = sorted(frozenset[str]().union(*actual, *predicted))
    return [_class_score(name, actual, predicted) for name in names]


def macro_means(scores: Sequence[ClassScore]) -> dict[str, float]:
    """Precision, recall and F1, each as the mean over the classes; 0 where there is none."""
    count = max(len(scores), 1)
    return {
        "precision": sum(score.precision for score in scores) / count,
        "recall": sum(score.recall for score in scores) / count,
        "f1": sum(score.f1 for score in scores) / count,
    }


def accuracy(actual: Answers, predicted: Answers, categories: Sequence[str]) -> float:
    """The share of right statements "it has this category", over all examples and categories."""
    statements = len(actual) * len(categories)
    wrong = sum(len((true ^ said) & set(categories)) for true, said in zip(actual, predicted, strict=True))
    return 1 - wrong / statements if statements else 0.0


def exact_accuracy(actual: Answers, predicted: Answers) -> float:
    """The share of examples whose answer is just the true one."""
    right = sum(true == said for true, said in zip(actual, predicted, strict=True))
    return right / len(actual) if actual else 0.0


def _class_score(name: str, actual: Answers, predicted: Answers) -> ClassScore:
    true = [name in answers for answers in actual]
    said = [name in answers for answers in predicted]
    hits = sum(one and other for one, other in zip(true, said, strict=True))
    precision = hits / max(sum(said), 1)
    recall = hits / max(sum(true), 1)
    f1 = 2 * hits / max(sum(true) + sum(said), 1)
    return ClassScore(name, precision, recall, f1, sum(true))
