"""Sounds and texts in one space: CLAP (Wu et al. 2023, LAION's), as transformers runs it.

reads   an encoded sound of any format that `tasks/core/sound.py` knows; its channels are averaged, at the
        model's rate. Longer than the model hears (10 s): cut into pieces of that length from the start, their
        vectors averaged by their durations (transformers would take random pieces, other ones every time).
        UTF-8 text, its first 512 tokens (or as many as the model takes)
weights a folder as transformers saves a `ClapModel`: config.json, model.safetensors, preprocessor_config.json
        and the tokenizer's files
writes  as many float32 as the model's projection has, of unit length
        ValueError for bytes that are no sound, or have no sample or a value that is none
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import MissingExtraError
from tasks.core.sound import open_sound
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders.running.device import pick_device, run_in_batches, unit_rows
from tasks.trained_encoders.running.pretrained import load_part, load_pretrained, load_tokenizer

Samples = npt.NDArray[np.float32]
_AROUND_THE_TEXT = 2  # position numbers of RoBERTa start behind its padding's


@dataclass(frozen=True)
class _Clap:
    model: Any
    tokenizer: Any
    preparation: Any
    device: str
    width: int
    tokens: int


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of sounds or of texts."""
    clap = _clap(weights)
    encode = partial(_encode_sounds if modality == "audio" else _encode_texts, weights)
    return Encoder(
        "clap",
        modality,
        clap.width,
        encode,
        space=f"clap {weights.digest}",
        one_process=clap.device != "cpu",
    )


def _encode_sounds(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clap = _clap(weights)
    matrix = np.empty((len(payloads), clap.width), np.float32)
    for row, payload in enumerate(payloads):
        total = np.zeros(clap.width)
        for piece in _pieces(payload, clap.preparation):
            total += len(piece) * _encode_piece(clap, piece)
        if not total.any():
            raise ValueError("expected at least one sample, got none")
        matrix[row] = unit_rows(total[None].astype(np.float32))[0]
    return matrix


def _encode_piece(clap: _Clap, piece: Samples) -> Matrix:
    def prepare() -> Any:
        prepared = clap.preparation(piece, sampling_rate=clap.preparation.sampling_rate, return_tensors="pt")
        return prepared["input_features"][0].float()

    def run(spectrograms: list[Any]) -> Any:
        import torch

        batch = torch.stack(spectrograms).to(clap.device)
        # A piece is never longer than what the model hears; transformers would claim so of a random one.
        longer = torch.zeros((len(spectrograms), 1), dtype=torch.bool)
        return clap.model.get_audio_features(input_features=batch, is_longer=longer).pooler_output

    row: Matrix = run_in_batches([prepare], run, clap.device, clap.width)[0]
    return row


def _pieces(payload: bytes, preparation: Any) -> Iterator[Samples]:
    """The sound at the model's rate, one channel, piece by piece: memory holds one of them."""
    import librosa

    try:
        sound = open_sound(io.BytesIO(payload))
    except ValueError as error:
        raise ValueError(f"expected a sound, got {error}") from error
    with sound:
        frames = max(1, preparation.max_length_s * sound.samplerate)
        while len(samples := sound.read(frames, dtype="float32", always_2d=True)):
            if not np.isfinite(samples).all():
                raise ValueError("expected finite samples, got some that are not numbers")
            mono = samples.mean(axis=1)
            if sound.samplerate != preparation.sampling_rate:
                mono = librosa.resample(mono, orig_sr=sound.samplerate, target_sr=preparation.sampling_rate)
            yield mono[: preparation.nb_max_samples]


def _encode_texts(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clap = _clap(weights)

    def run(texts: list[str]) -> Any:
        tokens = clap.tokenizer(
            texts, padding=True, truncation=True, max_length=clap.tokens, return_tensors="pt"
        )
        return clap.model.get_text_features(**tokens.to(clap.device)).pooler_output

    return run_in_batches(
        [partial(payload.decode, "utf-8") for payload in payloads], run, clap.device, clap.width
    )


@lru_cache(maxsize=2)
def _clap(weights: Weights) -> _Clap:
    try:
        import torch  # noqa: F401  (transformers' own complaint about its absence comes late)
        from transformers import ClapFeatureExtractor, ClapModel, RobertaTokenizer
    except ImportError as error:
        missing = error.name or "transformers"
        raise MissingExtraError(missing, needed_by="the encoder clap", extra="clap") from error
    device = pick_device()
    model = load_pretrained(ClapModel, weights, device)
    return _Clap(
        model,
        load_tokenizer(RobertaTokenizer, weights),
        load_part(ClapFeatureExtractor, weights),
        device,
        model.config.projection_dim,
        model.config.text_config.max_position_embeddings - _AROUND_THE_TEXT,
    )


ENCODER = TrainedEncoder("clap", ("audio", "text"), load)
