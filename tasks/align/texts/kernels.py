"""The loops of aligning words, compiled by Numba: how alike words are, and the best path through two rows.

reads   words as code points, rows of words as numbers
writes  similarities from 0 to 1, and the pairs of the best path
rules   Words are as alike as one less their edit distance (Levenshtein 1966) by the longer one; below a half
        they are not alike. The path is the one of the highest score (Needleman and Wunsch 1970), where a gap
        costs GAP for its first word and FURTHER for each other one (Gotoh 1982). Scores are whole numbers, so
        every processor finds the same path; of equal paths the one that pairs, and pairs late, is taken.
        It costs what `tasks/core/machine_code.py` says, and is imported only to align texts.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.core.machine_code import compiled

Float32s = NDArray[np.float32]
Int64s = NDArray[np.int64]
Codes = NDArray[np.uint32]

OTHER, GAP, FURTHER = 20, 30, 10
_LEAST_ALIKE = 0.5
_NEVER = -(2**30)
_PAIR, _LEFT, _RIGHT = 0, 1, 2


@compiled
def _distance(codes: Codes, own: tuple[int, int], other: tuple[int, int], row: Int64s) -> int:
    """The edit distance of the words that lie from and to there; `row` is room for the longer one's."""
    width = other[1] - other[0]
    for column in range(width + 1):
        row[column] = column
    for place in range(own[0], own[1]):
        diagonal = row[0]
        row[0] += 1
        for column in range(width):
            changed = diagonal + (codes[place] != codes[other[0] + column])
            diagonal = row[column + 1]
            row[column + 1] = min(changed, diagonal + 1, row[column] + 1)
    return int(row[width])


@compiled
def alike(codes: Codes, bounds: Int64s, left: Int64s, right: Int64s) -> Float32s:
    """How alike each word of the left is with each of the right; word w is codes[bounds[w]:bounds[w + 1]]."""
    found = np.zeros((len(left), len(right)), np.float32)
    longest = 0
    for word in right:
        longest = max(longest, bounds[word + 1] - bounds[word])
    row = np.empty(longest + 1, np.int64)
    for i in range(len(left)):
        own = bounds[left[i]], bounds[left[i] + 1]
        for j in range(len(right)):
            other = bounds[right[j]], bounds[right[j] + 1]
            sizes = own[1] - own[0], other[1] - other[0]
            if left[i] == right[j]:
                found[i, j] = 1.0
            elif 2 * min(sizes) >= max(sizes):
                similarity = 1 - _distance(codes, own, other, row) / max(sizes)
                if similarity >= _LEAST_ALIKE:
                    found[i, j] = similarity
    return found


@compiled
def best_path(scores: NDArray[np.int32], left: Int64s, right: Int64s, width: int) -> Int64s:
    """The row of the right for each row of the left on the best path, or -1.

    `scores[left[i], right[j]]` is what pairing i with j is worth. Looked at are `width` columns about the
    straight way from corner to corner; len(right) + 1 are all of them.
    """
    rows, columns = len(left), len(right)
    steps = np.zeros((rows + 1, width), np.uint8)
    before = np.full((3, width + 1), _NEVER, np.int64)
    now = np.full((3, width + 1), _NEVER, np.int64)
    before_first = 0
    for i in range(rows + 1):
        first = _first_column(i, rows, columns, width)
        shift = first - before_first
        for k in range(width):
            j = first + k
            step = 0
            pair = lefts = rights = _NEVER
            if i == 0 and j == 0:
                pair = 0
            if i > 0 and j > 0 and k + shift >= 1 and k + shift <= width:
                came = _before_a_pair(before, k + shift - 1)
                pair = before[came, k + shift - 1] + scores[left[i - 1], right[j - 1]]
                step |= came
            if i > 0 and k + shift < width:
                at = k + shift
                opened, further = before[_PAIR, at] - GAP, before[_LEFT, at] - FURTHER
                lefts = max(opened, further)
                step |= (further > opened) << 2
            if j > 0 and k > 0:
                came = _before_a_right(now, k - 1)
                rights = now[came, k - 1] - (FURTHER if came == _RIGHT else GAP)
                step |= came << 3
            now[_PAIR, k], now[_LEFT, k], now[_RIGHT, k] = pair, lefts, rights
            steps[i, k] = step
        before, now = now, before
        before_first = first
    return _walk_back(steps, before, columns, width)


@compiled
def _before_a_pair(states: Int64s, at: int) -> int:
    """The state of the highest score there."""
    came = _PAIR
    for state in (_LEFT, _RIGHT):
        if states[state, at] > states[came, at]:
            came = state
    return came


@compiled
def _before_a_right(states: Int64s, at: int) -> int:
    """The state from which leaving out another word of the right costs least."""
    came, best = _RIGHT, states[_RIGHT, at] - FURTHER
    for state in (_LEFT, _PAIR):
        if states[state, at] - GAP > best:
            came, best = state, states[state, at] - GAP
    return came


@compiled
def _first_column(row: int, rows: int, columns: int, width: int) -> int:
    """Where the band begins in that row."""
    if width > columns:
        return 0
    middle = row * columns // max(rows, 1)
    return int(min(max(middle - width // 2, 0), columns + 1 - width))


@compiled
def _walk_back(steps: NDArray[np.uint8], last: Int64s, columns: int, width: int) -> Int64s:
    rows = len(steps) - 1
    partner = np.full(rows, -1, np.int64)
    i, j = rows, columns
    k = columns - _first_column(rows, rows, columns, width)
    state = _before_a_pair(last, k)
    while i > 0 or j > 0:
        step = steps[i, j - _first_column(i, rows, columns, width)]
        if state == _PAIR:
            partner[i - 1] = j - 1
            state = step & 3
            i, j = i - 1, j - 1
        elif state == _LEFT:
            state = _LEFT if step & 4 else _PAIR
            i -= 1
        else:
            state = step >> 3
            j -= 1
    return partner
