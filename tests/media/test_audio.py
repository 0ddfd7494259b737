import pytest

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
    "payload", [b"\0\0\0\x18ftypM4A \0\0\0\0", b"#!AMR\n\x0c", b"\xff\xf1\x50\x80\x00\x1f"]
)
def test_sound_that_cannot_be_read_yet_is_named(payload: bytes) -> None:
    found = facts(payload, "a")
    assert found.modality == "audio"
    assert reason(payload, "a") == "unsupported_media"
