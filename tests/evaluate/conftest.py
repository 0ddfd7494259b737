"""What the stages before evaluate would have left behind, written by hand."""

import json
from typing import Any

import numpy as np
import pytest

from tasks.core.schemas import (
    ALIGN_REJECTS,
    COLLECT_REJECTS,
    ENCODE_REJECTS,
    FUSE_REJECTS,
    GATE_REJECTS,
    ITEMS,
    LABEL_REJECTS,
    LABELS,
    LINKS,
    MODALITIES,
    SAMPLES,
    TableSpec,
)
from tasks.core.tables import to_table, write_table
from tasks.core.vectors import Vectors, write_vectors
from tasks.core.verdict import Verdict, write_verdict
from tests.conftest import Repository

BATCH_FILE = """\
about: Written by hand
license: CC0-1.0
sources:
  - {kind: files, path: media/}
align: {method: key, reference: image}
"""
REJECTS = (COLLECT_REJECTS, LABEL_REJECTS, ENCODE_REJECTS, ALIGN_REJECTS, GATE_REJECTS)
BATCH_TABLES = (ITEMS, LABELS, LINKS, *REJECTS)

Row = dict[str, Any]


def target(task: str, label: str | None, question: str | None = None, text: str | None = None) -> Row:
    return {"task": task, "question": question, "label": label, "text": text, "label_id": "l", "item_id": "i"}


class Upstream:
    """Collects samples, vectors and rows, and writes all that evaluate reads."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.rows: dict[str, list[Row]] = {}
        self._samples: list[Row] = []
        self._joint: dict[str, list[float]] = {}
        self._coordinated: dict[str, list[float]] = {}
        repository.add_batch("demo", BATCH_FILE, {"media/a.txt": b"a"})

    def sample(self, name: str, split: str, targets: list[Row], joint: list[float] | None = None) -> None:
        row: Row = {"sample_id": name, "batch": "demo", "session": "all", "group": name, "split": split}
        row |= {"targets": targets, "members": [], "presence": dict.fromkeys(MODALITIES, False)}
        self._samples.append(row)
        if joint is not None:
            self._joint[name] = joint

    def coordinate(self, name: str, vector: list[float]) -> None:
        """A vector of the common space: `name` is sample#modality."""
        self._coordinated[name] = vector

    def add(self, spec: TableSpec, **columns: Any) -> None:
        self.rows.setdefault(spec.name, []).append({"batch": "demo", **columns})

    def reject(self, spec: TableSpec, row_id: str, reason: str) -> None:
        empty = {"role": "", "expectation": "", "detail": ""}
        self.add(spec, table="labels", row_id=row_id, reason=reason, **empty)

    def run(self) -> dict[str, Any]:
        """Write everything, run evaluate; all metrics by file."""
        self._write()
        self.repository.run("evaluate")
        return {
            path.stem: json.loads(path.read_text()) for path in (self.repository.data / "metrics").iterdir()
        }

    def plot(self, name: str) -> list[str]:
        """The lines of a plot, the header first."""
        return (self.repository.data / "plots" / f"{name}.csv").read_text().splitlines()

    def _write(self) -> None:
        data = self.repository.data
        for spec in BATCH_TABLES:
            write_table(spec, to_table(spec, self.rows.get(spec.name, [])), data / spec.folder / "demo")
        write_verdict(Verdict("demo", True, (), (), {}, {}), data / "validated" / "demo")
        write_table(SAMPLES, to_table(SAMPLES, self._samples), data / "fused")
        write_table(
            FUSE_REJECTS, to_table(FUSE_REJECTS, self.rows.get(FUSE_REJECTS.name, [])), data / "fused"
        )
        for file, vectors in (("joint.arrow", self._joint), ("coordinated.arrow", self._coordinated)):
            matrix = np.array(list(vectors.values()), np.float32).reshape(len(vectors), 2)
            write_vectors(data / "fused" / file, [Vectors(list(vectors), matrix)], 2)


@pytest.fixture
def upstream(repository: Repository) -> Upstream:
    """A repository whose stages before evaluate are done by hand."""
    return Upstream(repository)
