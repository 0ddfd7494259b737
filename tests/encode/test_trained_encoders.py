"""Trained encoders, with tiny weights made here: the libraries' own vectors, and all kinds of media."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tasks.core.encoder import Encoder
from tasks.core.rgb_pictures import read_upright
from tasks.core.sound import read_sound
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders import TRAINED_ENCODERS
from tasks.trained_encoders.running.device import run_in_batches
from tests.encode import tiny_weights
from tests.encode.test_encoders import half, picture, png, sound

tiny_weights.skip_without_the_extra()
# Keras on torch, when it saves weights
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

PAYLOADS: dict[str, Sequence[bytes]] = {
    "image": [png(picture("red")), png(half("navy", "orange")), png(picture("green", size=(31, 90)))],
    "text": [b"a red circle", b"", "größe 5".encode(), b"far more words than the twenty that fit in it"],
    "audio": [sound(440, 0.3), sound(700, 1.0), sound(900, 2.5, rate_hz=44_100, channels=2)],
}
PAIRS = [(name, modality) for name, entry in TRAINED_ENCODERS.items() for modality in entry.modalities]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Weights]:
    root = tmp_path_factory.mktemp("models")
    return {
        "clip": Weights(tiny_weights.save_clip(root / "clip"), "1"),
        "clap": Weights(tiny_weights.save_clap(root / "clap"), "2"),
        "sentence_transformers": Weights(tiny_weights.save_sentences(root / "st", root / "bert"), "3"),
        "vgg16": Weights(tiny_weights.save_vgg16(root / "vgg.weights.h5"), "4"),
    }


@pytest.fixture
def load(weights: dict[str, Weights]) -> Callable[[str, str], Encoder]:
    return lambda name, modality: TRAINED_ENCODERS[name].load(weights[name], modality)


Load = Callable[[str, str], Encoder]


@pytest.mark.parametrize(("name", "modality"), PAIRS)
def test_vectors_have_unit_length_and_depend_on_their_own_payload_alone(
    load: Load, name: str, modality: str
) -> None:
    encoder, payloads = load(name, modality), PAYLOADS[modality]
    together = encoder.encode(payloads)
    assert together.shape == (len(payloads), encoder.dimensions)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-6)
    assert [encoder.encode([payload]).tobytes() for payload in payloads] == [
        row.tobytes() for row in together
    ]
    assert len({row.tobytes() for row in together}) == len(payloads)
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def unit(tensor: Any) -> Matrix:
    rows = tensor.detach().numpy()
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True))


def test_clip_gives_the_vectors_that_transformers_gives(load: Load, weights: dict[str, Weights]) -> None:
    from transformers import CLIPModel, CLIPTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    folder = weights["clip"].path
    tokens = CLIPTokenizer.from_pretrained(folder)(
        ["a red circle", "blue"], padding=True, return_tensors="pt"
    )
    pictures = [read_upright(payload) for payload in PAYLOADS["image"]]
    pixels = CLIPImageProcessorPil.from_pretrained(folder)(pictures, return_tensors="pt")
    peer = CLIPModel.from_pretrained(folder).eval()(**tokens, **pixels)
    images = load("clip", "image").encode(PAYLOADS["image"])
    texts = load("clip", "text").encode([b"a red circle", b"blue"])
    assert images == pytest.approx(unit(peer.image_embeds), abs=1e-5)
    assert texts == pytest.approx(unit(peer.text_embeds), abs=1e-5)
    scale = float(CLIPModel.from_pretrained(folder).logit_scale.detach().exp())
    assert scale * images @ texts.T == pytest.approx(peer.logits_per_image.detach().numpy(), abs=1e-4)


def test_clap_gives_the_vectors_that_transformers_gives(load: Load, weights: dict[str, Weights]) -> None:
    import torch
    from transformers import ClapFeatureExtractor, ClapModel, RobertaTokenizer

    folder = weights["clap"].path
    model = ClapModel.from_pretrained(folder).eval()
    samples = read_sound(PAYLOADS["audio"][0]).samples[:, 0]
    heard = ClapFeatureExtractor.from_pretrained(folder)(samples, sampling_rate=16_000, return_tensors="pt")
    longer = torch.zeros((1, 1), dtype=torch.bool)
    audio = model.get_audio_features(heard["input_features"].float(), is_longer=longer).pooler_output
    tokens = RobertaTokenizer.from_pretrained(folder)(["a bell"], return_tensors="pt")
    text = model.get_text_features(**tokens).pooler_output
    assert load("clap", "audio").encode(PAYLOADS["audio"][:1]) == pytest.approx(unit(audio), abs=1e-5)
    assert load("clap", "text").encode([b"a bell"]) == pytest.approx(unit(text), abs=1e-5)


def test_a_long_sound_is_the_mean_of_its_pieces_by_their_durations(load: Load) -> None:
    encoder = load("clap", "audio")
    first, last = encoder.encode([sound(400, 1.0), sound(400, 0.5)]).astype(np.float64)
    expected = (first + 0.5 * last) / np.linalg.norm(first + 0.5 * last)
    assert encoder.encode([sound(400, 1.5)])[0] == pytest.approx(expected, abs=1e-5)


def test_sentences_have_the_vectors_that_sentence_transformers_gives(
    load: Load, weights: dict[str, Weights]
) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(weights["sentence_transformers"].path), device="cpu")
    texts = [payload.decode() for payload in PAYLOADS["text"]]
    expected = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    encoder = load("sentence_transformers", "text")
    assert encoder.encode(PAYLOADS["text"]) == pytest.approx(expected, abs=1e-5)
    assert encoder.space is None


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("top", [True, False], ids=["with_classifier", "without"])
@pytest.mark.parametrize("ending", [".weights.h5", ".keras", ".h5"])
def test_vgg16_gives_the_vectors_that_keras_gives(tmp_path: Path, ending: str, top: bool) -> None:
    import keras

    keras.utils.set_random_seed(1)
    model = keras.applications.VGG16(weights=None, include_top=top, input_shape=(32, 32, 3))
    file = tmp_path / f"vgg{ending}"
    model.save_weights(file) if ending == ".weights.h5" else model.save(file)
    pixels = np.asarray(read_upright(PAYLOADS["image"][1]).resize((224, 224)), np.float32)[None]
    convolutions = keras.applications.VGG16(weights=None, include_top=False, pooling="avg")
    convolutions.set_weights(model.get_weights()[:26])
    peer = convolutions(keras.applications.vgg16.preprocess_input(pixels), training=False)
    encoder = TRAINED_ENCODERS["vgg16"].load(Weights(file, ending + str(top)), "image")
    assert encoder.encode(PAYLOADS["image"][1:2]) == pytest.approx(unit(peer), abs=1e-5)


def test_the_weights_that_keras_applications_names_are_loaded_by_their_layers(tmp_path: Path) -> None:
    import h5py
    import keras

    keras.utils.set_random_seed(2)
    model = keras.applications.VGG16(weights=None, include_top=False)
    layers = [layer for layer in model.layers if layer.weights]
    file = tmp_path / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    with h5py.File(file, "w") as written:  # as Keras 2 did: a group for each layer
        written.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            names = [f"{layer.name}_{variable.name}" for variable in layer.weights]
            group = written.create_group(layer.name)
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, variable in zip(names, layer.weights, strict=True):
                group[name] = variable.numpy()
    again = tmp_path / "same.weights.h5"
    model.save_weights(again)
    first, second = (
        TRAINED_ENCODERS["vgg16"].load(Weights(path, path.name), "image").encode(PAYLOADS["image"])
        for path in (file, again)
    )
    assert np.array_equal(first, second)


@pytest.mark.parametrize("name", ["clip", "vgg16"])
def test_a_picture_is_seen_upright(load: Load, tmp_path: Path, name: str) -> None:
    scene = half("navy", "orange")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    scene.save(tmp_path / "turned.png", exif=exif)
    scene.transpose(Image.Transpose.ROTATE_270).save(tmp_path / "upright.png")
    turned, upright, stored = load(name, "image").encode(
        [(tmp_path / "turned.png").read_bytes(), (tmp_path / "upright.png").read_bytes(), png(scene)]
    )
    assert turned.tobytes() == upright.tobytes() != stored.tobytes()


def stored(picture: Image.Image, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


RAMP = np.arange(96 * 64, dtype=np.uint16).reshape(64, 96)


@pytest.mark.parametrize("name", ["clip", "vgg16"])
@pytest.mark.parametrize(
    ("kept", "same"),
    [
        (Image.new("RGBA", (9, 9), (9, 9, 200, 0)), Image.new("RGB", (9, 9), "white")),
        (Image.new("LA", (9, 9), (90, 0)), Image.new("RGB", (9, 9), "white")),
        (Image.new("L", (9, 9), 90), Image.new("RGB", (9, 9), (90, 90, 90))),
        (Image.new("1", (9, 9), 1), Image.new("RGB", (9, 9), "white")),
        (half("red", "blue").convert("P", palette=Image.Palette.ADAPTIVE), half("red", "blue")),
        (Image.fromarray(RAMP), Image.fromarray(RAMP * np.uint16(7))),
        (Image.new("RGB", (1, 1), "navy"), Image.new("RGB", (40, 30), "navy")),
    ],
    ids=["see_through", "grey_see_through", "grey", "black_and_white", "palette", "16_bit", "1x1"],
)
def test_a_picture_is_seen_whatever_it_is_kept_as(
    load: Load, name: str, kept: Image.Image, same: Image.Image
) -> None:
    seen = load(name, "image").encode([stored(kept), stored(same)])
    assert seen[0].tobytes() == seen[1].tobytes()


def test_of_a_very_long_picture_the_middle_is_seen(load: Load) -> None:
    long = Image.linear_gradient("L").resize((6001, 3))
    encoder = load("clip", "image")
    ends = np.arange(1500), np.arange(4501, 6001)
    other_ends = np.array(long)
    other_ends[:, np.concatenate(ends)] = 0
    whole, middle = encoder.encode([png(long), png(Image.fromarray(other_ends))])
    assert whole.tobytes() == middle.tobytes()
    assert whole == pytest.approx(encoder.encode([png(long.crop((2995, 0, 3006, 3)))])[0], abs=1e-5)


@pytest.mark.parametrize("rate_hz", [1, 8000, 11_025, 44_100, 192_000])
@pytest.mark.parametrize("samples", [1, 2, 300])
def test_a_sound_of_any_rate_and_length_has_a_vector(load: Load, rate_hz: int, samples: int) -> None:
    (vector,) = load("clap", "audio").encode([sound(0.2 * rate_hz, samples / rate_hz, rate_hz)])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_the_same_sound_at_another_rate_has_almost_the_same_vector(load: Load) -> None:
    first, other = load("clap", "audio").encode([sound(440, 1.0), sound(440, 1.0, rate_hz=48_000)])
    assert first == pytest.approx(other, abs=0.02)


def test_a_text_longer_than_the_model_reads_is_read_to_there(load: Load) -> None:
    encoder = load("clip", "text")  # of 20 words 18, between a beginning and an end
    long, cut, shorter = encoder.encode(
        [b"abcdefghijklmnopqrstuvwxyz", b"abcdefghijklmnopqz", b"abcdefghijklmnopq"]
    )
    assert long.tobytes() != shorter.tobytes()
    assert np.array_equal(long, encoder.encode([b"abcdefghijklmnopqrstuv"])[0])
    assert not np.array_equal(long, cut)


def test_nothing_is_left_to_chance(load: Load, tmp_path: Path) -> None:
    import torch

    folder = tiny_weights.save_clip(tmp_path / "clip")
    for tower in ("text_config", "vision_config"):
        tiny_weights.change_settings(folder / "config.json", f"{tower}.attention_dropout", 0.5)
    trained = TRAINED_ENCODERS["clip"].load(Weights(folder, "dropped out in training"), "image")
    expected = load("clip", "image").encode(PAYLOADS["image"])
    assert np.array_equal(trained.encode(PAYLOADS["image"]), expected)
    assert torch.get_num_threads() == 1


def test_settings_of_keras_on_this_machine_change_nothing(load: Load, weights: dict[str, Weights]) -> None:
    import keras

    expected = load("vgg16", "image").encode(PAYLOADS["image"][:1])
    keras.config.set_floatx("float16")
    keras.config.set_image_data_format("channels_first")
    again = TRAINED_ENCODERS["vgg16"].load(Weights(weights["vgg16"].path, "again"), "image")
    assert np.array_equal(again.encode(PAYLOADS["image"][:1]), expected)


@pytest.mark.parametrize(
    ("name", "modality", "payload", "told"),
    [
        ("clip", "image", b"no picture", "expected a picture, got bytes of no format"),
        ("vgg16", "image", b"", "expected a picture, got bytes of no format"),
        ("clip", "text", b"\xff", "can't decode byte"),
        ("sentence_transformers", "text", b"\xff", "can't decode byte"),
        ("clap", "audio", b"RIFFnothing", "expected a sound, got"),
        ("clap", "audio", sound(440, 0), "expected at least one sample, got none"),
    ],
)
def test_what_cannot_be_encoded_is_refused(
    load: Load, name: str, modality: str, payload: bytes, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        load(name, modality).encode([payload])


@pytest.mark.parametrize(("name", "modalities"), [("clip", ("image", "text")), ("clap", ("audio", "text"))])
def test_both_encoders_of_one_model_name_one_space(
    load: Load, weights: dict[str, Weights], name: str, modalities: tuple[str, str]
) -> None:
    spaces = {load(name, modality).space for modality in modalities}
    assert spaces == {f"{name} {weights[name].digest}"}


def test_the_gpu_is_used_where_there_is_one(load: Load) -> None:
    import torch

    assert load("clip", "image").one_process == torch.cuda.is_available()


def test_batches_for_a_gpu_are_of_one_size_and_prepared_as_they_come() -> None:
    import torch

    seen: list[object] = []

    def prepare(number: int) -> int:
        seen.append(number)
        return number

    def run(numbers: list[int]) -> Any:
        seen.append(len(numbers))
        return torch.tensor([[number, 1.0] for number in numbers])

    matrix = run_in_batches(map(prepare, range(40)), run, "cuda", 2)
    assert seen == [*range(32), 32, *range(32, 40), 32]
    assert matrix[:, 0] / matrix[:, 1] == pytest.approx(np.arange(40), rel=1e-5)


def test_values_that_are_no_numbers_are_refused() -> None:
    import torch

    with pytest.raises(ValueError, match="the model gave values that are no numbers"):
        run_in_batches([b""], lambda _: torch.tensor([[1.0, float("nan")]]), "cpu", 2)
