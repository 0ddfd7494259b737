"""Every file of the corpora gives facts or a fault; the counts are those of corpora/README.md."""

from collections import Counter
from pathlib import Path

import pytest

from tasks.core.sound import read_sound
from tasks.media.facts import read_facts
from tasks.media.reader import Limits

LIMITS = Limits(most_pixels=200_000_000, largest_text_bytes=10_000_000)
NOT_MEDIA = {"LICENSE", "LICENSE.txt", "SOURCE.md"}


def outcomes(folder: Path, pattern: str) -> Counter[str]:
    files = sorted(
        place for place in folder.rglob(pattern) if place.is_file() and place.name not in NOT_MEDIA
    )
    found = [read_facts(place.read_bytes(), place.name, None, LIMITS) for place in files]
    return Counter(facts.fault.reason.value if facts.fault else "read" for facts in found)


def test_images_that_break_readers(corpora: Path) -> None:
    assert outcomes(corpora / "bad_images_pillow", "*") == {
        "read": 114,
        "unreadable": 38,
        "truncated": 7,
        "too_large": 3,
    }


def test_png_conformance(corpora: Path) -> None:
    assert outcomes(corpora / "pngsuite", "*.png") == {"read": 162, "unreadable": 7, "unknown_media": 6}
    # There are 14 x*.png: xcsn0g01 has a wrong checksum over right data.
    assert outcomes(corpora / "pngsuite", "x*.png")["read"] == 1


def test_odd_wav_files(corpora: Path) -> None:
    # The README counts 16 as readable: one of them ends early, which decoders overlook and we do not, and one
    # of 64 bits FFmpeg reads.
    assert outcomes(corpora / "bad_wav_scipy", "*.wav") == {"read": 16, "unreadable": 5, "truncated": 1}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_as_upright_as_its_siblings(corpora: Path, orientation: int) -> None:
    place = corpora / "bad_images_pillow" / f"g4_orientation_{orientation}.tif"
    found = read_facts(place.read_bytes(), place.name, None, LIMITS)
    first = read_facts(
        place.with_name("g4_orientation_1.tif").read_bytes(), "g4_orientation_1.tif", None, LIMITS
    )
    assert (found.width, found.height) == (first.width, first.height)


def test_spoken_digits_have_their_length(corpora: Path) -> None:
    files = sorted((corpora / "fsdd").rglob("*.wav"))
    found = [read_facts(place.read_bytes(), place.name, None, LIMITS) for place in files]
    assert len(found) == 600
    assert sum(facts.duration_ns or 0 for facts in found) // 1_000_000_000 == 261


def test_valid_media_that_were_refused_once(corpora: Path) -> None:
    """The lengths are those that FFmpeg decodes to."""
    places = sorted((corpora / "media_oddities").glob("*.[fm][lp]*"))
    found = {place.name: read_facts(place.read_bytes(), place.name, None, LIMITS) for place in places}
    assert {name: (facts.fault, facts.duration_ns) for name, facts in found.items()} == {
        "12_bit.flac": (None, 218_666 * 10**9 // 44_100),
        "20_bit.flac": (None, 227_247 * 10**9 // 44_100),
        "common_voice_en_22058264.mp3": (None, 4_104_000_000),
        "common_voice_en_22058267.mp3": (None, 1_848_000_000),
        "no_total_samples.flac": (None, 7_008_541_667),
    }


def test_valid_media_that_were_refused_once_are_heard_whole_by_every_stage(corpora: Path) -> None:
    places = sorted((corpora / "media_oddities").glob("*.[fm][lp]*"))
    assert [len(read_sound(place.read_bytes()).samples) for place in places] == [
        218_666,
        227_247,
        196_992,
        88_704,
        336_410,
    ]
