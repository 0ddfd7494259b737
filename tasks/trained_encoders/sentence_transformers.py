"""Texts by what they say: a model of sentence-transformers (Reimers and Gurevych 2019).

reads   UTF-8 text, its first tokens, as many as the model takes
weights a folder as sentence-transformers saves a model: modules.json, model.safetensors, the tokenizer's
        files
writes  as many float32 as the model has, of unit length
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import WeightsError
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights, refuse_unsafe, require_one
from tasks.trained_encoders.running.device import pick_device, run_in_batches
from tasks.trained_encoders.running.libraries import imported_for
from tasks.trained_encoders.running.pretrained import (
    load_reported,
    naming,
    refuse_unknown_words,
    require_vocabulary,
    told_of,
)
from tasks.trained_encoders.running.trial import tried


@dataclass(frozen=True)
class _Sentences:
    model: Any
    device: str
    width: int


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of texts."""
    sentences = _sentences(weights)
    encode = partial(_encode_texts, weights)
    one_process = sentences.device != "cpu"
    encoder = Encoder("sentence_transformers", modality, sentences.width, encode, one_process=one_process)
    return tried(encoder, weights)


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
    with imported_for("sentence_transformers", "sentence-transformers"):
        import torch
        from sentence_transformers import SentenceTransformer
    require_one(weights, "modules.json")
    require_vocabulary(weights)
    refuse_unsafe(weights)
    device = pick_device()
    with told_of(weights):
        model = SentenceTransformer(
            str(weights.path),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
        ).eval()
        _refuse_gaps(model, weights)
        return _Sentences(model, device, len(model.encode("", show_progress_bar=False)))


def _refuse_gaps(model: Any, weights: Weights) -> None:
    """WeightsError where tensors are missing that the vectors depend on: transformers makes some up.

    Many models lack tensors that nothing here uses: what is missing is made no number, which then comes out.
    """
    import torch

    missing: list[str] = []
    for folder, inner in _pretrained_parts(model, weights):
        _, lacked = load_reported(type(inner), weights, folder)
        tensors = dict([*inner.named_parameters(), *inner.named_buffers()])
        with torch.no_grad():
            for name in lacked:
                tensors[name].fill_(torch.nan)
        missing += lacked
        refuse_unknown_words(model.tokenizer, inner, weights)
    if missing and not np.isfinite(model.encode("The same.", show_progress_bar=False)).all():
        raise WeightsError(weights.path, f"no whole model: it lacks {naming(missing)}")


def _pretrained_parts(model: Any, weights: Weights) -> Iterator[tuple[Path, Any]]:
    """The models of transformers among the modules, and where each lies."""
    from transformers import PreTrainedModel

    modules = json.loads((weights.path / "modules.json").read_text("utf-8"))
    for written, module in zip(modules, model, strict=True):
        inner = getattr(module, "auto_model", None)
        if isinstance(inner, PreTrainedModel):
            yield weights.path / written["path"], inner
        elif any(isinstance(part, PreTrainedModel) for part in module.modules()):
            raise WeightsError(
                weights.path, f"a model within a {type(module).__name__}; save the one for texts by itself"
            )


ENCODER = TrainedEncoder("sentence_transformers", ("text",), load)
