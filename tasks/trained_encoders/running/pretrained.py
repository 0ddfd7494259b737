"""How models of transformers are loaded: from a folder, from safetensors alone, whole or not at all.

reads   a folder as `save_pretrained` writes it: config.json, model.safetensors (or its shards with an index),
        the tokenizer's files and preprocessor_config.json
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from tasks.core.errors import WeightsError
from tasks.core.weights import Weights, refuse_pickles, require_files

_VOCABULARIES = frozenset(
    {"tokenizer.json", "vocab.json", "vocab.txt", "unigram.json", "whitespacetokenizer_config.json"}
)
# Few libraries have an error of their own for that.
_BROKEN_WEIGHTS = (
    *(OSError, ValueError, LookupError, TypeError, RuntimeError, AttributeError, zipfile.BadZipFile),
)


def load_pretrained(form: Any, weights: Weights, device: str) -> Any:
    """The model of that class, ready on the device; WeightsError where the folder does not hold it whole."""
    import torch
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    require_files(weights, "config.json")
    refuse_pickles(weights)
    with told_of(weights):
        model, found = form.from_pretrained(
            weights.path,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    missing = sorted(found["missing_keys"])
    if missing:
        raise WeightsError(
            weights.path, f"no whole {form.__name__}: it lacks {len(missing)} tensors, such as '{missing[0]}'"
        )
    return model.eval().to(device)


def load_tokenizer(form: Any, weights: Weights) -> Any:
    """The model's tokenizer."""
    require_vocabulary(weights)
    return load_part(form, weights)


def require_vocabulary(weights: Weights) -> None:
    """WeightsError where no file has words: transformers would make a tokenizer that knows none."""
    names = {path.name for path in weights.path.rglob("*") if path.is_file()}
    if not names & _VOCABULARIES and not any(name.endswith(".model") for name in names):
        raise WeightsError(
            weights.path, f"expected a tokenizer's file, such as one of {sorted(_VOCABULARIES)}"
        )


def load_part(form: Any, weights: Weights) -> Any:
    """How media are prepared for the model, from the same folder."""
    with told_of(weights):
        return form.from_pretrained(weights.path, local_files_only=True)


@contextmanager
def told_of(weights: Weights) -> Iterator[None]:
    """What the libraries raise for files that they cannot use, as a WeightsError."""
    broken: tuple[type[Exception], ...] = (*_BROKEN_WEIGHTS, *_safetensors_errors())
    try:
        yield
    except broken as error:
        raise WeightsError(weights.path, f"cannot be loaded: {error}") from error


def _safetensors_errors() -> tuple[type[Exception], ...]:
    """Their readers' error, where one is installed: Keras does without."""
    if find_spec("safetensors") is None:
        return ()
    from safetensors import SafetensorError

    return (SafetensorError,)
