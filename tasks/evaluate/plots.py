"""The plots as CSV with a header, for the templates that dvc.yaml names; one without rows has its file too.

writes  confusion_<task>.csv    actual, predicted: one row per held-out example, for each task of one class
        f1_per_class.csv        class, f1, support
        accuracy.csv            answered_by, accuracy: each task's baseline, and beside it chance
        recall_<direction>.csv  k, recall, chance
        lags.csv                role, lag_ms: how much later than its sample a member starts
        splits.csv              split, samples
        rejects.csv             reason ("align: no_overlap"), rows
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.schemas import LINKS
from tasks.core.stage import StageInput
from tasks.core.times import NS_PER_MS
from tasks.evaluate.examples import ONE_CLASS_TASKS, SPLITS
from tasks.evaluate.retrieval import DIRECTIONS, Recall
from tasks.evaluate.task_scores import TaskResult

MOST_CLASSES = 25
MOST_LAGS = 1_000
OTHER = "(other)"
_DIGITS = 6
Results = Mapping[str, TaskResult | str]
Row = Sequence[str | int | float]


@dataclass(frozen=True)
class Plot:
    """One CSV: its name without suffix, its columns and rows."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]


def write_plot(plot: Plot, folder: Path) -> None:
    """Write the plot's CSV; numbers with six digits after the point at most."""
    with (folder / f"{plot.name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(plot.columns)
        writer.writerows([_shown(cell) for cell in row] for row in plot.rows)


def task_plots(results: Results) -> list[Plot]:
    """Confusion of every task of one class, F1 of every class, and accuracies beside chance."""
    told = {task: result for task, result in results.items() if isinstance(result, TaskResult)}
    confusions = [
        Plot(
            f"confusion_{task}", ("actual", "predicted"), _confusion_rows(told[task]) if task in told else []
        )
        for task in ONE_CLASS_TASKS
    ]
    classes = [
        (f"{task}: {score.name}", score.f1, score.support)
        for task, result in told.items()
        for score in result.classes
    ]
    accuracies = [
        (name, result.scores[measure])
        for task, result in told.items()
        for name, measure in ((task, "accuracy"), (f"{task} (chance)", "chance"))
    ]
    return [
        *confusions,
        Plot("f1_per_class", ("class", "f1", "support"), classes),
        Plot("accuracy", ("answered_by", "accuracy"), accuracies),
    ]


def recall_plots(retrieval: Mapping[str, Recall | str], recall_at: Sequence[int]) -> list[Plot]:
    """Recall and chance over k, for every direction."""
    return [
        Plot(f"recall_{direction}", ("k", "recall", "chance"), _recall_rows(retrieval[direction], recall_at))
        for direction in DIRECTIONS
    ]


def dataset_plots(splits: Mapping[str, int], rejects: Mapping[str, Mapping[str, int]]) -> list[Plot]:
    """Samples by split, and what was left out by stage and reason."""
    left_out = [
        (f"{stage}: {reason}", rows)
        for stage, reasons in rejects.items()
        for reason, rows in sorted(reasons.items())
    ]
    return [
        Plot("splits", ("split", "samples"), [(split, splits[split]) for split in SPLITS]),
        Plot("rejects", ("reason", "rows"), left_out),
    ]


def lags_plot(inputs: StageInput) -> Plot:
    """The measured lags of each role, at most a thousand, taken evenly in the order of their size."""
    lags: dict[str, list[pa.Array]] = {}
    for batch in inputs.batches:
        links = _with_telling_lag(inputs.table(LINKS, batch, ("role", "lag_ns", "overlap")))
        links = links.select(["role", "lag_ns"]).drop_null()
        for role in pc.unique(links["role"]).to_pylist():
            of_role = links.filter(pc.equal(links["role"], role))["lag_ns"]
            lags.setdefault(role, []).append(of_role.to_numpy())
    rows = [
        (role, lag_ns / NS_PER_MS) for role in sorted(lags) for lag_ns in _spread(np.concatenate(lags[role]))
    ]
    return Plot("lags", ("role", "lag_ms"), rows)


def _with_telling_lag(links: pa.Table) -> pa.Table:
    """Without members that go on for the whole sample: when those began says nothing about it."""
    return links.filter(pc.fill_null(pc.less(links["overlap"], 1.0), True))


def _spread(lags_ns: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[int]:
    ordered = np.sort(lags_ns)
    chosen = np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_LAGS)).round().astype(np.int64)
    found: list[int] = ordered[chosen].tolist()
    return found


def _confusion_rows(result: TaskResult) -> list[Row]:
    """One row per example; classes beyond the most frequent are one, so that the picture can be read."""
    actual = [next(iter(answers)) for answers in result.actual]
    predicted = [next(iter(answers)) for answers in result.predicted]
    votes = Counter(actual) + Counter(predicted)
    shown = set(sorted(votes, key=lambda name: (-votes[name], name))[:MOST_CLASSES])
    return [
        (true if true in shown else OTHER, said if said in shown else OTHER)
        for true, said in zip(actual, predicted, strict=True)
    ]


def _recall_rows(recall: Recall | str, recall_at: Sequence[int]) -> list[Row]:
    if isinstance(recall, str):
        return []
    return [(k, recall[f"recall_at_{k}"], recall[f"chance_at_{k}"]) for k in sorted(set(recall_at))]


def _shown(cell: str | int | float) -> str | int | float:
    return round(cell, _DIGITS) if isinstance(cell, float) else cell
