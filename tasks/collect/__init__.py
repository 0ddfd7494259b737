"""Collect: list what every source of a batch has, read each piece once, keep its bytes and what they say.

reads   data/batches/<batch>/ and what its batch.yaml points at, data/fetched/<batch>/
writes  data/collected/<batch>/items.parquet, small_pictures.parquet, sound_prints.parquet, frames.parquet,
        rejects.parquet and media-NNNNN.tar
params  collect.largest_file_bytes, collect.most_pixels, collect.largest_text_bytes

Files that are not of the data are rejects (see `belonging_files.py`). Every other candidate gives one item,
and so does what a batch file takes out of its videos (see `deriving.py`). What cannot be used stays as an
item that is not readable, with the reason; its bytes are in the shard too, but for files that are missing or
too large and rows that name none. The member of an archive that turns out to be broken only when it is read
leaves zeros in its place.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from tasks.collect.coco_licences import with_coco_licences
from tasks.collect.deriving import Deriving, derive
from tasks.collect.frames import frames_of
from tasks.collect.listing import list_candidates
from tasks.collect.planning import plan_pieces, to_chunks
from tasks.collect.reading import Reading, read_chunk
from tasks.collect.starting import start_recordings
from tasks.core.candidate import Delivery
from tasks.core.parallel import map_chunks
from tasks.core.schemas import COLLECT_REJECTS, FRAMES, ITEMS, SMALL_PICTURES, SOUND_PRINTS
from tasks.core.shards import create_shards
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import TableBuilder, empty_table, to_table, write_table
from tasks.media.reader import Limits


@dataclass(frozen=True)
class CollectParams:
    """What is too large to be read: such a piece becomes an unreadable item."""

    largest_file_bytes: int
    most_pixels: int
    largest_text_bytes: int

    def __post_init__(self) -> None:
        """Refuse limits that nothing keeps."""
        for name in ("largest_file_bytes", "most_pixels", "largest_text_bytes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected at least 1, got {getattr(self, name)}")


def build(inputs: StageInput, params: CollectParams, output: Path) -> None:
    """Write the batch's shards and its items."""
    limits = Limits(params.most_pixels, params.largest_text_bytes)
    reading = Reading(inputs.batch.name, inputs.batch.file.license, limits)
    items, frames = TableBuilder(ITEMS), [empty_table(FRAMES)]
    small, prints = TableBuilder(SMALL_PICTURES), TableBuilder(SOUND_PRINTS)
    with TemporaryDirectory(dir=output) as scratch:
        delivery = Delivery(inputs.batch, Path(scratch), inputs.folder("fetched", inputs.batch))
        deriving = Deriving(delivery.scratch, limits, params.largest_file_bytes)
        listed = list_candidates(delivery)
        licensed = with_coco_licences(inputs.batch, listed.candidates)
        candidates = derive(deriving, licensed, inputs.workers)
        pieces = plan_pieces(candidates, params.largest_file_bytes)
        create_shards(output, [piece.slot for piece in pieces if piece.slot])
        for chunk in map_chunks(partial(read_chunk, reading, output), to_chunks(pieces), inputs.workers):
            for item in chunk:
                items.append(item.row)
                about = {"batch": reading.batch, "item_id": item.row["item_id"]}
                if item.small is not None:
                    small.append({**about, "grey": item.small})
                if item.sound_print is not None:
                    prints.append({**about, "print": item.sound_print})
                if item.frame_times_ns is not None:
                    frames.append(frames_of(reading.batch, str(item.row["item_id"]), item.frame_times_ns))
    write_table(
        COLLECT_REJECTS, to_table(COLLECT_REJECTS, (reject.row() for reject in listed.rejects)), output
    )
    write_table(SMALL_PICTURES, small.finish(), output)
    write_table(SOUND_PRINTS, prints.finish(), output)
    write_table(FRAMES, pa.concat_tables(frames), output)
    write_table(ITEMS, start_recordings(items.finish(), inputs.batch.file.clocks), output)


def conclude(inputs: StageInput, params: CollectParams) -> str:
    """How many items there are, and how many of them cannot be read."""
    tables = [inputs.table(ITEMS, batch) for batch in inputs.batches]
    items = sum(table.num_rows for table in tables)
    unreadable = sum(table["readable"].to_pylist().count(False) for table in tables)
    left_out = sum(inputs.table(COLLECT_REJECTS, batch, ("row_id",)).num_rows for batch in inputs.batches)
    told = f"{items} items, {unreadable} of them unreadable"
    return f"{told}; {left_out} files are not of the data and no items" if left_out else told


STAGE = Stage(
    "collect",
    CollectParams,
    reads=("batches", "fetched"),
    writes=("collected",),
    scope="batch",
    build=build,
    conclude=conclude,
)
