"""Read a chunk of pieces, each once: its bytes go into its slot, what they say into a row of items."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.collect.planning import Piece
from tasks.core.candidate import Candidate, MediaFacts, Times
from tasks.core.decoder_noise import DecoderNoise
from tasks.core.errors import MissingExtraError, SourceError
from tasks.core.fault import Fault
from tasks.core.shards import fill_slot, leave_slot_empty
from tasks.media.facts import read_facts
from tasks.media.reader import Limits
from tasks.media.sniff import modality_by_name

ItemRow = dict[str, object]

_FACT_COLUMNS = (
    "modality",
    "media_type",
    "text",
    "width",
    "height",
    "orientation",
    "sample_rate",
    "channels",
    "frame_rate",
    "phash",
    "captured_at",
)


@dataclass(frozen=True)
class Reading:
    """What holds for every item of a batch; `license` is of those that have none of their own."""

    batch: str
    license: str
    limits: Limits


@dataclass(frozen=True)
class ReadItem:
    """The row of one item; where it is readable also times of frames, a small picture or a fingerprint."""

    row: ItemRow
    frame_times_ns: Times | None = None
    small: bytes | None = None
    sound_print: bytes | None = None


def read_chunk(reading: Reading, output: Path, pieces: Sequence[Piece]) -> list[ReadItem]:
    """An item per piece; its bytes are then in the shards of `output`."""
    items = []
    with DecoderNoise() as noise:
        for piece in pieces:
            items.append(_read_piece(reading, output, piece))
            noise.tell(f"{reading.batch}/{piece.candidate.native_id}")
    return items


def _read_piece(reading: Reading, output: Path, piece: Piece) -> ReadItem:
    candidate, slot = piece.candidate, piece.slot
    if slot is None:
        return ReadItem(_to_row(reading, candidate, MediaFacts(_named_modality(candidate), "")))
    payload = payload_of(candidate)
    if isinstance(payload, Fault):
        leave_slot_empty(output, slot)
        facts = MediaFacts(_named_modality(candidate), "", fault=payload)
        return ReadItem(_to_row(reading, candidate, facts))
    fill_slot(output, slot, payload)
    facts = candidate.facts or _facts_of(reading, candidate, payload)
    stored = {
        "shard": slot.shard,
        "offset": slot.offset,
        "size": slot.size,
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
    row = _to_row(reading, candidate, facts) | stored
    if not row["readable"]:
        return ReadItem(row)
    return ReadItem(row, facts.frame_times_ns, facts.small, facts.sound_print)


def _facts_of(reading: Reading, candidate: Candidate, payload: bytes) -> MediaFacts:
    name = candidate.name or candidate.native_id
    try:
        return read_facts(payload, name, candidate.modality, reading.limits)
    except MissingExtraError as error:
        raise error.about(f"{reading.batch}/{candidate.native_id}") from error


def _named_modality(candidate: Candidate) -> str:
    return candidate.modality or modality_by_name(candidate.name or candidate.native_id)


def payload_of(candidate: Candidate) -> bytes | Fault:
    """The candidate's bytes; SourceError when they were there and are gone."""
    if candidate.content is None:
        return b""
    try:
        return candidate.content.read()
    except OSError as error:
        raise SourceError(
            f"'{candidate.source}' was there when it was listed and cannot be read now: {error.strerror}"
        ) from error


def _to_row(reading: Reading, candidate: Candidate, facts: MediaFacts) -> ItemRow:
    fault: Fault | None = candidate.fault or facts.fault
    row: ItemRow = {column: getattr(facts, column) for column in _FACT_COLUMNS}
    return row | {
        "batch": reading.batch,
        "item_id": f"{reading.batch}/{candidate.native_id}",
        "media_type": facts.media_type or None,
        "role": candidate.role or facts.modality,
        "session": candidate.session,
        "split": candidate.split,
        "clock": candidate.clock,
        "start_ns": candidate.start_ns,
        "duration_ns": facts.duration_ns if candidate.duration_ns is None else candidate.duration_ns,
        "license": candidate.license or facts.license or reading.license,
        "source": candidate.source,
        "retrieval": candidate.retrieval,
        "derived_from": candidate.derived_from and f"{reading.batch}/{candidate.derived_from}",
        "readable": fault is None,
        "error": str(fault) if fault else None,
    }
