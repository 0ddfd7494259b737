"""Lines as NIST's formats CTM and RTTM have them: fields between blanks; comments start with `;;`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tasks.core.label import Label, LabelFault
from tasks.label_formats.reading.fault_error import reason_of
from tasks.label_formats.reading.timed_files import TimedFile, read_lines


# Not frozen, which would make one cost four times as much; nothing changes it.
@dataclass(slots=True)
class NistLine:
    """The fields of one line, at least one, and what its label is called and where it stands."""

    native_id: str
    origin: str
    fields: list[str]


def read_nist_lines(
    file: TimedFile, to_label: Callable[[NistLine], Label | None]
) -> Iterator[Label | LabelFault]:
    """What `to_label` makes of every line that is neither blank nor a comment; None is no label.

    A ValueError that it raises is the fault of that line. Native ids are lines.
    """
    for number, text in enumerate(read_lines(file.path), 1):
        fields = text.split()
        if not fields or fields[0].startswith(";;"):
            continue
        line = NistLine(f"{file.prefix}{number}", f"{file.name}:{number}", fields)
        try:
            label = to_label(line)
        except ValueError as error:
            yield LabelFault(line.native_id, line.origin, reason_of(error), str(error))
            continue
        if label is not None:
            yield label
