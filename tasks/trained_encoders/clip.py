"""Pictures and texts in one space: CLIP (Radford et al. 2021), as transformers runs it.

reads   an encoded image of any format that Pillow knows, upright, over white where it is see-through;
        UTF-8 text, its first 77 tokens (or as many as the model takes)
weights a folder as transformers saves a `CLIPModel`: config.json, model.safetensors, preprocessor_config.json
        and the tokenizer's files; or as open_clip saves one: `running/open_clip_form.py`
writes  as many float32 as the model's projection has, of unit length
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import WeightsError
from tasks.core.rgb_pictures import read_upright
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders.running.device import pick_device, run_in_batches
from tasks.trained_encoders.running.libraries import imported_for
from tasks.trained_encoders.running.open_clip_form import is_open_clip, load_open_clip
from tasks.trained_encoders.running.two_towers import (
    TwoTowers,
    encode_texts,
    load_towers,
    tower_encoder,
    with_tokenizer,
)

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_SIDES = 64
_LAST_WORD = 2  # transformers' sign for the word of the highest number, in the config.json of older models


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of pictures or of texts."""
    encode = _encode_pictures if modality == "image" else _encode_texts
    return tower_encoder("clip", modality, _clip(weights), encode, weights)


def _encode_pictures(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clip = _clip(weights)

    def prepare(payload: bytes) -> Any:
        picture = _without_ends(read_upright(payload), clip.preparation)
        return clip.preparation(picture, return_tensors="pt")["pixel_values"][0]

    def run(pictures: list[Any]) -> Any:
        import torch

        batch = torch.stack(pictures).to(clip.device)
        return clip.model.get_image_features(pixel_values=batch).pooler_output

    return run_in_batches(map(prepare, payloads), run, clip.device, clip.width)


def _without_ends(picture: "Image", preparation: Any) -> "Image":
    """The picture, where it is very long or high only its middle, of which the model sees a square.

    It is resized by its shorter side before it is cropped: one of 1 x 65,000 pixels would take 10 GB.
    """
    if not preparation.size.get("shortest_edge"):
        return picture
    most = _MOST_SIDES * min(picture.size)
    left, top = (max(0, side - most) // 2 for side in picture.size)
    return picture.crop((left, top, picture.width - left, picture.height - top)) if left or top else picture


def _encode_texts(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clip = _clip(weights)
    return encode_texts(clip, payloads, clip.model.config.text_config.max_position_embeddings)


@lru_cache(maxsize=2)
def _clip(weights: Weights) -> TwoTowers:
    with imported_for("clip", "clip"):
        import torch  # noqa: F401  (transformers' own complaint about its absence comes late)
        from transformers import CLIPModel, CLIPTokenizer
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    if is_open_clip(weights):
        clip = with_tokenizer(weights, CLIPTokenizer, *load_open_clip(weights, pick_device()))
    else:
        clip = load_towers(weights, CLIPModel, CLIPTokenizer, CLIPImageProcessorPil)
    _refuse_another_end(clip, weights)
    return clip


def _refuse_another_end(clip: TwoTowers, weights: Weights) -> None:
    """WeightsError where the model looks for another end of a text than the tokenizer writes."""
    sought, written = clip.model.config.text_config.eos_token_id, clip.tokenizer.eos_token_id
    if sought not in (_LAST_WORD, written):
        raise WeightsError(
            weights.path, f"by config.json the word {sought} ends a text, by the tokenizer the word {written}"
        )


ENCODER = TrainedEncoder("clip", ("image", "text"), load)
