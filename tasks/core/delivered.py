"""What lies below a source: names that are the same wherever the clone lies, and no way out of the delivery.

A relative source belongs to its batch: ids are paths in the batch folder. An absolute one brings its own
root, the folder it names (or that its file lies in); ids then start with that folder's name. So no id, and
nothing else that is written, names a place on this machine.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.config import written_paths
from tasks.core.fault import Fault
from tasks.core.rejects import Reason

# Files of these kinds say something about media; they are none themselves.
_ANNOTATIONS = (
    ".json .jsonl .ndjson .csv .tsv .tab .xml .yaml .yml .textgrid .eaf .srt .vtt .ass .ssa .ttml .dfxp .lrc"
    " .rttm .ctm .stm .trs .lab .jams .csd"
)
ANNOTATION_SUFFIXES = frozenset(_ANNOTATIONS.split())

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Root:
    """The folder that a source may not leave, and the one that its ids are relative to."""

    folder: Path
    named_from: Path

    def id_of(self, place: Path) -> str:
        """The place's id; bytes of its name that are no UTF-8 are written as hexadecimal escapes."""
        top = f"{self.named_from}{os.sep}"
        written = str(place)
        # relpath takes ten times as long, and nearly every place is written below its root.
        inside = written.startswith(top) and ".." not in written
        name = written[len(top) :] if inside else os.path.relpath(place, self.named_from)
        return spelled(name.replace(os.sep, "/"))

    def holds(self, place: Path) -> bool:
        """Whether the place is inside, by its name and after following every link on its way."""
        lexical = Path(os.path.relpath(place, self.folder))
        # realpath ends at a link to itself, where resolve raises in some versions of Python.
        real = Path(os.path.realpath(place))
        return ".." not in lexical.parts and real.is_relative_to(os.path.realpath(self.folder))


def spelled(name: str) -> str:
    """The name of a file as text; its bytes that are no UTF-8 are written as hexadecimal escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def root_of(batch: Batch, written: str) -> Root:
    """The root of the source whose `path` is written so in the batch file."""
    place = Path(os.path.normpath(written))
    if not place.is_absolute():
        return Root(batch.folder, batch.folder)
    folder = place if place.is_dir() else place.parent
    return Root(folder, folder.parent)


def delivered_name(batch: Batch, written: str) -> str:
    """The path of an export as ids have it; an absolute one is named from the source or folder it lies in."""
    place = Path(os.path.normpath(batch.path(written)))
    roots = [root_of(batch, path) for source in batch.file.sources for path in written_paths(source)]
    for root in [*roots, root_of(batch, written)]:
        if place.is_relative_to(root.folder):
            return root.id_of(place)
    return place.name


def placeholders(template: str) -> list[str]:
    """The names between braces, in order."""
    return _PLACEHOLDER.findall(template)


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """The template with every {name} replaced by its value."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def leads_out(name: str) -> Fault:
    """The fault of a path or link that leaves its root."""
    if Path(name).is_absolute():
        return Fault(Reason.UNREADABLE, "the path is absolute and leads out of the batch")
    return Fault(Reason.UNREADABLE, f"'{name}' leads out of the batch; deliver the file itself")
