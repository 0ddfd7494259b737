"""How models of transformers are loaded: from a folder, from safetensors alone, whole or not at all.

reads   a folder as `save_pretrained` writes it: config.json, model.safetensors (or its shards with an index),
        the tokenizer's files and preprocessor_config.json
        WeightsError where the model lacks a tensor, has one too many or of another shape, is another kind of
        model than asked for, or where a file is not there: transformers fills up and passes over in silence
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tasks.core.errors import WeightsError
from tasks.core.weights import Weights, missing_file, refuse_unsafe, require_one

_VOCABULARIES = frozenset(
    {"tokenizer.json", "vocab.json", "vocab.txt", "unigram.json", "whitespacetokenizer_config.json"}
)
# Few libraries have an error of their own for files that they cannot use.
_BROKEN_WEIGHTS = (
    *(OSError, ValueError, LookupError, TypeError, RuntimeError, AttributeError, AssertionError),
    *(ImportError, zipfile.BadZipFile),
)


def load_pretrained(form: Any, weights: Weights, device: str) -> Any:
    """The model of that class, ready on the device."""
    refuse_unsafe(weights)
    require_one(weights, "config.json")
    require_one(weights, "model.safetensors", "model.safetensors.index.json")
    _refuse_another_kind(form, weights)
    model, missing = load_reported(form, weights, weights.path)
    if missing:
        raise WeightsError(weights.path, f"no whole {form.__name__}: it lacks {naming(missing)}")
    return model.eval().to(device)


def load_reported(
    form: Any, weights: Weights, folder: Path, given: Mapping[str, Any] | None = None
) -> tuple[Any, list[str]]:
    """The model of that class, and the names of what it should have learned and the files do not have.

    `given` are its `config` and `state_dict` where the folder has them in another form.
    """
    import torch
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()  # what it reports is raised here
    with told_of(weights):
        model, found = form.from_pretrained(
            None if given else folder,
            **(given or {}),
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    for name, kept, needed in sorted(found["mismatched_keys"]):
        shapes = f"'{name}' has the shape {[*kept]}, by the settings it has {[*needed]}"
        raise WeightsError(folder, f"no {form.__name__} as its settings describe it: {shapes}")
    _refuse_foreign(model, found["unexpected_keys"], folder)
    # Whole numbers (positions, counts) are not learned, and some versions of transformers do not save them.
    counted = {name for name, buffer in model.named_buffers() if not buffer.is_floating_point()}
    return model, sorted(set(found["missing_keys"]) - counted)


def naming(tensors: Sequence[str]) -> str:
    """How many there are, and the name of one."""
    return f"{len(tensors)} tensors (such as '{tensors[0]}')"


def _refuse_another_kind(form: Any, weights: Weights) -> None:
    file, kind = weights.path / "config.json", form.config_class.model_type
    with told_of(weights):
        written = json.loads(file.read_text("utf-8"))["model_type"]
    if written != kind:
        raise WeightsError(file, f"expected the model_type '{kind}', got '{written}'")


def _refuse_foreign(model: Any, unexpected: Iterable[str], folder: Path) -> None:
    """WeightsError for tensors of a part that the model has: its settings describe it smaller than it is.

    What lies beside its parts, such as the head that a model was trained with, is left alone.
    """
    parts = {name for name, _ in model.named_children()}
    counted = {name for name, _ in model.named_buffers()}  # once saved, now made by transformers
    names = sorted(name.removeprefix(f"{model.base_model_prefix}.") for name in unexpected)
    foreign = [name for name in names if name.split(".")[0] in parts and name not in counted]
    if foreign:
        raise WeightsError(
            folder,
            f"no {type(model).__name__} as its settings describe it: {naming(foreign)} have no place in it",
        )


def load_tokenizer(form: Any, weights: Weights) -> Any:
    """The model's tokenizer."""
    require_vocabulary(weights)
    return _load_part(form, weights)


def require_vocabulary(weights: Weights) -> None:
    """WeightsError where no file has words: transformers would make a tokenizer that knows none."""
    names = {path.name for path in weights.path.rglob("*") if path.is_file()}
    if not names & _VOCABULARIES and not any(name.endswith(".model") for name in names):
        raise missing_file(weights, "a tokenizer's file, such as 'tokenizer.json'")


def refuse_unknown_words(tokenizer: Any, model: Any, weights: Weights) -> None:
    """WeightsError where the tokenizer gives numbers that the model has no vector for."""
    most = max(tokenizer.get_vocab().values(), default=0)
    known = model.get_input_embeddings().num_embeddings
    if most >= known:
        raise WeightsError(
            weights.path,
            f"the tokenizer is another model's: it counts words to {most}, the model to {known - 1}",
        )


def load_preparation(form: Any, weights: Weights) -> Any:
    """How media are prepared for the model."""
    require_one(weights, "preprocessor_config.json", "processor_config.json")
    return _load_part(form, weights)


def _load_part(form: Any, weights: Weights) -> Any:
    with told_of(weights):
        return form.from_pretrained(weights.path, local_files_only=True)


@contextmanager
def told_of(weights: Weights, failed: str = "cannot be loaded") -> Iterator[None]:
    """What the libraries raise for files that they cannot use, as a WeightsError."""
    broken: tuple[type[Exception], ...] = (*_BROKEN_WEIGHTS, *_errors_of_libraries())
    try:
        yield
    except broken as error:
        raise WeightsError(weights.path, f"{failed}: {' '.join(str(error).split())}") from error


def _errors_of_libraries() -> tuple[type[Exception], ...]:
    """Those of the readers of tensors and of settings, where they are installed: Keras does without."""
    if find_spec("transformers") is None:
        return ()
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    return (SafetensorError, StrictDataclassError)
