"""Pictures and texts in one space: CLIP (Radford et al. 2021), as transformers runs it.

reads   an encoded image of any format that Pillow knows, upright, over white where it is see-through;
        UTF-8 text, its first 77 tokens (or as many as the model takes)
weights a folder as transformers saves a `CLIPModel`: config.json, model.safetensors, preprocessor_config.json
        and the tokenizer's files. LAION's models of open_clip are published in this form too; open_clip
        itself is not used, since it needs torchvision, which has to be built for the very torch at hand.
writes  as many float32 as the model's projection has, of unit length
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import MissingExtraError
from tasks.core.rgb_pictures import read_upright
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders.running.device import run_in_batches
from tasks.trained_encoders.running.two_towers import TwoTowers, encode_texts, load_towers, tower_encoder


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of pictures or of texts."""
    encode = _encode_pictures if modality == "image" else _encode_texts
    return tower_encoder("clip", modality, _clip(weights), encode, weights)


def _encode_pictures(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clip = _clip(weights)

    def prepare(payload: bytes) -> Any:
        prepared = clip.preparation(read_upright(payload), return_tensors="pt")
        return prepared["pixel_values"][0]

    def run(pictures: list[Any]) -> Any:
        import torch

        batch = torch.stack(pictures).to(clip.device)
        return clip.model.get_image_features(pixel_values=batch).pooler_output

    return run_in_batches(map(prepare, payloads), run, clip.device, clip.width)


def _encode_texts(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clip = _clip(weights)
    return encode_texts(clip, payloads, clip.model.config.text_config.max_position_embeddings)


@lru_cache(maxsize=2)
def _clip(weights: Weights) -> TwoTowers:
    try:
        import torch  # noqa: F401  (transformers' own complaint about its absence comes late)
        from transformers import CLIPModel, CLIPTokenizer
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    except ImportError as error:
        missing = error.name or "transformers"
        raise MissingExtraError(missing, needed_by="the encoder clip", extra="clip") from error
    return load_towers(weights, CLIPModel, CLIPTokenizer, CLIPImageProcessorPil)


ENCODER = TrainedEncoder("clip", ("image", "text"), load)
