"""What members are compared by, read as far as the batch asks for it.

reads   items, labels, media (of long texts), encoded vectors, the pairs that batch.yaml declares
writes  Evidence (in memory)

Known pairs are a label's text and the item it is about, the only items of two roles in a session, and the
rows of `align.pairs`: columns member and reference, ids in the batch with or without its name before them.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.comparison import Evidence
from tasks.core.batch import Batch
from tasks.core.errors import TableFileError
from tasks.core.rows import read_rows
from tasks.core.schemas import ITEMS, LABELS, MODALITIES
from tasks.core.shards import ShardReader
from tasks.core.stage import StageInput
from tasks.core.vectors import read_vectors, vector_space

_TEXT_COLUMNS = ("item_id", "modality", "readable", "text", "shard", "offset", "size")


def read_evidence(inputs: StageInput, members: pa.Table) -> Evidence:
    """The evidence that `align.by` of the batch needs."""
    align = inputs.batch.file.align
    if align.by == "text":
        return Evidence(texts=dict(_texts(inputs)))
    if align.by == "picture_hash":
        return Evidence(hashes=_hashes(inputs))
    folder = inputs.folder("encoded", inputs.batch)
    paths = {modality: folder / f"{modality}.arrow" for modality in MODALITIES}
    there = {modality: path for modality, path in paths.items() if path.is_file()}
    spaces = {modality: vector_space(path) for modality, path in there.items()}
    evidence = Evidence(
        vectors={modality: read_vectors(path) for modality, path in there.items()},
        spaces={modality: space for modality, space in spaces.items() if space},
    )
    return _with_pairs(evidence, members, inputs.batch) if align.by == "coordinated" else evidence


def _with_pairs(evidence: Evidence, members: pa.Table, batch: Batch) -> Evidence:
    """The evidence with what is known to belong together, sorted, each pair once; or with what forbids it."""
    declared = batch.file.align.pairs
    found = {*_labelled(members), *_alone_in_session(members)}
    if declared is not None:
        try:
            found |= set(_declared(batch.path(declared), batch.name, members))
        except TableFileError as error:
            return replace(evidence, fault=f"{declared}: {error.detail}")
    return replace(evidence, pairs=tuple(sorted(found)))


def _labelled(members: pa.Table) -> Iterator[tuple[str, str]]:
    labels = members.filter(pc.equal(members["kind"], "label"))
    return zip(labels["member_id"].to_pylist(), labels["item_id"].to_pylist(), strict=True)


def _alone_in_session(members: pa.Table) -> Iterator[tuple[str, str]]:
    items = members.filter(pc.equal(members["kind"], "item"))
    groups = items.group_by(["session", "role"]).aggregate([("member_id", "count"), ("member_id", "min")])
    single: dict[str, list[str]] = {}
    for row in groups.filter(pc.equal(groups["member_id_count"], 1)).to_pylist():
        single.setdefault(row["session"], []).append(row["member_id_min"])
    for ids in single.values():
        yield from combinations(sorted(ids), 2)


def _declared(path: Path, batch: str, members: pa.Table) -> Iterator[tuple[str, str]]:
    """The pairs of the file; TableFileError names a row that is no pair of this batch."""
    known = set(members["member_id"].to_pylist())
    for row in read_rows(path, delimiter=None, comment=None, columns=()):
        written = [row.cells.get(column) or "" for column in ("member", "reference")]
        ids = [name if name in known else f"{batch}/{name}" for name in written]
        strangers = [name for name, full in zip(written, ids, strict=True) if full not in known]
        if row.fault or strangers:
            expected = "expected member,reference: ids of items or labels of the batch"
            raise TableFileError(path, row.line, row.fault or f"{expected}, got {strangers}")
        yield ids[0], ids[1]


def _texts(inputs: StageInput) -> Iterator[tuple[str, str]]:
    """The texts of items and labels by id."""
    items = inputs.table(ITEMS, inputs.batch, _TEXT_COLUMNS)
    readable = items.filter(pc.and_(items["readable"], pc.equal(items["modality"], "text")))
    inline = pc.is_valid(readable["text"])
    yield from _pairs_of(readable.filter(inline), "item_id", "text")
    with ShardReader(inputs.folder("collected", inputs.batch)) as shards:
        for block in readable.filter(pc.invert(inline)).to_batches(max_chunksize=4096):
            for row in block.to_pylist():
                text = shards.read(row["shard"], row["offset"], row["size"]).decode("utf-8")
                yield row["item_id"], text
    labels = inputs.table(LABELS, inputs.batch, ("label_id", "text"))
    yield from _pairs_of(labels.filter(pc.is_valid(labels["text"])), "label_id", "text")


def _hashes(inputs: StageInput) -> dict[str, int]:
    """The perceptual hashes of pictures by id."""
    items = inputs.table(ITEMS, inputs.batch, ("item_id", "phash"))
    hashed = items.filter(pc.is_valid(items["phash"]))
    return {item_id: int(phash, 16) for item_id, phash in _pairs_of(hashed, "item_id", "phash")}


def _pairs_of(table: pa.Table, ids: str, values: str) -> Iterator[tuple[str, str]]:
    return zip(table[ids].to_pylist(), table[values].to_pylist(), strict=True)
