"""Views: for each sample and modality one vector, the mean over its inputs of that modality.

reads   encoded vectors and sequences of one batch
writes  matrices of a few thousand samples at a time, and which samples have the view (in memory)

A view is a modality, or `words`: text items, captions and transcripts, the side that pictures and sounds are
put beside. Where an encoder gives sequences, an input's vector is the mean and the standard deviation of its
frames in the span of the link; else it is that of the whole item.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.core.schemas import MODALITIES
from tasks.core.vectors import Matrix, iterate_frames, iterate_vectors, vector_dimensions
from tasks.fuse.spans import OwnSpan, span_statistics

WORDS = "words"
VIEWS = (*MODALITIES, WORDS)
BLOCK_SAMPLES = 4096

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A vector that a sample's view is made of: its id, and the span of it that counts."""

    sample_id: str
    view: str
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
    """The views of one batch's samples."""

    def __init__(self, sample_ids: Sequence[str], links: Sequence[ViewLink], encoded: Path) -> None:
        self._sample_ids = sample_ids
        row_of = {sample_id: row for row, sample_id in enumerate(sample_ids)}
        self._sides: dict[str, _Vectors | _Sequences] = {}
        for view in VIEWS:
            chosen = [
                (row_of[link.sample_id], link)
                for link in links
                if link.view == view and link.sample_id in row_of
            ]
            modality = "text" if view == WORDS else view
            sequences, vectors = encoded / f"{modality}_frames.arrow", encoded / f"{modality}.arrow"
            if chosen and sequences.is_file():
                self._sides[view] = _Sequences(sequences, chosen, len(sample_ids))
            elif chosen and vectors.is_file():
                self._sides[view] = _Vectors(vectors, chosen)

    def blocks(self) -> Iterator[ViewBlock]:
        """All samples in order, a few thousand at a time."""
        for first in range(0, len(self._sample_ids), BLOCK_SAMPLES):
            yield self._block(range(first, min(first + BLOCK_SAMPLES, len(self._sample_ids))))

    def all(self) -> ViewBlock:
        """All samples at once."""
        return self._block(range(len(self._sample_ids)))

    def _block(self, rows: range) -> ViewBlock:
        found = {view: side.means(rows) for view, side in self._sides.items()}
        return ViewBlock(
            [self._sample_ids[row] for row in rows],
            {view: present for view, (present, _) in found.items()},
            {view: matrix for view, (_, matrix) in found.items()},
        )


class _Vectors:
    """A view whose vectors are those of whole items or texts, gathered from the memory-mapped file."""

    def __init__(self, path: Path, links: Sequence[tuple[int, ViewLink]]) -> None:
        blocks = list(iterate_vectors(path))
        self._matrices = [block.matrix for block in blocks]
        self._dimensions = vector_dimensions(path)
        place_of = {
            name: (number, row) for number, block in enumerate(blocks) for row, name in enumerate(block.ids)
        }
        self._places: dict[int, list[tuple[int, int]]] = {}
        for sample, link in links:
            if link.vector_id in place_of:
                self._places.setdefault(sample, []).append(place_of[link.vector_id])

    def means(self, samples: range) -> tuple[Flags, Matrix]:
        matrix = np.zeros((len(samples), self._dimensions), np.float32)
        present = np.zeros(len(samples), np.bool_)
        for position, sample in enumerate(samples):
            places = self._places.get(sample, [])
            for number, row in places:
                matrix[position] += self._matrices[number][row]
            present[position] = bool(places)
            matrix[position] /= max(len(places), 1)
        return present, matrix


class _Sequences:
    """A view over parts of sequences; each sequence is read once, and only the means are kept."""

    def __init__(self, path: Path, links: Sequence[tuple[int, ViewLink]], samples: int) -> None:
        wanted: dict[str, list[tuple[int, ViewLink]]] = {}
        for sample, link in links:
            wanted.setdefault(link.vector_id, []).append((sample, link))
        self._counts = np.zeros(samples, np.int64)
        self._sums = np.zeros((samples, 0), np.float32)
        for name, frames in iterate_frames(path):
            if not self._sums.shape[1]:
                self._sums = np.zeros((samples, 2 * frames.matrix.shape[1]), np.float32)
            for sample, link in wanted.get(name, []):
                statistics = span_statistics(frames, link.span)
                if statistics is not None:
                    self._sums[sample] += statistics
                    self._counts[sample] += 1

    def means(self, samples: range) -> tuple[Flags, Matrix]:
        rows = slice(samples.start, samples.stop)
        counts = self._counts[rows]
        means = self._sums[rows] / np.maximum(counts, 1)[:, None]
        return counts > 0, np.asarray(means, np.float32)
