import io
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.core.errors import SourceError
from tasks.core.file_part import FilePart
from tasks.core.shards import ShardReader

MOVES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOVES, st.integers(0, 12))
def test_a_part_reads_and_seeks_as_the_same_bytes_alone(
    tmp_path: Path, moves: list[tuple[int, int]], count: int
) -> None:
    (tmp_path / "whole").write_bytes(b"before0123456789after")
    alone = io.BytesIO(b"0123456789")
    with (tmp_path / "whole").open("rb") as whole:
        part = FilePart(whole.fileno(), 6, 10)
        for offset, whence in moves:
            assert part.seek(offset, whence) == alone.seek(offset, whence)
            assert part.read(count) == alone.read(count)
            assert part.tell() == alone.tell()


def test_a_member_of_a_shard_is_opened_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "media-00000.tar").write_bytes(b"head" + b"payload" + b"tail")
    with ShardReader(tmp_path) as shards, shards.open("media-00000.tar", 4, 7) as file:
        assert file.read() == b"payload"
        assert file.read() == b""


def test_a_member_beyond_the_end_of_its_shard_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "media-00000.tar").write_bytes(b"short")
    with ShardReader(tmp_path) as shards, pytest.raises(SourceError, match="ends before byte 11: `dvc check"):
        shards.open("media-00000.tar", 4, 7)
