"""Models with a tower for media and one for texts, whose vectors lie in one space: CLIP and CLAP.

reads   a folder as `save_pretrained` writes it: `running/pretrained.py`
writes  as many float32 as the model's projection has, of unit length
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tasks.core.encoder import Encoder
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders.running.device import pick_device, run_in_batches
from tasks.trained_encoders.running.pretrained import (
    load_preparation,
    load_pretrained,
    load_tokenizer,
    refuse_unknown_words,
)
from tasks.trained_encoders.running.trial import tried


@dataclass(frozen=True)
class TwoTowers:
    """A model on its device, with what makes its input: of texts the tokenizer, of media the preparation."""

    model: Any
    tokenizer: Any
    preparation: Any
    device: str

    @property
    def width(self) -> int:
        """The dimensions of the space."""
        return int(self.model.config.projection_dim)


def load_towers(weights: Weights, model: Any, tokenizer: Any, preparation: Any) -> TwoTowers:
    """What the folder holds, by the classes of transformers for it; WeightsError where that is not whole."""
    device = pick_device()
    loaded = load_pretrained(model, weights, device)
    return with_tokenizer(weights, tokenizer, loaded, load_preparation(preparation, weights))


def with_tokenizer(weights: Weights, tokenizer: Any, model: Any, preparation: Any) -> TwoTowers:
    """The model and the preparation with the tokenizer of that class; WeightsError where it is another's."""
    words = load_tokenizer(tokenizer, weights)
    refuse_unknown_words(words, model.text_model, weights)
    return TwoTowers(model, words, preparation, model.device.type)


def tower_encoder(
    name: str,
    modality: str,
    towers: TwoTowers,
    encode: Callable[[Weights, Sequence[bytes]], Matrix],
    weights: Weights,
) -> Encoder:
    """One tower's encoder, tried, of the space that its weights make."""
    encoder = Encoder(
        name,
        modality,
        towers.width,
        partial(encode, weights),
        space=f"{name} {weights.digest}",
        one_process=towers.device != "cpu",
    )
    return tried(encoder, weights)


def encode_texts(towers: TwoTowers, payloads: Sequence[bytes], most_tokens: int) -> Matrix:
    """One row per UTF-8 text, by its first tokens; ValueError for bytes that are none."""

    def run(texts: list[str]) -> Any:
        tokens = towers.tokenizer(
            texts, padding=True, truncation=True, max_length=most_tokens, return_tensors="pt"
        )
        return towers.model.get_text_features(**tokens.to(towers.device)).pooler_output

    texts = (payload.decode("utf-8") for payload in payloads)
    return run_in_batches(texts, run, towers.device, towers.width)
