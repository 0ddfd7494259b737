"""Archives that mean harm or are broken: each member that is refused is an item that says why."""

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from tasks.core.archives import read_archive
from tasks.core.fault import Fault
from tests.collect.making import batch_yaml, errors
from tests.collect.packing import special, tarred, zipped
from tests.conftest import Repository

FILES = "kind: files, path: media"
GOOD = {"a.txt": b"one", "b.txt": b"two"}
REFUSED = {
    "../out.txt": "the member's name leads out of the archive",
    "x/../../out.txt": "the member's name leads out of the archive",
    "/etc/passwd": "the member's name is absolute",
    "C:\\out.txt": "the member's name is absolute",
}


def collected(repository: Repository, name: str, payload: bytes) -> dict[str, object]:
    """The errors by what stands behind the archive's name."""
    repository.add_batch("one", batch_yaml(FILES), {f"media/{name}": payload})
    repository.run("collect")
    found = errors(repository, "one")
    return {native_id[len(f"media/{name}/") :]: error for native_id, error in found.items()}


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_names_that_lead_out_are_refused_and_the_others_are_read(repository: Repository, name: str) -> None:
    members = {**GOOD, **dict.fromkeys(REFUSED, b"evil")}
    payload = zipped(members) if name == "a.zip" else tarred(members, "w:gz" if name[-1] == "z" else "w")
    found = collected(repository, name, payload)
    refused = {
        member.replace("\\", "/") if name == "a.zip" else member: f"unsafe_archive: {why}"
        for member, why in REFUSED.items()
    }
    assert found == {"a.txt": None, "b.txt": None, **refused}


def test_a_name_that_leads_out_never_takes_the_id_of_a_real_file(repository: Repository) -> None:
    files = {"media/z.txt": b"real", "media/a.zip": zipped({"../z.txt": b"evil"})}
    repository.add_batch("one", batch_yaml(FILES), files)
    repository.run("collect")
    assert errors(repository, "one") == {
        "media/z.txt": None,
        "media/a.zip/../z.txt": "unsafe_archive: the member's name leads out of the archive",
    }


def test_links_devices_and_sparse_files_are_refused(repository: Repository) -> None:
    first = [(tarfile.TarInfo(name), payload) for name, payload in GOOD.items()]
    members = [
        *first,
        special("hard", tarfile.LNKTYPE, "a.txt"),
        special("soft", tarfile.SYMTYPE, "/etc/passwd"),
        special("fifo", tarfile.FIFOTYPE),
        special("device", tarfile.CHRTYPE),
        special("strange", b"Z"),
    ]
    other = "unsafe_archive: the member is a device, a sparse file or the like; deliver the file itself"
    link = "unsafe_archive: the member is a link; deliver the file itself"
    assert collected(repository, "a.tar", tarred(members)) == {
        "a.txt": None,
        "b.txt": None,
        "hard": link,
        "soft": link,
        "fifo": other,
        "device": other,
        "strange": other,
    }


def test_links_and_encrypted_members_of_a_zip_are_refused(repository: Repository) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("secret.txt", b"encrypted")
        archive.writestr("a.txt", b"one")
    payload = bytearray(packed.getvalue())
    directory = payload.rindex(b"PK\x01\x02", 0, payload.rindex(b"secret.txt"))
    payload[directory + 8] |= 1
    assert collected(repository, "a.zip", bytes(payload)) == {
        "a.txt": None,
        "link": "unsafe_archive: the member is a link or a device; deliver the file itself",
        "secret.txt": "unsafe_archive: the member is encrypted; deliver it open",
    }


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_a_repeated_name_the_first_member_counts(repository: Repository, name: str) -> None:
    packed = io.BytesIO()
    if name == "a.zip":
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.txt", b"one")
            archive.writestr("./a.txt", b"other")
        payload = packed.getvalue()
    else:
        payload = tarred([(tarfile.TarInfo("a.txt"), b"one"), (tarfile.TarInfo("./a.txt"), b"other")])
    assert collected(repository, name, payload) == {
        "a.txt": None,
        "a.txt~2": "unsafe_archive: the archive has several members of this name",
    }


def changed_directory(payload: bytes, name: bytes, offset: int, value: int) -> bytes:
    """The zip with a number of four bytes of the member's directory entry replaced."""
    entry = payload.rindex(b"PK\x01\x02", 0, payload.rindex(name))
    return payload[: entry + offset] + struct.pack("<I", value) + payload[entry + offset + 4 :]


