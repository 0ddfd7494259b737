"""CMU .csd (computational sequences of the CMU Multimodal SDK): one label per interval of every video.

Times are seconds from the start of the video, as floats that count at their shortest decimal form. Words are
transcripts. One number is the `label`, as it is written shortest; several are attributes, by the names of the
metadata or `value_1` ... More than 64 numbers are features and no labels: a fault for the video says so
(list them with a source of `kind: csd`). The media is the video, without the `[n]` that the SDK gives a
segment of it. Native ids are `<video>/<n>`, n from 1.
"""

import re
from collections.abc import Iterator

from tasks.core.batch import Batch
from tasks.core.computational_sequences import Sequence, read_sequences
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.timed_files import NAMING_TASKS, TimedFile, read_timed_files

MOST_NUMBERS = 64
_SEGMENT = re.compile(r"\[[0-9]+\]$")
_TEXT_KINDS = "SUO"


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per interval, video by video in the order of their names."""
    yield from read_timed_files(batch, entry, (".csd",), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TimedExport) -> Iterator[Label | LabelFault]:
    for sequence in read_sequences(file.path):
        native_id, origin = f"{file.prefix}{sequence.video}", f"{file.name}:{sequence.video}"
        count = sequence.features.shape[1]
        if sequence.fault:
            yield LabelFault(native_id, origin, sequence.fault.reason, sequence.fault.detail)
        elif count > MOST_NUMBERS:
            detail = f"{count} numbers per interval are features: list them with a source of `kind: csd`"
            yield LabelFault(native_id, origin, Reason.UNSUPPORTED_LABEL, detail)
        else:
            yield from _read_sequence(sequence, file, entry)


def _read_sequence(sequence: Sequence, file: TimedFile, entry: TimedExport) -> Iterator[Label | LabelFault]:
    is_text = sequence.features.dtype.kind in _TEXT_KINDS
    task = entry.task or ("transcript" if is_text else "event")
    media = file.item or _SEGMENT.sub("", sequence.video)
    rows = sequence.features.tolist() if is_text else sequence.features.astype("U").tolist()
    times_ns = zip(sequence.start_ns.tolist(), sequence.end_ns.tolist(), strict=True)
    for place, (row, (start_ns, end_ns)) in enumerate(zip(rows, times_ns, strict=True), 1):
        native_id, origin = f"{file.prefix}{sequence.video}/{place}", f"{file.name}:{sequence.video}/{place}"
        try:
            values = [_as_text(value) for value in row]
        except ValueError as error:
            yield LabelFault(native_id, origin, Reason.WRONG_ENCODING, str(error))
            continue
        said = values[0] if len(values) == 1 else None
        names = not is_text or task in NAMING_TASKS
        yield Label(
            native_id=native_id,
            media=media,
            task=task,
            origin=origin,
            label=said if names else None,
            text=None if names else said,
            clock=entry.clock,
            start_ns=start_ns,
            end_ns=end_ns,
            annotator=entry.annotator,
            attributes=None if said is not None else dict(zip(sequence.names, values, strict=True)),
        )


def _as_text(value: object) -> str:
    """The word or number; ValueError when a word is no UTF-8."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"expected UTF-8 text, byte {error.start} of {value[:20]!r} is none") from error
    return str(value)


CSD = LabelFormat("csd", TimedExport, read)
