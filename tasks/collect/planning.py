"""Where every piece will lie in the shards, from names and sizes alone, and who reads which pieces."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tasks.core.candidate import Candidate, Fault
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
    if candidate.payload is not None:
        return candidate, len(candidate.payload)
    if candidate.path is None:
        return candidate, None
    try:
        status = candidate.path.stat()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        reason = Reason.FILE_MISSING if missing else Reason.UNREADABLE
        detail = "there is no such file" if missing else f"{error.strerror}"
        return _without_bytes(candidate, Fault(reason, detail)), None
    fault = _fault_of(candidate, status, largest_file_bytes)
    return (_without_bytes(candidate, fault), None) if fault else (candidate, status.st_size)


def _fault_of(candidate: Candidate, status: os.stat_result, largest_file_bytes: int) -> Fault | None:
    if not stat.S_ISREG(status.st_mode):
        return Fault(Reason.UNREADABLE, "it is not a regular file")
    if status.st_size > largest_file_bytes:
        detail = f"expected at most {largest_file_bytes} bytes, got {status.st_size}"
        return Fault(Reason.TOO_LARGE, detail)
    if candidate.path is not None and not os.access(candidate.path, os.R_OK):
        return Fault(Reason.UNREADABLE, "it may not be read: its permissions forbid it")
    return None


def _without_bytes(candidate: Candidate, fault: Fault) -> Candidate:
    return replace(candidate, path=None, fault=candidate.fault or fault)


def _member_name(candidate: Candidate) -> str:
    suffix = "" if candidate.payload is None else _MEMBER_SUFFIXES.get(candidate.modality or "", "")
    return candidate.native_id + suffix