LIES = {
    "more": (24, 2, "unsafe_archive: the member unpacks to more than its 2 bytes"),
    "less": (24, 4_000, "truncated: the member's packed bytes end too early"),
    "checksum": (16, 1, "unreadable: the member's checksum is wrong"),
    "place": (42, 81, "unreadable: the member is not where the archive's directory says"),
    "huge": (24, 4_000_000_000, "unsafe_archive: the archive unpacks to more than 268435456 bytes: a bomb"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_zip_that_lies_about_a_member_does_not_get_more_than_it_said(
    repository: Repository, lie: str
) -> None:
    offset, value, error = LIES[lie]
    payload = changed_directory(zipped({**GOOD, "lie.txt": b"three" * 10}), b"lie.txt", offset, value)
    found = collected(repository, "a.zip", payload)
    assert [found["a.txt"], found["b.txt"]] == [None, None]
    assert str(found["lie.txt"]).startswith(error)
    with tarfile.open(repository.data / "collected" / "one" / "media-00000.tar") as shard:
        assert b"three" not in b"".join(
            file.read() for member in shard if (file := shard.extractfile(member))
        )


def test_members_that_share_their_bytes_are_refused(repository: Repository) -> None:
    payload = zipped({**GOOD, "c.txt": b"three"})
    payload = changed_directory(payload, b"c.txt", 42, 40)
    shared = "unsafe_archive: the member shares its bytes with another one"
    assert collected(repository, "a.zip", payload) == {"a.txt": None, "b.txt": shared, "c.txt": shared}


def test_a_bomb_is_cut_at_the_stated_limit(tmp_path: Path) -> None:
    zeros = bytes(1_000_000)
    members = {"a.txt": b"one", **{f"{number:03d}.bin": zeros for number in range(300)}}
    (tmp_path / "a.tar.gz").write_bytes(tarred(members, "w:gz"))
    found = {member.name: member.content for member in read_archive(tmp_path / "a.tar.gz", tmp_path)}
    assert list(found) == list(members)[: 1 + 269]
    assert [name for name, content in found.items() if isinstance(content, Fault)] == ["268.bin"]
    assert str(found["268.bin"]).startswith(
        "unsafe_archive: the archive unpacks to more than 268435456 bytes"
    )


def test_a_bomb_in_a_bomb_is_not_opened(repository: Repository) -> None:
    inner = zipped({"zeros.bin": bytes(20_000_000)})
    nested = zipped({f"{number}.zip": inner for number in range(20)})
    found = collected(repository, "a.zip", nested)
    assert found == {f"{number}.zip": "unknown_media: the bytes are of no known kind" for number in range(20)}


def test_a_member_that_says_it_is_ten_gigabytes_is_cut_off(repository: Repository) -> None:
    huge = tarfile.TarInfo("huge.jpg")
    huge.size = 10_000_000_000
    payload = tarred(GOOD)[:2048] + huge.tobuf() + b"little"
    found = collected(repository, "a.tar", payload)
    cut = "the archive is cut off: expected 10000000000 bytes of the member, there are 6"
    assert found == {"a.txt": None, "b.txt": None, "huge.jpg": f"truncated: {cut}"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_a_member_that_is_too_large_is_left_where_it_is(repository: Repository, name: str) -> None:
    repository.set_param("largest_file_bytes: 2000000000", "largest_file_bytes: 1000")
    members = {"a.txt": b"one", "large.bin": bytes(1001)}
    found = collected(repository, name, zipped(members) if name == "a.zip" else tarred(members))
    assert found == {"a.txt": None, "large.bin": "too_large: expected at most 1000 bytes, got 1001"}


CUT_OFF = "truncated: the archive is cut off: it ends before its end marker"
PACKED_CUT_OFF = "truncated: the archive is cut off: its compressed bytes end too early"
BIG = {"a.txt": b"one", "b.txt": bytes(range(256)) * 400}
BROKEN: dict[str, tuple[str, bytes, dict[str, str | None]]] = {
    "no archive": ("a.tar", b"\x89PNG\r\n" * 200, {"": "unreadable: the archive cannot be read as a tar"}),
    "no zip": ("a.zip", b"\x89PNG\r\n" * 200, {"": "unreadable: the archive cannot be read as a zip"}),
    "no gzip": ("a.tar.gz", b"\x1f\x8b" * 200, {"": "unreadable: the archive's compressed bytes are broken"}),
    "no bzip2": ("a.tar.bz2", b"BZh9" * 200, {"": "unreadable: the archive's compressed bytes are broken"}),
    "no xz": ("a.tar.xz", b"\xfd7zXZ\0" * 200, {"": "unreadable: the archive's compressed bytes are broken"}),
    "no bytes": ("a.zip", b"", {"": "file_empty: the archive has no bytes"}),
    "empty zip": ("a.zip", zipped({}), {"": "file_empty: the archive holds no files"}),
    "empty tar": ("a.tar", tarred({}), {"": "file_empty: the archive holds no files"}),
    "empty tar.xz": ("a.tar.xz", tarred({}, "w:xz"), {"": "file_empty: the archive holds no files"}),
    "cut zip": ("a.zip", zipped(GOOD)[:-30], {"": "unreadable: the archive cannot be read as a zip"}),
    "cut between": ("a.tar", tarred(GOOD)[:1024], {"a.txt": None, "": CUT_OFF}),
    "cut in a header": ("a.tar", tarred(GOOD)[:1100], {"a.txt": None, "": CUT_OFF}),
    "cut in a member": (
        "a.tar",
        tarred(GOOD)[:1537],
        {"a.txt": None, "b.txt": "truncated: the archive is cut off: expected 3 bytes of the member"},
    ),
    "cut tar.gz": (
        "a.tar.gz",
        tarred(BIG, "w:gz")[:-40],
        {"a.txt": None, "b.txt": PACKED_CUT_OFF},
    ),
    "cut early": ("a.tar.xz", tarred(GOOD, "w:xz")[:40], {"": PACKED_CUT_OFF}),
    "garbage inside": (
        "a.tar",
        tarred(GOOD)[:1024] + b"x" * 2048,
        {"a.txt": None, "": CUT_OFF},
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_stands_before_a_break_is_read_and_the_break_is_told(repository: Repository, case: str) -> None:
    name, payload, expected = BROKEN[case]
    repository.add_batch("one", batch_yaml(FILES), {f"media/{name}": payload})
    repository.run("collect")
    found = {
        native_id.removeprefix(f"media/{name}").removeprefix("/"): error
        for native_id, error in errors(repository, "one").items()
    }
    assert found.keys() == expected.keys()
    for member, error in expected.items():
        assert str(found[member]).startswith(str(error)), found
