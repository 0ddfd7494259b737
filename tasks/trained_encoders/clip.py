"""Pictures and texts in one space: CLIP (Radford et al. 2021), as transformers runs it.

reads   an encoded image of any format that Pillow knows, upright, over white where it is see-through;
        UTF-8 text, its first 77 tokens (or as many as the model takes)
weights a folder as transformers saves a `CLIPModel`: config.json, model.safetensors, preprocessor_config.json
        and the tokenizer's files. LAION's models of open_clip are published in this form too; open_clip
        itself is not used, since it needs torchvision, which has to be built for the very torch at hand.
writes  as many float32 as the model's projection has, of unit length
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import MissingExtraError
from tasks.core.rgb_pictures import read_upright
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders.running.device import pick_device, run_in_batches
from tasks.trained_encoders.running.pretrained import load_part, load_pretrained, load_tokenizer


@dataclass(frozen=True)
class _Clip:
    model: Any
    tokenizer: Any
    preparation: Any
    device: str
    width: int
    tokens: int


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of pictures or of texts."""
    clip = _clip(weights)
    encode = partial(_encode_pictures if modality == "image" else _encode_texts, weights)
    return Encoder(
        "clip",
        modality,
        clip.width,
        encode,
        space=f"clip {weights.digest}",
        one_process=clip.device != "cpu",
    )


def _encode_pictures(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clip = _clip(weights)

    def prepare(payload: bytes) -> Any:
        prepared = clip.preparation(read_upright(payload), return_tensors="pt")
        return prepared["pixel_values"][0]

    def run(pictures: list[Any]) -> Any:
        import torch

        batch = torch.stack(pictures).to(clip.device)
        return clip.model.get_image_features(pixel_values=batch).pooler_output

    return run_in_batches([partial(prepare, payload) for payload in payloads], run, clip.device, clip.width)


def _encode_texts(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clip = _clip(weights)

    def run(texts: list[str]) -> Any:
        # Padded as in training. The causal mask keeps the text from seeing the padding.
        tokens = clip.tokenizer(
            texts, padding="max_length", truncation=True, max_length=clip.tokens, return_tensors="pt"
        )
        return clip.model.get_text_features(**tokens.to(clip.device)).pooler_output

    return run_in_batches(
        [partial(payload.decode, "utf-8") for payload in payloads], run, clip.device, clip.width
    )


@lru_cache(maxsize=2)
def _clip(weights: Weights) -> _Clip:
    try:
        import torch  # noqa: F401  (transformers' own complaint about its absence comes late)
        from transformers import CLIPModel, CLIPTokenizer
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    except ImportError as error:
        missing = error.name or "transformers"
        raise MissingExtraError(missing, needed_by="the encoder clip", extra="clip") from error
    device = pick_device()
    model = load_pretrained(CLIPModel, weights, device)
    return _Clip(
        model,
        load_tokenizer(CLIPTokenizer, weights),
        load_part(CLIPImageProcessorPil, weights),
        device,
        model.config.projection_dim,
        model.config.text_config.max_position_embeddings,
    )


ENCODER = TrainedEncoder("clip", ("image", "text"), load)
