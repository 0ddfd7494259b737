"""What was released: the splits of all samples of recorded versions, so that none of them ever changes sides.

reads   data/released/<n>/released.parquet, a file per version that brought something new; in git
writes  the next one, from data/fused/split_keys.parquet of the build that is recorded

A row is a key (of a sample, a session, a medium, a text, the looks of a picture), as 64 bits of its hash, and
its split. Keys of what was removed stay: what is left of its group stays where it is. The record is an input
of the stage `fuse`, never changed by a build. To draw all splits anew, delete the numbered folders.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.errors import GateStoppedError, MissingInputError
from tasks.core.schemas import RELEASED, SPLIT_KEYS
from tasks.core.splits import SPLITS
from tasks.core.tables import read_table, write_table
from tasks.core.verdict import VERDICT_FILE, read_verdict

UInt64s = npt.NDArray[np.uint64]

_DIGITS = 4


@dataclass(frozen=True)
class Released:
    """The recorded keys, sorted, with the number of each one's split; a crossing's key may have several."""

    keys: UInt64s
    splits: npt.NDArray[np.int64]

    def splits_of(self, key: str) -> tuple[str, ...]:
        """The splits that the key was released in, mostly none or one."""
        if not len(self.keys):
            return ()
        hashed = np.uint64(hash_of(key))
        first, end = (int(np.searchsorted(self.keys, hashed, side)) for side in ("left", "right"))
        return tuple(SPLITS[number] for number in self.splits[first:end])

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever released."""
        return len(self.keys) == 0


NOTHING_RELEASED = Released(np.empty(0, np.uint64), np.empty(0, np.int64))


def hash_of(key: str) -> int:
    """64 bits: among a billion keys some collide, and then a new group is drawn where another one lies."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")


def sample_key(sample_id: str) -> str:
    """The key of a sample itself."""
    return f"sample:{sample_id}"


def to_key_table(claims: Iterable[tuple[str, str]]) -> pa.Table:
    """Keys and splits as rows of `split_keys`, each once."""
    rows = sorted({(hash_of(key), split) for key, split in claims})
    columns = [
        pa.array([row[0] for row in rows], pa.uint64()),
        pa.array([row[1] for row in rows], pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=SPLIT_KEYS.schema)


def read_released(folder: Path) -> Released:
    """The whole record in that folder; nothing where there is none."""
    return to_released(_read_rows(folder))


def to_released(table: pa.Table) -> Released:
    """The rows ready to be looked up."""
    numbers = pc.index_in(table["split"], value_set=pa.array(SPLITS)).to_numpy()
    keys = table["key"].to_numpy()
    order = np.lexsort((numbers, keys))
    return Released(keys[order], numbers[order].astype(np.int64))


def record_release(fused: Path, folder: Path) -> Path | None:
    """Write down what that build brought; the new file, or None when all of it is there already."""
    if not (fused / SPLIT_KEYS.file).is_file():
        raise MissingInputError(f"{fused / SPLIT_KEYS.file} is not there: run the stage fuse first")
    if not read_verdict(fused).accepted:
        raise GateStoppedError(f"the dataset was rejected, see {fused / VERDICT_FILE}: nothing is released")
    new = _new_rows(_read_rows(folder), read_table(SPLIT_KEYS, fused))
    if not new.num_rows:
        return None
    place = folder / f"{_last_number(folder) + 1:0{_DIGITS}d}"
    place.mkdir(parents=True)
    write_table(RELEASED, new, place)
    return place / RELEASED.file


def with_release(known: pa.Table, built: pa.Table) -> pa.Table:
    """The record with what the build brings: of a key that is known nothing is added."""
    return pa.concat_tables([known, _new_rows(known, built)])


def _new_rows(known: pa.Table, built: pa.Table) -> pa.Table:
    return built.filter(pc.invert(pc.is_in(built["key"], known["key"].combine_chunks())))


def _read_rows(folder: Path) -> pa.Table:
    tables = [read_table(RELEASED, place) for place in _versions(folder)]
    return pa.concat_tables([RELEASED.schema.empty_table(), *tables])


def _versions(folder: Path) -> list[Path]:
    return sorted(place.parent for place in folder.glob(f"*/{RELEASED.file}"))


def _last_number(folder: Path) -> int:
    return max((int(place.name) for place in _versions(folder) if place.name.isdecimal()), default=0)
