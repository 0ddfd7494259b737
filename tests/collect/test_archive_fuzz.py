"""Archives and Parquet files with some bytes changed, cut out or put in: read, or told why not."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from tasks.core.archives import read_archive
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.sources.reading.parquet_cells import Columns, read_rows
from tests.collect.packing import tarred, zipped
from tests.collect.test_parquet_source import as_hugging_face, media

FILES = {"a.txt": b"one" * 50, "dir/größe.txt": b"two" * 300, "y" * 200: bytes(range(256)) * 4}
WHOLE = {
    "a.zip": zipped(FILES),
    "a.tar": tarred(FILES),
    "a.tar.gz": tarred(FILES, "w:gz"),
    "a.tar.bz2": tarred(FILES, "w:bz2"),
    "a.tar.xz": tarred(FILES, "w:xz"),
    "a.parquet": as_hugging_face(
        image=media((b"x" * 100, "a"), (b"y" * 300, None), None), said=["a", "b", None]
    ),
}


def changed(payload: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(payload)
    for _ in range(chance.choice((1, 2, 10))):
        at = chance.randrange(len(spoilt))
        match chance.randrange(4):
            case 0:
                spoilt[at] = chance.randrange(256)
            case 1:
                spoilt[at : at + 8] = chance.choice((b"\xff", b"\0", b"\x80")) * 8
            case 2:
                del spoilt[at : at + chance.randrange(len(spoilt) // 2)]
            case 3:
                spoilt[at:at] = chance.randbytes(20)
    return bytes(spoilt)


def read_to_the_end(place: Path, scratch: Path) -> None:
    if place.suffix == ".parquet":
        with suppress(TableFileError):
            list(read_rows(place, Columns(("image",), ("said",)), scratch))
        return
    for member in read_archive(place, scratch):
        member.name.encode()
        if not isinstance(member.content, Fault):
            member.content.read()


@pytest.mark.parametrize("name", WHOLE)
def test_a_spoilt_file_is_read_or_told(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)  # noqa: S311 - not for secrets
    place, scratch = tmp_path / name, tmp_path / "scratch"
    scratch.mkdir()
    for _ in range(150):
        place.write_bytes(changed(WHOLE[name], chance) or b"\0")
        read_to_the_end(place, scratch)
