"""Views: for each sample and modality one vector, the mean over its inputs of that modality.

reads   encoded vectors and sequences of a batch, and of those that its samples have guests of
writes  matrices of about a thousand samples at a time, and which samples have the view (in memory)

A view is a modality, or `words`: text items, captions and transcripts, the side that pictures and sounds are
put beside. Where an encoder gives sequences, an input's vector is the mean and the standard deviation of its
frames in the span of the link; else it is that of the whole item.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.schemas import MODALITIES
from tasks.core.vectors import Matrix, VectorFile, iterate_frames
from tasks.fuse.spans import OwnSpan, span_statistics

WORDS = "words"
VIEWS = (*MODALITIES, WORDS)
BLOCK_SAMPLES = 1024
_LINKS_AT_ONCE = 4096

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A vector that a sample's view is made of: its batch and id, and the span of it that counts."""

    sample_id: str
    view: str
    batch: str
    vector_id: str
    span: OwnSpan | None


@dataclass(frozen=True)
class ViewBlock:
    """The views of some samples: present ones have their vector, absent ones zeros."""

    sample_ids: Sequence[str]
    present: Mapping[str, Flags]
    matrices: Mapping[str, Matrix]

    def has(self, view: str) -> Flags:
        """Which samples have that view."""
        return self.present.get(view, np.zeros(len(self.sample_ids), np.bool_))


class BatchViews:
    """The views of one batch's samples; `links` come in the order of `sample_ids`.

    `encoded` is the folder of vectors of each batch that the links name.
    """

    def __init__(
        self, sample_ids: Sequence[str], links: Iterable[ViewLink], encoded: Mapping[str, Path]
    ) -> None:
        self._sample_ids = sample_ids
        row_of = {sample_id: row for row, sample_id in enumerate(sample_ids)}
        sides: dict[tuple[str, str], _Vectors | _Sequences | None] = {}
        for link in links:
            row = row_of.get(link.sample_id)
            if row is None:
                continue
            place = link.view, link.batch
            if place not in sides:
                sides[place] = _open_side(encoded[link.batch], link.view, len(sample_ids))
            side = sides[place]
            if side:
                side.take(row, link)
        # Sums of several batches are added in the order of their names, whoever came first.
        opened = {view: [sides[place] for place in sorted(sides) if place[0] == view] for view in VIEWS}
        self._sides = {view: [side for side in found if side] for view, found in opened.items()}

    def blocks(self) -> Iterator[ViewBlock]:
        """All samples in order, about a thousand at a time."""
        for first in range(0, len(self._sample_ids), BLOCK_SAMPLES):
            yield self._block(range(first, min(first + BLOCK_SAMPLES, len(self._sample_ids))))

    def all(self) -> ViewBlock:
        """All samples at once."""
        return self._block(range(len(self._sample_ids)))

    def _block(self, rows: range) -> ViewBlock:
        found = {
            view: _means([side.sums(rows) for side in sides]) for view, sides in self._sides.items() if sides
        }
        return ViewBlock(
            [self._sample_ids[row] for row in rows],
            {view: present for view, (present, _) in found.items()},
            {view: matrix for view, (_, matrix) in found.items()},
        )


class _Vectors:
    """A view whose vectors are those of whole items or texts, gathered from the file."""

    def __init__(self, path: Path) -> None:
        self._file = VectorFile(path)
        self._waiting: list[tuple[int, str]] = []
        # In the order of the samples: a sample's row, and where in the file a vector of its is.
        self._rows, self._positions = array("q"), array("q")

    def take(self, row: int, link: ViewLink) -> None:
        self._waiting.append((row, link.vector_id))
        if len(self._waiting) >= _LINKS_AT_ONCE:
            self._place()

    def sums(self, samples: range) -> tuple[Counts, Matrix]:
        self._place()
        matrix = np.zeros((len(samples), self._file.dimensions), np.float32)
        counts = np.zeros(len(samples), np.int64)
        first, stop = (bisect_left(self._rows, row) for row in (samples.start, samples.stop))
        for row, position in zip(self._rows[first:stop], self._positions[first:stop], strict=True):
            matrix[row - samples.start] += self._file.vector(position)
            counts[row - samples.start] += 1
        return counts, matrix

    def _place(self) -> None:
        """Ids become positions: a few bytes for each instead of many."""
        names = pa.array([name for _, name in self._waiting], pa.string())
        found = pc.index_in(names, self._file.ids).to_pylist()
        for (row, _), position in zip(self._waiting, found, strict=True):
            if position is not None:
                self._rows.append(row)
                self._positions.append(position)
        self._waiting = []


class _Sequences:
    """A view over parts of sequences; each sequence is read once, and only the means are kept."""

    def __init__(self, path: Path, samples: int) -> None:
        self._path = path
        self._wanted: dict[str, list[tuple[int, OwnSpan | None]]] = {}
        self._counts = np.zeros(samples, np.int64)
        self._sums = np.zeros((samples, 0), np.float32)

    def take(self, row: int, link: ViewLink) -> None:
        self._wanted.setdefault(link.vector_id, []).append((row, link.span))

    def sums(self, samples: range) -> tuple[Counts, Matrix]:
        if self._wanted:
            self._read()
        rows = slice(samples.start, samples.stop)
        return self._counts[rows], self._sums[rows]

    def _read(self) -> None:
        for name, frames in iterate_frames(self._path):
            if not self._sums.shape[1]:
                self._sums = np.zeros((len(self._counts), 2 * frames.matrix.shape[1]), np.float32)
            for row, span in self._wanted.get(name, []):
                statistics = span_statistics(frames, span)
                if statistics is not None:
                    self._sums[row] += statistics
                    self._counts[row] += 1
        self._wanted = {}


def _means(parts: Sequence[tuple[Counts, Matrix]]) -> tuple[Flags, Matrix]:
    """Which samples have the view, and their means, zeros for the others."""
    # Sequences of which nothing was read have no width.
    width = max(sums.shape[1] for _, sums in parts)
    counts = np.sum([counts for counts, _ in parts], axis=0)
    sums = np.zeros((len(counts), width), np.float32)
    for _, of_batch in parts:
        if of_batch.shape[1]:
            sums += of_batch
    return counts > 0, sums / np.maximum(counts, 1).astype(np.float32)[:, None]


def _open_side(encoded: Path, view: str, samples: int) -> _Vectors | _Sequences | None:
    """What the view is made from: sequences where the encoder gave any, else vectors, else nothing."""
    modality = "text" if view == WORDS else view
    sequences, vectors = encoded / f"{modality}_frames.arrow", encoded / f"{modality}.arrow"
    if sequences.is_file():
        return _Sequences(sequences, samples)
    return _Vectors(vectors) if vectors.is_file() else None
