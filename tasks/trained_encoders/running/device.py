"""The device that a model runs on, and batches for it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from tasks.core.vectors import Matrix

Prepared = TypeVar("Prepared")

# On the CPU one at a time: products of matrices of another height round differently, and little is lost.
_BATCH = {"cpu": 1, "cuda": 32}


def pick_device() -> str:
    """`cuda` where torch can use a GPU, else `cpu`; torch is set to give the same bits every time."""
    import torch

    torch.set_num_threads(1)  # sums on several threads round differently from sums on one
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    return "cuda" if torch.cuda.is_available() else "cpu"


def run_in_batches(
    prepared: Iterable[Prepared], run: Callable[[list[Prepared]], Any], device: str, width: int
) -> Matrix:
    """One row of unit length per item: float32 (items, width). Memory holds the items of one batch.

    `run` gives a torch tensor with a row for each. The last batch is filled up with its last item, so that
    every batch has the same size.
    """
    import torch

    size = _BATCH[device]
    blocks = [np.empty((0, width), np.float32)]
    for items in _batches(iter(prepared), size):
        full = items + [items[-1]] * (size - len(items))
        with torch.inference_mode():
            rows = run(full).float().cpu().numpy()
        blocks.append(unit_rows(rows[: len(items)]))
    return np.concatenate(blocks)


def _batches(prepared: Iterator[Prepared], size: int) -> Iterator[list[Prepared]]:
    while items := list(islice(prepared, size)):
        yield items


def unit_rows(rows: Matrix) -> Matrix:
    """The rows at unit length; ValueError where one has a value that is no number."""
    if not np.isfinite(rows).all():
        raise ValueError("the model gave values that are no numbers")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths, lengths, 1.0), np.float32)
