"""Archives as a `files` source reads them: in place, like folders."""

import bz2
import hashlib
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from tasks.core.schemas import LABELS
from tasks.core.tables import read_table
from tests.collect.making import batch_yaml, errors, rows
from tests.collect.packing import tarred, zipped
from tests.conftest import Repository
from tests.media.making import photo, saved, wav

FILES = "kind: files, path: media"
MEDIA = {"day/a.jpg": saved(photo(), "JPEG"), "day/b.wav": wav(), "note.txt": "Grüße".encode()}
PACKED = {
    "deflated.zip": zipped(MEDIA),
    "stored.zip": zipped(MEDIA, zipfile.ZIP_STORED),
    "bzip2.zip": zipped(MEDIA, zipfile.ZIP_BZIP2),
    "plain.tar": tarred(MEDIA),
    "packed.tar.gz": tarred(MEDIA, "w:gz"),
    "packed.TGZ": tarred(MEDIA, "w:gz"),
    "packed.tar.bz2": tarred(MEDIA, "w:bz2"),
    "packed.tar.xz": tarred(MEDIA, "w:xz"),
    "really_packed.tar": tarred(MEDIA, "w:xz"),
    "two_streams.tar.bz2": bz2.compress(tarred(MEDIA)[:3000]) + bz2.compress(tarred(MEDIA)[3000:]),
}


@pytest.mark.parametrize("name", PACKED)
def test_the_members_of_an_archive_are_items_with_the_same_bytes(repository: Repository, name: str) -> None:
    source = f'{FILES}, session: "{{parent}}-{{stem}}"'
    repository.add_batch("one", batch_yaml(source), {f"media/{name}": PACKED[name]})
    repository.run("collect")
    found = rows(repository, "one")
    assert {native_id: row["sha256"] for native_id, row in found.items()} == {
        f"media/{name}/{member}": hashlib.sha256(payload).hexdigest() for member, payload in MEDIA.items()
    }
    assert [row["session"] for row in found.values()] == ["day-a", "day-b", f"{name}-note"]
    assert [row["source"] for row in found.values()] == list(found)
    assert [row["error"] for row in found.values()] == [None] * 3


