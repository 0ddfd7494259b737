"""params.yaml: one block per stage, one frozen dataclass per block, no defaults in code."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from tasks.core.config import read_config

Params = TypeVar("Params")

PARAMS_FILE = "params.yaml"


def load_params(root: Path, stage: str, form: type[Params]) -> Params:
    """The stage's block of params.yaml; ConfigError when a key is missing, unknown or of another type."""
    return read_config(root / PARAMS_FILE, form, block=stage)


def plain_params(params: Any) -> dict[str, Any]:
    """The parameters as plain values, for fingerprints and reports."""
    return asdict(params)
