"""Files that lie beside the media and are none: left out by name, with a reason; and those that are kept."""

import pytest

from tasks.core.schemas import COLLECT_REJECTS, ITEMS
from tasks.core.tables import read_table
from tests.conftest import Repository
from tests.media.making import photo, saved, sound

PICTURE = saved(photo(seed=1), "JPEG")
BATCH = """\
about: pictures
license: CC0-1.0
sources: [{{kind: files, path: media/{more}}}]
align: {{method: key, reference: image}}
"""
STRAY = ["README.md", "readme.txt", "LICENSE", "a/LICENCE.txt", "index.html", "a/classes.txt", "notes.ipynb"]
LEFTOVER = ["Thumbs.db", "a/desktop.ini", "a/1.jpg~", "__MACOSX/a/1.jpg", "~$notes.docx", "a/1.txt.bak"]


def collected(repository: Repository, files: dict[str, bytes], more: str = "") -> tuple[list[str], list[str]]:
    """The items and the files that are left out, by their names below the source."""
    delivered = {f"media/{name}": payload for name, payload in files.items()}
    repository.add_batch("one", BATCH.format(more=more), delivered)
    repository.run("fetch", "collect")
    folder = repository.data / "collected" / "one"
    items, rejects = read_table(ITEMS, folder)["item_id"], read_table(COLLECT_REJECTS, folder)["row_id"]
    kept, left_out = (
        [name.removeprefix("one/media/") for name in names.to_pylist()] for names in (items, rejects)
    )
    return kept, left_out


def test_what_is_about_the_data_or_was_left_behind_is_no_item_but_a_reject(repository: Repository) -> None:
    files = {"a/1.jpg": PICTURE, "a/2.jpg": PICTURE[:-1] + b"x"} | dict.fromkeys(STRAY + LEFTOVER, b"words")
    assert collected(repository, files) == (["a/1.jpg", "a/2.jpg"], sorted(STRAY + LEFTOVER))
    reasons = read_table(COLLECT_REJECTS, repository.data / "collected/one")["reason"].to_pylist()
    assert set(reasons) == {"not_of_the_data"}


@pytest.mark.parametrize(
    ("files", "more"),
    [
        (["README.md"], ""),
        (["pages/a.html", "pages/b.html"], ""),
        (["readme.txt", "readme.jpg"], ""),
        (["1.jpg", "README.md"], ", match: '*'"),
        (["1.jpg", "README.md"], ", media: [image, text]"),
        (["1.jpg", "1.md"], ""),
    ],
    ids=["all there is", "only pages", "a caption", "picked", "text is asked for", "a caption in markdown"],
)
def test_the_same_names_are_data_where_they_are_meant(
    repository: Repository, files: list[str], more: str
) -> None:
    payloads = {name: PICTURE if name.endswith(".jpg") else b"words" for name in files}
    assert collected(repository, payloads, more) == (sorted(files), [])


def test_a_source_takes_the_modalities_it_names(repository: Repository) -> None:
    files = {
        "1.jpg": PICTURE,
        "1.txt": b"words",
        "2.wav": sound("WAV", "PCM_16"),
        "3.jpg": b"<html>",
        "4": PICTURE,
    }
    kept, left_out = collected(repository, files, ", media: [image]")
    assert kept == ["1.jpg", "3.jpg", "4"]  # a broken picture is no other modality
    assert left_out == ["1.txt", "2.wav"]
    details = read_table(COLLECT_REJECTS, repository.data / "collected/one")["detail"].to_pylist()
    assert details[1] == "it is audio; its source takes image (media in batch.yaml)"


def test_a_label_export_that_no_entry_names_is_not_left_out_in_silence(repository: Repository) -> None:
    kept, left_out = collected(repository, {"1.jpg": PICTURE, "boxes.json": b"{}"})
    assert kept == ["1.jpg", "boxes.json"]
    assert left_out == []
