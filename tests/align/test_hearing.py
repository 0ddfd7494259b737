"""Recordings as they are heard for synchronisation, and clocks told by the sound of a video."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from tasks.align.sound.hearing import Hearing, to_mono
from tasks.align.sound.recordings import recordings_on
from tasks.align.sound.samples import Float32s
from tasks.core.errors import ClockError
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, LINKS
from tasks.core.tables import read_table
from tasks.core.times import NS_PER_MS, NS_PER_S
from tests.align.sessions import RATE_HZ, babble, noisy, recorded
from tests.align.tables import items
from tests.conftest import Repository
from tests.media.filming import RATE as FILM_RATE_HZ
from tests.media.filming import Film, film

EVENT = babble(60, seed=1)


def as_wav(sound: Float32s, rate_hz: int) -> bytes:
    stored = io.BytesIO()
    soundfile.write(stored, sound, rate_hz, format="WAV", subtype="FLOAT")
    return stored.getvalue()


def heard(folder: Path, payload: bytes, modality: str = "audio", start_ns: int | None = None) -> Any:
    (folder / "shard").write_bytes(payload)
    item = {"item_id": "b/x", "session": "all", "modality": modality, "start_ns": start_ns}
    return Hearing(folder, RATE_HZ, folder).hear(item | {"shard": "shard", "offset": 0, "size": len(payload)})


def test_a_stereo_file_is_heard_as_the_mean_of_its_channels_at_the_wanted_rate(tmp_path: Path) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100).astype(np.float32)
    recording = heard(tmp_path, as_wav(np.stack([tone, 0 * tone], axis=1), 44_100))
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    assert len(recording.samples) == 16_000
    assert np.abs(recording.samples[:] - expected)[200:-200].max() < 1e-3


def test_a_sound_of_many_blocks_is_as_if_it_were_resampled_whole() -> None:
    noise = np.random.default_rng(1).standard_normal(700_001).astype(np.float32)
    with soundfile.SoundFile(io.BytesIO(as_wav(noise, 22_050))) as sound:
        mono = to_mono(sound, 8_000)
    assert np.array_equal(mono[:], soxr.resample(noise, 22_050, 8_000))


def test_a_sound_at_the_wanted_rate_is_heard_as_it_is(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal(300_000).astype(np.float32)
    assert np.array_equal(heard(tmp_path, as_wav(noise, RATE_HZ)).samples[:], noise)


def test_a_recording_of_a_phone_is_heard_as_well(tmp_path: Path) -> None:
    recording = heard(tmp_path, film(Film(times_ms=(), form="ipod", sound_codec="aac")), start_ns=5)
    assert (len(recording.samples), recording.start_ns) == (16_000, 5)
    assert abs(float(np.sqrt(np.mean(recording.samples[:] ** 2))) - 0.25) < 0.01


def test_the_sound_of_a_video_starts_where_it_does_in_the_video(tmp_path: Path) -> None:
    payload = film(Film(form="matroska", sound_codec="flac", sound_ms=600, sound_from_ms=250))
    recording = heard(tmp_path, payload, "video", start_ns=7 * NS_PER_S)
    assert (len(recording.samples), recording.start_ns) == (9_600, 7_250 * NS_PER_MS)


def test_what_is_no_sound_is_a_clock_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ClockError, match="the recording b/x cannot be decoded"):
        heard(tmp_path, b"not a sound at all")


def test_a_recording_is_decoded_once_for_all_clocks_of_its_session(tmp_path: Path) -> None:
    payload = as_wav(EVENT[:RATE_HZ], RATE_HZ)
    (tmp_path / "shard").write_bytes(payload)
    hearing = Hearing(tmp_path, RATE_HZ, tmp_path)
    item = {"item_id": "b/x", "session": "one", "modality": "audio", "start_ns": 0}
    item |= {"shard": "shard", "offset": 0, "size": len(payload)}
    first = hearing.hear(item)
    (tmp_path / "shard").unlink()
    assert hearing.hear(item) is first
    with pytest.raises(FileNotFoundError):
        hearing.hear(item | {"session": "two"})


def recording_of(*rows: dict[str, object]) -> str:
    table = items(*({"modality": "audio", "channels": 1, "clock": "a", **row} for row in rows))
    return str(recordings_on(table, "all", "a")[0]["item_id"])


VIDEO: dict[str, object] = {"item_id": "film.mp4", "modality": "video", "duration_ns": 90}


def test_the_longest_recording_is_heard_be_it_a_sound_or_a_video() -> None:
    memo: dict[str, object] = {"item_id": "memo.wav", "duration_ns": 50}
    assert recording_of(memo, VIDEO) == "film.mp4"
    assert recording_of(memo, VIDEO | {"channels": None}) == "memo.wav"
    assert recording_of(memo, VIDEO | {"readable": False, "error": "x"}) == "memo.wav"


def test_the_sound_that_was_taken_out_of_a_video_is_heard_in_its_place() -> None:
    sound = {"item_id": "film.mp4#sound", "derived_from": "film.mp4", "duration_ns": 80}
    assert recording_of(VIDEO, sound) == "film.mp4#sound"


def test_a_clock_with_no_recording_or_only_silent_films_says_what_to_do() -> None:
    with pytest.raises(ClockError, match="readable recording on clock 'a' in session 'all': a file of sound"):
        recording_of({"item_id": "photo.jpg", "modality": "image"})
    with pytest.raises(ClockError, match=r"film.mp4, the longest video .* has none: deliver its sound as a"):
        recording_of(VIDEO | {"channels": None})


BATCH = """\
about: a camera and a recorder
license: CC0-1.0
sources:
  - {kind: files, path: camera, clock: camera}
  - {kind: files, path: recorder, clock: recorder}
