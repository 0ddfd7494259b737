"""Times for sentences that have none, from timed cues (subtitles, a recogniser's words) that say the same.

reads   sentences in their order; cues in the order of their starts, with half-open spans in ns
writes  per sentence a span and how sure it is, or the cue that is most like it and why it is not it; per cue
        whether a word of it was found
rules   The words of all sentences are paired with those of all cues, in order (`pairs.py`). A sentence
        begins where its first paired word begins and ends where its last one ends. A cue's time is shared
        among its words by their characters, rounded down to the ns, so that its first word begins with it and
        its last one ends with it.
        similarity = characters of its words that were found, each by how alike it is, by the characters of
        its words and of strangers among them (words of cues between its first and its last that are paired
        with none of its own). Pairs at its edges that only lessen this are not its own: a "the" from
        elsewhere.
        Below the threshold a sentence has no time.
        Spans of sentences never run backwards where cues do not overlap each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.align.texts.pairs import WordPairs, pair_words
from tasks.align.texts.words import Words, to_words

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]
Why = Literal["no_words", "nothing_alike", "too_little_alike", "out_of_order"]

_COMMON_WORD = 200


@dataclass(frozen=True)
class LostSentence:
    """A sentence without a time: the cue most like it (-1: none), the share of it that is there, and why."""

    row: int
    cue: int
    similarity: float
    why: Why


@dataclass(frozen=True)
class TextTimes:
    """Spans of the sentences in `rows`, those without, and the cues of which no sentence has a word."""

    rows: Int64s
    start_ns: Int64s
    end_ns: Int64s
    similarity: Float64s
    lost: tuple[LostSentence, ...]
    unheard: Int64s


@dataclass(frozen=True)
class Cues:
    """What was said when, in the order of the starts."""

    texts: Sequence[str]
    start_ns: Int64s
    end_ns: Int64s


@dataclass(frozen=True)
class _Heard:
    """One sentence's pairs from the first to the last that are its own."""

    first: int
    last: int
    similarity: float


def time_sentences(sentences: Sequence[str], cues: Cues, threshold: float) -> TextTimes:
    """A span for every sentence whose words are heard in the cues."""
    (said, heard), vocabulary = to_words(sentences, cues.texts)
    pairs = pair_words(said.ids, heard.ids, vocabulary)
    found = _find_sentences(len(sentences), said, heard, pairs)
    kept = {row: one for row, one in found.items() if one.similarity >= threshold}
    rows = np.array(sorted(kept), np.int64)
    start_ns, end_ns = _word_times(heard, cues)
    spans = [
        (int(start_ns[right].min()), int(end_ns[right].max()))
        for right in (pairs.right[kept[row].first : kept[row].last + 1] for row in rows.tolist())
    ]
    times = np.array(spans, np.int64).reshape(-1, 2)
    lost = _Losses(said, heard, pairs).explain(len(sentences), found, threshold)
    used = [heard.owner[pairs.right[one.first : one.last + 1]] for one in kept.values()]
    unheard = np.setdiff1d(np.arange(len(cues.texts)), np.concatenate([np.empty(0, np.int64), *used]))
    similarity = np.array([kept[row].similarity for row in rows.tolist()], np.float64)
    return TextTimes(rows, times[:, 0], times[:, 1], similarity, lost, unheard)


