"""The candidates of a whole batch, in order, each id once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter

from tasks.core.candidate import Candidate, Delivery
from tasks.core.content import BytesContent
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.source_entries import Source
from tasks.sources import SOURCES


def list_candidates(delivery: Delivery) -> list[Candidate]:
    """Every candidate of every source entry, sorted by native id; see `mark_repeated`."""
    listed = [candidate for source in delivery.batch.file.sources for candidate in _list(delivery, source)]
    # The sort is stable: of one id, the entry that stands first in batch.yaml comes first.
    listed.sort(key=attrgetter("native_id"))
    return sorted(mark_repeated(listed), key=attrgetter("native_id"))


def _list(delivery: Delivery, source: Source) -> Iterator[Candidate]:
    """The candidates of one entry, with what it wants taken out of videos."""
    # A source that cannot have videos does not know the word.
    video = getattr(source, "video", None)
    for candidate in SOURCES[source.kind].list(delivery, source):
        yield candidate if video is None else replace(candidate, video=video)


def mark_repeated(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The candidates; one whose id was there before becomes `<id>~2`, faulty. A file is not kept twice."""
    candidates = list(candidates)
    taken = {candidate.native_id for candidate in candidates}
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.native_id not in seen:
            seen.add(candidate.native_id)
            yield candidate
            continue
        other = _free_id(candidate.native_id, taken)
        taken.add(other)
        fault = candidate.fault or Fault(
            Reason.REPEATED, f"'{candidate.native_id}' is listed before; this is {candidate.source}"
        )
        cell = candidate.content if isinstance(candidate.content, BytesContent) else None
        yield replace(candidate, native_id=other, content=cell, fault=fault)


def _free_id(native_id: str, taken: set[str]) -> str:
    number = 2
    while f"{native_id}~{number}" in taken:
        number += 1
    return f"{native_id}~{number}"
