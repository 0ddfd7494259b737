"""Evaluate: what a simple model learns from the dataset, and what the dataset is made of.

reads   fused (samples, joint, coordinated); per batch items, labels, links, verdicts, rejects
writes  metrics: tasks.json (baselines beside chance), retrieval.json (recall@k), dataset.json (counts)
        plots: CSV for `dvc plots show`, see tasks/evaluate/plots.py
params  evaluate.recall_at, evaluate.seed

Models are fitted on the training split and asked about the test split; where that has fewer than ten
examples, about validation and test. What cannot be evaluated is listed with the reason under `not_evaluated`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.core.schemas import SAMPLES
from tasks.core.stage import Stage, StageInput
from tasks.core.strict_json import write_json
from tasks.evaluate.baselines import Baseline, JointVectors
from tasks.evaluate.dataset_counts import dataset_counts, reject_counts
from tasks.evaluate.examples import read_examples
from tasks.evaluate.plots import Results, dataset_plots, lags_plot, recall_plots, task_plots, write_plot
from tasks.evaluate.retrieval import evaluate_retrieval
from tasks.evaluate.task_scores import TaskResult, evaluate_task

NOT_EVALUATED = "not_evaluated"
_DIGITS = 6


@dataclass(frozen=True)
class EvaluateParams:
    """At which ranks recall is measured, and the seed of whatever is drawn."""

    recall_at: tuple[int, ...]
    seed: int

    def __post_init__(self) -> None:
        """Refuse ranks that are none."""
        if not self.recall_at or min(self.recall_at) < 1:
            raise ValueError(f"recall_at: expected ranks of at least 1, got {list(self.recall_at)}")
        if self.seed < 0:
            raise ValueError(f"seed: expected at least 0, got {self.seed}")


def build(inputs: StageInput, params: EvaluateParams, output: Path) -> None:
    """Write the metrics and the plots."""
    fused, samples = inputs.folder("fused"), inputs.table(SAMPLES, None, ("sample_id", "split", "targets"))
    baseline = Baseline(JointVectors(fused / "joint.arrow"), params.seed)
    results = {
        task: evaluate_task(task, examples, baseline) for task, examples in read_examples(samples).items()
    }
    splits = dict(zip(samples["sample_id"].to_pylist(), samples["split"].to_pylist(), strict=True))
    retrieval = evaluate_retrieval(fused / "coordinated.arrow", splits, params.recall_at, params.seed)
    counts = dataset_counts(inputs, samples)
    write_metrics(to_task_metrics(results), output / "metrics" / "tasks.json")
    write_metrics(with_reasons_apart(retrieval), output / "metrics" / "retrieval.json")
    write_metrics(counts, output / "metrics" / "dataset.json")
    plots = [*task_plots(results), *recall_plots(retrieval, params.recall_at), lags_plot(inputs)]
    for plot in [*plots, *dataset_plots(counts["samples"], reject_counts(inputs))]:
        write_plot(plot, output / "plots")


def to_task_metrics(results: Results) -> dict[str, Any]:
    """The scores of each task, and why the others have none."""
    return with_reasons_apart(
        {
            task: result.scores if isinstance(result, TaskResult) else result
            for task, result in results.items()
        }
    )


def with_reasons_apart(found: Mapping[str, Mapping[str, float | int | str] | str]) -> dict[str, Any]:
    """Scores by name, and the reasons of what has none together under one name."""
    scores = {name: value for name, value in found.items() if not isinstance(value, str)}
    return {**scores, NOT_EVALUATED: {name: value for name, value in found.items() if isinstance(value, str)}}


def write_metrics(metrics: Mapping[str, Any], path: Path) -> None:
    """Write the JSON that `dvc metrics show` reads: sorted, floats with six digits after the point."""
    write_json(_rounded(metrics), path)


def conclude(inputs: StageInput, params: EvaluateParams) -> str:
    """The accuracy of each task beside chance."""
    metrics = json.loads((inputs.folder("metrics") / "tasks.json").read_text(encoding="utf-8"))
    told = [
        f"{task} {scores['accuracy']:.2f} (chance {scores['chance']:.2f})"
        for task, scores in metrics.items()
        if task != NOT_EVALUATED
    ]
    return f"accuracy {', '.join(told)}" if told else "no task could be evaluated"


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(inner) for name, inner in value.items()}
    return round(value, _DIGITS) if isinstance(value, float) else value


STAGE = Stage(
    name="evaluate",
    params=EvaluateParams,
    # Nothing is read of the exports: they are named so that DVC makes them first, whoever starts it, and
    # dvc.lock always lists the stages in one order.
    reads=("batches", "collected", "labels", "encoded", "aligned", "validated", "fused", "exports"),
    writes=("metrics", "plots"),
    scope="dataset",
    build=build,
    conclude=conclude,
)
