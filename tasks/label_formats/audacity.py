"""Audacity label tracks (its manual, "Importing and Exporting Labels"): start, end and text, parted by tabs.

Times are seconds from the start of the item. A label of no length is a moment, an event; a line that starts
with a backslash has the lowest and highest frequency in Hz of the label above it, -1 where unknown. What a
region says is its text, what a moment says its `label`, as for tasks that name a class. Native ids are lines.
A file without labels is a declared negative: whoever saved the track heard nothing to mark.
"""

from collections.abc import Iterator
from dataclasses import replace

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.negatives import negative_label
from tasks.label_formats.reading.timed_files import NAMING_TASKS, TimedFile, read_lines, read_timed_files

_FREQUENCIES = "\\"


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per label of the track."""
    yield from read_timed_files(batch, entry, (".txt",), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TimedExport) -> Iterator[Label | LabelFault]:
    last: Label | LabelFault | None = None
    read_any = False
    for number, line in enumerate(read_lines(file.path), 1):
        if not line.strip():
            continue
        native_id, origin, read_any = f"{file.prefix}{number}", f"{file.name}:{number}", True
        try:
            if line.startswith(_FREQUENCIES):
                last = _with_frequencies(last, line)
                continue
            found: Label | LabelFault = _to_label((native_id, origin, file.media), line, entry)
        except ValueError as error:
            found = LabelFault(native_id, origin, Reason.MALFORMED, str(error))
        if last:
            yield last
        last = found
    if last:
        yield last
    if not read_any:
        common = {"media": file.media, "annotator": entry.annotator}
        yield negative_label(f"{file.prefix}0", file.name, entry.task or "event", common)


def _to_label(about: tuple[str, str, str], line: str, entry: TimedExport) -> Label:
    fields = line.rstrip("\n").split("\t", 2)
    if len(fields) < 2:
        raise ValueError(f"expected start, end and text, parted by tabs, got {line.strip()[:60]!r}")
    start_ns, end_ns = seconds_to_ns(fields[0]), seconds_to_ns(fields[1])
    text = (fields[2].strip() if len(fields) > 2 else "") or None
    task = entry.task or ("event" if start_ns == end_ns else "transcript")
    names = task in NAMING_TASKS
    native_id, origin, media = about
    return Label(
        native_id=native_id,
        media=media,
        task=task,
        origin=origin,
        label=text if names else None,
        text=None if names else text,
        clock=entry.clock,
        start_ns=start_ns,
        end_ns=end_ns,
        annotator=entry.annotator,
    )


def _with_frequencies(label: Label | LabelFault | None, line: str) -> Label | LabelFault:
    """The label with the frequencies of its line; that of a faulty label changes nothing."""
    fields = line.split("\t")
    if label is None or len(fields) != 3:
        raise ValueError(f"expected a label above its frequencies, low and high, got {line.strip()[:60]!r}")
    if isinstance(label, LabelFault):
        return label
    named = zip(("low_hz", "high_hz"), (field.strip() for field in fields[1:]), strict=True)
    known = {name: value for name, value in named if float(value) >= 0}
    return replace(label, attributes=known or None)


AUDACITY = LabelFormat("audacity", TimedExport, read)
