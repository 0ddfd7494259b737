import io
import pickle
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from tasks.core.candidate import MediaFacts
from tasks.core.errors import MissingExtraError
from tasks.media.facts import read_facts
from tasks.media.reader import Limits
from tests.media.filming import SIDE, Film, film, turned
from tests.media.making import facts, reason

MS = 1_000_000
SONG = film(Film(times_ms=(), form="ipod", sound_codec="aac"))
TENTHS = [number * 100 * MS for number in range(10)]
# Form, codec of the picture and of the sound; what the form loses: MPEG-TS and FLV have no edit list, so the
# 1024 samples that the AAC encoder put first come first.
FORMS = {
    "asf": ("msmpeg4v3", None, "video/x-ms-asf", 0),
    "avi": ("mpeg4", None, "video/x-msvideo", 0),
    "flv": ("libx264", "aac", "video/x-flv", 21_000_000),
    "matroska": ("mpeg4", "flac", "video/matroska", 0),
    "mov": ("mpeg4", None, "video/quicktime", 0),
    "mp4": ("libx264", "aac", "video/mp4", 0),
    "mpegts": ("libx264", "aac", "video/mp2t", 21_333_333),
    "webm": ("libvpx-vp9", "libopus", "video/matroska", 0),
}


def times(found: MediaFacts) -> list[int]:
    assert found.frame_times_ns is not None
    return [int(time_ns) for time_ns in found.frame_times_ns]


@pytest.mark.parametrize("form", FORMS)
def test_a_video_of_any_kind_has_the_true_times_of_its_frames(form: str) -> None:
    codec, sound, media_type, first_ns = FORMS[form]
    found = facts(film(Film(form=form, codec=codec, sound_codec=sound)), "no-suffix")
    assert (found.modality, found.media_type, found.fault) == ("video", media_type, None)
    assert (found.width, found.height, found.frame_rate, found.orientation) == (*SIDE, 10.0, None)
    assert times(found) == [first_ns + time_ns for time_ns in TENTHS]
    assert (found.sample_rate, found.channels) == ((48_000, 2) if sound else (None, None))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.97])
def test_a_video_that_is_cut_off_is_refused(form: str, kept: float) -> None:
    codec, sound, _, _ = FORMS[form]
    whole = film(Film(form=form, codec=codec, sound_codec=sound))
    assert reason(whole[: int(len(whole) * kept)], "cut") in {"truncated", "unreadable"}


@pytest.mark.parametrize("form", FORMS)
def test_a_video_without_its_last_byte_is_truncated(form: str) -> None:
    codec, sound, _, _ = FORMS[form]
    assert reason(film(Film(form=form, codec=codec, sound_codec=sound))[:-1], "cut") == "truncated"


@pytest.mark.parametrize("form", ["mp4", "matroska", "avi"])
def test_frames_that_are_stored_out_of_order_are_told_in_the_order_they_are_shown(form: str) -> None:
    assert times(facts(film(Film(form=form, codec="libx264", b_frames=2)), "a")) == TENTHS


def test_times_are_those_of_the_frames_where_the_rate_varies() -> None:
    shown_ms = (0, 40, 50, 300, 1_000, 1_033)
    found = facts(film(Film(times_ms=shown_ms)), "a.mp4")
    assert times(found) == [time_ms * MS for time_ms in shown_ms]
    assert found.frame_rate == 5 / 1.033
    assert found.duration_ns == 1_034 * MS


def test_a_picture_that_starts_after_the_sound_keeps_its_place() -> None:
    found = facts(film(Film(times_ms=(500, 600, 700), sound_codec="aac")), "a.mp4")
    assert times(found) == [500 * MS, 600 * MS, 700 * MS]
    assert found.duration_ns == 1_000 * MS


def test_a_video_starts_where_its_first_stream_starts() -> None:
    assert times(facts(film(Film(times_ms=(500, 600, 700))), "a.mp4")) == [0, 100 * MS, 200 * MS]


def test_one_frame_has_a_time_and_no_rate() -> None:
    found = facts(film(Film(times_ms=(0,))), "a.mp4")
    assert (times(found), found.frame_rate, found.duration_ns) == ([0], None, 1 * MS)


def test_a_container_without_a_picture_is_a_sound() -> None:
    found = facts(film(Film(times_ms=(), sound_codec="aac")), "a.mp4")
    assert (found.modality, found.media_type, found.duration_ns) == ("audio", "audio/mp4", 1_000 * MS)
    assert found.frame_times_ns is None


QUARTERS = {
    (1, 0, 0, 1): (1, SIDE),
    (-1, 0, 0, 1): (2, SIDE),
    (-1, 0, 0, -1): (3, SIDE),
    (1, 0, 0, -1): (4, SIDE),
    (0, 1, 1, 0): (5, SIDE[::-1]),
    (0, 1, -1, 0): (6, SIDE[::-1]),
    (0, -1, -1, 0): (7, SIDE[::-1]),
    (0, -1, 1, 0): (8, SIDE[::-1]),
}


