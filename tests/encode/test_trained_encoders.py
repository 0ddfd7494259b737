"""Trained encoders, with tiny weights made here: loaded whole or refused, and the libraries' own vectors."""

import socket
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tasks.core.encoder import Encoder
from tasks.core.errors import WeightsError
from tasks.core.rgb_pictures import read_upright
from tasks.core.schemas import ALIGN_REJECTS, LINKS
from tasks.core.sound import read_sound
from tasks.core.tables import read_table
from tasks.core.vectors import Matrix, read_vectors, vector_space
from tasks.core.weights import Weights
from tasks.trained_encoders import TRAINED_ENCODERS
from tasks.trained_encoders.running.device import run_in_batches
from tests.conftest import Repository
from tests.encode import tiny_weights
from tests.encode.test_encode import Payloads, collected, item
from tests.encode.test_encoders import half, picture, png, sound

PACKAGES = ("torch", "transformers", "sentence_transformers", "keras", "h5py")
if not all(map(find_spec, PACKAGES)):
    reason = "the extra `encoders` is not installed: `make encoders` runs these"
    pytest.skip(reason, allow_module_level=True)
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


SAVED: dict[str, Callable[[Path], Path]] = {
    "clip": tiny_weights.save_clip,
    "clap": tiny_weights.save_clap,
    "sentence_transformers": lambda folder: tiny_weights.save_sentences(folder, folder.with_name("source")),
}


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("clip", "visual_projection.weight"),
        ("clap", "audio_projection.linear2.weight"),
        ("sentence_transformers", "layer.1.output.dense.weight"),
    ],
)
def test_weights_that_lack_a_tensor_are_refused(tmp_path: Path, name: str, tensor: str) -> None:
    folder = SAVED[name](tmp_path / name)
    tiny_weights.drop_tensor(folder, tensor)
    with pytest.raises(WeightsError, match="no whole"):
        TRAINED_ENCODERS[name].load(Weights(folder, ""), TRAINED_ENCODERS[name].modalities[0])


@pytest.mark.parametrize("name", SAVED)
def test_pickles_are_refused(tmp_path: Path, name: str) -> None:
    folder = SAVED[name](tmp_path / name)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"pytorch_model.bin: a pickle, which can run code"):
        TRAINED_ENCODERS[name].load(Weights(folder, ""), TRAINED_ENCODERS[name].modalities[0])


@pytest.mark.parametrize("name", SAVED)
@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b"\x00\xff" * 99, b'{"model_type": "gpt2"}'])
def test_broken_folders_are_refused_without_asking_the_web(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, file: str, content: bytes | None
) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("it asked the web")

    monkeypatch.setattr(socket.socket, "connect", connect)
    folder = SAVED[name](tmp_path / name)
    (folder / file).unlink() if content is None else (folder / file).write_bytes(content)
    with pytest.raises(WeightsError, match=r"cannot be loaded|no whole|expected a (folder with|tokenizer)"):
        TRAINED_ENCODERS[name].load(Weights(folder, ""), TRAINED_ENCODERS[name].modalities[0])


@pytest.mark.parametrize("ending", ["weights.h5", "h5", "keras", "pt"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 99, b"PK\x03\x04"])
def test_broken_files_are_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    file = tmp_path / f"vgg16.{ending}"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=r"cannot be loaded|expected one file that ends in one of"):
        TRAINED_ENCODERS["vgg16"].load(Weights(file, ""), "image")


