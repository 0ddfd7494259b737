import unicodedata

import pytest

from tasks.core.fault import Fault
from tasks.core.item_index import ItemIndex
from tasks.core.rejects import Reason
from tasks.core.spellings import spellings
from tests.label.rows import Item, item, labelled


def find(media: str, *items: Item, export: str = "labels/x.json", recorded: bool = False) -> str:
    """The id of the item that is found, or the reason why none is."""
    found = ItemIndex(labelled(*items)).find(media, export, recorded=recorded)
    return found.reason if isinstance(found, Fault) else str(items[found]["native_id"])


@pytest.mark.parametrize(
    "media",
    [
        "images/Zoë 1.jpg",
        unicodedata.normalize("NFD", "images/Zoë 1.jpg"),
        "images\\Zoë 1.jpg",
        "C:\\data\\images\\Zoë 1.jpg",
        "./images/Zoë 1.jpg",
        "/mnt/batch/images/Zoë 1.jpg",
        "images/Zo%C3%AB%201.jpg",
        "file:///home/me/images/Zoë 1.jpg",
        "https://host/images/Zo%C3%AB%201.jpg?sig=a%2Fb#top",
        "s3://bucket/some/Zoë 1.jpg",
        "/data/local-files/?d=images/Zo%C3%AB%201.jpg",
        "/data/local-files/?d=mnt%2Fimages%2FZo%C3%AB%201.jpg&x=1",
        "/data/upload/8-Zoë 1.jpg",
        "/data/upload/29/4f5d2ac1-Zo%C3%AB 1.jpg",
        "http://localhost:8080/data/upload/29/4f5d2ac1-Zo%C3%AB%201.jpg",
        "../images/Zoë 1.jpg",
        "Zoë 1.jpg",
        "Zoë 1.png",
        "Zoë 1",
    ],
)
def test_a_name_is_understood_however_it_is_written(media: str) -> None:
    assert find(media, item("images/Zoë 1.jpg"), item("images/other.jpg")) == "images/Zoë 1.jpg"


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("a.jpg", "a.jpg"),  # the id, though another file has that name too
        ("b.jpg", "labels/b.jpg"),  # beside the export
        ("left/c", "left/c.wav"),  # the id without its suffix
        ("one/d.jpg", "x/one/d.jpg"),  # the end of the path
        ("e.jpg", "deep/e.jpg"),  # the name
        ("f.tif", "deep/f.jpg"),  # the stem
        ("a%20b.jpg", "a%20b.jpg"),  # the literal spelling before the decoded one
    ],
)
def test_the_most_literal_rule_that_finds_something_decides(media: str, expected: str) -> None:
    names = "a.jpg x/a.jpg labels/b.jpg y/b.jpg left/c.wav right/c.wav x/one/d.jpg x/two/d.jpg deep/e.jpg"
    items = [item(name) for name in [*names.split(), "deep/f.jpg", "a%20b.jpg", "a b.jpg"]]
    assert find(media, *items) == expected


def test_a_rule_that_finds_several_makes_the_label_ambiguous() -> None:
    items = [item("x/a.jpg"), item("y/a.jpg"), item("z/a.jpg"), item("w/a.jpg"), item("a.png")]
    found = ItemIndex(labelled(*items)).find("a.jpg", "labels.json", recorded=False)
    assert isinstance(found, Fault)
    assert found.reason is Reason.ITEM_AMBIGUOUS
    assert found.detail == (
        "'a.jpg' may be x/a.jpg, y/a.jpg, z/a.jpg and 1 more; write the path in the batch"
    )


def test_what_no_rule_finds_is_not_there() -> None:
    assert find("b.jpg", item("a.jpg")) == Reason.ITEM_NOT_FOUND
    assert find("", item("a.jpg")) == Reason.ITEM_NOT_FOUND


def test_labels_with_times_mean_the_recording_of_several_media_of_one_name() -> None:
    items = [item("s1/talk.jpg"), item("s1/talk.wav", "audio"), item("s2/talk.txt", "text")]
    assert find("talk", *items, recorded=True) == "s1/talk.wav"
    assert find("s1/talk", *items, recorded=True) == "s1/talk.wav"
    assert find("talk", *items) == Reason.ITEM_AMBIGUOUS


def test_a_dot_in_a_stem_is_no_suffix() -> None:
    items = [item("lecture.v2.wav", "audio"), item("lecture.v1.wav", "audio")]
    assert find("grids/lecture.v2", *items, recorded=True) == "lecture.v2.wav"


def test_a_row_is_told_by_its_id_first_in_the_own_table() -> None:
    rows = [item("reviews.csv#r1", "text"), item("other.csv#r1", "text"), item("other.csv#r2", "text")]
    assert find("r1", *rows, export="reviews.csv") == "reviews.csv#r1"
    assert find("r2", *rows, export="reviews.csv") == "other.csv#r2"
    assert find("r1", *rows, export="labels.csv") == Reason.ITEM_AMBIGUOUS
    assert find("reviews", *rows, export="labels.csv") == Reason.ITEM_NOT_FOUND


def test_the_literal_spelling_comes_first_and_none_is_empty() -> None:
    assert spellings("/a%20b.jpg") == ["/a%20b.jpg", "/a b.jpg", "a%20b.jpg", "a b.jpg"]
    assert spellings("  ") == []


def test_what_was_taken_out_of_a_video_leaves_the_name_of_the_video_alone() -> None:
    taken = [item(f"films/v.mp4#{part}", derived_from="films/v.mp4") for part in ("frame-000123", "sound")]
    items = [item("films/v.mp4", "video"), *taken]
    for media in ("films/v.mp4", "v.mp4", "v", "v.avi", "C:\\films\\v.mp4"):
        assert find(media, *items, recorded=True) == find(media, *items) == "films/v.mp4"
    for media in ("films/v.mp4#sound", "v.mp4#sound", "/mnt/films/v.mp4#sound"):
        assert find(media, *items) == "films/v.mp4#sound"
    assert find("sound", *items) == find("v.mp4#frame-7", *items) == Reason.ITEM_NOT_FOUND


def test_the_mark_that_label_studio_puts_before_a_name_is_the_last_thing_to_be_taken_off() -> None:
    assert find("images/4f5d2ac1-dog.jpg", item("media/dog.jpg")) == "media/dog.jpg"
    assert find("images/4f5d2ac1-dog.jpg", item("a/dog.jpg"), item("b/dog.jpg")) == Reason.ITEM_AMBIGUOUS
    both = [item("media/dog.jpg"), item("media/4f5d2ac1-dog.jpg")]
    assert find("images/4f5d2ac1-dog.jpg", *both) == "media/4f5d2ac1-dog.jpg"


def test_two_items_whose_names_differ_only_in_their_unicode_form_are_ambiguous() -> None:
    forms = [item(unicodedata.normalize(form, "a/\u00eb.jpg")) for form in ("NFC", "NFD")]
    assert find("\u00eb.jpg", *forms) == Reason.ITEM_AMBIGUOUS
