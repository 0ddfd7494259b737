import csv
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from pympi.Elan import Eaf

from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import NS_PER_MS, seconds_to_ns
from tests.label_formats.exports import labels_of, read_export

MEDIA = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///a.wav" MIME_TYPE="audio/x-wav"/>'
TYPES = (
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="free" TIME_ALIGNABLE="true"/>'
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="same" CONSTRAINTS="Symbolic_Association"/>'
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="parts" CONSTRAINTS="Symbolic_Subdivision"/>'
)
Slots = Mapping[str, int | None]


def aligned(key: str, start: str, end: str, text: str = "") -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{key}" TIME_SLOT_REF1="{start}"'
        f' TIME_SLOT_REF2="{end}"><ANNOTATION_VALUE>{text}</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def about(key: str, parent: str, previous: str | None = None) -> str:
    after = f' PREVIOUS_ANNOTATION="{previous}"' if previous else ""
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{key}" ANNOTATION_REF="{parent}"{after}>'
        f"<ANNOTATION_VALUE>{key}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


def tier(name: str, kind: str, *annotations: str, **others: str) -> str:
    said = " ".join(f"{key}={quoteattr(value)}" for key, value in others.items())
    return f'<TIER TIER_ID="{name}" LINGUISTIC_TYPE_REF="{kind}" {said}>{"".join(annotations)}</TIER>'


def write(folder: Path, slots: Slots, *tiers: str, media: str = MEDIA) -> None:
    values = {key: "" if time is None else f' TIME_VALUE="{time}"' for key, time in slots.items()}
    order = "".join(f'<TIME_SLOT TIME_SLOT_ID="{key}"{value}/>' for key, value in values.items())
    (folder / "t.eaf").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT><HEADER>{media}</HEADER>'
        f"<TIME_ORDER>{order}</TIME_ORDER>{''.join(tiers)}{TYPES}</ANNOTATION_DOCUMENT>",
        encoding="utf-8",
    )


def read(folder: Path, items: Sequence[ItemName] = (), **options: Any) -> list[Label | LabelFault]:
    return read_export(folder, TimedExport("elan", "t.eaf", **options), items)


def times_ms(outcomes: list[Label | LabelFault]) -> list[tuple[str, float, float]]:
    found = [one for one in outcomes if isinstance(one, Label)]
    return [(one.native_id, (one.start_ns or 0) / 1e6, (one.end_ns or 0) / 1e6) for one in found]


def test_annotations_about_others_inherit_their_times_through_several_levels(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"ts1": 100, "ts2": 900},
        tier("gloss", "same", about("a3", "a2"), PARENT_REF="word"),
        tier("word", "same", about("a2", "a1"), PARENT_REF="said"),
        tier("said", "free", aligned("a1", "ts1", "ts2", "hi"), PARTICIPANT="Ann", LANG_REF="eng"),
    )
    found = [one for one in read(tmp_path) if isinstance(one, Label)]
    assert times_ms(list(found)) == [("a3", 100, 900), ("a2", 100, 900), ("a1", 100, 900)]
    assert [(one.label, one.text, one.refers_to) for one in found] == [
        ("gloss", "a3", ["a2"]),
        ("word", "a2", ["a1"]),
        ("said", "hi", None),
    ]
    assert found[2].attributes == {"participant": "Ann", "language": "eng"}


def test_a_symbolic_subdivision_divides_the_time_as_elan_does(tmp_path: Path) -> None:
    parts = (about("p2", "a1", "p1"), about("p1", "a1"), about("p3", "a1", "p2"), about("lost", "a1", "p9"))
    write(
        tmp_path,
        {"ts1": 1000, "ts2": 1100},
        tier("said", "free", aligned("a1", "ts1", "ts2")),
        tier("parts", "parts", *parts[:3]),
        tier("more", "parts", parts[3]),
    )
    *found, fault = read(tmp_path)
    assert times_ms(found)[1:] == [("p2", 1033, 1066), ("p1", 1000, 1033), ("p3", 1066, 1100)]
    assert {one.attributes["time"] for one in found[1:] if isinstance(one, Label) and one.attributes} == {
        "interpolated"
    }
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.origin, fault.reason) == ("lost", "t.eaf:lost", Reason.MALFORMED)


def test_slots_without_a_time_lie_evenly_between_their_neighbours(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"ts1": 0, "ts2": None, "ts3": None, "ts4": None, "ts5": 1000, "ts6": None},
        tier(
            "word",
            "free",
            aligned("w1", "ts1", "ts3"),
            aligned("w2", "ts3", "ts4"),
            aligned("w3", "ts4", "ts5"),
        ),
        tier("part", "free", aligned("p1", "ts1", "ts2"), aligned("p2", "ts2", "ts3")),
        tier("open", "free", aligned("o1", "ts5", "ts6")),
    )
    *found, fault = read(tmp_path)
    assert times_ms(found) == [
        ("w1", 0, 333),
        ("w2", 333, 666),
        ("w3", 666, 1000),
        ("p1", 0, 166),
        ("p2", 166, 333),
    ]
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("o1", Reason.NO_TIME)


def test_an_annotation_of_no_length_is_an_event(tmp_path: Path) -> None:
    write(tmp_path, {"ts1": 5, "ts2": 5}, tier("keys", "free", aligned("a1", "ts1", "ts2")))
    (label,) = read(tmp_path)
    assert isinstance(label, Label)
    assert (label.task, label.label, label.text, label.start_ns, label.end_ns) == (
        "event",
        "keys",
        None,
        5_000_000,
        5_000_000,
    )


