"""Tiny models with random weights, saved as the libraries save real ones."""

import json
import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tasks.core.rgb_pictures import read_upright
from tasks.core.sound import read_sound

os.environ["KERAS_BACKEND"] = "torch"  # else Keras asks for TensorFlow as soon as it is imported

Tensors = dict[str, npt.NDArray[np.generic]]
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,?"
_SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}


def save_clip(folder: Path, seed: int = 0) -> Path:
    """CLIP for pictures of 32 x 32 pixels and texts of up to 20 letters; 16 dimensions."""
    import torch
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    words = [*_LETTERS, *(f"{letter}</w>" for letter in _LETTERS), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {word: number for number, word in enumerate(words)}
    ends = {"bos_token_id": len(words) - 2, "eos_token_id": len(words) - 1, "pad_token_id": len(words) - 1}
    config = CLIPConfig(
        text_config={**_SMALL, "vocab_size": len(words), "max_position_embeddings": 20, **ends},
        vision_config={**_SMALL, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )
    torch.manual_seed(seed)
    CLIPModel(config).save_pretrained(folder)
    CLIPTokenizer(vocab=vocabulary, merges=[]).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(
        folder
    )
    return folder


def save_clap(folder: Path) -> Path:
    """CLAP that hears 1 s at 16 kHz; 16 dimensions."""
    import torch
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, RobertaTokenizer

    words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *_LETTERS, "Ġ"]
    config = ClapConfig(
        text_config={**_SMALL, "vocab_size": len(words), "max_position_embeddings": 34},
        audio_config={
            "hidden_size": 32,
            "patch_embeds_hidden_size": 16,
            "depths": [1, 1],
            "num_attention_heads": [2, 2],
            "num_hidden_layers": 2,
            "spec_size": 64,
            "num_mel_bins": 16,
            "window_size": 4,
            "enable_fusion": True,
        },
        projection_dim=16,
    )
    torch.manual_seed(0)
    ClapModel(config).save_pretrained(folder)
    vocabulary = {word: number for number, word in enumerate(words)}
    RobertaTokenizer(vocab=vocabulary, merges=[]).save_pretrained(folder)
    ClapFeatureExtractor(
        feature_size=16, sampling_rate=16_000, hop_length=160, max_length_s=1, frequency_max=7000
    ).save_pretrained(folder)
    return folder


def save_sentences(folder: Path, source: Path) -> Path:
    """A BERT whose words are letters, their vectors averaged; 32 dimensions. `source` is left over."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *(f"##{letter}" for letter in _LETTERS)]
    torch.manual_seed(0)
    config = BertConfig(**_SMALL, vocab_size=len(words), max_position_embeddings=64)
    BertModel(config).save_pretrained(source)
    BertTokenizer(vocab={word: number for number, word in enumerate(words)}).save_pretrained(source)
    words_to_vectors = Transformer(str(source), max_seq_length=64)
    pooled = Pooling(words_to_vectors.get_embedding_dimension())
    SentenceTransformer(modules=[words_to_vectors, pooled], device="cpu").save(str(folder))
    return folder


def save_vgg16(file: Path, **form: Any) -> Path:
    """The weights of Keras's VGG16, with the classifier for pictures of 32 x 32 pixels or without; random."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.applications.VGG16(weights=None, **{"input_shape": (32, 32, 3), **form})
    if file.suffix == ".keras":
        model.save(file)
    else:
        model.save_weights(file)
    return file


def open_clip_tensors() -> Tensors:
    """The tensors of an open_clip `CLIP` of `OPEN_CLIP`'s settings, filled by a formula."""
    width, block = 16, "transformer.resblocks"
    shapes: dict[str, tuple[int, ...]] = {
        "positional_embedding": (20, width),
        "text_projection": (width, 8),
        "logit_scale": (),
        "token_embedding.weight": (80, width),
        "visual.class_embedding": (width,),
        "visual.positional_embedding": (17, width),
        "visual.proj": (width, 8),
        "visual.conv1.weight": (width, 3, 8, 8),
    }
    norms = ["ln_final", "visual.ln_pre", "visual.ln_post"]
    for part in [f"{tower}{block}.{layer}" for tower in ("", "visual.") for layer in (0, 1)]:
        norms += [f"{part}.ln_1", f"{part}.ln_2"]
        shapes |= {
            f"{part}.attn.in_proj_weight": (3 * width, width),
            f"{part}.attn.in_proj_bias": (3 * width,),
        }
        shapes |= {f"{part}.attn.out_proj.weight": (width, width), f"{part}.attn.out_proj.bias": (width,)}
        shapes |= {f"{part}.mlp.c_fc.weight": (64, width), f"{part}.mlp.c_fc.bias": (64,)}
        shapes |= {f"{part}.mlp.c_proj.weight": (width, 64), f"{part}.mlp.c_proj.bias": (width,)}
    shapes |= {f"{norm}.{kind}": (width,) for norm in norms for kind in ("weight", "bias")}
    return {
        name: (np.sin(np.arange(np.prod(shape)) ** 2 * 0.37 + number) * 0.5).astype(np.float32).reshape(shape)
        for number, (name, shape) in enumerate(sorted(shapes.items()))
    }


OPEN_CLIP = {
    "model_cfg": {
        "embed_dim": 8,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": 16, "head_width": 8, "patch_size": 8},
        "text_cfg": {"context_length": 20, "vocab_size": 80, "width": 16, "heads": 2, "layers": 2},
    },
    "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.25, 0.3], "resize_mode": "shortest"},
}


def save_open_clip(folder: Path) -> Path:
    """The same as a folder of open_clip, with the tokenizer of `save_clip`; 8 dimensions."""
    from safetensors.numpy import save_file

    save_clip(folder)
    for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
        (folder / name).unlink()
    (folder / "open_clip_config.json").write_text(json.dumps(OPEN_CLIP), encoding="utf-8")
    save_file(open_clip_tensors(), folder / "open_clip_model.safetensors")
    return folder


SAVED: dict[str, Callable[[Path], Path]] = {
    "clip": save_clip,
    "clap": save_clap,
    "sentence_transformers": lambda folder: save_sentences(folder, folder.with_name("source")),
}


def change_tensors(
    folder: Path, change: Callable[[Tensors], object], name: str = "model.safetensors"
) -> None:
    """The weights after `change`, which is given them by name."""
    from safetensors.numpy import load_file, save_file

    file = folder / name
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file, {"format": "pt"})


