"""The sentences of one group told by its cues: which have a time, which have none, and why.

reads   what the sentences and the cues say, and the spans of the cues
writes  rows of the sentences with their times, rows of the lost ones with a sentence and their nearest cue
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.align.members import Int64s, times_ns
from tasks.align.texts.spans import Cues, LostSentence, TextTimes, time_sentences
from tasks.core.batch_file import Text

Float64s = NDArray[np.float64]

_WITHOUT_CUE = ("no_words", "nothing_alike")
_LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Told:
    """What came of a group: `found` and `lost` are rows of the sentences, `nearest` and `heard` of the cues.

    `nearest` is -1 where no cue is like the lost sentence, else `similarity_there` is how alike it is.
    """

    found: Int64s
    start_ns: Int64s
    end_ns: Int64s
    similarity: Float64s
    lost: Int64s
    details: list[str]
    nearest: Int64s
    similarity_there: Float64s
    heard: Int64s


def tell(sentences: pa.Table, cues: pa.Table, group: tuple[Int64s, Int64s], text: Text, advice: str) -> Told:
    """The group's rows of both tables, which have what each says in the column `text`."""
    own, near = group
    if not len(near):
        detail = f"its session has no '{text.cues}' with a time to find it in: no candidate.{advice}"
        none, nobody = np.empty(0, np.int64), np.full(len(own), -1, np.int64)
        likeness = np.zeros(len(own), np.float64)
        return Told(none, none, none, likeness[:0], own, [detail] * len(own), nobody, likeness, none)
    spoken = cues.take(near)
    heard = spoken["text"].to_pylist()
    times = time_sentences(
        sentences["text"].take(own).to_pylist(),
        Cues(heard, times_ns(spoken, "start_ns"), times_ns(spoken, "end_ns")),
        text.threshold,
    )
    details = [
        _detail(one, spoken["member_id"][one.cue].as_py() if one.cue >= 0 else "", heard, text)
        for one in times.lost
    ]
    return _told(times, own, near, details)


def _told(times: TextTimes, own: Int64s, near: Int64s, details: list[str]) -> Told:
    """What was found and lost, with the rows of the group as those of the tables."""
    nearest = [-1 if one.why in _WITHOUT_CUE else int(near[one.cue]) for one in times.lost]
    return Told(
        own[times.rows],
        times.start_ns,
        times.end_ns,
        times.similarity,
        own[np.array([one.row for one in times.lost], np.int64)],
        details,
        np.array(nearest, np.int64),
        np.array([one.similarity for one in times.lost], np.float64),
        np.delete(near, times.unheard),
    )


def _detail(lost: LostSentence, name: str, heard: Sequence[str], text: Text) -> str:
    """The nearest cue, and why that is not it."""
    if lost.why == "no_words":
        return "it has no word that could be looked for: no candidate"
    if lost.why == "nothing_alike":
        return f"no '{text.cues}' has a word of it: no candidate"
    quote = " ".join(heard[lost.cue].split())
    quote = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}..."
    nearest = f"the nearest '{text.cues}', {name} ({quote!r}), has {lost.similarity:.3f} of it"
    if lost.why == "out_of_order":
        return f"{nearest}, and stands before or after the place that the sentences around it leave"
    return f"{nearest}, and {text.threshold:g} is needed"
