"""What stands around media does not hurt them, and what is missing at their end is found."""

import io
import struct
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from tasks.core.sound import read_sound
from tests.media.filming import Film, film
from tests.media.making import facts, photo, reason, saved, sound, wav

Samples = npt.NDArray[np.float64]

ID3V1 = b"TAG" + bytes(125)
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0x80000000) + bytes(8)
LYRICS = b"LYRICSBEGININD0000200LYR00005la la000040LYRICS200"
ID3V2_FRONT = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
BEHIND = {
    "ID3v1": ID3V1,
    "APE": APE,
    "Lyrics3": LYRICS + ID3V1,
    "zeros": bytes(3_000),
    "garbage": b"garbage" * 99,
}


def encoded(kind: str, codec: str, samples: Samples, **options: str) -> bytes:
    """One channel at 44.1 kHz."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind, options={"write_xing": "0"} if kind == "mp3" else {}) as container:
        stream = container.add_stream(codec, rate=44_100, options=options)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(
            (samples * 32_767).astype("<i2")[None], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = 44_100, 0, Fraction(1, 44_100)
        fifo, form = av.AudioFifo(), stream.codec_context.format
        for part in av.AudioResampler(format=form, layout="mono", rate=44_100).resample(frame):
            fifo.write(part)
        while (run := fifo.read(stream.codec_context.frame_size, partial=True)) is not None:
            container.mux(stream.encode(run))
        container.mux(stream.encode(None))
    return file.getvalue()


def loud_then_silent() -> Samples:
    noise = np.random.default_rng(1).standard_normal(6 * 44_100) / 4
    noise[len(noise) // 2 :] = 0
    return noise.clip(-1, 1)


def mp3_of_varying_rate() -> bytes:
    """The first frame is one of the largest, and nothing tells how many there are."""
    return encoded("mp3", "libmp3lame", loud_then_silent(), global_quality="236", flags="+qscale")


WHOLE: dict[str, Callable[[], bytes]] = {
    "WAV": lambda: wav(),
    "WAV of 24 bits": lambda: sound("WAV", "PCM_24"),
    "WAVE_FORMAT_EXTENSIBLE": lambda: sound("WAVEX", "PCM_24"),
    "RF64": lambda: sound("RF64"),
    "AIFF": lambda: sound("AIFF"),
    "CAF": lambda: sound("CAF"),
    "FLAC": lambda: sound("FLAC"),
    "MP3": lambda: sound("MP3"),
    "MP3 without a header": mp3_of_varying_rate,
    "Vorbis": lambda: sound("OGG", "VORBIS"),
    "Opus": lambda: sound("OGG", "OPUS"),
    "AAC": lambda: encoded("adts", "aac", loud_then_silent()),
    "M4A": lambda: encoded("ipod", "aac", loud_then_silent()),
    "MP4": lambda: film(Film(form="mp4", codec="mpeg4")),
    "AVI": lambda: film(Film(form="avi", codec="mpeg4")),
    "Matroska": lambda: film(Film(form="matroska", codec="mpeg4")),
    "FLV": lambda: film(Film(form="flv", codec="flv")),
    "JPEG": lambda: saved(photo(), "JPEG"),
    "PNG": lambda: saved(photo(), "PNG"),
    "GIF": lambda: saved(photo(), "GIF"),
    "WebP": lambda: saved(photo(), "WEBP"),
    "BMP": lambda: saved(photo(), "BMP"),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_what_stands_behind_media_does_not_hurt_them(kind: str) -> None:
    whole = WHOLE[kind]()
    alone = facts(whole, "a")
    assert alone.fault is None
    assert {name: facts(whole + behind, "a") for name, behind in BEHIND.items()} == dict.fromkeys(
        BEHIND, alone
    )


@pytest.mark.parametrize("kind", WHOLE)
def test_what_is_cut_is_found_with_and_without_a_tag_behind(kind: str) -> None:
    whole = WHOLE[kind]()
    for kept in (len(whole) // 2, len(whole) * 2 // 3, len(whole) - 40):
        assert reason(whole[:kept], "a") in {"truncated", "unreadable"}, kept
    if kind == "FLV":  # what stands behind the cut passes for the rest of its last tag
        return
    assert reason(whole[: len(whole) // 2] + ID3V1, "a") in {"truncated", "unreadable"}


def test_an_mp3_that_does_not_tell_its_frames_is_heard_to_its_end() -> None:
    """libsndfile alone guesses from the first frame, and reads a quarter of this one."""
    payload = mp3_of_varying_rate()
    assert soundfile.info(io.BytesIO(payload)).frames < 70_000
    with av.open(io.BytesIO(payload), "r") as container:
        frames = sum(frame.samples for frame in container.decode(audio=0))
    assert facts(payload, "a.mp3").duration_ns == round(frames * 10**9 / 44_100)
    assert len(read_sound(payload).samples) == frames


def test_garbage_that_begins_like_a_frame_is_no_sound() -> None:
    payload = mp3_of_varying_rate()
    assert facts(payload + b"\xff\xfb\x90garbage" * 50, "a.mp3") == facts(payload, "a.mp3")


def test_two_mp3_in_one_file_are_heard_to_their_end() -> None:
    one = sound("MP3")
    assert len(read_sound(one).samples) == 16_000
    assert len(read_sound(one + one).samples) > 32_000


def test_an_mp3_with_garbage_between_its_frames_that_decoders_do_not_get_over_is_not_whole() -> None:
    payload = mp3_of_varying_rate()
    broken = payload[:9_000] + bytes(5_000) + payload[14_000:]
    assert reason(broken, "a.mp3") in {"truncated", "unreadable"}


def test_a_tag_in_front_is_passed_over() -> None:
    kinds = {"FLAC": "flac", "MP3": "mpeg", "Vorbis": "ogg", "AAC": "aac"}
    found = {kind: facts(ID3V2_FRONT + WHOLE[kind](), "a") for kind in kinds}
    assert {kind: (one.media_type, one.fault) for kind, one in found.items()} == {
        kind: (f"audio/{name}", None) for kind, name in kinds.items()
    }
    assert len(read_sound(ID3V2_FRONT + WHOLE["Vorbis"]()).samples) == 16_000


@pytest.mark.parametrize("length", [0, 0x7FFF_F000, 0x8000_0000, 0xFFFF_FFFF])
def test_a_wav_that_was_streamed_is_read_to_its_end(length: int) -> None:
    payload = sound("WAV")
    place = payload.index(b"data") + 4
    streamed = payload[:place] + struct.pack("<I", length) + payload[place + 4 :]
    found = facts(streamed, "a.wav")
    assert (found.fault, found.duration_ns) == (None, 1_000_000_000)
    assert len(read_sound(streamed).samples) == 16_000


def test_a_wav_without_samples_before_another_chunk_is_empty() -> None:
    assert reason(wav(frames=0) + b"LIST\x04\0\0\0INFO", "a.wav") == "file_empty"


def test_a_flac_that_never_told_its_length_is_read_to_its_end() -> None:
    payload = sound("FLAC")
    unknown = payload[:21] + bytes([payload[21] & 0xF0]) + bytes(4) + payload[26:]
    assert facts(unknown + ID3V1, "a.flac") == facts(payload, "a.flac")
    assert np.array_equal(read_sound(unknown).samples, read_sound(payload).samples)
    assert reason(unknown[:-40], "a.flac") == "unreadable"


def test_of_chained_ogg_every_link_is_heard() -> None:
    """libsndfile alone reads the first, and says nothing."""
    one = sound("OGG", "VORBIS")
    assert soundfile.info(io.BytesIO(one + one)).frames == 16_000
    chained = facts(one + one, "a.ogg")
    assert chained.fault is None
    assert chained.duration_ns == pytest.approx(2 * 10**9, rel=0.05)
    assert len(read_sound(one + one).samples) == pytest.approx(32_000, rel=0.05)
