import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tasks.core.errors import MissingExtraError
from tasks.core.rgb_pictures import read_upright
from tasks.media.reader import Limits
from tests.media.making import LIMITS, facts, photo, reason, saved, turned_jpeg

KINDS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "JPEG2000": "image/jp2",
    "PPM": "image/x-portable-anymap",
    "QOI": "image/qoi",
    "AVIF": "image/avif",
}


def bits_apart(one: str | None, other: str | None) -> int:
    return (int(one or "", 16) ^ int(other or "", 16)).bit_count()


@pytest.mark.parametrize(("kind", "media_type"), KINDS.items())
def test_a_picture_of_any_kind_is_told_by_its_content(kind: str, media_type: str) -> None:
    found = facts(saved(photo(), kind), "no-suffix")
    assert (found.modality, found.media_type, found.fault) == ("image", media_type, None)
    assert (found.width, found.height) == (120, 80)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "JPEG2000", "PPM", "AVIF"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.97])
def test_a_picture_that_is_cut_off_is_refused(kind: str, kept: float) -> None:
    whole = saved(photo(), kind)
    assert reason(whole[: int(len(whole) * kept)], "cut") in {"truncated", "unreadable"}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "PPM"])
def test_a_picture_without_its_last_byte_is_refused(kind: str) -> None:
    assert reason(saved(photo(), kind)[:-1], "cut") in {"truncated", "unreadable"}


def test_a_progressive_jpeg_that_lacks_its_last_scan_is_refused() -> None:
    assert reason(saved(photo(), "JPEG", progressive=True)[:-40], "cut.jpg") == "truncated"


def test_a_png_with_one_wrong_bit_is_refused_even_where_it_still_decodes() -> None:
    whole = saved(photo(), "PNG")
    end = whole.rindex(b"IEND")
    for position in range(end - 400, end - 12, 7):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        assert reason(bytes(damaged), "a.png") is not None, position


def test_a_png_with_a_wrong_checksum_over_right_data_is_read() -> None:
    payload = bytearray(saved(photo(), "PNG"))
    payload[payload.rindex(b"IEND") - 5] ^= 1
    assert reason(bytes(payload), "a.png") is None


def test_the_size_is_that_of_the_upright_picture() -> None:
    sizes = [facts(turned_jpeg(photo(120, 80), n), "a.jpg") for n in range(1, 9)]
    assert [(found.width, found.height) for found in sizes] == [(120, 80)] * 4 + [(80, 120)] * 4


def test_a_picture_and_its_turned_copy_have_one_hash() -> None:
    upright = photo(120, 120)
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    plain = facts(saved(upright, "JPEG", quality=95), "a.jpg").phash
    for orientation, turn in undone.items():
        turned = facts(turned_jpeg(upright.transpose(turn), orientation), "a.jpg").phash
        assert bits_apart(plain, turned) <= 2, orientation


def test_a_scaled_and_compressed_copy_is_near_and_another_picture_is_far() -> None:
    original = facts(saved(photo(400, 300), "PNG"), "a.png").phash
    copy = facts(saved(photo(400, 300).resize((200, 150)), "JPEG", quality=60), "a.jpg").phash
    other = facts(saved(photo(400, 300, seed=8), "PNG"), "b.png").phash
    assert bits_apart(original, copy) <= 6
    assert bits_apart(original, other) >= 16


def test_a_picture_of_one_colour_has_a_hash_without_noise() -> None:
    assert facts(saved(Image.new("RGB", (50, 40), (9, 90, 200)), "PNG"), "a.png").phash == "8000000000000000"


def test_a_depth_map_of_16_bits_is_hashed_by_its_whole_range() -> None:
    grey = np.asarray(photo().convert("L"), np.uint16)
    deep = facts(saved(Image.fromarray(grey * 200), "PNG"), "depth.png")
    flat = facts(saved(photo().convert("L"), "PNG"), "grey.png")
    assert (deep.width, deep.height, deep.fault) == (120, 80, None)
    assert bits_apart(deep.phash, flat.phash) <= 4


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = saved(Image.new("1", (2_000, 1_000)), "PNG")
    found = facts(bomb, "bomb.png").fault
    assert str(found) == f"too_large: it would decode to more than {LIMITS.most_pixels} pixels"


def test_pillow_keeps_its_own_limit() -> None:
    usual = Image.MAX_IMAGE_PIXELS
    facts(saved(photo(), "PNG"), "a.png")
    assert usual == Image.MAX_IMAGE_PIXELS


def test_a_picture_just_within_the_limit_is_read() -> None:
    from tasks.media.facts import read_facts

    payload = saved(Image.new("L", (100, 50)), "PNG")
    assert read_facts(payload, "a.png", None, Limits(5_000, 10)).fault is None
    refused = read_facts(payload, "a.png", None, Limits(4_998, 10)).fault
    assert refused is not None
    assert refused.reason == "too_large"


def test_broken_exif_does_not_hurt_the_picture() -> None:
    payload = bytearray(turned_jpeg(photo(), 6))
    start = payload.index(b"Exif\0\0") + 6
    payload[start : start + 12] = b"\xff" * 12
    found = facts(bytes(payload), "a.jpg")
    assert (found.fault, found.width, found.height) == (None, 120, 80)


def test_a_kind_that_pillow_lacks_is_named() -> None:
    found = facts(b"\xff\x0a\x00\x10\x20", "a")
    assert (found.media_type, str(found.fault).split(":")[0]) == ("image/jxl", "unsupported_media")


def test_heic_names_the_extra_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(MissingExtraError, match="needs the package 'pi-heif': make install EXTRAS=heif"):
        facts(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a")


def test_heic_is_a_picture_for_every_stage_and_refused_when_cut(corpora: Path) -> None:
    pytest.importorskip("pi_heif", reason="the extra `heif` is not installed")
    payload = (corpora / "media_oddities" / "sample.heif").read_bytes()
    found = facts(payload, "a")
    assert (found.media_type, found.width, found.height, found.fault) == ("image/heic", 640, 426, None)
    assert read_upright(payload).size == (640, 426)
    assert reason(payload[: len(payload) // 2], "a") == reason(payload[:-40], "a") == "truncated"


def test_a_file_that_fits_avif_too_is_avif() -> None:
    assert facts(b"\0\0\0\x18ftypmif1\0\0\0\0avifmiaf", "a").media_type == "image/avif"


def test_a_hole_in_a_depth_map_is_black_and_a_map_of_holes_is_refused() -> None:
    depth = np.linspace(1_000, 5_000, 4_800, dtype=np.float32).reshape(60, 80)
    holes = np.where(np.arange(4_800).reshape(60, 80) < 40, np.nan, depth).astype(np.float32)
    assert facts(saved(Image.fromarray(holes), "TIFF"), "a").fault is None
    assert read_upright(saved(Image.fromarray(holes), "TIFF")).getpixel((0, 0)) == (0, 0, 0)
    nothing = facts(saved(Image.fromarray(np.full_like(depth, np.inf)), "TIFF"), "a")
    assert str(nothing.fault) == "unreadable: not one of its pixels is a finite number"


def test_postscript_is_never_run() -> None:
    assert reason(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a.eps") == "unknown_media"
