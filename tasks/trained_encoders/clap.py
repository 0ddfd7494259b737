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
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.sound import open_sound
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders.running.device import run_in_batches, unit_rows
from tasks.trained_encoders.running.libraries import imported_for
from tasks.trained_encoders.running.two_towers import TwoTowers, encode_texts, load_towers, tower_encoder

Samples = npt.NDArray[np.float32]
_AROUND_THE_TEXT = 2  # position numbers of RoBERTa start behind its padding's


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of sounds or of texts."""
    encode = _encode_sounds if modality == "audio" else _encode_texts
    return tower_encoder("clap", modality, _clap(weights), encode, weights)


def _encode_sounds(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    clap = _clap(weights)
    pieces: list[tuple[int, int]] = []  # of which sound, and how many samples

    def prepare() -> Iterator[Any]:
        for row, payload in enumerate(payloads):
            for piece in _pieces(payload, clap.preparation):
                pieces.append((row, len(piece)))
                yield _spectrogram(piece, clap.preparation)
            if not pieces or pieces[-1][0] != row:
                raise ValueError("expected at least one sample, got none")

    def run(spectrograms: list[Any]) -> Any:
        import torch

        batch = torch.stack(spectrograms).to(clap.device)
        # A piece is never longer than what the model hears; transformers would claim so of a random one.
        longer = torch.zeros((len(spectrograms), 1), dtype=torch.bool)
        return clap.model.get_audio_features(input_features=batch, is_longer=longer).pooler_output

    vectors = run_in_batches(prepare(), run, clap.device, clap.width)
    sums = np.zeros((len(payloads), clap.width))
    for (row, samples), vector in zip(pieces, vectors, strict=True):
        sums[row] += samples * vector
    return unit_rows(sums.astype(np.float32))


def _spectrogram(piece: Samples, preparation: Any) -> Any:
    prepared = preparation(piece, sampling_rate=preparation.sampling_rate, return_tensors="pt")
    return prepared["input_features"][0].float()


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
    positions = clap.model.config.text_config.max_position_embeddings
    return encode_texts(clap, payloads, positions - _AROUND_THE_TEXT)


@lru_cache(maxsize=2)
def _clap(weights: Weights) -> TwoTowers:
    with imported_for("clap", "clap"):
        import torch  # noqa: F401  (transformers' own complaint about its absence comes late)
        from transformers import ClapFeatureExtractor, ClapModel, RobertaTokenizer
    return load_towers(weights, ClapModel, RobertaTokenizer, ClapFeatureExtractor)


ENCODER = TrainedEncoder("clap", ("audio", "text"), load)
