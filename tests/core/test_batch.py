from pathlib import Path
from typing import Literal

import pytest

from tasks.core.align_entry import Align, Windows
from tasks.core.batch import read_batches
from tasks.core.clock_entry import Clock
from tasks.core.errors import InvalidBatchesError
from tasks.core.label_entries import SubtitlesExport
from tasks.core.source_entries import SOURCE_KINDS, FilesSource

GOOD = """\
about: Lecture of 14 May
license: CC-BY-4.0
sources:
  - kind: files
    path: media/
    session: "{parent}"
    clock: camera
labels:
  - format: subtitles
    path: labels.srt
    clock: recorder
clocks:
  camera: reference
  recorder: {offset: 1.25s, drift_ppm: 12}
align:
  method: timestamp
  reference: transcript
  tolerance: 20ms
"""


def deliver(root: Path, text: str, name: str = "lecture") -> Path:
    folder = root / name
    (folder / "media").mkdir(parents=True)
    (folder / "labels.srt").write_text("")
    (folder / "batch.yaml").write_text(text)
    return root


def test_a_batch_file_says_all_of_a_batch(tmp_path: Path) -> None:
    (batch,) = read_batches(deliver(tmp_path, GOOD))
    assert batch.name == "lecture"
    assert batch.file.sources == (FilesSource("files", "media/", "{parent}", None, "camera"),)
    assert batch.file.labels == (SubtitlesExport("subtitles", "labels.srt", None, "recorder"),)
    assert batch.file.clocks == {"camera": "reference", "recorder": Clock(1_250_000_000, 12.0)}
    assert batch.file.align == Align("timestamp", "transcript", 20_000_000)
    assert batch.file.reference_clock == "camera"


def test_the_reference_may_say_in_which_zone_its_stamps_are(tmp_path: Path) -> None:
    text = GOOD.replace("camera: reference", 'camera: {reference: true, utc_offset: "+02:00"}')
    text = text.replace("{offset: 1.25s, drift_ppm: 12}", "{sync: metadata}")
    (batch,) = read_batches(deliver(tmp_path, text))
    assert batch.file.reference_clock == "camera"
    assert batch.file.clocks["camera"] == Clock(reference=True, utc_offset="+02:00")