def drop_tensors(folder: Path, ending: str) -> None:
    """The weights without the tensors whose names end so."""
    change_tensors(
        folder, lambda tensors: [tensors.pop(name) for name in [*tensors] if name.endswith(ending)]
    )


def change_settings(file: Path, place: str, value: object) -> None:
    """A JSON file with another value at the place, such as `text_config.vocab_size`."""
    settings = json.loads(file.read_text("utf-8"))
    *outer, last = place.split(".")
    inner = settings
    for name in outer:
        inner = inner[name]
    inner[last] = value
    file.write_text(json.dumps(settings), encoding="utf-8")


def teach(folder: Path, name: str, media: Sequence[bytes], texts: Sequence[str]) -> None:
    """The weights after steps that bring every text to the medium of its number, away from the rest."""
    import torch

    model, see, read = (_seen if name == "clip" else _heard)(folder, media, texts)
    steps = torch.optim.Adam(model.parameters(), 3e-3)
    targets = torch.arange(len(texts))
    for _ in range(40):
        likeness = _unit(see(model)) @ _unit(model.get_text_features(**read).pooler_output).T
        loss = torch.nn.functional.cross_entropy
        steps.zero_grad()
        (loss(8 * likeness[: len(texts)], targets) + loss(8 * likeness.T, targets)).backward()
        steps.step()
    model.save_pretrained(folder)


def _unit(rows: Any) -> Any:
    return rows / rows.norm(dim=1, keepdim=True)


def _seen(folder: Path, media: Sequence[bytes], texts: Sequence[str]) -> tuple[Any, Any, Any]:
    from transformers import CLIPModel, CLIPTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    pictures = [read_upright(payload) for payload in media]
    prepared = CLIPImageProcessorPil.from_pretrained(folder)(pictures, return_tensors="pt")
    return (
        CLIPModel.from_pretrained(folder).eval(),
        lambda model: model.get_image_features(**prepared).pooler_output,
        CLIPTokenizer.from_pretrained(folder)([*texts], padding=True, return_tensors="pt"),
    )


def _heard(folder: Path, media: Sequence[bytes], texts: Sequence[str]) -> tuple[Any, Any, Any]:
    import torch
    from transformers import ClapFeatureExtractor, ClapModel, RobertaTokenizer

    sounds = [read_sound(payload).samples[:, 0] for payload in media]
    prepare = ClapFeatureExtractor.from_pretrained(folder)
    prepared = prepare(sounds, sampling_rate=16_000, return_tensors="pt")["input_features"].float()
    longer = torch.zeros((len(sounds), 1), dtype=torch.bool)
    return (
        ClapModel.from_pretrained(folder).eval(),
        lambda model: model.get_audio_features(prepared, is_longer=longer).pooler_output,
        RobertaTokenizer.from_pretrained(folder)([*texts], padding=True, return_tensors="pt"),
    )


def skip_without_the_extra() -> None:
    """The module that calls this is skipped where the extra is not installed."""
    packages = ("torch", "transformers", "sentence_transformers", "keras", "h5py")
    if not all(map(find_spec, packages)):
        reason = "the extra `encoders` is not installed: `make encoders` runs these"
        pytest.skip(reason, allow_module_level=True)
