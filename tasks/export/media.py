"""The bytes behind samples' members, batch by batch.

reads   collected (items, media shards), labels (texts), aligned (links, clocks, pooled) of the batch

Of a sound, only the span that belongs to the sample is taken. What captions and transcripts say is a text
member; any other label is a target and no member. Text goes out as UTF-8, whatever it was delivered in.
What was pooled for the sample is a member of the role `pooled_<role>`: a vector as .npy, its columns
named beside it, or a text.
"""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.clock_line import ClockLine, ClockPiece, own_span_ns, pieces_by_clock
from tasks.core.exporter import ExportMember
from tasks.core.fault import Fault
from tasks.core.pooled import Numbers, pooled_files
from tasks.core.rejects import Reason
from tasks.core.schemas import CLOCKS, ITEMS, LABELS, LINKS
from tasks.core.shards import ShardReader
from tasks.core.source_entries import DEFAULT_CLOCK
from tasks.core.stage import StageInput
from tasks.export.clips import WAV, ClipCutter
from tasks.export.lookup import Lookup

TEXT_TASKS = ("caption", "transcript")
_PLAIN_TEXT, _NPY = "text/plain", "application/x-npy"
_SAME_CLOCK = [ClockPiece(ClockLine(0, 0, 0.0))]
_ITEM_COLUMNS = (
    *("modality", "session", "clock", "start_ns", "readable"),
    *("shard", "offset", "size", "media_type", "text"),
)
_SPAN = ("start_ns", "end_ns")

Row = dict[str, Any]
Span = tuple[int | None, int | None]


class BatchMedia:
    """Finds members of one batch; it keeps shards open until it is closed."""

    def __init__(self, inputs: StageInput, batch: Batch) -> None:
        self._reference_clocks = (batch.file.reference_clock, DEFAULT_CLOCK)
        self._items = Lookup(
            inputs.table(ITEMS, batch, (*ITEMS.key, *_ITEM_COLUMNS)), ITEMS.key, _ITEM_COLUMNS
        )
        self._texts = Lookup(
            _texts(inputs.table(LABELS, batch, ("label_id", "task", "text"))), LABELS.key, ("text",)
        )
        self._links = Lookup(inputs.table(LINKS, batch, (*LINKS.key, *_SPAN)), LINKS.key, _SPAN)
        self._clocks = pieces_by_clock(inputs.table(CLOCKS, batch).to_pylist())
        self._shards = ShardReader(inputs.folder("collected", batch))
        self._cutter = ClipCutter()
        self._pooled = pooled_files(inputs.folder("aligned", batch))

    def close(self) -> None:
        """Let go of what is open."""
        self._cutter.close()
        self._shards.__exit__()

    def member(self, sample_id: str, role: str, kind: str, member_id: str) -> ExportMember | Fault | None:
        """The member with its bytes; a Fault where it has none; None for a label that is only a target."""
        link = self._links.find(sample_id, role, member_id)
        span: Span = (link["start_ns"], link["end_ns"]) if link else (None, None)
        if kind == "label":
            found = self._texts.find(member_id)
            return _text_member(role, member_id, found["text"], span) if found else None
        item = self._items.find(member_id)
        if item is None:
            return Fault(Reason.NO_MEDIA, f"its {role} {member_id} was not collected")
        return self._item_member(item, role, member_id, span)

    def pooled(self, sample_id: str) -> list[ExportMember]:
        """What was pooled for the sample, by role; nothing of a role where no frame was."""
        return [
            _pooled_member(role, sample_id, found, file.columns)
            for role, file in self._pooled.items()
            if (found := file.find(sample_id)) is not None
        ]

    def _item_member(self, item: Row, role: str, member_id: str, span: Span) -> ExportMember | Fault:
        if not item["readable"] or (item["shard"] is None and item["text"] is None):
            return Fault(Reason.NO_MEDIA, f"its {role} {member_id} could not be read")
        clip = self._clip(item, member_id, span) if item["modality"] == "audio" else None
        if isinstance(clip, Fault):
            return clip
        media_type = item["media_type"] or _PLAIN_TEXT
        if clip is not None:
            return ExportMember(role, "item", member_id, item["modality"], WAV, clip, *span)
        return ExportMember(role, "item", member_id, item["modality"], media_type, self._payload(item), *span)

    def _clip(self, item: Row, item_id: str, span: Span) -> bytes | Fault | None:
        """The span of the sound as WAV, None where the whole file is meant."""
        if span[0] is None or span[1] is None:
            return None
        pieces = self._clocks.get((item["session"], item["clock"]))
        if pieces is None and item["clock"] not in self._reference_clocks:
            return Fault(Reason.CLOCK_UNKNOWN, f"the clock '{item['clock']}' of {item_id} was not told")
        own_ns = own_span_ns(span[0], span[1], pieces or _SAME_CLOCK)
        begin_ns, end_ns = (time_ns - (item["start_ns"] or 0) for time_ns in own_ns)
        clip = self._cutter.cut(item_id, lambda: self._payload(item), (begin_ns, end_ns))
        return Fault(Reason.NO_MEDIA, f"its span of {item_id} holds no sound") if clip == b"" else clip

    def _payload(self, item: Row) -> bytes:
        if item["text"] is not None:
            return str(item["text"]).encode()
        return self._shards.read(item["shard"], item["offset"], item["size"])


def _texts(labels: pa.Table) -> pa.Table:
    """The labels that are texts."""
    spoken = pc.is_in(labels["task"], pa.array(TEXT_TASKS))
    return labels.filter(pc.and_(spoken, pc.is_valid(labels["text"])))


def _text_member(role: str, label_id: str, text: str, span: Span) -> ExportMember:
    return ExportMember(role, "label", label_id, "text", _PLAIN_TEXT, text.encode(), *span)


def _pooled_member(role: str, sample_id: str, found: Numbers | str, columns: tuple[str, ...]) -> ExportMember:
    name = f"pooled_{role}"
    if isinstance(found, str):
        return ExportMember(name, "pooled", sample_id, "text", _PLAIN_TEXT, found.encode())
    stored = io.BytesIO()
    np.save(stored, found, allow_pickle=False)
    return ExportMember(name, "pooled", sample_id, "signal", _NPY, stored.getvalue(), columns=columns)