def test_samples_may_be_windows(tmp_path: Path) -> None:
    text = GOOD.replace("reference: transcript", "reference: {window: 1s, hop: 500ms}")
    (batch,) = read_batches(deliver(tmp_path, text))
    assert batch.file.align.reference == Windows(1_000_000_000, 500_000_000)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "license:",
            "licence:",
            r"batch.yaml:2: unknown key 'licence'; expected .* Did you mean 'license'\?",
        ),
        ("    session:", "    sesion:", r"batch.yaml:6: unknown key 'sesion' in sources.0; .*'session'\?"),
        (
            "kind: files",
            "kind: flies",
            r"batch.yaml:4: sources.0.kind: expected one of .*, got 'flies'.*'files'\?",
        ),
        ("format: subtitles", "format: srt", r"batch.yaml:9: labels.0.format: expected one of .*, got 'srt'"),
        ("20ms", "20", r"batch.yaml:18: align.tolerance: a duration needs its unit, such as 20ms, 20s"),
        ("20ms", "20 parsecs", r"batch.yaml:18: align.tolerance: expected a duration with a unit"),
        (
            "1.25s, ",
            "1.25s, sync: audio, ",
            r"batch.yaml:14: clocks.recorder: expected one of reference: true, offset",
        ),
        (
            "camera: reference",
            "camera: {reference: true, offset: 1s}",
            r"batch.yaml:13: clocks.camera: expected one of reference: true, offset",
        ),
        (
            "camera: reference",
            "camera: {reference: true, tolerance: 1s}",
            r"batch.yaml:13: clocks.camera: the reference clock has no drift_ppm and no tolerance",
        ),
        (
            "camera: reference",
            'camera: {reference: true, utc_offset: "+02:00"}',
            r"batch.yaml:1: clocks.camera: utc_offset .* only where another clock has sync: metadata",
        ),
        (
            "{offset: 1.25s, drift_ppm: 12}",
            "{reference: true}",
            r"batch.yaml:1: clocks: expected one reference clock, got \['camera', 'recorder'\]",
        ),
        (
            "{offset: 1.25s, drift_ppm: 12}",
            '{sync: audio, utc_offset: "+02:00"}',
            r"batch.yaml:14: clocks.recorder: only sync: metadata and the reference have utc_offset",
        ),
        ("method: timestamp", "method: time", r"batch.yaml:16: align.method: expected one of .*, got 'time'"),
        ("media/", "../other", r"batch.yaml:5: the path '../other' leads out of the batch"),
        ("media/", "mdia/", r"batch.yaml:5: the path 'mdia/' does not exist"),
        (
            "clock: recorder",
            "clock: recoder",
            r"batch.yaml:1: clocks: \['recoder'\] are used but not declared",
        ),
        (
            "about: Lecture of 14 May\n",
            "",
            r"batch.yaml:1: the key 'about' is missing: a text; the keys are \['about', 'lic",
        ),
        ("about: Lecture", "about: [Lecture", r"batch.yaml:\d+: not YAML"),
        ("about: Lecture", "about: *x", r"batch.yaml: YAML aliases"),
        (
            "    path: labels.srt",
            "    path: labels.srt\n    task: transcripts",
            r"batch.yaml:11: labels.0.task: expected one of .*Did you mean 'transcript'\?",
        ),
        ("12}", "many}", r"batch.yaml:14: clocks.recorder.drift_ppm: expected a number, got 'many'"),
        ("12}", ".nan}", r"batch.yaml:14: clocks.recorder.drift_ppm: expected a number, got '.nan'"),
        ("12}", "-1000000}", r"drift_ppm: expected at most 500000 .*got -1e\+06"),
        ("{offset: 1.25s, drift", "{sync: audio, drift", r"drift_ppm and at belong to a given offset"),
        ("12}", "12, tolerance: -1ms}", r"batch.yaml:14: .*tolerance: expected a duration from 0s"),
        ("20ms", "-20ms", r"batch.yaml:16: align: tolerance: expected a duration from 0s"),
        ("    clock: recorder\n", "", r"\['recorder'\] are declared, but nothing .*say clock: recorder at"),
        ("license: CC-BY-4.0", "about: again", r"batch.yaml:2: the key 'about' is given twice"),
    ],
)
def test_a_fault_is_told_with_its_line_and_the_right_word(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    assert right in GOOD
    with pytest.raises(InvalidBatchesError, match=message):
        read_batches(deliver(tmp_path, GOOD.replace(right, wrong, 1)))


def test_the_reference_clock_is_put_on_no_other(tmp_path: Path) -> None:
    text = GOOD.replace("    clock: camera\n", "").replace("camera: reference", "reference: {offset: 1s}")
    with pytest.raises(InvalidBatchesError, match="'reference' is what all others are put on"):
        read_batches(deliver(tmp_path, text))


def test_the_faults_of_all_batches_are_told_at_once(tmp_path: Path) -> None:
    deliver(tmp_path, GOOD.replace("about", "abuot"), "one")
    deliver(tmp_path, GOOD.replace("license", "licence"), "two")
    with pytest.raises(InvalidBatchesError, match="2 fault") as caught:
        read_batches(tmp_path)
    assert [fault.args[0].split("/batch.yaml")[0][-3:] for fault in caught.value.faults] == ["one", "two"]


def test_a_link_that_leads_out_of_the_batch_is_refused(tmp_path: Path) -> None:
    root = deliver(tmp_path / "batches", GOOD.replace("media/", "door/"))
    (root / "lecture" / "door").symlink_to(tmp_path)
    with pytest.raises(InvalidBatchesError, match="'door/' leads out of the batch"):
        read_batches(root)


def test_a_folder_without_a_batch_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidBatchesError, match=r"batch.yaml: there is no such file"):
        read_batches(tmp_path)


def test_hidden_folders_and_loose_files_are_no_batches(tmp_path: Path) -> None:
    deliver(tmp_path, GOOD)
    (tmp_path / ".coming").mkdir()
    (tmp_path / "README.md").write_text("what these are")
    assert [batch.name for batch in read_batches(tmp_path)] == ["lecture"]


def test_every_source_kind_that_may_be_written_is_there() -> None:
    from tasks.sources import SOURCES

    assert {name: source.options for name, source in SOURCES.items()} == SOURCE_KINDS


@pytest.mark.parametrize(
    ("by", "least_alike"),
    [("vectors", 0.8), ("coordinated", 0.8), ("text", 0.5), ("picture_hash", 0.875)],
)
def test_how_alike_a_pair_must_be_depends_on_what_is_compared_unless_it_is_said(
    by: Literal["vectors", "coordinated", "text", "picture_hash"], least_alike: float
) -> None:
    assert Align("content", "image", by=by).least_alike == least_alike
    assert Align("content", "image", by=by, threshold=0.0).least_alike == 0.0
