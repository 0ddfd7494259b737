"""Batches as the stages before `fuse` leave them, in tiny."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import (
    CLOCKS,
    CONSENSUS,
    GATE_REJECTS,
    ITEMS,
    LABELS,
    LINKS,
    SMALL_PICTURES,
    SOUND_PRINTS,
    TableSpec,
)
from tasks.core.tables import to_table, write_table
from tasks.core.vectors import Frames, Vectors, write_frames, write_vectors
from tasks.core.verdict import Verdict, write_verdict
from tests.conftest import Repository

BATCH_FILE = """
about: a batch
license: CC0-1.0
sources: [{kind: files, path: .}]
align: {method: key, reference: image}
"""

EVERYWHERE = """
about: a batch whose members may be linked to samples of others
license: CC0-1.0
sources: [{kind: files, path: .}]
align: {method: content, reference: image, candidates: everywhere}
"""

Row = dict[str, object]


@dataclass
class Delivery:
    """One batch: change its rows, then `put` it."""

    name: str
    items: list[Row] = field(default_factory=list)
    labels: list[Row] = field(default_factory=list)
    small_pictures: list[Row] = field(default_factory=list)
    consensus: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    quarantined: Sequence[tuple[str, str]] = ()
    accepted: bool = True
    vectors: dict[str, dict[str, Sequence[float]]] = field(default_factory=dict)
    frames: dict[str, Frames] = field(default_factory=dict)
    batch_file: str = BATCH_FILE

    def item(self, name: str, modality: str = "image", **columns: object) -> str:
        """Collect an item, encode it where `vector` is given; its id."""
        item_id = f"{self.name}/{name}"
        vector = columns.pop("vector", None)
        if vector is not None:
            self.vectors.setdefault(modality, {})[item_id] = vector  # type: ignore[assignment] # columns are of any type
        constant = {"batch": self.name, "clock": "reference", "license": "CC0-1.0", "source": "files"}
        own = {"item_id": item_id, "modality": modality, "role": modality, "session": name, "readable": True}
        self.items.append({**constant, **own, **columns})
        return item_id

    def label(self, name: str, task: str, item_id: str, **columns: object) -> str:
        """Import a label, encode its text where `vector` is given; its id."""
        label_id = f"{self.name}/{name}"
        vector = columns.pop("vector", None)
        if vector is not None:
            self.vectors.setdefault("text", {})[label_id] = vector  # type: ignore[assignment] # columns are of any type
        constant = {"batch": self.name, "format": "coco", "origin": "1"}
        self.labels.append({**constant, "label_id": label_id, "item_id": item_id, "task": task, **columns})
        return label_id

    def link(self, sample_id: str, member_id: str, **columns: object) -> None:
        """Put an item or a label to a sample; it is the reference where the two ids are the same."""
        label = next((row for row in self.labels if row["label_id"] == member_id), None)
        item_id = label["item_id"] if label else member_id
        item = next(row for row in self.items if row["item_id"] == item_id)
        self.links.append(
            {
                "batch": self.name,
                "sample_id": sample_id,
                "session": item["session"],
                "role": label["task"] if label else item["role"],
                "kind": "label" if label else "item",
                "member_id": member_id,
                "item_id": item_id,
                "label_id": member_id if label else None,
                "method": "reference" if sample_id == member_id else "key",
                **columns,
            }
        )

    def sample(self, name: str, modality: str = "image", **columns: object) -> str:
        """An item that is the reference of a sample of its own; the id of both."""
        sample_id = self.item(name, modality, **columns)
        self.link(sample_id, sample_id)
        return sample_id


def put(repository: Repository, delivery: Delivery) -> None:
    """Deliver the batch and write what the stages up to `validate` would have made of it."""
    repository.add_batch(delivery.name, delivery.batch_file)
    rejects = [
        Reject(delivery.name, table, row_id, Reason.EXPECTATION_FAILED, "it fails").row()
        for table, row_id in delivery.quarantined
    ]
    tables: Mapping[TableSpec, Sequence[Row]] = {
        ITEMS: delivery.items,
        SMALL_PICTURES: delivery.small_pictures,
        SOUND_PRINTS: [],
        LABELS: delivery.labels,
        CONSENSUS: delivery.consensus,
        LINKS: delivery.links,
        CLOCKS: delivery.clocks,
        GATE_REJECTS: rejects,
    }
    for spec, rows in tables.items():
        write_table(spec, to_table(spec, rows), repository.data / spec.folder / delivery.name)
    reasons = () if delivery.accepted else ("it is bad",)
    verdict = Verdict(delivery.name, delivery.accepted, reasons, (), {}, {})
    write_verdict(verdict, repository.data / "validated" / delivery.name)
    _put_vectors(repository, delivery)


def remove(repository: Repository, name: str) -> None:
    """Take the batch out, with what the stages made of it."""
    for folder in ("batches", "collected", "labels", "encoded", "aligned", "validated"):
        shutil.rmtree(repository.data / folder / name)


def _put_vectors(repository: Repository, delivery: Delivery) -> None:
    encoded = repository.data / "encoded" / delivery.name
    encoded.mkdir(parents=True)
    for modality, vectors in delivery.vectors.items():
        ids = sorted(vectors)
        matrix = np.array([vectors[name] for name in ids], np.float32)
        half = len(ids) // 2  # two blocks, as a long file has
        blocks = [Vectors(ids[:half], matrix[:half]), Vectors(ids[half:], matrix[half:])]
        write_vectors(
            encoded / f"{modality}.arrow", [block for block in blocks if block.ids], matrix.shape[1]
        )
    if delivery.frames:
        width = next(iter(delivery.frames.values())).matrix.shape[1]
        write_frames(
            encoded / "audio_frames.arrow", sorted(delivery.frames.items(), key=lambda f: f[0]), width
        )
