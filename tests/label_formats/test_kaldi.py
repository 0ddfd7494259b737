from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

ENTRY = TimedExport("kaldi", "data")
TALK = ItemName("media/talk.wav", "audio", duration_ns=5_000_000_000)


def write(folder: Path, **files: str) -> None:
    (folder / "data").mkdir()
    for name, text in files.items():
        (folder / "data" / name.replace("_scp", ".scp")).write_text(text, encoding="utf-8")


def test_without_segments_every_utterance_is_a_recording(tmp_path: Path) -> None:
    write(tmp_path, text="b café au lait\na\n", wav_scp="b wav/b 1.wav\na sph2pipe a.sph |\n")
    found = labels_of(tmp_path, ENTRY)
    assert [(one.native_id, one.media, one.text, one.start_ns, one.attributes) for one in found] == [
        ("b", "wav/b 1.wav", "café au lait", None, None),
        ("a", "a", None, None, {"wav_scp": "command"}),
    ]


def test_no_command_of_wav_scp_is_run(tmp_path: Path) -> None:
    write(tmp_path, text="a hello\n", wav_scp=f"a touch {tmp_path}/ran; cat a.wav |\n")
    labels_of(tmp_path, ENTRY)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("written", "media"),
    [("x.wav", "x.wav"), ("x.ark:15", "r"), ("| cat", "r"), ("-", "r"), ("", "r"), ("C:/x.wav", "C:/x.wav")],
)
def test_a_recording_is_its_path_or_its_id(tmp_path: Path, written: str, media: str) -> None:
    write(tmp_path, segments="u r 0 1\n", wav_scp=f"r {written}\n")
    (label,) = labels_of(tmp_path, ENTRY)
    assert label.media == media


def test_segments_have_times_channels_and_speakers(tmp_path: Path) -> None:
    write(
        tmp_path,
        segments="u1 talk 0.29 1.57\nu2\ttalk 2 3.5 1\nu3 talk 4.25 -1\n",
        text="u2 second\nu1 first\n",
        utt2spk="u1 ann\nu2 ben\n",
        spk2gender="ann f\n",
    )
    found = labels_of(tmp_path, ENTRY, (TALK,))
    assert [(one.native_id, one.start_ns, one.end_ns, one.label, one.text) for one in found] == [
        ("u2", 2_000_000_000, 3_500_000_000, "ben", "second"),
        ("u1", 290_000_000, 1_570_000_000, "ann", "first"),
        ("u3", 4_250_000_000, 5_000_000_000, None, None),
    ]
    assert [one.attributes for one in found] == [{"channel": "1"}, {"gender": "f"}, None]


def test_what_does_not_fit_together_is_a_fault(tmp_path: Path) -> None:
    write(
        tmp_path,
        segments="u1 talk 0 1\nu1 talk 2 3\nu2 talk 0\nu3 talk x 1\nu4 talk 1 -1\n",
        text="u1 a\nu9 b\nu2 c\n",
    )
    outcomes = read_export(tmp_path, ENTRY)
    faults = [(one.native_id, one.origin, one.reason) for one in outcomes if isinstance(one, LabelFault)]
    assert faults == [
        ("u1", "data/segments:2", Reason.REPEATED),
        ("u9", "data/text:2", Reason.LABEL_NOT_FOUND),
        ("u2", "data/segments:3", Reason.MALFORMED),
        ("u3", "data/segments:4", Reason.MALFORMED),
        ("u4", "data/segments:5", Reason.NO_TIME),
    ]
    assert [one.native_id for one in outcomes if isinstance(one, Label)] == ["u1"]


def test_a_folder_that_is_none_of_kaldi_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, wav_scp="r r.wav\n")
    with pytest.raises(LabelFormatError, match="expected a Kaldi data folder with the file text or segments"):
        read_export(tmp_path, ENTRY)
    (tmp_path / "data" / "text").write_text("a b", encoding="utf-8")
    with pytest.raises(LabelFormatError, match="expected no `item`"):
        read_export(tmp_path, TimedExport("kaldi", "data", item="a.wav"))