def _word_times(words: Words, cues: Cues) -> tuple[Int64s, Int64s]:
    """Where each word of the cues begins and ends."""
    begin_ns = cues.start_ns[words.owner]
    # In two steps, for the product of a long time and a long text would not fit into 64 bits.
    each_ns, rest = np.divmod(cues.end_ns[words.owner] - begin_ns, words.total)
    shares = [each_ns * place + rest * place // words.total for place in (words.before, words.until)]
    return begin_ns + shares[0], begin_ns + shares[1]


def _find_sentences(count: int, said: Words, heard: Words, pairs: WordPairs) -> dict[int, _Heard]:
    """What was found of each sentence that has a pair."""
    alike = np.concatenate([[0.0], np.cumsum(pairs.similarity * said.sizes[pairs.left], dtype=np.float64)])
    sizes = heard.sizes
    passed = np.concatenate([[0], np.cumsum(sizes)])
    paired = np.concatenate([[0], np.cumsum(sizes[pairs.right])])
    # Characters of strangers before each pair, so that a difference counts those between two.
    strangers = passed[pairs.right] - paired[:-1]
    owner = said.owner[pairs.left]
    bounds = np.searchsorted(owner, np.arange(count + 1))
    found = {}
    for row in np.unique(owner).tolist():
        own = slice(int(bounds[row]), int(bounds[row + 1]))
        total = int(said.total[pairs.left[own.start]])
        found[row] = _trimmed(own, alike, strangers, total)
    return found


def _trimmed(own: slice, alike: Float64s, strangers: Int64s, total: int) -> _Heard:
    """The pairs of a sentence without the edges that make it less alike; as many as may be."""
    last = own.stop - 1
    rows = np.arange(own.start, own.stop)
    likeness = (alike[own.stop] - alike[rows]) / (total + strangers[last] - strangers[rows])
    first = own.start + int(np.argmax(likeness))
    rows = np.arange(first, own.stop)
    likeness = (alike[rows + 1] - alike[first]) / (total + strangers[rows] - strangers[first])
    # Backwards, so that of equals the widest is taken.
    last = own.stop - 1 - int(np.argmax(likeness[::-1]))
    return _Heard(first, last, float(likeness[last - first]))


class _Losses:
    """Why sentences were not found, with the cue that has most of each."""

    def __init__(self, said: Words, heard: Words, pairs: WordPairs) -> None:
        self._said, self._heard = said, heard
        self._owner = said.owner[pairs.left]
        self._pairs = pairs
        self._order = np.argsort(heard.ids, kind="stable")
        self._sorted_ids = heard.ids[self._order]

    def explain(self, count: int, found: dict[int, _Heard], threshold: float) -> tuple[LostSentence, ...]:
        bounds = np.searchsorted(self._said.owner, np.arange(count + 1))
        lost = [row for row in range(count) if row not in found or found[row].similarity < threshold]
        return tuple(
            self._explain(row, slice(*bounds[row : row + 2]), found.get(row), threshold) for row in lost
        )

    def _explain(self, row: int, words: slice, heard: _Heard | None, threshold: float) -> LostSentence:
        if words.start == words.stop:
            return LostSentence(row, -1, 0.0, "no_words")
        cue, share = self._nearest(words)
        if share >= threshold:
            return LostSentence(row, cue, share, "out_of_order")
        if heard is not None and heard.similarity >= share:
            place = int(self._heard.owner[self._pairs.right[heard.first]])
            if heard.similarity > 0:
                return LostSentence(row, place, heard.similarity, "too_little_alike")
        return LostSentence(row, cue, share, "nothing_alike" if cue < 0 else "too_little_alike")

    def _nearest(self, words: slice) -> tuple[int, float]:
        """The cue, anywhere, with the most characters of the sentence's words, and their share of it."""
        ids, counts = np.unique(self._said.ids[words], return_counts=True)
        begin, stop = (np.searchsorted(self._sorted_ids, ids, side=side) for side in ("left", "right"))
        often = stop - begin
        # A word that is everywhere tells nothing, unless the sentence has no other.
        rarest = often[often > 0].min(initial=len(self._sorted_ids))
        telling = np.flatnonzero((often > 0) & (often <= max(_COMMON_WORD, rarest)))
        shared: dict[int, int] = {}
        sizes = dict(zip(self._said.ids[words].tolist(), self._said.sizes[words].tolist(), strict=True))
        for at in telling.tolist():
            cues, heard = np.unique(self._heard.owner[self._order[begin[at] : stop[at]]], return_counts=True)
            for cue, times in zip(cues.tolist(), np.minimum(heard, counts[at]).tolist(), strict=True):
                shared[cue] = shared.get(cue, 0) + times * sizes[int(ids[at])]
        if not shared:
            return -1, 0.0
        best = min(shared, key=lambda cue: (-shared[cue], cue))
        return best, shared[best] / int(self._said.total[words.start])