labels: [{format: audacity, path: words.txt, item: camera.mkv, task: event}]
clocks:
  camera: reference
  recorder: {sync: audio}
align: {method: timestamp, reference: event}
"""


def at_film_rate(sound: Float32s) -> Float32s:
    found: Float32s = soxr.resample(sound, RATE_HZ, FILM_RATE_HZ)
    return found


def deliver(repository: Repository, sound_codec: str | None) -> Path:
    video = Film(
        times_ms=range(0, 40_000, 2_000),
        form="matroska",
        sound_codec=sound_codec,
        sound_from_ms=500,
        heard=at_film_rate(0.3 * noisy(recorded(EVENT, 40, 0), 20, 2)),
    )
    other = as_wav(noisy(recorded(EVENT, 40, 10, 50), 20, 3), RATE_HZ)
    files = {"camera/camera.mkv": film(video), "recorder/r.wav": other, "words.txt": b"1\t2\tword\n"}
    repository.add_batch("talk", BATCH, files)
    repository.run("collect", "label", "encode", "align")
    return repository.data / "aligned/talk"


def test_a_video_is_the_reference_by_its_sound_with_no_further_words(repository: Repository) -> None:
    aligned = deliver(repository, "flac")
    (row,) = (row for row in read_table(CLOCKS, aligned).to_pylist() if row["clock"] == "recorder")
    assert (row["method"], row["within_tolerance"]) == ("audio", True)
    # The recorder began 10 s into the sound, which begins half a second into the video.
    assert abs(row["offset_ns"] - 10_500 * NS_PER_MS) <= 2 * NS_PER_MS
    assert abs(row["drift_ppm"] - 50) <= 2
    assert {link["role"] for link in read_table(LINKS, aligned).to_pylist()} == {"event", "video"}
    assert list(aligned.glob("tmp*")) == []


def test_a_video_without_sound_leaves_the_recorder_out_and_says_why(repository: Repository) -> None:
    aligned = deliver(repository, None)
    (lost,) = (row for row in read_table(ALIGN_REJECTS, aligned).to_pylist() if row["role"] == "audio")
    assert lost["reason"] == "clock_unknown"
    assert "talk/camera/camera.mkv, the longest video on clock 'camera'" in lost["detail"]
    assert "sync: events or sync: metadata" in lost["detail"]
