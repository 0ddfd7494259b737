"""Guests: members that are linked to a sample of another batch, as a round of aligning by content links them.

reads   of accepted batches that look for candidates everywhere: links, items, labels, consensus, gate rejects
writes  the links to samples of other batches, with what there is on their members (in memory)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.errors import MissingInputError
from tasks.core.rejects import Reason, Reject
from tasks.core.rounds import batch_of, looks_everywhere
from tasks.core.schemas import GATE_REJECTS, LINKS
from tasks.core.stage import StageInput
from tasks.core.tables import iterate_table
from tasks.core.verdict import read_verdict
from tasks.fuse.batch_tables import StoredTables, read_stored
from tasks.fuse.samples import (
    MEMBER_COLUMNS,
    NOTHING_QUARANTINED,
    Member,
    Quarantine,
    to_members,
    to_quarantine,
)

_ROWS_AT_ONCE = 4096
_ORDER = [(name, "ascending") for name in LINKS.key]


@dataclass(frozen=True)
class Guests:
    """Links of accepted batches to samples of others, in the order of links, and what their members are."""

    links: pa.Table
    stored: StoredTables
    quarantine: Quarantine

    def of(self, home: str) -> "Guests":
        """The guests of the samples of one batch."""
        links = self.links.filter(pc.starts_with(self.links["sample_id"], f"{home}/"))
        return replace(self, links=links, stored=self.stored.of_items(links["item_id"]))

    def without(self, row_ids: frozenset[str]) -> "Guests":
        """The guests but those whose links have these ids."""
        ids = pc.binary_join_element_wise(*(self.links[name] for name in LINKS.key), "|")
        left_out = pc.is_in(ids, pa.array(sorted(row_ids), pa.string()))
        return replace(self, links=self.links.filter(pc.invert(left_out)))

    def members(self) -> Iterator[Member]:
        """The guests, in the order of links."""
        return to_members(self.links.to_batches(max_chunksize=_ROWS_AT_ONCE))

    def left_with(self, samples: pa.Array) -> Iterator[Reject]:
        """Those that are left out with their samples, which fail an expectation about samples."""
        links = self.links.filter(pc.is_in(self.links["sample_id"], samples))
        for member in replace(self, links=links).members():
            if not self.quarantine.holds(member):
                detail = f"sample {member.sample_id} is left out: it fails an expectation about samples"
                yield member.reject(Reason.SAMPLE_LEFT_OUT, detail)

    def batches(self) -> list[str]:
        """The batches that the guests are of, sorted."""
        return sorted(pc.unique(self.links["batch"]).to_pylist())


def read_guests(inputs: StageInput) -> Guests:
    """Every guest of every batch; MissingInputError where a sample's batch is no longer there."""
    nothing = LINKS.schema.empty_table().select(MEMBER_COLUMNS)
    links, stored, quarantine = [nothing], [], NOTHING_QUARANTINED
    for batch in inputs.batches:
        if looks_everywhere(batch) and read_verdict(inputs.folder("validated", batch)).accepted:
            abroad = pa.concat_tables([nothing, *links_abroad(inputs, batch)])
            links.append(abroad)
            stored.append(read_stored(inputs, batch).of_items(abroad["item_id"]))
            quarantine |= to_quarantine(inputs.table(GATE_REJECTS, batch))
    return Guests(pa.concat_tables(links).sort_by(_ORDER), StoredTables.joined(stored), quarantine)


def links_at_home(inputs: StageInput, batch: Batch) -> Iterator[pa.Table]:
    """The batch's links to its own samples, some after the others."""
    for rows in iterate_table(LINKS, inputs.folder("aligned", batch), MEMBER_COLUMNS):
        yield rows.filter(_is_own(rows, batch)) if looks_everywhere(batch) else rows


def links_abroad(inputs: StageInput, batch: Batch) -> Iterator[pa.Table]:
    """Its links to samples of other batches, some after the others."""
    if not looks_everywhere(batch):
        return
    for rows in iterate_table(LINKS, inputs.folder("aligned", batch), MEMBER_COLUMNS):
        abroad = rows.filter(pc.invert(_is_own(rows, batch)))
        homes = {batch_of(name) for name in pc.unique(abroad["sample_id"]).to_pylist()}
        departed = sorted(homes - {other.name for other in inputs.batches})
        if departed:
            raise MissingInputError(
                f"links of '{batch.name}' name samples of {departed}, which are not there: run align again"
            )
        yield abroad


def _is_own(links: pa.Table, batch: Batch) -> pa.ChunkedArray:
    # By content a sample has the id of the member that it was made of, and that begins with its batch.
    return pc.starts_with(links["sample_id"], f"{batch.name}/")