def test_weights_of_another_model_of_keras_are_refused(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(WeightsError, match=r"cannot be loaded|lacks the weights"):
        TRAINED_ENCODERS["vgg16"].load(Weights(tmp_path / "other.weights.h5", ""), "image")


MEDIA: Payloads = {
    f"b/{number:03d}.png": ("image", png(picture(f"rgb({number}, 9, 200)"))) for number in range(140)
}


@pytest.fixture
def seeing(repository: Repository) -> Repository:
    """A repository with pictures and texts for CLIP."""
    texts = tuple(item(f"b/{number}.txt", "text", text=f"text {number}") for number in range(3))
    collected(repository, {**MEDIA, "b/torn.png": ("image", b"no picture")}, texts)
    tiny_weights.save_clip(repository.root / "models" / "clip")
    repository.set_param("image: picture_layout", "image: {encoder: clip, weights: models/clip}")
    repository.set_param("text: hashed_words", "text: {encoder: clip, weights: models/clip}")
    repository.set_param("workers: -1", "workers: 1")
    return repository


def test_the_stage_writes_both_modalities_into_one_space(seeing: Repository) -> None:
    assert seeing.run("encode") == "encode: 1 built, 0 unchanged; 1 items without a vector"
    folder = seeing.data / "encoded" / "b"
    images, texts = read_vectors(folder / "image.arrow"), read_vectors(folder / "text.arrow")
    assert (images.matrix.shape, texts.matrix.shape) == ((140, 16), (3, 16))
    space = vector_space(folder / "image.arrow")
    assert space is not None
    assert space.startswith("clip ")
    assert vector_space(folder / "text.arrow") == space


def test_any_number_of_workers_gives_the_same_bytes(seeing: Repository) -> None:
    folder = seeing.data / "encoded" / "b"
    made = []
    for old, new in (("workers: 1", "workers: 2"), ("workers: 2", "workers: 1")):
        seeing.set_param(old, new)
        seeing.run("encode")
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
        (folder / "partition.json").unlink()
    assert made[0] == made[1]


def test_other_weights_at_the_same_place_encode_anew(seeing: Repository) -> None:
    seeing.run("encode")
    assert seeing.run("encode").startswith("encode: 0 built, 1 unchanged")
    before = read_vectors(seeing.data / "encoded" / "b" / "image.arrow").matrix.copy()
    tiny_weights.save_clip(seeing.root / "models" / "clip", seed=1)
    assert seeing.run("encode").startswith("encode: 1 built, 0 unchanged")
    after = read_vectors(seeing.data / "encoded" / "b" / "image.arrow").matrix
    assert not np.isclose(before, after).all()


ALIGNED = """
about: {role}s and words for them
license: CC0-1.0
sources:
  - {{kind: files, path: "{role}/", role: {role}, session: all}}
  - {{kind: table, path: words.csv, text: text, id: id, role: word, session: all}}
align: {{method: content, reference: word, by: vectors, pairing: mutual, threshold: -1}}
"""
WORDS = {"one": "a red circle", "two": "blue", "three": "the sound of rain, and a bell"}


@pytest.mark.parametrize(
    ("name", "modality", "plain"),
    [("clip", "image", "picture_layout"), ("clap", "audio", "mel_statistics")],
)
def test_media_are_aligned_with_texts_by_what_they_mean(
    repository: Repository, name: str, modality: str, plain: str
) -> None:
    SAVED[name](repository.root / "models" / name)
    for kind, usual in ((modality, plain), ("text", "hashed_words")):
        repository.set_param(f"{kind}: {usual}", f"{kind}: {{encoder: {name}, weights: models/{name}}}")
    table = "id,text\n" + "".join(f'{key},"{text}"\n' for key, text in WORDS.items())
    ending = "png" if modality == "image" else "wav"
    media = {f"{modality}/{n}.{ending}": payload for n, payload in enumerate(PAYLOADS[modality])}
    repository.add_batch("b", ALIGNED.format(role=modality), {**media, "words.csv": table.encode()})
    repository.run("collect", "label", "encode", "align")
    links = read_table(LINKS, repository.data / "aligned" / "b").to_pylist()
    rejects = read_table(ALIGN_REJECTS, repository.data / "aligned" / "b")["reason"].to_pylist()
    encoded = repository.data / "encoded" / "b"
    things, words = read_vectors(encoded / f"{modality}.arrow"), read_vectors(encoded / "text.arrow")
    likeness = things.matrix @ words.matrix.T
    nearest = {
        things.ids[row]: words.ids[int(likeness[row].argmax())]
        for row in range(len(things.ids))
        if likeness[:, likeness[row].argmax()].argmax() == row
    }
    found = {row["member_id"]: row["sample_id"] for row in links if row["method"] == "content"}
    assert found == nearest
    assert len(nearest) >= 1
    assert len(nearest) + len(rejects) == len(things.ids)
