"""The artifacts below data/ as the audit sees them: tables by their specification, vectors, verdicts."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.errors import MissingInputError
from tasks.core.refusal import Refusal, first_refusal
from tasks.core.schemas import TableSpec
from tasks.core.tables import read_table
from tasks.core.vectors import VectorFile
from tasks.core.verdict import Verdict, read_verdict

PER_BATCH = ("fetched", "collected", "labels", "encoded", "aligned", "validated")


class Artifacts:
    """Reads what the stages wrote; nothing is kept."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def batches(self) -> list[str]:
        """Every batch that was delivered or has a partition; MissingInputError where there is none."""
        folders = [self.data / name for name in ("batches", *PER_BATCH)]
        places = [place for folder in folders if folder.is_dir() for place in folder.iterdir()]
        found = {place.name for place in places if place.is_dir() and not place.name.startswith(".")}
        if not found:
            raise MissingInputError(f"{self.data} has no batch and no artifact: build first, with `make`")
        return sorted(found)

    def refusal(self, folders: Sequence[str], batch: str) -> Refusal | None:
        """The refusal of the batch in any of its partitions in these folders."""
        return first_refusal(self.data / folder / batch for folder in folders)

    def taken(self) -> list[str]:
        """The batches that no stage has refused."""
        return [name for name in self.batches() if self.refusal(PER_BATCH, name) is None]

    def folder(self, name: str, batch: str = "") -> Path:
        """data/<name>, or its partition of that batch."""
        return self.data / name / batch

    def table(self, spec: TableSpec, batch: str = "", columns: Sequence[str] = ()) -> pa.Table:
        """The table of the batch, or the dataset-wide one."""
        return read_table(spec, self.folder(spec.folder, batch), columns)

    def ids(self, spec: TableSpec, column: str, batch: str = "") -> set[str]:
        """The different values in that column."""
        return set(pc.unique(self.table(spec, batch, (column,))[column].drop_null()).to_pylist())

    def rejected(self, spec: TableSpec, batch: str = "", table: str = "") -> set[str]:
        """The rows that a rejects table names; all, or those of one table."""
        rejects = self.table(spec, batch, ("table", "row_id"))
        if table:
            rejects = rejects.filter(pc.equal(rejects["table"], table))
        return set(rejects["row_id"].to_pylist())

    def vector_ids(self, path: Path) -> list[str]:
        """The ids in a file of vectors; none where there is no file."""
        return VectorFile(path).ids.to_pylist() if path.is_file() else []

    def verdict(self, name: str, batch: str = "") -> Verdict:
        """The verdict in that folder."""
        return read_verdict(self.folder(name, batch))

    def json(self, name: str, file: str) -> dict[str, Any]:
        """A JSON file of a dataset-wide folder."""
        path = self.folder(name) / file
        if not path.is_file():
            raise MissingInputError(f"{path} is not there: run the stage that writes it first")
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def sealed(self, batch: str) -> Iterator[tuple[str, Path]]:
        """The partitions of the batch, and where each should be."""
        return ((name, self.folder(name, batch)) for name in PER_BATCH)
