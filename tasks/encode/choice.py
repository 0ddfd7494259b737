"""Which encoder each modality has: named alone, or with the weights that it is to have.

reads   params.yaml's block encode; models/ where weights are named
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from tasks.core.config import PathText
from tasks.core.digests import Digests
from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import ConfigError
from tasks.core.params import PARAMS_FILE
from tasks.core.weights import Weights, find_weights
from tasks.encoders import ENCODERS
from tasks.trained_encoders import TRAINED_ENCODERS


@dataclass(frozen=True)
class TrainedChoice:
    """A trained encoder and its weights: a folder or file below models/."""

    encoder: str
    weights: PathText


@dataclass(frozen=True)
class EncodeParams:
    """The encoder of each modality: its name, and its weights where it is a trained one."""

    image: str | TrainedChoice
    text: str | TrainedChoice
    audio: str | TrainedChoice
    signal: str | TrainedChoice


def named_weights(root: Path, params: EncodeParams) -> list[Path]:
    """Where the weights are that the parameters name; WeightsError where they are not there."""
    choices = {choice.weights for _, choice in _choices(params) if isinstance(choice, TrainedChoice)}
    return [find_weights(root, written) for written in sorted(choices)]


def chosen_encoders(root: Path, params: EncodeParams, digests: Digests) -> Mapping[str, Encoder]:
    """The encoder per modality; ConfigError when one is made for another modality, or needs weights."""
    chosen = {}
    for modality, choice in _choices(params):
        if isinstance(choice, TrainedChoice):
            chosen[modality] = _trained(root, modality, choice, digests)
        else:
            chosen[modality] = _plain(root, modality, choice)
    return chosen


def refuse_wrong_choices(root: Path, params: EncodeParams) -> None:
    """Raise for the first encoder or weights that there are not, or that do not fit: nothing is loaded."""
    for modality, choice in _choices(params):
        if isinstance(choice, TrainedChoice):
            _fitting(root, modality, choice)
        else:
            _plain(root, modality, choice)
    named_weights(root, params)


def _choices(params: EncodeParams) -> Iterator[tuple[str, str | TrainedChoice]]:
    for field in fields(params):
        yield field.name, getattr(params, field.name)


def _plain(root: Path, modality: str, name: str) -> Encoder:
    if name in TRAINED_ENCODERS:
        raise _fault(root, modality, f"'{name}' needs weights: {{encoder: {name}, weights: models/...}}")
    encoder = ENCODERS[name]
    if encoder.modality != modality:
        fitting = sorted(name for name, entry in ENCODERS.items() if entry.modality == modality)
        raise _fault(root, modality, f"'{name}' encodes {encoder.modality}; choose one of {fitting}")
    return encoder


def _trained(root: Path, modality: str, choice: TrainedChoice, digests: Digests) -> Encoder:
    encoder = _fitting(root, modality, choice)
    path = find_weights(root, choice.weights)
    return encoder.load(Weights(path, digests.of_tree(path)), modality)


def _fitting(root: Path, modality: str, choice: TrainedChoice) -> TrainedEncoder:
    if choice.encoder in ENCODERS:
        raise _fault(root, modality, f"'{choice.encoder}' has no weights: write its name alone")
    encoder = TRAINED_ENCODERS[choice.encoder]
    if modality not in encoder.modalities:
        fitting = sorted(name for name, entry in TRAINED_ENCODERS.items() if modality in entry.modalities)
        encoded = " and ".join(encoder.modalities)
        raise _fault(root, modality, f"'{choice.encoder}' encodes {encoded}; choose one of {fitting}")
    return encoder


def _fault(root: Path, modality: str, message: str) -> ConfigError:
    return ConfigError(root / PARAMS_FILE, None, f"encode.{modality}: {message}")
