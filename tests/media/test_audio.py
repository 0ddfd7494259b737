import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from tasks.core.containers import Heard
from tasks.core.sound import read_sound
from tasks.core.sound_track import SoundTrack
from tests.media.filming import Film, film
from tests.media.making import facts, reason, sound, wav


def test_the_duration_is_exact() -> None:
    found = facts(wav(frames=44_101, rate=44_100, channels=2), "a.wav")
    assert (found.duration_ns, found.sample_rate, found.channels) == (1_000_022_676, 44_100, 2)
    assert (found.modality, found.media_type, found.fault) == ("audio", "audio/wav", None)


@pytest.mark.parametrize(
    ("kind", "subtype", "media_type"),
    [
        ("WAV", None, "audio/wav"),
        ("RF64", None, "audio/wav"),
        ("FLAC", None, "audio/flac"),
        ("OGG", "VORBIS", "audio/ogg"),
        ("OGG", "OPUS", "audio/ogg"),
        ("MP3", None, "audio/mpeg"),
        ("AIFF", None, "audio/aiff"),
        ("AU", None, "audio/basic"),
        ("CAF", None, "audio/x-caf"),
    ],
)
def test_sound_of_any_kind_is_told_by_its_content_and_refused_when_cut(
    kind: str, subtype: str | None, media_type: str
) -> None:
    whole = sound(kind, subtype)
    found = facts(whole, "no-suffix")
    assert (found.media_type, found.duration_ns, found.fault) == (media_type, 1_000_000_000, None)
    assert reason(whole[: len(whole) * 2 // 3], "no-suffix") in {"truncated", "unreadable"}


def test_a_wav_without_its_last_byte_says_how_much_is_missing() -> None:
    found = facts(wav(frames=100)[:-1], "a.wav")
    assert str(found.fault) == "truncated: 1 bytes are missing at the end of the file"
    assert found.sample_rate == 8_000


def test_a_wav_whose_length_a_pipe_never_knew_is_read() -> None:
    payload = wav(frames=100)
    length = payload.index(b"data") + 4
    found = facts(payload[:length] + b"\xff\xff\xff\xff" + payload[length + 4 :], "a.wav")
    assert (found.fault, found.duration_ns) == (None, 12_500_000)


def test_a_wav_without_a_frame_holds_no_sound() -> None:
    assert reason(wav(frames=0), "a.wav") == "file_empty"


def test_a_broken_file_names_no_place_in_memory() -> None:
    fault = facts(b"fLaC" + bytes(40), "a.flac").fault
    assert fault is not None
    assert "0x" not in fault.detail


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "truncated"),
        (b"#!AMR\n\x0c", "truncated"),
        (b"\xff\xf1\x50\x80\x00\x1f", "truncated"),
    ],
)
def test_a_container_without_its_sound_is_a_sound_that_cannot_be_read(payload: bytes, why: str) -> None:
    assert (facts(payload, "a").modality, reason(payload, "a")) == ("audio", why)


CONTAINED = {
    "ipod": ("aac", "audio/mp4", 1_000_000_000),
    # ADTS says nothing of the 1024 samples that the encoder put before the sound.
    "adts": ("aac", "audio/aac", 1_024_000_000),
    # Matroska counts milliseconds: half of one is rounding.
    "webm": ("libopus", "audio/matroska", 1_000_500_000),
    "matroska": ("flac", "audio/matroska", 1_000_000_000),
}


@pytest.mark.parametrize("form", CONTAINED)
def test_sound_that_libsndfile_does_not_know_is_read_to_its_end_and_refused_when_cut(form: str) -> None:
    codec, media_type, duration_ns = CONTAINED[form]
    whole = film(Film(times_ms=(), form=form, sound_codec=codec))
    found = facts(whole, "a")
    assert (found.modality, found.media_type, found.fault) == ("audio", media_type, None)
    assert (found.duration_ns, found.sample_rate, found.channels) == (duration_ns, 48_000, 2)
    for kept in (0.3, 0.6, 0.97):
        assert reason(whole[: int(len(whole) * kept)], "a") in {"truncated", "unreadable"}, kept


@pytest.mark.parametrize("form", CONTAINED)
def test_every_stage_hears_the_same_sound_whatever_holds_it(form: str) -> None:
    heard = read_sound(film(Film(times_ms=(), form=form, sound_codec=CONTAINED[form][0])))
    assert heard.sample_rate == 48_000
    mono = heard.samples.mean(axis=1)
    assert abs(float(np.sqrt(np.mean(mono**2))) - 0.25) < 0.01
    crossings = np.count_nonzero(np.diff(mono > 0)) / len(mono)
    assert abs(crossings - 1 / (9 * np.pi)) < 0.002


def test_a_hole_in_the_sound_is_silence_and_what_follows_keeps_its_time(tmp_path: Path) -> None:
    run = av.AudioFrame.from_ndarray(np.full((1, 800), 8_000, np.int16), format="s16", layout="mono")
    run.sample_rate = 8_000
    with SoundTrack(tmp_path / "a.flac", "FLAC") as track:
        for start_ms in (500, 600, 710, 900):
            track.add(Heard(Fraction(start_ms, 1000), run))
    samples = read_sound((tmp_path / "a.flac").read_bytes()).samples[:, 0]
    # 10 ms are a container's rounding, and 90 ms after that were not recorded.
    assert (track.start, len(samples)) == (Fraction(1, 2), 4_000)
    assert np.flatnonzero(samples == 0).tolist() == list(range(2_400, 3_200))


def test_the_licence_is_what_the_tags_name(tmp_path: Path) -> None:
    import soundfile

    with soundfile.SoundFile(tmp_path / "a.flac", "w", 8_000, 1, format="FLAC") as writer:
        writer.license = "https://creativecommons.org/licenses/by/4.0/"
        writer.copyright = "(c) Jane"
        writer.write(np.ones(80, np.int16))
    assert facts((tmp_path / "a.flac").read_bytes(), "a.flac").license == "CC-BY-4.0"
    with soundfile.SoundFile(tmp_path / "b.flac", "w", 8_000, 1, format="FLAC") as writer:
        writer.copyright = "(c) 2024 Jane"
        writer.write(np.ones(80, np.int16))
    assert facts((tmp_path / "b.flac").read_bytes(), "b.flac").license is None


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
@pytest.mark.parametrize("wild", [1e25, 3e38, np.inf, np.nan, -(2.0**31) * 1.001])
def test_samples_that_cannot_be_meant_are_no_sound(subtype: str, wild: float) -> None:
    fault = facts(float_wav(subtype, 0.5, wild), "a.wav").fault
    assert str(fault).startswith("not_a_number: expected finite samples of at most 2147483648, where 1 is")


def test_whole_numbers_of_32_bits_that_were_not_scaled_are_sound() -> None:
    assert facts(float_wav("FLOAT", 2.0**31 - 256, -(2.0**31)), "a.wav").fault is None


def test_the_sound_of_a_container_is_looked_at_too() -> None:
    wild = np.full(4_800, 1e25, np.float32)
    found = facts(film(Film(form="matroska", sound_codec="pcm_f32le", heard=wild)), "a.mkv")
    assert found.fault is not None
    assert "expected finite samples of at most 2147483648" in found.fault.detail


def float_wav(subtype: str, *samples: float) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.array(samples, np.float64), 16_000, format="WAV", subtype=subtype)
    return file.getvalue()
