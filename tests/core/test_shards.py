import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.errors import SourceError
from tasks.core.shards import ShardReader, create_shards, fill_slot, plan_shards, tar_header

PAYLOADS = {"a.jpg": b"picture", "deep/" * 30 + "b.txt": b"x" * 513, "empty.bin": b"", "ünï.wav": b"s" * 1024}


def write(
    folder: Path, payloads: dict[str, bytes], largest: int = 10**9, *, backwards: bool = False
) -> list[Path]:
    folder.mkdir()
    slots = plan_shards([(name, len(payload)) for name, payload in payloads.items()], largest=largest)
    create_shards(folder, slots)
    for slot in reversed(slots) if backwards else slots:
        fill_slot(folder, slot, payloads[slot.name])
    return sorted(folder.iterdir())


def test_a_shard_is_a_tar_file_that_others_read(tmp_path: Path) -> None:
    (shard,) = write(tmp_path / "media", PAYLOADS)
    with tarfile.open(shard) as archive:
        found = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr] # members are files
        assert {(member.mtime, member.uid, member.uname) for member in archive} == {(0, 0, "")}
    assert found == PAYLOADS
    assert shard.stat().st_size % 512 == 0


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=130),
    st.integers(0, 2**40),
)
def test_a_header_is_the_one_that_tarfile_makes(name: str, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    assert tar_header(name, size) == member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def test_the_order_of_writing_does_not_change_a_byte(tmp_path: Path) -> None:
    (forwards,) = write(tmp_path / "one", PAYLOADS)
    (backwards,) = write(tmp_path / "two", PAYLOADS, backwards=True)
    assert forwards.read_bytes() == backwards.read_bytes()


def test_a_member_is_read_back_by_its_offset(tmp_path: Path) -> None:
    write(tmp_path / "media", PAYLOADS, largest=3_000)
    slots = plan_shards([(name, len(payload)) for name, payload in PAYLOADS.items()], largest=3_000)
    with ShardReader(tmp_path / "media") as shards:
        assert {slot.name: shards.read(slot.shard, slot.offset, slot.size) for slot in slots} == PAYLOADS


def test_a_file_that_changed_its_length_is_refused(tmp_path: Path) -> None:
    slots = plan_shards([("a.txt", 3)])
    create_shards(tmp_path, slots)
    with pytest.raises(SourceError, match=r"'a.txt' changed while it was collected: expected 3 bytes, got 4"):
        fill_slot(tmp_path, slots[0], b"four")


@given(st.lists(st.integers(0, 5_000), max_size=30), st.integers(2_048, 20_000))
def test_no_shard_passes_its_limit_unless_one_member_does(sizes: list[int], largest: int) -> None:
    slots = plan_shards([(f"{number}", size) for number, size in enumerate(sizes)], largest=largest)
    for shard in {slot.shard for slot in slots}:
        members = [slot for slot in slots if slot.shard == shard]
        end = members[-1].offset + -(-members[-1].size // 512) * 512 + 1_024
        assert end <= largest or len(members) == 1


def test_planned_headers_are_those_of_the_library() -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, payload in PAYLOADS.items():
            member = tarfile.TarInfo(name)
            member.size = len(payload)
            tar.addfile(member, io.BytesIO(payload))
    archive.seek(0)
    with tarfile.open(fileobj=archive) as tar:
        offsets = [member.offset_data for member in tar]
    assert [slot.offset for slot in plan_shards([(n, len(p)) for n, p in PAYLOADS.items()])] == offsets
