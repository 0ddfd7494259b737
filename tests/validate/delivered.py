"""Batches as the stages before `validate` leave them, in tiny."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.core.digests import Digests
from tasks.core.partition import seal
from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, ITEMS, LABEL_REJECTS, LABELS, LINKS, TableSpec
from tasks.core.tables import to_table, write_table
from tests.conftest import Repository

BATCH_FILE = """\
about: pictures of cats
license: CC0-1.0
sources: [{kind: files, path: media}]
align: {method: key, reference: image}
"""
EXPORT = "labels: [{format: coco, path: cats.json}]\n"

Row = dict[str, object]


@dataclass
class Delivered:
    """A batch of `pictures`, each with a label and two links each; change its rows, then `put` it."""

    name: str
    items: list[Row]
    labels: list[Row]
    links: list[Row]
    label_rejects: Sequence[Reject] = ()
    align_rejects: Sequence[Reject] = ()
    clocks: Sequence[Row] = ()
    batch_file: str = BATCH_FILE + EXPORT
    waiver: str = ""


def delivered(name: str, pictures: int = 4) -> Delivered:
    numbers = range(pictures)
    return Delivered(
        name,
        [picture(name, number) for number in numbers],
        [caption(name, number) for number in numbers],
        [link(name, number, kind) for number in numbers for kind in ("item", "label")],
    )


def picture(batch: str, number: int) -> Row:
    return {
        "batch": batch,
        "item_id": f"{batch}/{number}.png",
        "modality": "image",
        "role": "image",
        "session": "all",
        "clock": "reference",
        "size": 1000,
        "sha256": f"{number:064x}",
        "width": 160,
        "height": 120,
        "license": "CC0-1.0",
        "source": "media",
        "readable": True,
    }


def unreadable(batch: str, number: int) -> Row:
    broken = {"readable": False, "error": "truncated: 3 bytes", "width": None, "height": None}
    return picture(batch, number) | broken


def caption(batch: str, number: int) -> Row:
    return {
        "batch": batch,
        "label_id": f"{batch}/cats.json#{number}",
        "item_id": f"{batch}/{number}.png",
        "task": "caption",
        "text": "a cat",
        "format": "coco",
        "origin": f"cats.json#{number}",
    }


def link(batch: str, number: int, kind: str) -> Row:
    item, label = f"{batch}/{number}.png", f"{batch}/cats.json#{number}"
    return {
        "batch": batch,
        "sample_id": item,
        "session": "all",
        "role": "image" if kind == "item" else "caption",
        "kind": kind,
        "member_id": item if kind == "item" else label,
        "item_id": item,
        "label_id": label if kind == "label" else None,
        "method": "key",
    }


def faulty_label(batch: str, number: int, reason: Reason = Reason.ITEM_NOT_FOUND) -> Reject:
    return Reject(batch, "labels", f"{batch}/cats.json#lost{number}", reason, "no such picture")


def put(repository: Repository, batch: Delivered) -> None:
    """Deliver the batch, with the partitions that collect, label and align would have made of it."""
    files = {"media/.keep": b"", "cats.json": b"{}"}
    if batch.waiver:
        files["waiver.yaml"] = batch.waiver.encode()
    repository.add_batch(batch.name, batch.batch_file, files)
    rejects = [reject.row() for reject in batch.label_rejects]
    _partition(repository.data / "collected" / batch.name, [(ITEMS, batch.items)])
    _partition(repository.data / "labels" / batch.name, [(LABELS, batch.labels), (LABEL_REJECTS, rejects)])
    losses = [reject.row() for reject in batch.align_rejects]
    _partition(
        repository.data / "aligned" / batch.name,
        [(LINKS, batch.links), (CLOCKS, batch.clocks), (ALIGN_REJECTS, losses)],
    )


def _partition(folder: Path, tables: Sequence[tuple[TableSpec, Sequence[Row]]]) -> None:
    for spec, rows in tables:
        write_table(spec, to_table(spec, rows), folder)
    seal(folder, "made by a test", Digests(folder.parent))
