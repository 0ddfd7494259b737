"""Members without times that batch.yaml calls a transcript: their times from the cues that say the same.

reads   members on the reference clock, their texts, the `texts` of batch.yaml
writes  the members with the times that were found, and the ones that were not found as left out
rules   A transcript is the members of its role without a time, in the order of their ids, numbers in these
        counted as numbers ("t.txt:2" before "t.txt:10"). It is looked for in the cues about the same item
        where there are any, else in all of its session. Members that already have a time keep it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import Int64s, roles_of, times_ns
from tasks.align.result import Aligned, to_left_out
from tasks.align.texts.spans import Cues, LostSentence, time_sentences
from tasks.core.batch_file import Text
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason

METHOD = "text"
_WITHOUT_CUE = ("no_words", "nothing_alike")
MOST_EXAMPLES = 20
_LONGEST_QUOTE = 60
_FOUND = pa.schema(
    [
        ("member_id", pa.string()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("similarity", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Said:
    """What a member says, and the label that it has."""

    text: str
    label: str | None


@dataclass(frozen=True)
class TimedTexts:
    """`members` without those left out; `found` has the new spans by member; `facts` are for the coverage."""

    members: pa.Table
    found: pa.Table
    left_out: pa.Table
    facts: list[dict[str, Any]]


@dataclass(frozen=True)
class _Told:
    """What came of one group of sentences."""

    found: pa.Table
    left_out: pa.Table
    unheard: list[str]


def texts_of(items: pa.Table, labels: pa.Table) -> dict[str, Said]:
    """What each item and label says, by id; a label without a text says its name."""
    said = pc.coalesce(labels["text"], labels["label"])
    columns = (
        (items["item_id"], items["text"], pa.nulls(items.num_rows, pa.string())),
        (labels["label_id"], said, labels["label"]),
    )
    return {
        member_id: Said(text or "", label)
        for three in columns
        for member_id, text, label in zip(*(column.to_pylist() for column in three), strict=True)
    }


def time_texts(members: pa.Table, said: Mapping[str, Said], declared: tuple[Text, ...]) -> TimedTexts:
    """Every declared transcript, in their order: one that was found may be the cues of the next."""
    timed = TimedTexts(
        members, _FOUND.empty_table(), to_left_out(members.slice(0, 0), Reason.NO_TIME, []), []
    )
    for text in declared:
        timed = _time_text(timed, said, text)
    return timed


def mark_texts(aligned: Aligned, timed: TimedTexts) -> Aligned:
    """Links of members whose time is that of their words say so, with how alike these were."""
    links, position = aligned.links, pc.index_in(aligned.links["member_id"], timed.found["member_id"])
    similarity = pc.coalesce(timed.found["similarity"].take(position), links["similarity"])
    method = pc.if_else(pc.is_valid(position), METHOD, links["method"])
    for name, column in (("similarity", similarity), ("method", method)):
        links = links.set_column(links.schema.get_field_index(name), links.schema.field(name), column)
    left_out = pa.concat_tables([aligned.left_out, timed.left_out])
    return replace(aligned, links=links, left_out=left_out, texts=tuple(timed.facts))


def _time_text(before: TimedTexts, said: Mapping[str, Said], text: Text) -> TimedTexts:
    has_time = pc.is_valid(before.members["start_ns"])
    sentences = before.members.filter(
        pc.and_(pc.equal(before.members["role"], text.transcript), pc.invert(has_time))
    )
    cues = before.members.filter(pc.and_(pc.equal(before.members["role"], text.cues), has_time))
    if text.cue_label is not None:
        wanted = [said[name].label == text.cue_label for name in cues["member_id"].to_pylist()]
        cues = cues.filter(pa.array(wanted, pa.bool_()))
    advice = nearest_word(text.cues, roles_of(before.members))
    told = [_tell(*group, said, text, advice) for group in _groups(sentences, cues)]
    found = pa.concat_tables([_FOUND.empty_table(), *(one.found for one in told)])
    left_out = pa.concat_tables([before.left_out, *(one.left_out for one in told)])
    members = _with_spans(before.members, found)
    lost = pc.is_in(members["member_id"], left_out["member_id"].combine_chunks())
    facts = _facts(text, sentences, cues, found, sorted(set().union(*(one.unheard for one in told))))
    return TimedTexts(
        members.filter(pc.invert(lost)),
        pa.concat_tables([before.found, found]),
        left_out,
        [*before.facts, facts],
    )


def _groups(sentences: pa.Table, cues: pa.Table) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Sentences in their order, and the cues that they are looked for in, in theirs."""
    about = pc.is_in(sentences["item_id"], cues["item_id"].combine_chunks())
    for column, rows in (
        ("item_id", sentences.filter(about)),
        ("session", sentences.filter(pc.invert(about))),
    ):
        for key in sorted(pc.unique(rows[column]).to_pylist()):
            own = rows.filter(pc.equal(rows[column], key))
            heard = cues.filter(pc.equal(cues[column], key))
            yield own.take(_in_reading_order(own)), heard.take(_in_time_order(heard))


