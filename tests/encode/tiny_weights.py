"""Tiny models with random weights, saved as the libraries save real ones."""

import os
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"  # else Keras asks for TensorFlow as soon as it is imported

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


def drop_tensor(folder: Path, ending: str) -> None:
    """The weights without one tensor."""
    from safetensors.numpy import load_file, save_file

    file = folder / "model.safetensors"
    tensors = load_file(file)
    (gone,) = [name for name in tensors if name.endswith(ending)]
    del tensors[gone]
    save_file(tensors, file, {"format": "pt"})
