"""What the stages before export would have left behind, written by hand: a few rows of each table."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from tasks.core.schemas import CLOCKS, ITEMS, LABELS, LINKS, MODALITIES, SAMPLES
from tasks.core.shards import create_shards, fill_slot, plan_shards
from tasks.core.tables import to_table, write_table
from tasks.core.vectors import Vectors, write_vectors
from tests.conftest import Repository

BATCH_FILE = """\
about: Written by hand
license: CC0-1.0
sources:
  - {kind: files, path: media/, clock: recorder}
clocks:
  reference: reference
  recorder: {offset: 2s, drift_ppm: 100}
align: {method: key, reference: image}
"""

Row = dict[str, Any]


def png(shade: int) -> bytes:
    """A picture of 4 x 3 pixels in one shade of grey."""
    stored = io.BytesIO()
    Image.new("L", (4, 3), shade).save(stored, "PNG")
    return stored.getvalue()


def wav(samples: list[int], rate: int) -> bytes:
    """A mono recording."""
    stored = io.BytesIO()
    soundfile.write(stored, np.array(samples, np.int16), rate, format="WAV", subtype="PCM_16")
    return stored.getvalue()


class Upstream:
    """Collects rows for the batch `demo` and writes the tables, shards and vectors that export reads."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.exports = repository.data / "exports"
        self._rows: dict[str, list[Row]] = {
            "items": [],
            "labels": [],
            "links": [],
            "clocks": [],
            "samples": [],
        }
        self._payloads: list[bytes] = []
        repository.add_batch("demo", BATCH_FILE, {"media/a.txt": b"a"})

    def item(self, name: str, modality: str, media_type: str, payload: bytes, **columns: Any) -> str:
        item_id = f"demo/{name}"
        row = {"batch": "demo", "item_id": item_id, "modality": modality, "role": modality, "session": "all"}
        row |= {"clock": "reference", "media_type": media_type, "license": "CC0-1.0", "source": "by hand"}
        self._rows["items"].append({**row, "readable": True, **columns})
        self._payloads.append(payload)
        return item_id

    def label(self, name: str, task: str, about: str, **columns: Any) -> str:
        row = {"batch": "demo", "label_id": f"demo/{name}", "item_id": about, "task": task}
        self._rows["labels"].append({**row, "format": "table", "origin": "by hand", **columns})
        return f"demo/{name}"

    def link(self, sample_id: str, role: str, member_id: str, start_ns: int, end_ns: int) -> None:
        row: Row = {"batch": "demo", "sample_id": sample_id, "session": "all", "role": role, "kind": "item"}
        row |= {"member_id": member_id, "start_ns": start_ns, "end_ns": end_ns, "method": "overlap"}
        self._rows["links"].append(row)

    def clock(self, name: str, **columns: Any) -> None:
        row: Row = {"batch": "demo", "session": "all", "clock": name, "reference": "reference"}
        row["method"] = "given"
        row |= {"piece": 0, "marks": 0, "tolerance_ns": 0, "within_tolerance": True}
        self._rows["clocks"].append({**row, **columns})

    def sample(
        self,
        name: str,
        split: str,
        members: list[tuple[str, str, list[str]]],
        targets: list[Row] | None = None,
    ) -> str:
        row: Row = {
            "sample_id": f"demo/{name}",
            "batch": "demo",
            "session": "all",
            "group": name,
            "split": split,
        }
        row["members"] = [{"role": role, "kind": kind, "ids": ids} for role, kind, ids in members]
        row["presence"] = {modality: modality == "image" for modality in MODALITIES}
        self._rows["samples"].append({**row, "targets": targets or []})
        return f"demo/{name}"

    def write(self) -> None:
        """Everything where the stages would have put it."""
        collected = self.repository.data / "collected" / "demo"
        collected.mkdir(parents=True)
        slots = plan_shards((f"{n}", len(payload)) for n, payload in enumerate(self._payloads))
        create_shards(collected, slots)
        for row, slot, payload in zip(self._rows["items"], slots, self._payloads, strict=True):
            fill_slot(collected, slot, payload)
            row.update({"shard": slot.shard, "offset": slot.offset, "size": slot.size})
        write_table(ITEMS, to_table(ITEMS, self._rows["items"]), collected)
        write_table(LABELS, to_table(LABELS, self._rows["labels"]), self.repository.data / "labels" / "demo")
        aligned, fused = self.repository.data / "aligned" / "demo", self.repository.data / "fused"
        write_table(LINKS, to_table(LINKS, self._rows["links"]), aligned)
        write_table(CLOCKS, to_table(CLOCKS, self._rows["clocks"]), aligned)
        write_table(SAMPLES, to_table(SAMPLES, self._rows["samples"]), fused)
        ids = sorted(row["sample_id"] for row in self._rows["samples"])
        matrix = np.arange(2 * len(ids), dtype=np.float32).reshape(-1, 2)
        write_vectors(fused / "joint.arrow", [Vectors(ids, matrix)], 2)


@pytest.fixture
def upstream(repository: Repository) -> Upstream:
    """A repository whose stages before export are done by hand."""
    return Upstream(repository)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
