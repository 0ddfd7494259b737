"""What a picture says of itself: the turn, the moment, the licence."""

from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tasks.media.facts import read_facts
from tasks.media.licences import find_licence
from tasks.media.reader import Limits
from tests.media.making import LIMITS, facts, photo, saved, turned_jpeg

EXIF, GPS = 0x8769, 0x8825
TAKEN, TAKEN_FRACTION, TAKEN_OFFSET = 0x9003, 0x9291, 0x9011
GPS_DATE, GPS_TIME = 0x001D, 0x0007
LOCAL = {TAKEN: "2024:02:29 23:59:59"}
FIX = {GPS_DATE: "2024:02:29", GPS_TIME: (22.0, 59.0, 58.5)}


def jpeg_with(exif_block: dict[int, object], gps: dict[int, object], copyright_text: str = "") -> bytes:
    exif = Image.Exif()
    exif.get_ifd(EXIF).update(exif_block)
    exif.get_ifd(GPS).update(gps)
    if copyright_text:
        exif[0x8298] = copyright_text
    return saved(photo(), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("exif", "gps", "captured_at"),
    [
        (LOCAL, {}, "2024-02-29T23:59:59"),
        (LOCAL | {TAKEN_FRACTION: "072 "}, {}, "2024-02-29T23:59:59.072"),
        (LOCAL | {TAKEN_OFFSET: "+01:00"}, FIX, "2024-02-29T23:59:59+01:00"),
        (LOCAL | {TAKEN_FRACTION: "5", TAKEN_OFFSET: "-03:30"}, {}, "2024-02-29T23:59:59.5-03:30"),
        (LOCAL, FIX, "2024-02-29T22:59:58.500Z"),
        ({}, FIX, "2024-02-29T22:59:58.500Z"),
        ({}, {GPS_DATE: "2024:02:29"}, None),
        ({TAKEN: "2023:02:29 12:00:00"}, {}, None),
        ({TAKEN: "0000:00:00 00:00:00"}, {}, None),
        ({TAKEN: "yesterday"}, {}, None),
        (LOCAL | {TAKEN_OFFSET: "summer"}, {}, "2024-02-29T23:59:59"),
        ({}, {}, None),
    ],
)
def test_the_moment_has_an_offset_only_where_the_picture_tells_it(
    exif: dict[int, object], gps: dict[int, object], captured_at: str | None
) -> None:
    assert facts(jpeg_with(exif, gps), "a.jpg").captured_at == captured_at


@pytest.mark.parametrize(
    ("statement", "licence"),
    [
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/deed.de", "CC-BY-NC-SA-4.0"),
        ("Some rights reserved: http://creativecommons.org/licenses/by/2.0", "CC-BY-2.0"),
        ("http://creativecommons.org/licenses/by-sa/3.0/us/", "CC-BY-SA-3.0-US"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0-IGO"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("© 2020 Jane Doe, CC BY-NC-ND 4.0", "CC-BY-NC-ND-4.0"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0"),
        ("cc0", "CC0-1.0"),
        ("  mit ", "MIT"),
        ("© 2024 Jane Doe", None),
        ("(c) Jane. All rights reserved.", None),
        ("Creative Commons", None),
        ("CC BY", None),
        ("commit access", None),
        ("", None),
    ],
)
def test_a_statement_names_a_licence_or_it_names_none(statement: str, licence: str | None) -> None:
    assert find_licence(statement) == licence


def test_the_first_statement_that_names_a_licence_counts() -> None:
    assert find_licence("© Jane", None, "CC BY 4.0", "CC0") == "CC-BY-4.0"


def xmp(properties: str) -> bytes:
    spaces = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "cc": "http://creativecommons.org/ns#",
    }
    declared = " ".join(f'xmlns:{name}="{space}"' for name, space in spaces.items())
    about = f'<rdf:RDF {declared}><rdf:Description rdf:about="" {properties}</rdf:Description></rdf:RDF>'
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{about}</x:xmpmeta>'.encode()


BY = "https://creativecommons.org/licenses/by/4.0/"
PACKETS = [
    f'xmpRights:WebStatement="{BY}">',
    f'><cc:license rdf:resource="{BY}"/>',
    '><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Jane, CC BY 4.0</rdf:li></rdf:Alt></dc:rights>',
]


@pytest.mark.parametrize("properties", PACKETS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_xmp_names_a_licence(properties: str, kind: str) -> None:
    options: dict[str, object] = {"xmp": xmp(properties)}
    if kind == "PNG":
        chunks = PngInfo()
        chunks.add_itxt("XML:com.adobe.xmp", xmp(properties).decode())
        options = {"pnginfo": chunks}
    elif kind == "TIFF":
        options = {"tiffinfo": {700: xmp(properties)}}
    assert facts(saved(photo(), kind, **options), "a").license == "CC-BY-4.0"


def test_exif_and_png_text_name_a_licence_and_a_notice_names_none() -> None:
    assert facts(jpeg_with({}, {}, "Jane, CC BY 4.0"), "a.jpg").license == "CC-BY-4.0"
    assert facts(jpeg_with({}, {}, "(c) Jane"), "a.jpg").license is None
    chunks = PngInfo()
    chunks.add_text("Copyright", "CC0")
    assert facts(saved(photo(), "PNG", pnginfo=chunks), "a.png").license == "CC0-1.0"


@pytest.mark.parametrize(
    "packet",
    [
        b"<dc:rights",
        b"\xff\xfe rights",
        b'<!DOCTYPE a [<!ENTITY b "CC BY 4.0">]><a rights="&b;"/>',
        b"<a>" * 100_000 + b"rights",
    ],
)
def test_broken_and_dangerous_xmp_does_not_hurt_the_picture(packet: bytes) -> None:
    found = facts(saved(photo(), "WEBP", xmp=packet), "a.webp")
    assert (found.fault, found.license) == (None, None)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_turn_that_was_applied_is_recorded(orientation: int) -> None:
    assert facts(turned_jpeg(photo(), orientation), "a.jpg").orientation == orientation


def test_a_picture_that_asks_for_no_turn_records_none() -> None:
    assert facts(saved(photo(), "JPEG"), "a.jpg").orientation is None


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_real_pictures_of_every_turn(corpora: Path, orientation: int, suffix: str) -> None:
    place = corpora / "bad_images_pillow" / f"hopper_orientation_{orientation}.{suffix}"
    found = read_facts(place.read_bytes(), place.name, None, LIMITS)
    assert (found.orientation, found.width, found.height) == (orientation, 128, 128)


def test_real_pictures_with_a_moment(corpora: Path) -> None:
    def captured_at(name: str) -> str | None:
        payload = (corpora / "bad_images_pillow" / name).read_bytes()
        return read_facts(payload, name, None, Limits(10**8, 10**6)).captured_at

    assert captured_at("exif_gps.jpg") == "2099-09-29T10:10:10"
    assert captured_at("frame_size.mpo") == "2025-09-07T14:16:43.472-04:00"
    assert captured_at("broken_exif_dpi.jpg") == "2013-09-11T16:45:13.90"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_that_pillow_turns_itself_records_its_turn(corpora: Path, orientation: int) -> None:
    place = corpora / "bad_images_pillow" / f"g4_orientation_{orientation}.tif"
    assert read_facts(place.read_bytes(), place.name, None, LIMITS).orientation == orientation
