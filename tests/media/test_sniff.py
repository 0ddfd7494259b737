import pytest

from tasks.media import READERS
from tasks.media.sniff import sniff
from tests.media.making import facts, photo, reason, saved, wav

VIDEOS = {
    b"\0\0\0\x18ftypmp42\0\0\0\0": "video/mp4",
    b"\0\0\0\x18ftypqt  \0\0\0\0": "video/quicktime",
    b"\x1a\x45\xdf\xa3\x01\0\0\0": "video/matroska",
    b"RIFF\x24\0\0\0AVI LIST": "video/x-msvideo",
    b"G\x40\x00\x10" + bytes(184) + b"G\x40\x00\x11" + bytes(184): "video/mp2t",
    b"OggS\0\x02" + bytes(22) + b"\x80theora": "video/ogg",
}


def test_the_content_decides_over_the_suffix() -> None:
    assert facts(saved(photo(), "PNG"), "sound.wav").media_type == "image/png"
    assert facts(wav(), "picture.png").modality == "audio"


@pytest.mark.parametrize(("payload", "media_type"), VIDEOS.items())
def test_a_video_is_recognised_and_kept_with_a_fault(payload: bytes, media_type: str) -> None:
    found = facts(payload, "a.dat")
    assert (found.modality, found.media_type) == ("video", media_type)
    assert reason(payload, "a.dat") in {"truncated", "unreadable", "file_empty"}


@pytest.mark.parametrize(
    ("name", "modality"),
    [("a.jpg", "image"), ("a.WAV", "audio"), ("a.mp4", "video"), ("a.txt", "text"), ("a.xyz", "signal")],
)
def test_what_is_empty_or_unknown_was_meant_to_be_what_its_name_says(name: str, modality: str) -> None:
    empty, unknown = sniff(b"", name), sniff(b"\x00\x01\x02\x03", name)
    assert (empty.modality, str(empty.fault)) == (modality, "file_empty: the file has no bytes")
    assert (unknown.modality, str(unknown.fault)) == (
        modality,
        "unknown_media: the bytes are of no known kind",
    )


def test_an_error_page_saved_as_a_picture_is_no_text() -> None:
    found = facts(b"<html>404 Not Found</html>", "photo.jpg")
    assert (found.modality, str(found.fault)) == ("image", "unknown_media: named as image, but holds text")


def test_a_label_export_that_nothing_names_says_what_to_do() -> None:
    fault = sniff(b'{"images": []}', "captions.json").fault
    assert fault is not None
    assert str(fault).startswith("unknown_media: .json is no media: name it under labels")


@pytest.mark.parametrize("text", ["BM is how a bitmap begins", "P5 to P6", "GIF is short", "RIFF, she said"])
def test_a_text_that_begins_like_a_picture_is_text(text: str) -> None:
    assert facts(text.encode(), "note.txt").text == text


def test_every_reader_is_registered_under_its_modality() -> None:
    assert {name: reader.modality for name, reader in READERS.items()} == {name: name for name in READERS}
