"""Weights that are not whole, not safe or not of one model are refused before anything is encoded."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tasks.core.encoder import Encoder
from tasks.core.errors import WeightsError
from tasks.core.weights import Weights
from tasks.trained_encoders import TRAINED_ENCODERS
from tests.conftest import PROJECT
from tests.encode import tiny_weights
from tests.encode.tiny_weights import SAVED, Tensors, change_settings, change_tensors, drop_tensors

tiny_weights.skip_without_the_extra()
# Keras on torch, when it saves weights
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

Change = Callable[[Path], object]


def loaded(name: str, folder: Path) -> Encoder:
    return TRAINED_ENCODERS[name].load(Weights(folder, str(folder)), TRAINED_ENCODERS[name].modalities[0])


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("clip", "visual_projection.weight"),
        ("clip", "text_model.encoder.layers.1.mlp.fc1.bias"),
        ("clip", "vision_model.post_layernorm.weight"),
        ("clap", "audio_projection.linear2.weight"),
        ("clap", "audio_model.audio_encoder.batch_norm.running_var"),
        ("sentence_transformers", "layer.1.output.dense.weight"),
        ("sentence_transformers", "layer.1.output.dense.bias"),  # else filled with zeros
        ("sentence_transformers", "layer.0.attention.output.LayerNorm.weight"),  # else with ones
    ],
)
def test_weights_that_lack_a_tensor_are_refused(tmp_path: Path, name: str, ending: str) -> None:
    folder = SAVED[name](tmp_path / name)
    drop_tensors(folder, ending)
    with pytest.raises(WeightsError, match=rf"no whole .*it lacks 1 tensors \(such as '.*{ending}'\)"):
        loaded(name, folder)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("sentence_transformers", "pooler.dense.weight"),  # its words are averaged
        ("clap", "_ids"),  # numbers of positions, which some versions do not save
        ("clap", "relative_position_index"),
        ("clap", "num_batches_tracked"),
    ],
)
def test_what_no_vector_depends_on_may_be_missing(tmp_path: Path, name: str, ending: str) -> None:
    folder = SAVED[name](tmp_path / name)
    modality = TRAINED_ENCODERS[name].modalities[-1]
    texts = [b"a red circle", b"blue"]
    whole = TRAINED_ENCODERS[name].load(Weights(folder, "whole"), modality).encode(texts)
    drop_tensors(folder, ending)
    less = TRAINED_ENCODERS[name].load(Weights(folder, "less"), modality).encode(texts)
    # The tensors lie elsewhere in another file, and so in memory: the last bits may differ.
    assert less == pytest.approx(whole, abs=1e-6)


def test_a_head_that_the_model_was_trained_with_may_be_there(tmp_path: Path) -> None:
    for name in SAVED:
        folder = SAVED[name](tmp_path / name)
        change_tensors(folder, lambda tensors: tensors.update({"classifier.weight": np.zeros(3, np.float32)}))
        loaded(name, folder)


def fewer_words(tensors: Tensors) -> None:
    for name in tensors:
        if name.endswith(("token_embedding.weight", "word_embeddings.weight")):
            tensors[name] = tensors[name][:40].copy()


def changed_tensor(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    return lambda folder: change_tensors(
        folder, lambda tensors: tensors.update({name: np.ascontiguousarray(change(tensors[name]))})
    )


def changed_setting(file: str, place: str, value: object) -> Change:
    return lambda folder: change_settings(folder / file, place, value)


def smaller_vocabulary(place: str) -> Change:
    def change(folder: Path) -> None:
        change_settings(folder / "config.json", place, 40)
        change_tensors(folder, fewer_words)

    return change


def another_folder(name: str) -> Change:
    return lambda folder: SAVED[name](folder)


OTHER: dict[str, tuple[str, Change, str]] = {
    "fewer_layers": (
        "clip",
        changed_setting("config.json", "vision_config.num_hidden_layers", 1),
        "no CLIPModel as its settings describe it: 16 tensors .such as 'vision_model.encoder.layers.1",
    ),
    "fewer_layers_of_texts": (
        "sentence_transformers",
        changed_setting("config.json", "num_hidden_layers", 1),
        "no BertModel as its settings describe it: 16 tensors .such as 'encoder.layer.1",
    ),
    "more_layers": (
        "clip",
        changed_setting("config.json", "text_config.num_hidden_layers", 3),
        "no whole CLIPModel: it lacks 16 tensors",
    ),
    "another_shape": (
        "clip",
        changed_tensor("visual_projection.weight", lambda tensor: tensor[:, :5]),
        r"'visual_projection.weight' has the shape \[16, 5\], by the settings it has \[16, 32\]",
    ),
    "another_size_of_pictures": (
        "clip",
        changed_setting("preprocessor_config.json", "crop_size", {"height": 64, "width": 64}),
        r"cannot encode a sample: Input image size \(64\*64\) doesn't match model \(32\*32\)",
    ),
    "pictures_not_cropped": (
        "clip",
        changed_setting("preprocessor_config.json", "do_center_crop", False),
        "cannot encode a sample: Input image size",
    ),
    "another_end_of_texts": (
        "clip",
        changed_setting("config.json", "text_config.eos_token_id", 7),
        "by config.json the word 7 ends a text, by the tokenizer the word 79",
    ),
    "fewer_words": (
        "clip",
        smaller_vocabulary("text_config.vocab_size"),
        "the tokenizer is another model's: it counts words to 79, the model to 39",
    ),
    "fewer_words_of_texts": (
        "sentence_transformers",
        smaller_vocabulary("vocab_size"),
        "the tokenizer is another model's: it counts words to 82, the model to 39",
    ),
    "more_tokens_than_places": (
        "sentence_transformers",
        changed_setting("sentence_bert_config.json", "max_seq_length", 200),
        "cannot encode a sample: The size of tensor",
    ),
    "no_numbers": (
        "clap",
        changed_tensor("audio_projection.linear1.weight", lambda tensor: tensor * np.nan),
        "cannot encode a sample: the model gave values that are no numbers",
    ),
    "zeros": (
        "clip",
        changed_tensor("visual_projection.weight", lambda tensor: tensor * 0),
        "two samples of image that differ have one vector",
    ),
    "another_kind": (
        "clip",
        changed_setting("config.json", "model_type", "siglip"),
        "config.json: expected the model_type 'clip', got 'siglip'",
    ),
    "clip_for_clap": ("clap", another_folder("clip"), "expected the model_type 'clap', got 'clip'"),
    "a_word_for_a_number": (
        "clip",
        changed_setting("config.json", "vision_config.num_hidden_layers", "two"),
        "cannot be loaded: .*num_hidden_layers",
    ),
    "quantized": (
        "clip",
        changed_setting(
            "config.json", "quantization_config", {"quant_method": "bitsandbytes", "load_in_8bit": True}
        ),
        "cannot be loaded",
    ),
    "code_of_its_own": (
        "sentence_transformers",
        lambda folder: (folder / "modules.json").write_text(
            json.dumps([{"idx": 0, "name": "0", "path": "", "type": "own.Module"}])
        ),
        "cannot be loaded: .*'own.Module'",
    ),
    "pointer": (
        "clap",
        lambda folder: (folder / "model.safetensors").write_text(
            "version https://git-lfs.github.com/spec/v1\n"
        ),
        "model.safetensors: a pointer of Git LFS to the weights",
    ),
}


@pytest.mark.parametrize("case", OTHER)
def test_files_of_another_model_are_refused(tmp_path: Path, case: str) -> None:
    name, change, told = OTHER[case]
    folder = SAVED[name](tmp_path / "weights")
    change(folder)
    with pytest.raises(WeightsError, match=told):
        loaded(name, folder)


@pytest.mark.parametrize("name", SAVED)
def test_pickles_are_refused(tmp_path: Path, name: str) -> None:
    folder = SAVED[name](tmp_path / name)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    (folder / "other.safetensors").touch()
    with pytest.raises(WeightsError, match=r"pytorch_model.bin: a pickle, which can run code"):
        loaded(name, folder)


@pytest.mark.parametrize(
    ("name", "file", "needed"),
    [
        ("clip", "config.json", "'config.json'"),
        ("clip", "model.safetensors", "'model.safetensors' or 'model.safetensors.index.json'"),
        ("clip", "preprocessor_config.json", "'preprocessor_config.json' or 'processor_config.json'"),
        ("clip", "tokenizer.json", "a tokenizer's file, such as 'tokenizer.json'"),
        ("clap", "preprocessor_config.json", "'preprocessor_config.json' or 'processor_config.json'"),
        ("sentence_transformers", "modules.json", "'modules.json'"),
        ("sentence_transformers", "tokenizer.json", "a tokenizer's file, such as 'tokenizer.json'"),
    ],
)
def test_a_missing_file_is_told_with_where_it_belongs(
    tmp_path: Path, name: str, file: str, needed: str
) -> None:
    folder = SAVED[name](tmp_path / name)
    (folder / file).unlink()
    with pytest.raises(WeightsError) as raised:
        loaded(name, folder)
    assert str(raised.value) == (
        f"{folder}: expected a folder with {needed} in it; download it from where the model is published and"
        " put it there (models/README.md says which files)"
    )


def test_a_folder_around_the_folder_is_refused(tmp_path: Path) -> None:
    tiny_weights.save_clip(tmp_path / "models" / "snapshot")
    with pytest.raises(WeightsError, match=r"models: expected a folder with 'config.json' in it"):
        loaded("clip", tmp_path / "models")


@pytest.mark.parametrize("name", SAVED)
@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\x00\xff" * 99, b'{"model_type": "gpt2"}'])
def test_broken_files_of_a_folder_are_refused(tmp_path: Path, name: str, file: str, content: bytes) -> None:
    folder = SAVED[name](tmp_path / name)
    (folder / file).write_bytes(content)
    with pytest.raises(
        WeightsError, match=r"cannot be loaded|expected the model_type|no \w+ as its settings|no whole"
    ):
        loaded(name, folder)


ASKING = """
import os, sys
def told(event, _):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        os.write(2, b"it asked the web")
        os._exit(9)
