"""The candidates of a whole batch, in order, each id once; and the files that are none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from tasks.collect.belonging_files import Parted, part_files
from tasks.core.candidate import Candidate, Delivery
from tasks.core.content import BytesContent
from tasks.core.fault import Fault
from tasks.core.rejects import Reason, Reject
from tasks.core.source_entries import FilesSource, Source
from tasks.sources import SOURCES


@dataclass(frozen=True)
class Listed:
    """What the sources of a batch have: candidates, and files that are not of the data, as rejects."""

    candidates: list[Candidate]
    rejects: list[Reject]


def list_candidates(delivery: Delivery) -> Listed:
    """Every candidate of every source entry, by native id (see `mark_repeated`), and what is left out."""
    parted = [_part(delivery, source) for source in delivery.batch.file.sources]
    listed = [candidate for part in parted for candidate in part.kept]
    # The sort is stable: of one id, the entry that stands first in batch.yaml comes first.
    listed.sort(key=attrgetter("native_id"))
    kept = sorted(mark_repeated(listed), key=attrgetter("native_id"))
    return Listed(kept, _to_rejects(delivery.batch.name, kept, parted))


def _part(delivery: Delivery, source: Source) -> Parted:
    """The candidates of one entry, with what it wants taken out of videos."""
    # A source that cannot have videos does not know the word.
    video = getattr(source, "video", None)
    found = SOURCES[source.kind].list(delivery, source)
    candidates = list(found) if video is None else [replace(candidate, video=video) for candidate in found]
    return part_files(source, candidates) if isinstance(source, FilesSource) else Parted(candidates, [])


def _to_rejects(batch: str, kept: Sequence[Candidate], parted: Sequence[Parted]) -> list[Reject]:
    """What no entry takes, each file once."""
    taken = {candidate.native_id for candidate in kept}
    left_out = {
        candidate.native_id: Reject(
            batch, "files", f"{batch}/{candidate.native_id}", fault.reason, fault.detail
        )
        for part in parted
        for candidate, fault in part.left_out
        if candidate.native_id not in taken
    }
    return [left_out[name] for name in sorted(left_out)]


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