@pytest.mark.parametrize(("matrix", "turn"), QUARTERS.items())
def test_the_size_is_upright_and_the_turn_is_told_as_exif_tells_it(
    matrix: tuple[int, int, int, int], turn: tuple[int, tuple[int, int]]
) -> None:
    found = facts(turned(film(Film()), matrix), "a.mp4")
    # A matrix that turns nothing is none to FFmpeg.
    told = found.orientation or 1
    assert (told, (found.width, found.height)) == turn


def test_the_creation_time_is_utc_and_the_licence_is_what_the_tags_name() -> None:
    tags = (("creation_time", "2021-05-06T07:08:09Z"), ("copyright", "CC BY-SA 4.0, Jane"))
    found = facts(film(Film(tags=tags)), "a.mp4")
    assert (found.captured_at, found.license) == ("2021-05-06T07:08:09Z", "CC-BY-SA-4.0")


def test_a_phones_own_creation_time_has_its_offset() -> None:
    tags = (
        ("com.apple.quicktime.creationdate", "2021-05-06T09:08:09+0200"),
        ("creation_time", "2021-05-06T07:08:10Z"),
    )
    assert facts(film(Film(form="mov", tags=tags)), "a.mov").captured_at == "2021-05-06T09:08:09+02:00"


def test_a_frame_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    found = read_facts(film(Film()), "a.mp4", None, Limits(64 * 48 - 1, 10)).fault
    assert str(found) == "too_large: expected at most 3071 pixels a frame, got 64 x 48"


def test_a_video_that_does_not_decode_is_unreadable() -> None:
    payload = bytearray(film(Film(codec="libx264")))
    end = payload.index(b"moov") - 4
    payload[end - 150 : end] = bytes(150)
    assert reason(bytes(payload), "a.mp4") == "unreadable"


def test_damaged_bytes_give_a_fault_and_never_a_crash() -> None:
    rng = np.random.default_rng(3)
    for form in ("mp4", "matroska", "avi", "flv", "mpegts"):
        codec, sound, _, _ = FORMS[form]
        whole = film(Film(form=form, codec=codec, sound_codec=sound, times_ms=(0, 100, 200), sound_ms=200))
        for _ in range(25):
            damaged = np.frombuffer(whole, np.uint8).copy()
            damaged[rng.integers(12, len(whole), 12)] = rng.integers(0, 256, 12)
            found = facts(damaged.tobytes()[: rng.integers(200, len(whole) + 1)], "a")
            assert found.fault is None or found.fault.detail


GOPRO = {"karma.mp4": (362, 12_078_733_333), "max-heromode.mp4": (315, 10_517_333_333)}


@pytest.mark.parametrize("name", GOPRO)
def test_films_of_real_cameras(corpora: Path, name: str) -> None:
    payload = (corpora / "gopro_gpmf" / "samples" / name).read_bytes()
    found = read_facts(payload, name, None, Limits(10**8, 10**6))
    frames, duration_ns = GOPRO[name]
    assert (found.fault, found.duration_ns, found.frame_rate) == (None, duration_ns, 30_000 / 1_001)
    # Frame n of a camera of 30000/1001 frames a second, to the nearest nanosecond.
    assert times(found) == [(2 * n * 1_001 * 10**9 + 30_000) // 60_000 for n in range(frames)]
    assert (found.sample_rate, found.channels) == (48_000, 2)
    assert reason(payload[: len(payload) // 2], name) == "truncated"


def test_a_machine_without_pyav_stops_and_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = film(Film())
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match="needs the package 'av': make install EXTRAS=video"):
        facts(payload, "a.mp4")


def test_a_worker_can_say_which_extra_is_missing() -> None:
    error = MissingExtraError("av", needed_by="reading video", extra="video")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own error


def test_a_cover_is_no_picture_that_moves() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container, av.open(io.BytesIO(SONG), "r") as song:
        sound = container.add_stream_from_template(song.streams.audio[0])
        cover = container.add_stream("mjpeg", rate=1)
        assert isinstance(cover, av.VideoStream)
        cover.width, cover.height, cover.pix_fmt = *SIDE, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        for packet in song.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                container.mux(packet)
        frame = av.VideoFrame.from_ndarray(np.zeros((*SIDE[::-1], 3), np.uint8), format="rgb24")
        container.mux(cover.encode(frame))
        container.mux(cover.encode(None))
    found = facts(buffer.getvalue(), "a.m4a")
    assert (found.modality, found.fault, found.width) == ("audio", None, None)


def test_a_video_that_calls_itself_a_song_is_a_video() -> None:
    payload = film(Film())
    found = facts(payload.replace(b"ftypisom", b"ftypM4A ", 1), "a.m4a")
    assert (found.modality, found.media_type, found.frame_rate) == ("video", "video/mp4", 10.0)
