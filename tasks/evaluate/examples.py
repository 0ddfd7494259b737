"""What there is to learn and to ask: the targets of the samples as examples, task by task.

reads   samples (targets, splits)

Several labels of a sample say one thing in a task of one class (the most frequent; of equals the first in the
alphabet), and a set of things in a task of categories. A question is an example of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

ONE_CLASS_TASKS = ("classification", "sentiment", "vqa")
CATEGORIES_TASKS = ("detection", "segmentation", "keypoints", "event")
FREE_TEXT_TASKS = ("caption", "transcript")

Entry = TypeVar("Entry")

Target = Mapping[str, Any]

SPLITS = ("train", "validation", "test")
TRAIN = "train"
_FEWEST_IN_TEST = 10
_ROWS_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn or to ask: a sample, its question ("" where there is none) and what is true."""

    sample_id: str
    split: str
    question: str
    answers: tuple[str, ...]


def read_examples(samples: pa.Table) -> dict[str, list[Example]]:
    """The examples of each task that any sample has a target of, in the order of samples and questions."""
    examples: dict[str, list[Example]] = {}
    for sample_id, split, targets in _iterate_targets(samples):
        spoken: dict[tuple[str, str], list[str]] = {}
        for target in targets:
            answers = spoken.setdefault((target["task"], target["question"] or ""), [])
            answer = target["label"] or (target["text"] if target["task"] == "vqa" else None)
            answers += [answer] if answer else []
        for (task, question), answers in sorted(spoken.items()):
            told = _agreed(task, answers)
            examples.setdefault(task, []).append(Example(sample_id, split, question, told))
    return dict(sorted(examples.items()))


def held_out_splits(splits: Sequence[str]) -> tuple[str, ...]:
    """What is held out of training: the test split where it is large enough, else validation too."""
    return ("test",) if splits.count("test") >= _FEWEST_IN_TEST else ("validation", "test")


def draw(entries: Sequence[Entry], most: int, seed: int) -> list[Entry]:
    """At most that many of the entries, in their order; by lot, since every n-th may be of one kind."""
    if len(entries) <= most:
        return list(entries)
    chosen = np.random.default_rng(seed).choice(len(entries), most, replace=False)
    return [entries[position] for position in np.sort(chosen).tolist()]


def _agreed(task: str, answers: Sequence[str]) -> tuple[str, ...]:
    if task not in ONE_CLASS_TASKS:
        return tuple(sorted(set(answers)))
    votes = Counter(answers)
    return tuple(sorted(votes, key=lambda answer: (-votes[answer], answer))[:1])


def _iterate_targets(samples: pa.Table) -> Iterator[tuple[str, str, list[Target]]]:
    for block in samples.select(["sample_id", "split", "targets"]).to_batches(max_chunksize=_ROWS_AT_ONCE):
        for row in block.to_pylist():
            yield row["sample_id"], row["split"], row["targets"]
