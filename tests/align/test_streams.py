"""Uneven frames, streams that start late, and a recorder that paused: from the files to the links."""

import io
import json
from pathlib import Path

import pytest
import soundfile

from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, LINKS
from tasks.core.tables import read_table
from tests.align.sessions import RATE_HZ, make_session
from tests.conftest import Repository
from tests.media.filming import Film, film

BEFORE = ("collect", "label", "encode")
MS = 1_000_000
FILMED = """\
about: a film of uneven frames whose sound starts late, and stamps of another sensor
license: CC0-1.0
sources:
  - {kind: files, path: media, clock: camera, start: 10s, video: {frames_per_second: 2, sound: true}}
  - {kind: table, path: stamps.csv, values: [x], time: t, id: id, role: sensor}
clocks: {camera: {offset: -2s, drift_ppm: 100}}
align: {method: timestamp, reference: sensor, match: nearest, tolerance: 1ms}
"""
PAUSED = """\
about: two recorders, one of which paused
license: CC0-1.0
sources:
  - {kind: files, path: media/reference.wav, role: near}
  - {kind: files, path: media/other.wav, role: far, clock: recorder}
clocks: {recorder: {sync: audio}}
align: {method: timestamp, reference: {window: 10s, hop: 10s}}
"""


def test_frames_are_matched_by_when_they_are_shown_and_sound_by_when_it_starts(
    repository: Repository,
) -> None:
    shown_ms = (0, 400, 450, 980, 1_200, 2_100)
    payload = film(Film(times_ms=shown_ms, form="mov", sound_codec="pcm_s16le", sound_from_ms=300))
    # The film starts at 10 s on the camera's clock and 8.001 s on the reference's; it drifts 0.1 ms a second.
    true_ms = [8_001 + time_ms * 1.0001 for time_ms in (0, 450, 980, 1_200)]
    stamps = "".join(f"s{n},{time_ms / 1000:.9f},1\n" for n, time_ms in enumerate(true_ms))
    repository.add_batch("film", FILMED, {"media/a.mp4": payload, "stamps.csv": f"id,t,x\n{stamps}".encode()})
    repository.run(*BEFORE, "align")
    links = read_table(LINKS, repository.data / "aligned/film").to_pylist()
    found = {row["sample_id"]: (row["member_id"], row["lag_ns"]) for row in links if row["role"] == "image"}
    assert found == {
        f"film/stamps.csv#s{n}": (f"film/media/a.mp4#frame-{frame:06d}", 0)
        for n, frame in enumerate((0, 2, 3, 4))
    }
    rejects = read_table(ALIGN_REJECTS, repository.data / "aligned/film").to_pylist()
    (sound,) = (row["detail"] for row in rejects if row["row_id"].endswith("#sound"))
    assert sound == (
        "the nearest sample, film/stamps.csv#s1, starts 150.015 ms after it: past the tolerance by 149.015 ms"
    )


def wav(samples: object) -> bytes:
    stored = io.BytesIO()
    soundfile.write(stored, samples, RATE_HZ, format="WAV", subtype="FLOAT")
    return stored.getvalue()


@pytest.fixture
def paused(repository: Repository) -> Path:
    session = make_session(3)
    assert session.kind == "paused"
    files = {"media/reference.wav": wav(session.reference), "media/other.wav": wav(session.other)}
    repository.add_batch("pause", PAUSED, files)
    repository.run(*BEFORE, "align")
    return repository.data / "aligned/pause"


def test_a_recorder_that_paused_is_put_to_the_samples_of_both_its_pieces(paused: Path) -> None:
    session = make_session(3)
    clocks = [row for row in read_table(CLOCKS, paused).to_pylist() if row["clock"] == "recorder"]
    assert [row["piece"] for row in clocks] == [0, 1]
    for row, (_, offset_s) in zip(clocks, session.jumps, strict=True):
        assert abs(row["offset_ns"] - offset_s * 10**9) < 2 * MS
        assert row["within_tolerance"]
    (_, (jump_s, _)) = session.jumps
    assert 0 < jump_s * 10**9 - clocks[0]["to_ns"] < 500 * MS
    assert 0 < clocks[1]["from_ns"] - jump_s * 10**9 < 500 * MS
    far = [row for row in read_table(LINKS, paused).to_pylist() if row["role"] == "far"]
    covered_ns = sum(row["end_ns"] - row["start_ns"] for row in far)
    # What it recorded before the reference began has no time there.
    assert covered_ns > 0.95 * (120 - 24.9) * 10**9
    coverage = json.loads((paused / "coverage.json").read_text())["roles"]["far"]
    assert (coverage["members"], coverage["matched"], coverage["unmatched"]) == (1, 1, 0)
