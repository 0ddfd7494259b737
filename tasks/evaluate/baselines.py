"""The baseline of every task: logistic regression on the joint vectors, fitted on the training split.

A question joins its sample's vector as hashed words, and as their product with the vector, so that the answer
can depend on both. One thread, since the order of sums changes last digits.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tasks.core.vectors import Matrix, read_vectors
from tasks.evaluate.examples import Example

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

QUESTION_DIMENSIONS = 32
_MOST_ITERATIONS = 5_000


class JointVectors:
    """The joint vectors by sample id, memory-mapped."""

    def __init__(self, path: Path) -> None:
        vectors = read_vectors(path)
        self._matrix = vectors.matrix
        self._position = {sample_id: position for position, sample_id in enumerate(vectors.ids)}

    def __contains__(self, sample_id: object) -> bool:
        return sample_id in self._position

    def of_samples(self, sample_ids: Sequence[str]) -> Matrix:
        """One row per sample."""
        positions = [self._position[sample_id] for sample_id in sample_ids]
        return np.asarray(self._matrix[positions], np.float32)


@dataclass(frozen=True)
class Baseline:
    """Learns from training examples, then answers others."""

    joint: JointVectors
    seed: int

    def answer_one(self, train: Sequence[Example], asked: Sequence[Example]) -> list[frozenset[str]]:
        """One class for each example that is asked."""
        classes = [example.answers[0] for example in train]
        return [frozenset([answer]) for answer in self._fit_and_predict(train, classes, asked)]

    def answer_categories(self, train: Sequence[Example], asked: Sequence[Example]) -> list[frozenset[str]]:
        """The categories that each example asked is said to have: one yes or no per category of training."""
        said: list[set[str]] = [set() for _ in asked]
        for category in categories_of(train):
            present = ["yes" if category in example.answers else "no" for example in train]
            for answers, answer in zip(said, self._fit_and_predict(train, present, asked), strict=True):
                answers |= {category} if answer == "yes" else set()
        return [frozenset(answers) for answers in said]

    def _fit_and_predict(
        self, train: Sequence[Example], classes: Sequence[str], asked: Sequence[Example]
    ) -> list[str]:
        from threadpoolctl import threadpool_limits

        if len(set(classes)) == 1:
            return [classes[0]] * len(asked)
        with threadpool_limits(1):
            model = _new_model(self.seed).fit(self._features(train), classes)
            return [str(answer) for answer in model.predict(self._features(asked))]

    def _features(self, examples: Sequence[Example]) -> Matrix:
        vectors = self.joint.of_samples([example.sample_id for example in examples])
        if not any(example.question for example in examples):
            return vectors
        questions = question_vectors([example.question for example in examples])
        products = questions[:, :, None] * vectors[:, None, :]
        return np.concatenate([vectors, questions, products.reshape(len(examples), -1)], axis=1)


def majority_one(train: Sequence[Example], asked: Sequence[Example]) -> list[frozenset[str]]:
    """What chance is measured by: always the class that is most frequent in training."""
    votes = Counter(example.answers[0] for example in train)
    return [frozenset([min(votes, key=lambda answer: (-votes[answer], answer))])] * len(asked)


def majority_categories(train: Sequence[Example], asked: Sequence[Example]) -> list[frozenset[str]]:
    """What chance is measured by: always the categories that more than half of the training examples have."""
    votes = Counter(answer for example in train for answer in example.answers)
    return [frozenset(answer for answer, count in votes.items() if 2 * count > len(train))] * len(asked)


def categories_of(examples: Sequence[Example]) -> list[str]:
    """Every category that an example has, sorted."""
    return sorted({answer for example in examples for answer in example.answers})


def question_vectors(questions: Sequence[str]) -> Matrix:
    """The words and pairs of words of each question, hashed; nothing is fitted."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(n_features=QUESTION_DIMENSIONS, ngram_range=(1, 2), dtype=np.float32)
    hashed: npt.NDArray[np.float32] = hashing.transform(list(questions)).toarray()
    return hashed


def _new_model(seed: int) -> "Pipeline":
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=_MOST_ITERATIONS, random_state=seed))
