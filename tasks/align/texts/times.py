"""Members without times that batch.yaml calls a transcript: their times from the cues that say the same.

reads   members on the reference clock, what they say, the `texts` of batch.yaml
writes  the members with the times that were found, and the ones that were not found as left out
rules   A transcript is the members of its role without a time, in the order of their ids; which cues it is
        looked for in is told in `reading_order.py`. Members that already have a time keep it. Memory holds
        the words of one group, an item's or a session's, at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.align.members import roles_of
from tasks.align.result import Aligned, to_left_out
from tasks.align.texts.reading_order import text_groups
from tasks.align.texts.telling import Told, tell
from tasks.core.batch_file import Text
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason

METHOD = "text"
MOST_EXAMPLES = 20
_CUE_COLUMNS = ["member_id", "item_id", "session", "start_ns", "end_ns"]
SAID = pa.schema([(name, pa.string()) for name in ("member_id", "text", "label")])
FOUND = pa.schema(
    [
        ("member_id", pa.string()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("similarity", pa.float64()),
    ]
)


@dataclass(frozen=True)
class TimedTexts:
    """`members` without those left out; `found` has the new spans by member; `facts` are for the coverage."""

    members: pa.Table
    found: pa.Table
    left_out: pa.Table
    facts: list[dict[str, Any]]


def texts_of(items: pa.Table, labels: pa.Table) -> pa.Table:
    """What each item and label says, and the label that it has; a label without a text says its name."""
    no_label = pa.nulls(items.num_rows, pa.string())
    said = pc.coalesce(labels["text"], labels["label"])
    return pa.concat_tables(
        [
            pa.table([items["item_id"], items["text"], no_label], schema=SAID),
            pa.table([labels["label_id"], said, labels["label"]], schema=SAID),
        ]
    )


def time_texts(members: pa.Table, said: pa.Table, declared: tuple[Text, ...]) -> TimedTexts:
    """Every declared transcript, in their order: one that was found may be the cues of the next."""
    timed = TimedTexts(members, FOUND.empty_table(), to_left_out(members.slice(0, 0), Reason.NO_TIME, []), [])
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


def _time_text(before: TimedTexts, said: pa.Table, text: Text) -> TimedTexts:
    sentences, cues = _sides(before.members, said, text)
    advice = nearest_word(text.cues, roles_of(before.members))
    groups = list(text_groups(sentences, cues))
    told = _joined([tell(sentences, cues, group, text, advice) for group in groups])
    found = pa.table(
        [sentences["member_id"].take(told.found), told.start_ns, told.end_ns, told.similarity], schema=FOUND
    )
    left_out = pa.concat_tables([before.left_out, _lost(told, sentences, cues)])
    members = _with_spans(before.members, found)
    lost = pc.is_in(members["member_id"], left_out["member_id"].combine_chunks())
    unheard = np.zeros(cues.num_rows, np.bool_)
    for _, asked in groups:
        unheard[asked] = True
    unheard[told.heard] = False
    return TimedTexts(
        members.filter(pc.invert(lost)),
        pa.concat_tables([before.found, found]),
        left_out,
        [*before.facts, _facts(text, sentences, cues, found, unheard)],
    )


def _sides(members: pa.Table, said: pa.Table, text: Text) -> tuple[pa.Table, pa.Table]:
    """The sentences without a time and the cues with one, each with what it says."""
    has_time = pc.is_valid(members["start_ns"])
    is_sentence = pc.and_(pc.equal(members["role"], text.transcript), pc.invert(has_time))
    is_cue = pc.and_(pc.equal(members["role"], text.cues), has_time)
    cues = members.select(_CUE_COLUMNS).filter(is_cue)
    if text.cue_label is not None:
        labelled = said["member_id"].filter(pc.equal(said["label"], text.cue_label).fill_null(False))
        cues = cues.filter(pc.is_in(cues["member_id"], labelled.combine_chunks()))
    return _with_texts(members.filter(is_sentence), said), _with_texts(cues, said)


def _with_texts(members: pa.Table, said: pa.Table) -> pa.Table:
    position = pc.index_in(members["member_id"], said["member_id"].combine_chunks())
    return members.append_column("text", said["text"].take(position).fill_null(""))


def _joined(told: Sequence[Told]) -> Told:
    """All groups as one."""
    none, nothing = np.empty(0, np.int64), np.empty(0, np.float64)
    every = [Told(none, none, none, nothing, none, [], none, nothing, none), *told]
    arrays = {
        one.name: np.concatenate([getattr(group, one.name) for group in every])
        for one in fields(Told)
        if one.name != "details"
    }
    return Told(**arrays, details=[detail for group in every for detail in group.details])


def _lost(told: Told, sentences: pa.Table, cues: pa.Table) -> pa.Table:
    """The lost sentences, each with the cue most like it and how alike that is."""
    nobody = told.nearest < 0
    candidates = {
        "candidate": cues["member_id"].take(pa.array(told.nearest, mask=nobody)),
        "candidate_similarity": pa.array(told.similarity_there, mask=nobody),
    }
    return to_left_out(sentences.take(told.lost), Reason.TEXT_NOT_FOUND, told.details, **candidates)


def _with_spans(members: pa.Table, found: pa.Table) -> pa.Table:
    position = pc.index_in(members["member_id"], found["member_id"].combine_chunks())
    for name in ("start_ns", "end_ns"):
        times = pc.coalesce(members[name], found[name].take(position))
        members = members.set_column(members.schema.get_field_index(name), name, times)
    return members


def _facts(
    text: Text, sentences: pa.Table, cues: pa.Table, found: pa.Table, unheard: NDArray[np.bool_]
) -> dict[str, Any]:
    """For the coverage; unheard are cues that sentences were looked for in, of which none has a word."""
    names = cues["member_id"].filter(unheard)
    return {
        "transcript": text.transcript,
        "cues": text.cues,
        "cue_label": text.cue_label,
        "sentences": sentences.num_rows,
        "timed": found.num_rows,
        "cue_members": cues.num_rows,
        "cues_unheard": len(names),
        "unheard": names.combine_chunks().sort()[:MOST_EXAMPLES].to_pylist(),
    }
