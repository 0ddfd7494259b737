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


def test_a_name_that_is_no_utf_8_is_written_as_an_escape(repository: Repository, tmp_path: Path) -> None:
    """Outside of data/batches, where DVC does not look; inside, its batch is refused."""
    (tmp_path / "far").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "far") + b"/caf\xe9.txt")).write_bytes(b"two")
    repository.add_batch("one", batch_yaml(f"kind: files, path: {tmp_path}/far"))
    repository.run("collect")
    assert errors(repository, "one") == {"far/caf\\xe9.txt": None}
    assert rows(repository, "one")["far/caf\\xe9.txt"]["text"] == "two"


def test_a_link_to_itself_is_an_item_that_cannot_be_read(repository: Repository) -> None:
    folder = repository.add_batch("one", batch_yaml(FILES), {"media/a.txt": b"one"})
    (folder / "media" / "self.txt").symlink_to("self.txt")
    repository.run("collect")
    assert errors(repository, "one") == {
        "media/a.txt": None,
        "media/self.txt": "unreadable: Too many levels of symbolic links",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_an_item_that_cannot_be_read(repository: Repository) -> None:
    media = {"media/a.txt": b"one", "media/closed.txt": b"two", "media/folder/b.txt": b"three"}
    folder = repository.add_batch("one", batch_yaml(FILES), media) / "media"
    (folder / "closed.txt").chmod(0)
    (folder / "folder").chmod(0)
    repository.run("collect")
    (folder / "folder").chmod(0o700)
    assert errors(repository, "one") == {
        "media/a.txt": None,
        "media/closed.txt": "unreadable: it may not be read: its permissions forbid it",
        "media/folder": "unreadable: the folder cannot be listed: Permission denied; give its permission",
    }


def test_a_misspelt_session_is_refused_with_the_nearest_word(repository: Repository) -> None:
    repository.add_batch("one", batch_yaml(f'{FILES}, session: "{{parnet}}"'), {"media/a.txt": b"one"})
    with pytest.raises(
        BatchRefusedError, match=r"names 'parnet'; expected one of .* Did you mean 'parent'\?"
    ):
        repository.run("collect")
