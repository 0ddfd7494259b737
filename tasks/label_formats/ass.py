r"""Advanced SubStation Alpha and SSA (its "Script Format"; libass): one label per Dialogue with text.

Times are hours, minutes, seconds and centiseconds from the start of the item. The Format line of [Events]
says which fields there are; without it the ten of version 4 are meant. Overrides in braces are left out, and
so are drawings (`\p1`); `\N` and, in wrap style 2, `\n` end a line. The name is the `label`, style and
effect are attributes. Comments and other events (pictures, sounds, commands) are no labels. Native ids count
the Dialogues. A `Timer` other than 100 % is refused: the format says that it stretches all times, and no
player of today does it. pysubs2 is not used: it loses the whole file over one time, and every line's number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import parse_clock_time_ns
from tasks.label_formats.reading.timed_files import CLASS_TASKS, TimedFile, read_lines, read_timed_files

_SECTION = re.compile(r"\[[^\]]*[a-z][^\]]*\]")
_OVERRIDES = re.compile(r"\{([^{}]*)\}")
_DRAWING = re.compile(r"\\p([0-9]{1,9})")
_ORDINARY_TIMER = re.compile(r"(?:100(?:[.,]0*)?)?")
_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_NEEDED = {"start", "end", "text"}
_EVENTS, _SCRIPT_INFO = "[events]", "[script info]"


@dataclass
class _Script:
    """One script, as far as it has been read."""

    file: TimedFile
    entry: TimedExport
    section: str = ""
    fields: tuple[str, ...] = _FIELDS
    soft_break: str = " "
    dialogues: int = 0
    attributes: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per Dialogue that says something, in the order of the script."""
    yield from read_timed_files(batch, entry, (".ass", ".ssa"), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TimedExport) -> Iterator[Label | LabelFault]:
    script = _Script(file, entry)
    has_events = False
    for number, line in enumerate(read_lines(file.path), 1):
        stripped = line.strip()
        if _SECTION.fullmatch(stripped):
            script.section = stripped.lower()
            has_events = has_events or script.section == _EVENTS
        elif script.section == _SCRIPT_INFO:
            _take_info(script, number, stripped)
        elif script.section == _EVENTS:
            found = _read_event(script, number, stripped)
            if found:
                yield found
    if not has_events:
        raise LabelFormatError(file.path, None, "expected a section [Events]")


def _take_info(script: _Script, number: int, line: str) -> None:
    key, _, value = (part.strip() for part in line.partition(":"))
    if key == "WrapStyle":
        script.soft_break = "\n" if value == "2" else " "
    if key == "Timer" and not _ORDINARY_TIMER.fullmatch(value):
        message = f"expected a Timer of 100 (%), got {value[:20]}: stretch the times and remove it"
        raise LabelFormatError(script.file.path, number, message)


def _read_event(script: _Script, number: int, line: str) -> Label | LabelFault | None:
    """The label of a Dialogue; None for what is none, or says nothing."""
    kind, _, rest = line.partition(":")
    if kind == "Format":
        script.fields = tuple(name.strip().lower() for name in rest.split(","))
        if script.fields[-1] != "text" or not set(script.fields) >= _NEEDED:
            message = f"expected a Format with Start, End and at last Text, got {rest.strip()[:80]!r}"
            raise LabelFormatError(script.file.path, number, message)
    if kind != "Dialogue":
        return None
    script.dialogues += 1
    native_id = f"{script.file.prefix}{script.dialogues}"
    try:
        return _to_label(script, native_id, f"{script.file.name}:{number}", rest)
    except ValueError as error:
        return LabelFault(native_id, f"{script.file.name}:{number}", Reason.MALFORMED, str(error))


def _to_label(script: _Script, native_id: str, origin: str, written: str) -> Label | None:
    values = written.split(",", len(script.fields) - 1)
    if len(values) != len(script.fields):
        raise ValueError(f"expected {len(script.fields)} fields, got {len(values)}")
    event = dict(zip(script.fields, values, strict=True))
    start_ns, end_ns = parse_clock_time_ns(event["start"]), parse_clock_time_ns(event["end"])
    text = _spoken(event["text"], script.soft_break)
    if not text:
        return None
    entry, says_class = script.entry, script.entry.task in CLASS_TASKS
    return Label(
        native_id=native_id,
        media=script.file.media,
        task=entry.task or "transcript",
        origin=origin,
        label=text if says_class else event.get("name", "").strip() or None,
        text=None if says_class else text,
        clock=entry.clock,
        start_ns=start_ns,
        end_ns=end_ns,
        annotator=entry.annotator,
        attributes=_attributes_of(script, event.get("style", "").strip(), event.get("effect", "").strip()),
    )


def _attributes_of(script: _Script, style: str, effect: str) -> dict[str, str] | None:
    """Style and effect, where given; events that have the same share them."""
    if (style, effect) not in script.attributes:
        named = {"style": style, "effect": effect}
        script.attributes[style, effect] = {name: value for name, value in named.items() if value}
    return script.attributes[style, effect] or None


def _spoken(written: str, soft_break: str) -> str:
    """The text without overrides and drawings, its breaks as newlines."""
    if "{" in written:
        first, *rest = _OVERRIDES.split(written)
        kept, drawing = [first], False
        for overrides, text in zip(rest[::2], rest[1::2], strict=True):
            scales = _DRAWING.findall(overrides)
            drawing = int(scales[-1]) > 0 if scales else drawing
            kept.append("" if drawing else text)
        written = "".join(kept)
    if "\\" in written:
        written = written.replace("\\N", "\n").replace("\\n", soft_break).replace("\\h", " ")
    return written.strip()


ASS = LabelFormat("ass", TimedExport, read)
