"""What several annotators say together: one row per item, task and question where at least two spoke.

A vote is one label by one annotator; who marks two choices has two votes. The most votes win; of equals the
first by the alphabet, and `tie` says so. The soft label is every label's share, the largest first.
"""

from collections import Counter
from collections.abc import Iterator

from tasks.core.label import Label

VOTED_TASKS = frozenset({"classification", "sentiment", "vqa"})


class Consensus:
    """The votes of one batch, taken label by label."""

    def __init__(self, batch: str) -> None:
        self._batch = batch
        # A vote is a label and its annotator.
        self._votes: dict[tuple[str, str, str], list[tuple[str, str | None]]] = {}

    def take(self, item_id: str, label: Label) -> None:
        """Count the label, where its task is one that is voted on."""
        if label.task in VOTED_TASKS and label.label is not None:
            votes = self._votes.setdefault((item_id, label.task, label.question or ""), [])
            votes.append((label.label, label.annotator))

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
