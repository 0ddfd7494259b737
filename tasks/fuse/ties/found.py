"""Find what ties the items of all accepted batches, but for sessions, equal bytes and texts.

reads   collected (items, small pictures, fingerprints of sounds), validated
writes  the table of ties, and for each item those that it is tied to (in memory)
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from tasks.core.batch import Batch
from tasks.core.schemas import ITEMS, SMALL_PICTURES, SOUND_PRINTS, TIES
from tasks.core.stage import StageInput
from tasks.core.tables import TableBuilder
from tasks.core.verdict import read_verdict
from tasks.fuse.params import FuseParams
from tasks.fuse.ties.pictures import SmallPicture, picture_ties
from tasks.fuse.ties.sounds import Sound, sound_ties


def find_ties(inputs: StageInput, params: FuseParams) -> pa.Table:
    """Every tie, sorted by its key."""
    builder = TableBuilder(TIES)
    ties = [
        *picture_ties(list(_small_pictures(inputs)), params.near_duplicate_share),
        *sound_ties(list(_sounds(inputs)), params.near_duplicate_sound),
    ]
    for tie in sorted(ties, key=lambda tie: (tie.item_id, tie.other_id)):
        builder.append(
            {
                "item_id": tie.item_id,
                "other_id": tie.other_id,
                "kind": tie.kind,
                "nearness": tie.nearness,
            }
        )
    return builder.finish()


def alike_items(ties: pa.Table) -> Mapping[str, Sequence[str]]:
    """The items that each is tied to, either way."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in zip(ties["item_id"].to_pylist(), ties["other_id"].to_pylist(), strict=True):
        found[one].append(other)
        found[other].append(one)
    return found


def _small_pictures(inputs: StageInput) -> Iterator[SmallPicture]:
    """Those of the accepted batches, in order of batch and item."""
    for batch in _accepted(inputs):
        small = inputs.table(SMALL_PICTURES, batch, ("item_id", "grey"))
        shapes = inputs.table(ITEMS, batch, ("item_id", "width", "height"))
        for row in small.join(shapes, "item_id").sort_by("item_id").to_pylist():
            yield SmallPicture(**row)


def _sounds(inputs: StageInput) -> Iterator[Sound]:
    """Those of the accepted batches, in order of batch and item."""
    for batch in _accepted(inputs):
        prints = inputs.table(SOUND_PRINTS, batch, ("item_id", "print"))
        for row in prints.sort_by("item_id").to_pylist():
            yield Sound(**row)


def _accepted(inputs: StageInput) -> Iterator[Batch]:
    return (batch for batch in inputs.batches if read_verdict(inputs.folder("validated", batch)).accepted)
