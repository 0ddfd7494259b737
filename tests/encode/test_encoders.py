"""Encoders: pure, stateless, of fixed width, and telling apart what is different."""

import io
import wave
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from tasks.core.encoder import Encoder
from tasks.core.series import Series, pack_series
from tasks.encoders import ENCODERS, hashed_words, mel_statistics, picture_layout, plain_values


def picture(colour: str, mode: str = "RGB", size: tuple[int, int] = (96, 64)) -> Image.Image:
    return Image.new(mode, size, colour)


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def half(left: str, right: str) -> Image.Image:
    image = picture(left)
    image.paste(picture(right, size=(48, 64)), (48, 0))
    return image


def sound(hertz: float, seconds: float, rate_hz: int = 16_000, channels: int = 1) -> bytes:
    wave_form = np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate_hz)) / rate_hz)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(np.repeat((wave_form * 16_000).astype("<i2"), channels).tobytes())
    return file.getvalue()


PAYLOADS = {
    "hashed_words": [b"A red circle.", b"", "Größe 5".encode()],
    "mel_statistics": [sound(440, 0.3), sound(2000, 0.05)],
    "picture_layout": [png(picture("red")), png(half("black", "white"))],
    "plain_values": [
        b"1,2,3",
        b"-0.5",
        pack_series(Series(np.array([0, 9]), ("x",), np.array([[1.0], [2.0]])), {}),
    ],
}


def likeness(encoder: Encoder, first: bytes, second: bytes) -> float:
    left, right = encoder.encode([first, second]).astype(np.float64)
    return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))


def test_every_encoder_is_registered_by_its_file_and_its_own_name() -> None:
    files = {
        path.stem for path in Path(picture_layout.__file__).parent.glob("*.py") if path.stem != "__init__"
    }
    assert files == set(ENCODERS)
    assert [encoder.name for encoder in ENCODERS.values()] == list(ENCODERS)


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_a_vector_depends_on_its_own_payload_alone(name: str) -> None:
    encoder, payloads = ENCODERS[name], PAYLOADS[name]
    together = encoder.encode(payloads)
    assert together.shape == (len(payloads), encoder.dimensions)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert [encoder.encode([payload]).tobytes() for payload in payloads] == [
        row.tobytes() for row in together
    ]


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_nothing_to_encode_gives_no_row(name: str) -> None:
    assert ENCODERS[name].encode([]).shape == (0, ENCODERS[name].dimensions)


def test_a_picture_is_seen_upright() -> None:
    image = half("navy", "orange")
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    image.save(turned, "PNG", exif=exif)
    upright = png(ImageOps.exif_transpose(Image.open(io.BytesIO(turned.getvalue()))))
    assert likeness(picture_layout.ENCODER, turned.getvalue(), upright) == pytest.approx(1, abs=1e-6)
    assert likeness(picture_layout.ENCODER, turned.getvalue(), png(image)) < 0.9


def test_the_see_through_part_of_a_picture_is_white() -> None:
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    assert likeness(picture_layout.ENCODER, png(clear), png(picture("white"))) == pytest.approx(1, abs=1e-6)


def test_depths_of_16_bits_keep_their_shape() -> None:
    depths = np.tile(np.arange(64, dtype=np.uint16) * 500, (64, 1))
    slope, flat = Image.fromarray(depths), Image.fromarray(np.full_like(depths, 9000))
    vector = picture_layout.encode([png(slope)])[0].reshape(-1)
    left, right = vector[0:3].mean(), vector[21:24].mean()
    assert left < 0 < right
    assert likeness(picture_layout.ENCODER, png(slope), png(flat)) < 0.7


def test_a_picture_is_more_like_its_small_copy_than_like_another() -> None:
    scene = half("green", "yellow")
    small = scene.resize((24, 16))
    assert likeness(picture_layout.ENCODER, png(scene), png(small)) > 0.97
    assert likeness(picture_layout.ENCODER, png(scene), png(half("yellow", "green"))) < 0.8


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a picture, got bytes of no format that Pillow knows"):
        picture_layout.encode([b"no picture"])


def test_broken_pictures_are_encoded_or_refused_and_never_warn(corpora: Path) -> None:
    outcomes: Counter[object] = Counter()
    for path in sorted((corpora / "bad_images_pillow").rglob("*")):
        if path.is_file() and path.suffix != ".md":
            try:
                outcomes[bool(np.isfinite(picture_layout.encode([path.read_bytes()])).all())] += 1
            except ValueError:
                outcomes["refused"] += 1
    assert outcomes.keys() == {True, "refused"}
    assert outcomes[True] >= 114


