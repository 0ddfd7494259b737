"""Texts by what they say: a model of sentence-transformers (Reimers and Gurevych 2019).

reads   UTF-8 text, its first tokens, as many as the model takes
weights a folder as sentence-transformers saves a model: modules.json, model.safetensors, the tokenizer's
        files
writes  as many float32 as the model has, of unit length
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import MissingExtraError, WeightsError
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights, refuse_pickles, require_files
from tasks.trained_encoders.running.device import pick_device, run_in_batches
from tasks.trained_encoders.running.pretrained import require_vocabulary, told_of


@dataclass(frozen=True)
class _Sentences:
    model: Any
    device: str
    width: int


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of texts."""
    sentences = _sentences(weights)
    encode = partial(_encode_texts, weights)
    return Encoder(
        "sentence_transformers", modality, sentences.width, encode, one_process=sentences.device != "cpu"
    )


def _encode_texts(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    sentences = _sentences(weights)

    def run(texts: list[str]) -> Any:
        return sentences.model.encode(
            texts, batch_size=len(texts), convert_to_tensor=True, show_progress_bar=False
        )

    texts = (payload.decode("utf-8") for payload in payloads)
    return run_in_batches(texts, run, sentences.device, sentences.width)


@lru_cache(maxsize=2)
def _sentences(weights: Weights) -> _Sentences:
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise MissingExtraError(
            error.name or "sentence-transformers",
            needed_by="the encoder sentence_transformers",
            extra="sentence-transformers",
        ) from error
    require_files(weights, "modules.json")
    require_vocabulary(weights)
    refuse_pickles(weights)
    device = pick_device()
    models, vectors = [], []
    for seed in (0, 1):  # a tensor that is missing is filled at random: then the two models disagree
        with told_of(weights), torch.random.fork_rng():
            torch.manual_seed(seed)
            models.append(
                SentenceTransformer(
                    str(weights.path),
                    device=device,
                    local_files_only=True,
                    trust_remote_code=False,
                    model_kwargs={"use_safetensors": True, "dtype": torch.float32},
                ).eval()
            )
            vectors.append(models[-1].encode(["The same."], show_progress_bar=False))
    if not np.array_equal(vectors[0], vectors[1]):
        raise WeightsError(weights.path, "no whole model: tensors are missing that its vectors depend on")
    return _Sentences(models[0], device, len(vectors[0][0]))


ENCODER = TrainedEncoder("sentence_transformers", ("text",), load)
