import os
from pathlib import Path

import pytest

from tests.collect.making import batch_yaml, errors, rows
from tests.conftest import BatchRefusedError, Repository

FILES = "kind: files, path: media"


def test_hidden_files_and_what_the_batch_file_names_otherwise_are_no_media(repository: Repository) -> None:
    files = {
        ".hidden": b"x",
        "media/.cache/a.txt": b"x",
        "media/.DS_Store": b"x",
        "media/a.txt": b"media",
        "captions.json": b"{}",
        "speech.TextGrid": b"x",
        "table.csv": b"id,text\n1,hello\n",
        "claps.csv": b"clock_s,reference_s\n",
        "waiver.yaml": b"x",
        "exports/one.json": b"{}",
        "exports/picture.txt": b"media in a folder of exports",
    }
    more = (
        "labels:\n  - {format: coco, path: captions.json}\n  - {format: textgrid, path: speech.TextGrid}\n"
        "  - {format: label_studio, path: exports}\n"
        "clocks: {recorder: {sync: events, path: claps.csv}}\n"
    )
    source = "kind: table, path: table.csv, text: text, id: id, clock: recorder"
    repository.add_batch("one", batch_yaml("kind: files, path: .", source, more=more), files)
    repository.run("collect")
    assert errors(repository, "one") == {
        "exports/picture.txt": None,
        "media/a.txt": None,
        "table.csv#1": None,
    }


def test_links_that_lead_out_or_to_a_folder_are_seen_and_not_followed(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("secret")
    folder = repository.add_batch("one", batch_yaml(FILES), {"media/a.txt": b"one", "other/b.txt": b"two"})
    (folder / "media" / "inside.txt").symlink_to("a.txt")
    (folder / "media" / "gone.txt").symlink_to("no-such-file.txt")
    (folder / "media" / "out.txt").symlink_to(secret)
    (folder / "media" / "out").symlink_to(secret.parent)
    (folder / "media" / "folder").symlink_to(folder / "other")
    repository.run("collect")
    assert errors(repository, "one") == {
        "media/a.txt": None,
        "media/inside.txt": None,
        "media/gone.txt": "file_missing: there is no such file",
        "media/out.txt": "unreadable: 'media/out.txt' leads out of the batch; deliver the file itself",
        "media/out": "unreadable: 'media/out' leads out of the batch; deliver the file itself",
        "media/folder": "unreadable: 'media/folder' is a link to a folder; deliver the folder itself",
    }
    assert b"secret" not in (repository.data / "collected" / "one" / "media-00000.tar").read_bytes()


def test_an_absolute_source_brings_its_own_name_and_no_machine_path(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "photos"
    (outside / "day").mkdir(parents=True)
    (outside / "day" / "a.txt").write_text("one")
    sources = (f"kind: files, path: {outside}", f"kind: files, path: {outside}/day/a.txt")
    repository.add_batch("folder", batch_yaml(sources[0]))
    repository.add_batch("file", batch_yaml(sources[1]))
    repository.run("collect")
    assert list(errors(repository, "folder")) == ["photos/day/a.txt"]
    assert list(errors(repository, "file")) == ["day/a.txt"]
    for name in ("items.parquet", "media-00000.tar"):
        made = (repository.data / "collected" / "folder" / name).read_bytes()
        assert str(outside).encode() not in made


def test_a_name_that_is_no_utf_8_is_written_as_an_escape(repository: Repository) -> None:
    folder = repository.add_batch("one", batch_yaml(FILES), {"media/a.txt": b"one"})
    Path(os.fsdecode(os.fsencode(folder / "media") + b"/caf\xe9.txt")).write_bytes(b"two")
    repository.run("collect")
    assert errors(repository, "one") == {"media/a.txt": None, "media/caf\\xe9.txt": None}
    assert rows(repository, "one")["media/caf\\xe9.txt"]["text"] == "two"


def test_a_misspelt_session_is_refused_with_the_nearest_word(repository: Repository) -> None:
    repository.add_batch("one", batch_yaml(f'{FILES}, session: "{{parnet}}"'), {"media/a.txt": b"one"})
    with pytest.raises(
        BatchRefusedError, match=r"names 'parnet'; expected one of .* Did you mean 'parent'\?"
    ):
        repository.run("collect")