def test_texts_that_share_words_are_alike() -> None:
    near = likeness(hashed_words.ENCODER, b"a red circle", b"A RED  circle")
    far = likeness(hashed_words.ENCODER, b"a red circle", b"harbour at dawn")
    assert near == pytest.approx(1, abs=1e-6)
    assert far < 0.3


def test_a_text_without_a_word_is_all_zeros() -> None:
    assert not hashed_words.encode([b""]).any()


def test_sound_is_told_by_its_pitch_not_by_its_rate_or_channels() -> None:
    low, low_stereo = sound(440, 1), sound(440, 1, rate_hz=44_100, channels=2)
    centroid = mel_statistics.encode([low, low_stereo, sound(3000, 1)])[:, 22] * 8000
    assert centroid[0] == pytest.approx(440, rel=0.3)
    assert centroid[1] == pytest.approx(centroid[0], rel=0.1)
    assert centroid[2] == pytest.approx(3000, rel=0.1)


def test_frames_cover_the_sound_in_steps_of_100_ms() -> None:
    frames = mel_statistics.frames(sound(440, 1.25))
    assert (frames.start_ns, frames.step_ns, frames.matrix.shape) == (0, 100_000_000, (13, 21))
    assert frames.matrix[5, 20] == pytest.approx(16_000 / 32_768 / np.sqrt(2), rel=0.01)


def test_frames_are_the_same_on_both_sides_of_a_block() -> None:
    rms = mel_statistics.frames(sound(440, 61)).matrix[:, 20]
    assert len(rms) == 610
    assert rms[590:609] == pytest.approx(np.full(19, rms[100]), rel=1e-3)


@pytest.mark.parametrize(
    ("payload", "message"), [(b"RIFFnothing", "expected a sound, got"), (sound(440, 0), "samples, got none")]
)
def test_what_is_no_sound_is_refused(payload: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mel_statistics.encode([payload])


def test_values_are_kept_and_padded_with_zeros() -> None:
    assert plain_values.encode([b"1,-2.5,1e-3\n"]).tolist() == [[1.0, -2.5, np.float32(1e-3), *[0.0] * 29]]


def test_a_series_is_the_mean_and_the_spread_of_each_channel() -> None:
    moments = Series(np.array([0, 5]), ("x", "y"), np.array([[1.0, -4.0], [3.0, -4.0]]))
    payload = pack_series(moments, {})
    assert plain_values.encode([payload]).tolist() == [[2.0, -4.0, *[0.0] * 14, 1.0, *[0.0] * 15]]
    one = Series(np.array([7]), ("x",), np.array([[2.5]]))
    assert plain_values.encode([pack_series(one, {})]).tolist() == plain_values.encode([b"2.5"]).tolist()


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b",".join([b"1"] * 17), "at most 16 numbers, got 17"),
        (b"1,nan", "finite numbers that a float32 can hold, got nan"),
        (b"1e300", "finite numbers that a float32 can hold, got 1e"),
        (b"1,", "could not convert"),
        (pack_series(Series(np.array([0]), tuple(map(str, range(17))), np.ones((1, 17))), {}), "got 17"),
        (pack_series(Series(np.array([], np.int64), ("x",), np.ones((0, 1))), {}), "at least one moment"),
        (b"ARROW1\0\0 and nothing", "cannot be read as an Arrow file"),
    ],
)
def test_values_that_cannot_be_kept_are_refused(payload: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plain_values.encode([payload])


def test_spoken_digits_of_one_speaker_are_most_alike(corpora: Path) -> None:
    files = sorted(
        path
        for path in (corpora / "fsdd").rglob("*.wav")
        if path.stem[:2] in ("1_", "7_") and path.stem[-2] == "_"
    )[::2]
    matrix = mel_statistics.encode([path.read_bytes() for path in files]).astype(np.float64)
    standard = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    distances = np.linalg.norm(standard[:, None] - standard[None], axis=2) + np.diag([np.inf] * len(files))
    speakers = [path.stem.split("_")[1] for path in files]
    hits = [speakers[int(row.argmin())] == speakers[own] for own, row in enumerate(distances)]
    assert sum(hits) / len(hits) > 0.7
