"""CLIP in open_clip's own files: the vectors that open_clip gives, or refused."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tasks.core.encoder import Encoder
from tasks.core.errors import WeightsError
from tasks.core.weights import Weights
from tasks.trained_encoders import TRAINED_ENCODERS
from tests.encode import tiny_weights
from tests.encode.test_encoders import half, picture, png
from tests.encode.tiny_weights import change_settings

tiny_weights.skip_without_the_extra()

PICTURES = [
    png(half("navy", "orange")),
    png(picture("green", size=(31, 90))),
    png(Image.linear_gradient("L").resize((200, 150))),
]
TEXTS = [b"a red circle", b"blue", b"far more words than the twenty that fit in it"]
# What open_clip 3.3.0 gave for these weights, by `create_model_and_transforms("local-dir:...")`
SEEN = [
    [-0.131462, 0.716317, -0.102993, 0.004219, 0.506238, -0.075258, 0.249149, 0.367377],
    [-0.134746, 0.693342, -0.102464, 0.028789, 0.516716, -0.13595, 0.243218, 0.380998],
    [-0.136453, 0.707846, -0.100089, -0.016245, 0.530826, -0.04753, 0.239151, 0.358921],
]
READ = [
    [0.523354, 0.032565, -0.545736, -0.1837, 0.42538, -0.233178, 0.261685, -0.299445],
    [0.44799, 0.052996, -0.668621, -0.01569, 0.511607, -0.235138, 0.118577, -0.134553],
    [0.488703, 0.161219, -0.530523, -0.221038, 0.512698, -0.180435, 0.303837, -0.130891],
]


def loaded(folder: Path, modality: str) -> Encoder:
    return TRAINED_ENCODERS["clip"].load(Weights(folder, str(folder)), modality)


def test_the_vectors_are_those_that_open_clip_gives(tmp_path: Path) -> None:
    folder = tiny_weights.save_open_clip(tmp_path / "models" / "clip")
    images, texts = loaded(folder, "image"), loaded(folder, "text")
    assert images.encode(PICTURES) == pytest.approx(np.array(SEEN), abs=1e-5)
    assert texts.encode(TEXTS) == pytest.approx(np.array(READ), abs=1e-5)
    assert images.space == texts.space == f"clip {folder}"


def test_a_tower_of_texts_of_its_own_is_the_same(tmp_path: Path) -> None:
    folder = tiny_weights.save_open_clip(tmp_path / "clip")
    change_settings(folder / "open_clip_config.json", "model_cfg.custom_text", True)
    tiny_weights.change_tensors(folder, in_a_tower_of_its_own, "open_clip_model.safetensors")
    assert loaded(folder, "text").encode(TEXTS) == pytest.approx(np.array(READ), abs=1e-5)


def in_a_tower_of_its_own(tensors: tiny_weights.Tensors) -> None:
    for name in [*tensors]:
        if not name.startswith("visual.") and name != "logit_scale":
            tensors[f"text.{name}"] = tensors.pop(name)


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (
            "model_cfg.vision_cfg.timm_model_name",
            "vit_tiny",
            r"another kind of CLIP .*'timm_model_name: vit_tiny'",
        ),
        (
            "model_cfg.text_cfg.hf_tokenizer_name",
            "roberta",
            r"another kind of CLIP .*'hf_tokenizer_name: roberta'",
        ),
        ("model_cfg.vision_cfg.pool_type", "avg", "another kind of CLIP .*'pool_type: avg'"),
        ("model_cfg.multimodal_cfg", {"layers": 2}, "another kind of CLIP .*multimodal_cfg"),
        ("preprocess_cfg.resize_mode", "longest", "another kind of CLIP .*'resize_mode: longest'"),
        ("preprocess_cfg.interpolation", "random", "cannot be loaded: 'random'"),
        ("model_cfg.vision_cfg.layers", [3, 4, 6, 3], "cannot be loaded: .*expected int, got list"),
        ("model_cfg.vision_cfg.layers", 1, r"16? ?\d* tensors .* have no place in it"),
        ("model_cfg.vision_cfg.layers", 3, "no whole CLIP: it lacks 16 tensors"),
        ("model_cfg.text_cfg.vocab_size", 70, r"the shape \[80, 16\], by the settings it has \[70, 16\]"),
        ("model_cfg", None, "cannot be loaded"),
    ],
)
def test_another_kind_of_model_is_refused(tmp_path: Path, place: str, value: Any, told: str) -> None:
    folder = tiny_weights.save_open_clip(tmp_path / "clip")
    change_settings(folder / "open_clip_config.json", place, copy.deepcopy(value))
    with pytest.raises(WeightsError, match=told):
        loaded(folder, "image")


@pytest.mark.parametrize("written", [None, False, 0, "tok"])
def test_a_setting_that_changes_nothing_may_be_written(tmp_path: Path, written: object) -> None:
    folder = tiny_weights.save_open_clip(tmp_path / "clip")
    change_settings(folder / "open_clip_config.json", "model_cfg.vision_cfg.pool_type", written)
    loaded(folder, "image")


def test_settings_that_are_missing_are_told(tmp_path: Path) -> None:
    folder = tiny_weights.save_open_clip(tmp_path / "clip")
    (folder / "open_clip_config.json").unlink()
    with pytest.raises(WeightsError, match=r"expected a folder with 'open_clip_config.json' in it"):
        loaded(folder, "image")


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    folder = tiny_weights.save_open_clip(tmp_path / "clip")
    (folder / "open_clip_model.safetensors").rename(folder / "open_clip_pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"open_clip_pytorch_model.bin: a pickle, which can run code"):
        loaded(folder, "image")


def test_the_files_of_transformers_are_read_where_both_are_there(tmp_path: Path) -> None:
    folder = tiny_weights.save_open_clip(tmp_path / "clip")
    tiny_weights.save_clip(folder)
    assert loaded(folder, "image").dimensions == 16  # and not 8