sys.addaudithook(told)
from pathlib import Path
from tasks.core.errors import WeightsError
from tasks.core.weights import Weights
from tasks.trained_encoders import TRAINED_ENCODERS
for name in ("clip", "clap", "sentence_transformers"):
    for folder in (Path(sys.argv[1], name), Path(sys.argv[1], name + "-broken")):
        try:
            TRAINED_ENCODERS[name].load(Weights(folder, ""), "text").encode([b"a text"])
        except WeightsError:
            print("refused", folder.name)
"""


def test_the_web_is_never_asked(tmp_path: Path) -> None:
    for name in SAVED:
        SAVED[name](tmp_path / name)
        broken = SAVED[name](tmp_path / f"{name}-broken")
        (broken / "model.safetensors").unlink()
    ended = subprocess.run(
        [sys.executable, "-c", ASKING, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout.split("\n")[:-1]) == (
        0,
        [f"refused {name}-broken" for name in SAVED],
    ), ended.stderr


@pytest.mark.parametrize("ending", ["weights.h5", "h5", "keras", "pt"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 99, b"PK\x03\x04"])
def test_broken_files_are_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    file = tmp_path / f"vgg16.{ending}"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=r"cannot be loaded|expected one file that ends in one of"):
        loaded("vgg16", file)


def test_weights_of_another_model_of_keras_are_refused(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(WeightsError, match=r"cannot be loaded|lacks the weights"):
        loaded("vgg16", tmp_path / "other.weights.h5")