def _in_reading_order(members: pa.Table) -> Int64s:
    keys = [_reading_key(name) for name in members["member_id"].to_pylist()]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)


def _in_time_order(members: pa.Table) -> Int64s:
    columns = (members[name].to_pylist() for name in ("start_ns", "end_ns", "member_id"))
    keys = [(start, end, _reading_key(name)) for start, end, name in zip(*columns, strict=True)]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)


def _reading_key(name: str) -> tuple[tuple[str, int], ...]:
    """Text and number by turns; digits of other scripts count as text."""
    parts = re.split(r"([0-9]+)", name)
    return tuple(zip(parts[::2], [*map(int, parts[1::2]), -1], strict=True))


def _tell(sentences: pa.Table, cues: pa.Table, said: Mapping[str, Said], text: Text, advice: str) -> _Told:
    if not cues.num_rows:
        detail = f"its session has no '{text.cues}' with a time to find it in: no candidate.{advice}"
        lost = to_left_out(sentences, Reason.TEXT_NOT_FOUND, [detail] * sentences.num_rows)
        return _Told(_FOUND.empty_table(), lost, [])
    names = cues["member_id"].to_pylist()
    heard = [said[name].text for name in names]
    spoken = Cues(heard, times_ns(cues, "start_ns"), times_ns(cues, "end_ns"))
    own = sentences["member_id"].to_pylist()
    times = time_sentences([said[name].text for name in own], spoken, text.threshold)
    columns = [
        pa.array([own[row] for row in times.rows.tolist()], pa.string()),
        *(pa.array(column) for column in (times.start_ns, times.end_ns, times.similarity)),
    ]
    lost = sentences.take(np.array([one.row for one in times.lost], np.int64))
    details = [_detail(one, names, heard, text) for one in times.lost]
    return _Told(
        pa.table(columns, schema=_FOUND),
        to_left_out(lost, Reason.TEXT_NOT_FOUND, details, **_candidates(times.lost, names)),
        [names[row] for row in times.unheard.tolist()],
    )


def _candidates(lost: Sequence[LostSentence], names: list[str]) -> dict[str, pa.Array]:
    """The cue most like each lost sentence, and how much of the sentence is there."""
    named = [one.why not in _WITHOUT_CUE for one in lost]
    cues = [names[one.cue] if is_named else None for one, is_named in zip(lost, named, strict=True)]
    shares = [one.similarity if is_named else None for one, is_named in zip(lost, named, strict=True)]
    return {
        "candidate": pa.array(cues, pa.string()),
        "candidate_similarity": pa.array(shares, pa.float64()),
    }


def _detail(lost: LostSentence, names: list[str], heard: list[str], text: Text) -> str:
    """The nearest cue, and why that is not it."""
    if lost.why == "no_words":
        return "it has no word that could be looked for: no candidate"
    if lost.why == "nothing_alike":
        return f"no '{text.cues}' has a word of it: no candidate"
    quote = " ".join(heard[lost.cue].split())
    quote = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}..."
    nearest = f"the nearest '{text.cues}', {names[lost.cue]} ({quote!r}), has {lost.similarity:.3f} of it"
    if lost.why == "out_of_order":
        return f"{nearest}, and stands before or after the place that the sentences around it leave"
    return f"{nearest}, and {text.threshold:g} is needed"


def _with_spans(members: pa.Table, found: pa.Table) -> pa.Table:
    position = pc.index_in(members["member_id"], found["member_id"].combine_chunks())
    for name in ("start_ns", "end_ns"):
        times = pc.coalesce(members[name], found[name].take(position))
        members = members.set_column(members.schema.get_field_index(name), name, times)
    return members


def _facts(
    text: Text, sentences: pa.Table, cues: pa.Table, found: pa.Table, unheard: list[str]
) -> dict[str, Any]:
    return {
        "transcript": text.transcript,
        "cues": text.cues,
        "cue_label": text.cue_label,
        "sentences": sentences.num_rows,
        "timed": found.num_rows,
        "cue_members": cues.num_rows,
        "cues_unheard": len(unheard),
        "unheard": unheard[:MOST_EXAMPLES],
    }
