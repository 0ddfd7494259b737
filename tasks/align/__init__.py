"""Align: put every item and label of a batch to the samples they belong to, on one clock.

reads   batches, items (with their media, where clocks are told by sound), labels, encoded vectors
writes  links, clocks, streams, rejects, coverage.json, pooled/<role>.arrow where batch.yaml pools
params  align.sound_rate_hz

Rows in (items + labels) = members that are linked + rejects of the tables items and labels. A mark of a clock
(`sync: events`) is on a line of its clock, or a reject of the table marks. With `candidates: everywhere` a
batch is read together with the other batches of its round, and a link's sample may be of one of those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.aligning import align_by_content
from tasks.align.by_content.comparison import Evidence
from tasks.align.by_content.evidence import read_evidence
from tasks.align.by_content.round import Part, align_round, part_of_round
from tasks.align.by_key.aligning import align_by_key
from tasks.align.by_time.aligning import align_by_time
from tasks.align.clocks.marks import strays_left_out
from tasks.align.clocks.solving import Synchronise, find_clocks, with_refused
from tasks.align.clocks.stamps import stamp_synchroniser
from tasks.align.coverage.coverage import CoverageAsked, coverage
from tasks.align.coverage.streams import to_streams
from tasks.align.delivery import Delivery, read_delivery
from tasks.align.followed_losses import with_items_candidates
from tasks.align.members import roles_of
from tasks.align.placing import ClocksTold, place_on_reference, settle_parts
from tasks.align.pool.batch import pool_roles
from tasks.align.result import Aligned, without_reference
from tasks.align.sound.chapters import Unplaced
from tasks.align.sound.hearing import Hearing
from tasks.align.sound.recordings import HeardClocks, longest_synchroniser
from tasks.align.texts.times import SAID, mark_texts, texts_of, time_texts
from tasks.align.warp.features import HOP_NS
from tasks.align.warp.placing import WARP
from tasks.align.warp.synchronise import warp_sound
from tasks.core.align_entry import Windows
from tasks.core.batch import Batch
from tasks.core.clock_entry import Clock
from tasks.core.rounds import companions, looks_everywhere, whole_round
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, LINKS, STREAMS
from tasks.core.stage import LOG, Stage, StageInput
from tasks.core.strict_json import write_json
from tasks.core.tables import to_table, write_table
from tasks.core.times import NS_PER_S

COVERAGE_FILE = "coverage.json"
LEAST_RATE_HZ, MOST_RATE_HZ = 4_000, 192_000
FRAMES_IN_S = NS_PER_S // HOP_NS


@dataclass(frozen=True)
class AlignParams:
    """`sound_rate_hz`: what recordings are brought to before they are compared."""

    sound_rate_hz: int

    def __post_init__(self) -> None:
        """Refuse rates at which a frame of 20 ms is no whole number of samples: warped clocks would stray."""
        if not LEAST_RATE_HZ <= self.sound_rate_hz <= MOST_RATE_HZ or self.sound_rate_hz % FRAMES_IN_S:
            raise ValueError(
                f"sound_rate_hz: expected a multiple of {FRAMES_IN_S} from {LEAST_RATE_HZ} to {MOST_RATE_HZ},"
                f" such as 8000, got {self.sound_rate_hz}"
            )


def align_batch(
    members: pa.Table, batch: Batch, clocks: ClocksTold, evidence: Evidence, said: pa.Table
) -> Aligned:
    """The batch aligned as its batch.yaml says.

    `said` is what members say, where batch.yaml has texts to be timed by their words.
    """
    align = batch.file.align
    if not isinstance(align.reference, Windows) and align.reference not in roles_of(members):
        return without_reference(members, align.reference, "the batch")
    if align.method == "key":
        return align_by_key(members, str(align.reference))
    if align.method == "content":
        return align_by_content(members, evidence, align)
    placed = place_on_reference(members, clocks.table, clocks.unknown, str(align.reference))
    timed = time_texts(placed.members, said, batch.file.texts)
    found = align_by_time(timed.members, align, batch.name)
    aligned = mark_texts(settle_parts(found) if placed.has_parts else found, timed)
    left_out = pa.concat_tables([aligned.left_out, placed.lost])
    streams = to_streams(timed.members, has_parts=placed.has_parts)
    return replace(aligned, left_out=left_out, streams=streams, placed=timed.members)


def _build(inputs: StageInput, params: AlignParams, output: Path) -> None:
    batch = inputs.batch
    delivery = read_delivery(inputs, batch)
    members = delivery.members
    with TemporaryDirectory(dir=output) as scratch:
        hearing = Hearing(inputs.folder("collected", batch), params.sound_rate_hz, Path(scratch))
        heard = HeardClocks(delivery.items, hearing, _consecutive(batch))
        found = find_clocks(members, batch, _ways(delivery.items, batch, heard))
        found = with_refused(found, batch, heard.refused)
    clocks = to_table(CLOCKS, ({"batch": batch.name, **row} for row in found.rows))
    told = ClocksTold(clocks, found.unknown)
    aligned = _align(inputs, delivery, told)
    aligned = replace(aligned, left_out=with_items_candidates(aligned.left_out, members))
    _write(output, batch, aligned, clocks, strays_left_out(found.strays))
    report = coverage(members, aligned, clocks, _asked(inputs, found.unknown, heard.unplaced))
    report["unknown_roles"] = batch.file.align.unknown_roles(roles_of(members))
    for sentence in report["unknown_roles"]:
        LOG.warning("align: %s: %s", batch.name, sentence)
    report |= pool_roles(inputs, delivery, aligned, clocks, output)
    write_json(report, output / COVERAGE_FILE)


def _align(inputs: StageInput, delivery: Delivery, told: ClocksTold) -> Aligned:
    """The batch aligned by itself, or its part of the round that it is in."""
    batch, members = inputs.batch, delivery.members
    align = batch.file.align
    if looks_everywhere(batch):
        together = whole_round(batch, inputs.companions)
        names = tuple(one.name for one in together)
        whole = inputs.once.made(names, lambda: align_round(_parts(inputs, together), align))
        return part_of_round(whole, members)
    evidence = read_evidence(inputs, batch, members) if align.method == "content" else Evidence()
    said = texts_of(delivery.items, delivery.labels) if batch.file.texts else SAID.empty_table()
    return align_batch(members, batch, told, evidence, said)


def _parts(inputs: StageInput, together: Sequence[Batch]) -> dict[str, Part]:
    members = {batch.name: read_delivery(inputs, batch).members for batch in together}
    return {
        batch.name: Part(members[batch.name], read_evidence(inputs, batch, members[batch.name]))
        for batch in together
    }


def _consecutive(batch: Batch) -> frozenset[str]:
    """The clocks whose files follow each other without a break."""
    told = batch.file.clocks.items()
    return frozenset(name for name, clock in told if isinstance(clock, Clock) and clock.chapters)


def _ways(items: pa.Table, batch: Batch, heard: HeardClocks) -> dict[str, Synchronise]:
    """How a clock is told from the items, by the word for it after `sync:`."""
    return {
        "audio": heard.synchronise,
        "metadata": stamp_synchroniser(items, batch),
        WARP: longest_synchroniser(items, heard.hearing, warp_sound),
    }


def _write(output: Path, batch: Batch, aligned: Aligned, clocks: pa.Table, strays: pa.Table) -> None:
    batch_column = pa.repeat(batch.name, aligned.links.num_rows)
    write_table(LINKS, aligned.links.append_column("batch", batch_column), output)
    write_table(CLOCKS, clocks, output)
    streams = aligned.streams.append_column("batch", pa.repeat(batch.name, aligned.streams.num_rows))
    write_table(STREAMS, streams, output)
    left_out = pa.concat_tables([aligned.left_out, strays])
    write_table(ALIGN_REJECTS, _to_rejects(left_out, batch.name), output)


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


def _asked(
    inputs: StageInput, unknown: dict[tuple[str, str], str], unplaced: Sequence[Unplaced]
) -> CoverageAsked:
    align = inputs.batch.file.align
    reference = "windows" if isinstance(align.reference, Windows) else align.reference
    others = tuple(other.name for other in inputs.companions)
    return CoverageAsked(align.method, reference, unknown, others, tuple(unplaced))


def _conclude(inputs: StageInput, params: AlignParams) -> str:
    """How many members found no place, and how many marks no line, over all batches."""
    tables = pa.concat_tables(
        [ALIGN_REJECTS.schema.empty_table().select(["table"])]
        + [inputs.table(ALIGN_REJECTS, batch, ("table",)) for batch in inputs.batches]
    )["table"]
    strays = pc.sum(pc.equal(tables, "marks")).as_py() or 0
    counted = {"items and labels in no sample": len(tables) - strays, "marks of clocks on no line": strays}
    return ", ".join(f"{count} {what}" for what, count in counted.items() if count)


STAGE = Stage(
    name="align",
    params=AlignParams,
    reads=("batches", "collected", "labels", "encoded"),
    writes=("aligned",),
    scope="batch",
    build=_build,
    conclude=_conclude,
    companions=companions,
)