def test_what_a_class_task_says_is_the_label(tmp_path: Path) -> None:
    write(tmp_path, {"ts1": 5, "ts2": 7}, tier("mood", "free", aligned("a1", "ts1", "ts2", "glad")))
    (label,) = read(tmp_path, task="sentiment")
    assert isinstance(label, Label)
    assert (label.label, label.text, label.attributes) == ("glad", None, {"tier": "mood"})


TWO_MEDIA = (
    '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/v/my%20film.mpg" MIME_TYPE="video/mpeg"/>'
    '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/v/sound.wav" RELATIVE_MEDIA_URL="../v/sound.wav"'
    ' TIME_ORIGIN="1500" MIME_TYPE="audio/x-wav"/>'
)


@pytest.mark.parametrize(
    ("items", "options", "media", "start_ms"),
    [
        (("media/sound.ogg",), {}, "../v/sound.wav", 1600),
        (("media/sound.ogg", "media/my film.mp4"), {}, "file:///C:/v/my%20film.mpg", 100),
        ((), {}, "file:///C:/v/my%20film.mpg", 100),
        ((), {"item": "x/sound.flac"}, "x/sound.flac", 1600),
        (("media/sound.ogg",), {"clock": "camera"}, "../v/sound.wav", 100),
    ],
)
def test_the_origin_of_the_media_that_is_meant_is_added(
    tmp_path: Path, items: tuple[str, ...], options: dict[str, str], media: str, start_ms: int
) -> None:
    write(
        tmp_path, {"ts1": 100, "ts2": 900}, tier("said", "free", aligned("a1", "ts1", "ts2")), media=TWO_MEDIA
    )
    (label,) = read(tmp_path, [ItemName(name, "audio") for name in items], **options)
    assert isinstance(label, Label)
    assert (label.media, label.start_ns) == (media, start_ms * 1_000_000)


def test_an_item_that_is_none_of_media_of_several_origins_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {}, media=TWO_MEDIA)
    with pytest.raises(LabelFormatError, match=r"`item` to be one of the media \['my film', 'sound'\]"):
        read(tmp_path, item="other.wav")


def test_annotations_that_lead_nowhere_are_faults(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"ts1": 100},
        tier("a", "same", about("a1", "a2"), about("a2", "a1"), about("a3", "a9")),
        tier("b", "free", aligned("b1", "ts1", "ts9")),
        tier("c", "same", about("c1", "b1")),
    )
    faults = [one for one in read(tmp_path) if isinstance(one, LabelFault)]
    assert [(fault.native_id, fault.reason) for fault in faults] == [
        ("a1", Reason.MALFORMED),
        ("a2", Reason.MALFORMED),
        ("a3", Reason.LABEL_NOT_FOUND),
        ("b1", Reason.MALFORMED),
        ("c1", Reason.MALFORMED),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"/></ANNOTATION_DOCUMENT>',
            "times in milliseconds",
        ),
        ("<ANNOTATION_DOCUMENT><TIER/></ANNOTATION_DOCUMENT>", "expected 'TIER_ID' in each <TIER>"),
        (
            '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t" TIME_VALUE="1.5"/></TIME_ORDER>'
            "</ANNOTATION_DOCUMENT>",
            "<TIME_ORDER>: invalid literal",
        ),
        ('<!DOCTYPE x [<!ENTITY a "b">]><ANNOTATION_DOCUMENT/>', "document type"),
        ("<svg/>", "expected the outermost element <ANNOTATION_DOCUMENT>"),
    ],
)
def test_what_is_no_document_of_elan_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.eaf").write_text(text, encoding="utf-8")
    with pytest.raises(LabelFormatError, match=message):
        read(tmp_path)


def test_a_real_document_is_read_as_pympi_reads_it(corpora: Path) -> None:
    folder = corpora / "elan_fable" / "test_data"
    found = labels_of(folder, TimedExport("elan", "fables_01_03_aesop_64kb.eaf"))
    assert Counter(one.refers_to is not None for one in found) == {False: 47, True: 50}
    assert {one.media for one in found} == {"./fables_01_03_aesop_64kb.wav"}
    assert max(one.end_ns or 0 for one in found) <= 101_400_000_000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = Eaf(str(folder / "fables_01_03_aesop_64kb.eaf"))
    # What refers to others it cannot place here: it takes every child tier for one without times.
    expected = [
        (key, name, peer.timeslots[start] * NS_PER_MS, peer.timeslots[end] * NS_PER_MS, text.strip() or None)
        for name, (annotations, *_) in peer.tiers.items()
        for key, (start, end, text, _) in annotations.items()
    ]
    assert expected == [
        (one.native_id, one.label, one.start_ns, one.end_ns, one.text) for one in found if not one.refers_to
    ]


def test_a_real_document_is_read_as_its_table_says(corpora: Path) -> None:
    folder = corpora / "elan_fable" / "test" / "data"
    found = labels_of(folder, TimedExport("elan", "test.eaf"))
    with (folder / "test.eaf.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    told = [
        (one.label, (one.attributes or {}).get("participant", ""), one.start_ns, one.end_ns, one.text or "")
        for one in found
    ]
    expected = [
        (name, who, seconds_to_ns(start), seconds_to_ns(end), text.strip())
        for name, who, start, end, _, text in rows
    ]
    assert Counter(told) == Counter(expected)
