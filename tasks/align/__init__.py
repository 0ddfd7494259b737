"""Align: put every item and label of a batch to the samples they belong to, on one clock.

reads   batches, items (with their media, where clocks are told by sound), labels, encoded vectors
writes  links, clocks, streams, rejects, coverage.json, pooled/<role>.arrow where batch.yaml pools
params  align.sound_rate_hz

Rows in (items + labels) = members that are linked + rejects.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.aligning import align_by_content
from tasks.align.by_content.comparison import Evidence
from tasks.align.by_content.evidence import read_evidence
from tasks.align.by_key.aligning import align_by_key
from tasks.align.by_time.aligning import align_by_time
from tasks.align.clocks.solving import Synchronise, find_clocks
from tasks.align.clocks.stamps import stamp_synchroniser, with_stamped_starts
from tasks.align.coverage.coverage import CoverageAsked, coverage
from tasks.align.coverage.streams import to_streams
from tasks.align.followed_losses import with_items_candidates
from tasks.align.members import roles_of, to_members, without_times
from tasks.align.placing import ClocksTold, place_on_reference, settle_parts
from tasks.align.pool.batch import pool_roles
from tasks.align.result import Aligned, reference_links, to_left_out
from tasks.align.sound.hearing import Hearing
from tasks.align.sound.recordings import same_event, sound_synchroniser
from tasks.align.texts.times import SAID, mark_texts, texts_of, time_texts
from tasks.align.warp.placing import WARP
from tasks.align.warp.synchronise import warp_sound
from tasks.core.batch import Batch
from tasks.core.batch_file import Windows
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, ITEMS, LABELS, LINKS, STREAMS
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import to_table, write_table

COVERAGE_FILE = "coverage.json"
_ITEM_COLUMNS = (
    *("item_id", "modality", "role", "session", "clock", "start_ns", "duration_ns"),
    *("captured_at", "readable", "channels", "derived_from", "shard", "offset", "size"),
)
_LABEL_COLUMNS = ("label_id", "item_id", "task", "clock", "start_ns", "end_ns")
_ITEM_TEXT, _LABEL_TEXT = ("text",), ("text", "label")


@dataclass(frozen=True)
class AlignParams:
    """`sound_rate_hz`: what recordings are brought to before they are compared."""

    sound_rate_hz: int


def align_batch(
    members: pa.Table, batch: Batch, clocks: ClocksTold, evidence: Evidence, said: pa.Table
) -> Aligned:
    """The batch aligned as its batch.yaml says.

    `said` is what members say, where batch.yaml has texts to be timed by their words.
    """
    align = batch.file.align
    if not isinstance(align.reference, Windows) and align.reference not in roles_of(members):
        return _without_reference(members, align.reference)
    if align.method == "key":
        return align_by_key(members, str(align.reference))
    if align.method == "content":
        return align_by_content(members, evidence, align)
    placed = place_on_reference(members, clocks.table, clocks.unknown, str(align.reference))
    timed = time_texts(placed.members, said, batch.file.texts)
    aligned = mark_texts(settle_parts(align_by_time(timed.members, align)), timed)
    left_out = pa.concat_tables([aligned.left_out, placed.lost])
    return replace(aligned, left_out=left_out, streams=to_streams(timed.members), placed=timed.members)


def _build(inputs: StageInput, params: AlignParams, output: Path) -> None:
    batch = inputs.batch
    texts = batch.file.texts
    items = inputs.table(ITEMS, batch, (*_ITEM_COLUMNS, *(_ITEM_TEXT if texts else ())))
    items = with_stamped_starts(items, batch)
    labels = inputs.table(LABELS, batch, (*_LABEL_COLUMNS, *(_LABEL_TEXT if texts else ())))
    members = to_members(items, labels)
    with TemporaryDirectory(dir=output) as scratch:
        hearing = Hearing(inputs.folder("collected", batch), params.sound_rate_hz, Path(scratch))
        found = find_clocks(members, batch, _ways(items, batch, hearing))
    clocks = to_table(CLOCKS, ({"batch": batch.name, **row} for row in found.rows))
    evidence = read_evidence(inputs, members) if batch.file.align.method == "content" else Evidence()
    said = texts_of(items, labels) if texts else SAID.empty_table()
    told = ClocksTold(clocks, found.unknown)
    aligned = align_batch(members, batch, told, evidence, said)
    aligned = replace(aligned, left_out=with_items_candidates(aligned.left_out, members))
    _write(output, batch, aligned, clocks)
    report = coverage(members, aligned, clocks, CoverageAsked(*_method(batch), found.unknown))
    report |= pool_roles(inputs, members, aligned, clocks, output)
    (output / COVERAGE_FILE).write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _ways(items: pa.Table, batch: Batch, hearing: Hearing) -> dict[str, Synchronise]:
    """How a clock is told from the items, by the word for it after `sync:`."""
    return {
        "audio": sound_synchroniser(items, hearing, same_event),
        "metadata": stamp_synchroniser(items, batch),
        WARP: sound_synchroniser(items, hearing, warp_sound),
    }


def _write(output: Path, batch: Batch, aligned: Aligned, clocks: pa.Table) -> None:
    batch_column = pa.repeat(batch.name, aligned.links.num_rows)
    write_table(LINKS, aligned.links.append_column("batch", batch_column), output)
    write_table(CLOCKS, clocks, output)
    streams = aligned.streams.append_column("batch", pa.repeat(batch.name, aligned.streams.num_rows))
    write_table(STREAMS, streams, output)
    write_table(ALIGN_REJECTS, _to_rejects(aligned.left_out, batch.name), output)


def _to_rejects(left_out: pa.Table, batch: str) -> pa.Table:
    own = {name: left_out[name] for name in left_out.column_names if name not in ("member_id", "kind")}
    columns = {
        "batch": pa.repeat(batch, left_out.num_rows),
        "table": pc.binary_join_element_wise(left_out["kind"], "s", ""),
        "row_id": left_out["member_id"],
        "expectation": pa.repeat("", left_out.num_rows),
        **own,
    }
    return pa.table(columns).select(ALIGN_REJECTS.schema.names).cast(ALIGN_REJECTS.schema)


def _without_reference(members: pa.Table, reference: str) -> Aligned:
    """No samples, and everything left out: nothing has the role that the samples were to come from."""
    roles = roles_of(members)
    word = nearest_word(reference, roles)
    detail = f"expected a role or task '{reference}', the batch has {roles}: no candidate.{word}"
    left_out = to_left_out(without_times(members), Reason.NO_REFERENCE, [detail] * members.num_rows)
    return Aligned([], reference_links(members.slice(0, 0)), left_out)


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
