"""What several annotators say together: one row per item, task and question where at least two spoke.

A vote is one label by one annotator; who marks two choices has two votes. The most votes win; of equals the
first by the alphabet, and `tie` says so. The soft label is every label's share, the largest first.
"""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

VOTED_TASKS = ("classification", "sentiment", "vqa")


class Consensus:
    """The votes of one batch, taken portion by portion of the labels."""

    def __init__(self, batch: str) -> None:
        self._batch = batch
        # A vote is a label and its annotator.
        self._votes: dict[tuple[str, str, str], list[tuple[str, str | None]]] = {}

    def take(self, labels: pa.Table) -> None:
        """Count the labels of a portion of the labels table whose task is one that is voted on."""
        voted = pc.and_(pc.is_in(labels["task"], pa.array(VOTED_TASKS)), labels["label"].is_valid())
        columns = labels.select(["item_id", "task", "question", "label", "annotator"]).filter(voted)
        for row in columns.to_pylist():
            votes = self._votes.setdefault((row["item_id"], row["task"], row["question"] or ""), [])
            votes.append((row["label"], row["annotator"]))

    def rows(self) -> Iterator[dict[str, object]]:
        """A row of the consensus table for each item, task and question that several annotators spoke on."""
        for (item_id, task, question), votes in self._votes.items():
            if len({annotator for _, annotator in votes}) > 1:
                key = {"batch": self._batch, "item_id": item_id, "task": task, "question": question}
                yield key | _outcome(Counter(label for label, _ in votes))


def _outcome(labels: Counter[str]) -> dict[str, object]:
    ranked = sorted(labels.items(), key=lambda entry: (-entry[1], entry[0]))
    votes = labels.total()
    winner, most = ranked[0]
    return {
        "label": winner,
        "votes": votes,
        "agreement": most / votes,
        "tie": sum(count == most for count in labels.values()) > 1,
        "soft_label": [{"label": label, "share": count / votes} for label, count in ranked],
    }