def test_one_archive_may_be_the_source_itself(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "set.tar.gz"
    outside.write_bytes(PACKED["packed.tar.gz"])
    repository.add_batch("inside", batch_yaml("kind: files, path: a.zip"), {"a.zip": PACKED["stored.zip"]})
    repository.add_batch("outside", batch_yaml(f"kind: files, path: {outside}"))
    repository.run("collect")
    assert list(errors(repository, "inside")) == [f"a.zip/{member}" for member in MEDIA]
    assert [*errors(repository, "outside")] == [
        f"{outside.parent.name}/set.tar.gz/{member}" for member in MEDIA
    ]


def test_folders_and_hidden_members_are_no_items_and_an_inner_archive_stays_closed(
    repository: Repository,
) -> None:
    members = {
        "folder/": b"",
        "./folder/a.txt": b"one",
        "__MACOSX/folder/._a.txt": b"\0",
        ".DS_Store": b"\0",
        "inner.zip": zipped({"b.txt": b"two"}),
    }
    repository.add_batch("one", batch_yaml(FILES), {"media/a.zip": zipped(members)})
    repository.run("collect")
    assert errors(repository, "one") == {
        "media/a.zip/folder/a.txt": None,
        "media/a.zip/inner.zip": "unknown_media: the bytes are of no known kind",
    }


def test_names_are_utf_8_by_the_flag_or_the_unicode_field_else_cp437(repository: Repository) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("größe.txt", "flag")
        old = zipfile.ZipInfo("old_~.txt")
        archive.writestr(old, "cp437")
        for name, text, named in (("new_1.txt", "field", "new_1.txt"), ("new_2.txt", "stale", "other")):
            info = zipfile.ZipInfo(name)
            unicode_name = struct.pack("<BI", 1, zlib.crc32(named.encode())) + "日本.txt".encode()
            info.extra = struct.pack("<HH", 0x7075, len(unicode_name)) + unicode_name
            archive.writestr(info, text)
        archive.writestr("windows\\b.txt", "backslash")
    payload = packed.getvalue().replace(b"old_~.txt", b"old_\x81.txt")
    latin = tarred({"größe.txt": b"tar"}).replace("größe".encode(), b"gr\xf6\xdfe__")
    files = {"media/a.zip": payload, "media/b.tar": tarred({"größe.txt": b"tar"}), "media/c.tar": latin}
    repository.add_batch("one", batch_yaml(FILES), files)
    repository.run("collect")
    found = rows(repository, "one")
    texts = {native_id.removeprefix("media/"): row["text"] for native_id, row in found.items()}
    assert texts == {
        "a.zip/größe.txt": "flag",
        "a.zip/old_ü.txt": "cp437",
        "a.zip/日本.txt": "field",
        "a.zip/new_2.txt": "stale",
        "a.zip/windows/b.txt": "backslash",
        "b.tar/größe.txt": "tar",
        "c.tar/gr\\xf6\\xdfe__.txt": "tar",
    }


def test_a_pattern_takes_files_and_members_by_their_path_below_the_source(repository: Repository) -> None:
    files = {
        "media/a.txt": b"one",
        "media/deep/er/b.txt": b"two",
        "media/deep/c.md": b"three",
        "media/all.zip": zipped({"d.txt": b"four", "e.md": b"five", "x/f.txt": b"six"}),
    }
    patterns = {
        "here": ("*.txt", ["a.txt"]),
        "below": ("**/*.txt", ["a.txt", "all.zip/d.txt", "all.zip/x/f.txt", "deep/er/b.txt"]),
        "folder": ("deep/**", ["deep/c.md", "deep/er/b.txt"]),
        "whole": ("*.zip", ["all.zip/d.txt", "all.zip/e.md", "all.zip/x/f.txt"]),
        "one": ("all.zip/?.txt", ["all.zip/d.txt"]),
    }
    for name, (pattern, _) in patterns.items():
        repository.add_batch(name, batch_yaml(f'{FILES}, match: "{pattern}"'), files)
    repository.run("collect")
    for name, (_, wanted) in patterns.items():
        assert [native_id.removeprefix("media/") for native_id in errors(repository, name)] == wanted


def test_exports_in_an_archive_that_labels_name_are_no_media(repository: Repository) -> None:
    files = {"pictures.zip": zipped({"cat/a.jpg": MEDIA["day/a.jpg"], "cat/notes.json": b"{}"})}
    more = "labels: [{format: imagenet, path: pictures.zip}]\n"
    repository.add_batch("one", batch_yaml("kind: files, path: pictures.zip", more=more), files)
    repository.run("collect", "label")
    assert errors(repository, "one") == {"pictures.zip/cat/a.jpg": None}
    labels = read_table(LABELS, repository.data / "labels" / "one").to_pylist()
    assert [(row["item_id"], row["label"]) for row in labels] == [("one/pictures.zip/cat/a.jpg", "cat")]


@pytest.mark.parametrize("name", ["many.zip", "many.tar", "many.tar.gz"])
def test_any_number_of_workers_and_any_place_give_the_same_bytes(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    members = {f"{number:04d}.txt": f"text {number}".encode() for number in range(600)}
    payload = zipped(members) if name == "many.zip" else tarred(members, "w:gz" if name[-1] == "z" else "w")
    elsewhere = Repository(tmp_path_factory.mktemp("elsewhere"))
    elsewhere.set_param("workers: -1", "workers: 2")
    repository.set_param("workers: -1", "workers: 1")
    for one in (repository, elsewhere):
        one.add_batch("one", batch_yaml("kind: files, path: media"), {f"media/{name}": payload})
        one.run("collect")
    for made in ("items.parquet", "media-00000.tar"):
        first, second = (
            (one.data / "collected" / "one" / made).read_bytes() for one in (repository, elsewhere)
        )
        assert first == second


def test_real_photos_in_archives_are_the_items_of_their_folder(repository: Repository, corpora: Path) -> None:
    photos = {place.name: place.read_bytes() for place in sorted((corpora / "coco_cc/images").glob("*.jpg"))}
    repository.add_batch(
        "folder", batch_yaml("kind: files, path: p"), {f"p/{name}": b for name, b in photos.items()}
    )
    repository.add_batch("zip", batch_yaml("kind: files, path: p.zip"), {"p.zip": zipped(photos)})
    repository.add_batch(
        "tar", batch_yaml("kind: files, path: p.tar.gz"), {"p.tar.gz": tarred(photos, "w:gz")}
    )
    repository.run("collect")
    kept = ("sha256", "width", "height", "phash", "media_type", "readable", "session", "role")
    found = [
        [tuple(row[name] for name in kept) for row in rows(repository, batch).values()]
        for batch in ("folder", "zip", "tar")
    ]
    assert len(found[0]) == 96
    assert found[0] == found[1] == found[2]
