"""Align: put every item and label of a batch to the samples they belong to, on one clock.

reads   batches, items (with their media, where clocks are told by sound), labels, encoded vectors
writes  links, clocks, rejects, coverage.json
params  align.sound_rate_hz

Rows in (items + labels) = members that are linked + rejects.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content import align_by_content
from tasks.align.by_key import align_by_key
from tasks.align.by_time import align_by_time
from tasks.align.clocks import find_clocks, place_on_reference
from tasks.align.coverage import coverage
from tasks.align.members import roles_of, to_members
from tasks.align.result import Aligned, reference_links, to_left_out
from tasks.align.sound import sound_synchroniser
from tasks.align.text_times import Said, mark_texts, texts_of, time_texts
from tasks.core.batch import Batch
from tasks.core.batch_file import Windows
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, ITEMS, LABELS, LINKS, MODALITIES
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import to_table, write_table
from tasks.core.vectors import Vectors, read_vectors

COVERAGE_FILE = "coverage.json"
_ITEM_COLUMNS = (
    *("item_id", "modality", "role", "session", "clock", "start_ns", "duration_ns"),
    *("readable", "shard", "offset", "size"),
)
_LABEL_COLUMNS = ("label_id", "item_id", "task", "clock", "start_ns", "end_ns")
_ITEM_TEXT, _LABEL_TEXT = ("text",), ("text", "label")


@dataclass(frozen=True)
class AlignParams:
    """`sound_rate_hz`: what recordings are brought to before they are compared."""

    sound_rate_hz: int


def align_batch(
    members: pa.Table, batch: Batch, clocks: pa.Table, vectors: dict[str, Vectors], said: Mapping[str, Said]
) -> tuple[Aligned, pa.Table]:
    """The batch aligned as its batch.yaml says, and the members with a time on a clock that is unknown.

    `said` is what members say, by id, where batch.yaml has texts to be timed by their words.
    """
    align = batch.file.align
    if not isinstance(align.reference, Windows) and align.reference not in roles_of(members):
        return _without_reference(members, align.reference), members.slice(0, 0)
    if align.method == "key":
        return align_by_key(members, str(align.reference)), members.slice(0, 0)
    if align.method == "content":
        return align_by_content(members, vectors, align), members.slice(0, 0)
    placed = place_on_reference(members, clocks)
    lost = pc.and_(pc.is_valid(members["start_ns"]), pc.is_null(placed["start_ns"]))
    timed = time_texts(placed.filter(pc.invert(lost)), said, batch.file.texts)
    return mark_texts(align_by_time(timed.members, align), timed), members.filter(lost)


def _build(inputs: StageInput, params: AlignParams, output: Path) -> None:
    batch = inputs.batch
    items = inputs.table(ITEMS, batch, (*_ITEM_COLUMNS, *(_ITEM_TEXT if batch.file.texts else ())))
    labels = inputs.table(LABELS, batch, (*_LABEL_COLUMNS, *(_LABEL_TEXT if batch.file.texts else ())))
    members = to_members(items, labels)
    said = texts_of(items, labels) if batch.file.texts else {}
    synchronise = sound_synchroniser(items, inputs.folder("collected", batch), params.sound_rate_hz)
    found = find_clocks(members, batch, synchronise)
    clocks = to_table(CLOCKS, ({"batch": batch.name, **row} for row in found.rows))
    aligned, clockless = align_batch(members, batch, clocks, _vectors(inputs), said)
    rejected = pa.concat_tables([aligned.left_out, _clockless_rows(clockless, found.unknown)])
    aligned = replace(aligned, left_out=rejected)
    _write(output, batch, aligned, clocks)
    report = coverage(members, aligned, *_method(batch))
    (output / COVERAGE_FILE).write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _write(output: Path, batch: Batch, aligned: Aligned, clocks: pa.Table) -> None:
    batch_column = pa.repeat(batch.name, aligned.links.num_rows)
    write_table(LINKS, aligned.links.append_column("batch", batch_column), output)
    write_table(CLOCKS, clocks, output)
    rejects = (
        {
            "batch": batch.name,
            "table": f"{row['kind']}s",
            "row_id": row["member_id"],
            "role": row["role"],
            "expectation": "",
            "reason": row["reason"],
            "detail": row["detail"],
        }
        for rows in aligned.left_out.to_batches(max_chunksize=4096)
        for row in rows.to_pylist()
    )
    write_table(ALIGN_REJECTS, to_table(ALIGN_REJECTS, rejects), output)


def _without_reference(members: pa.Table, reference: str) -> Aligned:
    """No samples, and everything left out: nothing has the role that the samples were to come from."""
    roles = roles_of(members)
    detail = f"expected a role or task '{reference}', the batch has {roles}.{nearest_word(reference, roles)}"
    left_out = to_left_out(members, Reason.NO_REFERENCE, [detail] * members.num_rows)
    return Aligned([], reference_links(members.slice(0, 0)), left_out)


def _vectors(inputs: StageInput) -> dict[str, Vectors]:
    if inputs.batch.file.align.method != "content":
        return {}
    folder = inputs.folder("encoded", inputs.batch)
    paths = {modality: folder / f"{modality}.arrow" for modality in MODALITIES}
    return {modality: read_vectors(path) for modality, path in paths.items() if path.is_file()}


def _clockless_rows(members: pa.Table, unknown: dict[tuple[str, str], str]) -> pa.Table:
    keys = zip(members["session"].to_pylist(), members["clock"].to_pylist(), strict=True)
    return to_left_out(members, Reason.CLOCK_UNKNOWN, [unknown[key] for key in keys])


def _method(batch: Batch) -> tuple[str, str]:
    reference = batch.file.align.reference
    return batch.file.align.method, "windows" if isinstance(reference, Windows) else reference


def _conclude(inputs: StageInput, params: AlignParams) -> str:
    """How many members found no place, over all batches."""
    left_out = sum(inputs.table(ALIGN_REJECTS, batch, ("batch",)).num_rows for batch in inputs.batches)
    return f"{left_out} items and labels in no sample" if left_out else ""


STAGE = Stage(
    name="align",
    params=AlignParams,
    reads=("batches", "collected", "labels", "encoded"),
    writes=("aligned",),
    scope="batch",
    build=_build,
    conclude=_conclude,
)
