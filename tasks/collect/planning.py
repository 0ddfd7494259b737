"""Where every piece will lie in the shards, from names and sizes alone, and who reads which pieces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from tasks.core.candidate import Candidate
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.shards import Slot, plan_shards

# About a quarter of a second of work; for less, starting a second process would cost more than it saves.
LARGEST_CHUNK_PIECES = 256
LARGEST_CHUNK_BYTES = 64 * 1024 * 1024
_MEMBER_SUFFIXES = {"text": ".txt", "signal": ".csv"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A candidate and the slot for its bytes; without a slot it has a fault."""

    candidate: Candidate
    slot: Slot | None


def plan_pieces(candidates: Sequence[Candidate], largest_file_bytes: int) -> list[Piece]:
    """A piece per candidate, in order."""
    sized = [_to_sized(candidate, largest_file_bytes) for candidate in candidates]
    members = [(_member_name(candidate), size) for candidate, size in sized if size is not None]
    slots = iter(plan_shards(members))
    return [Piece(candidate, None if size is None else next(slots)) for candidate, size in sized]


def to_chunks(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces in order, in portions that one worker reads at a time."""
    chunks: list[list[Piece]] = []
    chunk_bytes = 0
    for piece in pieces:
        size = piece.slot.size if piece.slot else 0
        full = not chunks or len(chunks[-1]) >= LARGEST_CHUNK_PIECES
        if full or chunk_bytes + size > LARGEST_CHUNK_BYTES:
            chunks.append([])
            chunk_bytes = 0
        chunks[-1].append(piece)
        chunk_bytes += size
    return chunks


def _to_sized(candidate: Candidate, largest_file_bytes: int) -> tuple[Candidate, int | None]:
    """The candidate with the size of its bytes; None where there are none to keep, with the reason."""
    if candidate.content is None:
        return candidate, None
    size = candidate.content.size()
    if isinstance(size, Fault):
        return _without_bytes(candidate, size), None
    if size > largest_file_bytes:
        detail = f"expected at most {largest_file_bytes} bytes, got {size}"
        return _without_bytes(candidate, Fault(Reason.TOO_LARGE, detail)), None
    return candidate, size


def _without_bytes(candidate: Candidate, fault: Fault) -> Candidate:
    return replace(candidate, content=None, fault=candidate.fault or fault)


def _member_name(candidate: Candidate) -> str:
    """The name in the shard; a cell of a table or a part of a video, which have no suffix, get one."""
    if candidate.derived_from and candidate.name:
        return candidate.native_id + PurePosixPath(candidate.name).suffix
    return candidate.native_id + _MEMBER_SUFFIXES.get(candidate.modality or "", "")
