"""Pair the words of two texts that say nearly the same, in order: the best path, cut at anchors.

reads   two rows of word ids and their vocabulary
writes  WordPairs: rows of either, rising in both, and how alike the two words are; 0 where one only stands in
        the place of the other
rules   Long texts are cut at runs of four, three, two and then single words that both have once, until the
        pieces are short enough for the best path through all their pairs. A long piece without such words is
        searched in a band about its diagonal. So cost grows with the length, and memory stays bounded.
        A pair of equal words is worth 18 to 60, more for longer words, and less as they are less alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.texts.anchors import find_anchors

Int64s = NDArray[np.int64]
Float32s = NDArray[np.float32]

_RUNS = (4, 3, 2, 1)
_FEW_CELLS = 1 << 21
_MOST_CELLS = 1 << 26
_SMALL = 1 << 12
_WORTH, _WORTH_A_CHARACTER, _LONG_WORD = 12, 6, 8


@dataclass(frozen=True)
class WordPairs:
    """Rows of the left and the right words, and how alike the two are."""

    left: Int64s
    right: Int64s
    similarity: Float32s


@dataclass(frozen=True)
class Spellings:
    """The vocabulary as code points: word w is codes[bounds[w]:bounds[w + 1]]."""

    codes: NDArray[np.uint32]
    bounds: Int64s

    @property
    def sizes(self) -> Int64s:
        """The length of each word."""
        return np.diff(self.bounds)


def to_spellings(vocabulary: Sequence[str]) -> Spellings:
    """The vocabulary for comparing."""
    codes = np.frombuffer("".join(vocabulary).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Spellings(codes, np.cumsum([0, *map(len, vocabulary)], dtype=np.int64))


def pair_words(left: Int64s, right: Int64s, vocabulary: Sequence[str]) -> WordPairs:
    """The pairs of the best path."""
    spellings = to_spellings(vocabulary)
    found = [_pair_piece(left, right, piece, spellings) for piece in _pieces(left, right)]
    columns = [np.concatenate(column) for column in zip(*found, strict=True)] if found else []
    if not columns:
        return WordPairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
    return WordPairs(columns[0], columns[1], columns[2])


@dataclass(frozen=True)
class _Piece:
    """Rows from and to on both sides that are aligned on their own."""

    left: tuple[int, int]
    right: tuple[int, int]

    @property
    def cells(self) -> int:
        return (self.left[1] - self.left[0]) * (self.right[1] - self.right[0])


def _pieces(left: Int64s, right: Int64s) -> Iterator[_Piece]:
    """Pieces in order that can be aligned each on its own; what lies in none of them has no partner."""
    waiting = [(_Piece((0, len(left)), (0, len(right))), 0)]
    while waiting:
        piece, tried = waiting.pop()
        if not piece.cells:
            continue
        if piece.cells <= _FEW_CELLS or tried == len(_RUNS):
            yield piece
            continue
        own, other = find_anchors(left[slice(*piece.left)], right[slice(*piece.right)], _RUNS[tried])
        # An anchor begins its piece, which so can be paired with nothing else.
        cuts = [(piece.left[0], piece.right[0])]
        cuts += zip((own + piece.left[0]).tolist(), (other + piece.right[0]).tolist(), strict=True)
        stops = [*cuts[1:], (piece.left[1], piece.right[1])]
        parts = [_Piece((a, c), (b, d)) for (a, b), (c, d) in zip(cuts, stops, strict=True)]
        waiting += [(part, tried + 1) for part in reversed(_joined(parts))]


def _joined(parts: list[_Piece]) -> list[_Piece]:
    """Neighbours joined while they stay small: few pieces cost less, and need to trust fewer anchors."""
    joined: list[_Piece] = []
    for part in parts:
        if joined:
            last = joined[-1]
            both = _Piece((last.left[0], part.left[1]), (last.right[0], part.right[1]))
            if both.cells <= _SMALL * 16:
                joined[-1] = both
                continue
        joined.append(part)
    return joined


def _pair_piece(
    left: Int64s, right: Int64s, piece: _Piece, spellings: Spellings
) -> tuple[Int64s, Int64s, Float32s]:
    from tasks.align.texts.kernels import alike, best_path

    own, own_row = _distinct(left[slice(*piece.left)], piece.cells)
    other, other_row = _distinct(right[slice(*piece.right)], piece.cells)
    similarity = alike(spellings.codes, spellings.bounds, own, other)
    # Wide enough for the bands of two rows to meet, whatever the memory.
    least = len(other_row) // len(own_row) + 2
    width = min(len(other_row) + 1, max(_MOST_CELLS // len(own_row), least))
    partner = best_path(_scores(similarity, own, other, spellings.sizes), own_row, other_row, width)
    rows = np.flatnonzero(partner >= 0)
    matched = similarity[own_row[rows], other_row[partner[rows]]]
    return rows + piece.left[0], partner[rows] + piece.right[0], matched


def _distinct(ids: Int64s, cells: int) -> tuple[Int64s, Int64s]:
    """The words, and which of them each row is; where there is little to compare, each row has its own."""
    if cells <= _SMALL:
        return ids, np.arange(len(ids), dtype=np.int64)
    words, rows = np.unique(ids, return_inverse=True)
    return words, rows.astype(np.int64)


def _scores(similarity: Float32s, own: Int64s, other: Int64s, sizes: Int64s) -> NDArray[np.int32]:
    from tasks.align.texts.kernels import OTHER

    longer = np.minimum(np.maximum(sizes[own][:, None], sizes[other][None, :]), _LONG_WORD)
    worth = (_WORTH + _WORTH_A_CHARACTER * longer) * (2 * similarity.astype(np.float64) - 1)
    scores = np.where(similarity > 0, np.rint(worth), -OTHER)
    return np.asarray(scores, np.int32)
