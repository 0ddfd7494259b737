"""Which files of a `files` source are not of the data: they are rejects, with a reason, and no items.

A source takes the modalities that its `media` names. Where it names none, what plainly does not belong is
left out: what editors, viewers and archivers leave behind; and files about the data, such as README and
LICENSE, class lists and code. These stay where they are all that the source has, where `match` picked them,
and where a medium shares their name: `README.txt` is the caption of a picture `README.jpg`. A label export
that no entry names stays too, as an item that cannot be read: leaving it out could lose labels in silence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tasks.core.candidate import Candidate
from tasks.core.content import FileContent
from tasks.core.fault import Fault
from tasks.core.keys import key_of
from tasks.core.rejects import Reason
from tasks.core.source_entries import FilesSource
from tasks.media.sniff import modality_by_name, sniff

_LOOKED_AT_BYTES = 4_096
_LEFTOVER = re.compile(
    r"(?:.*/)?(?:__MACOSX/.*|Thumbs\.db|desktop\.ini|.*~|~\$[^/]*"
    r"|[^/]*\.(?:bak|orig|swp|swo|tmp|part|crdownload))",
    re.IGNORECASE,
)
_ABOUT_THE_DATA = re.compile(
    r"(?:READ[-_ ]?ME|LICEN[CS]ES?|COPYING|COPYRIGHT|NOTICE|CHANGE(?:LOG|S)|AUTHORS|CONTRIBUT(?:ORS|ING)"
    r"|CITATION|CREDITS|ATTRIBUTIONS?|INSTALL|MANIFEST|INDEX|SOURCES?|VERSION|TODO|Makefile|Dockerfile"
    r"|requirements|classes|labels|label_?map|obj\.names|sha(?:1|256)sums?|md5sums?|checksums?|robots|sitemap)"
    r"(?:[-_.][a-z]{2,3})?(?:\.(?:txt|text|md|markdown|rst|html?|names|cfg|org|tex))?",
    re.IGNORECASE,
)
_NO_DATA = (
    ".md .markdown .rst .html .htm .xhtml .css .js .ts .py .pyc .ipynb .r .m .sh .bat .ps1 .toml .ini .cfg"
    " .conf .lock .log .tex .bib .sha256 .sha1 .md5 .url .webloc .lnk .doc .docx .odt .pdf .names .torrent"
)
_NO_DATA_SUFFIXES = frozenset(_NO_DATA.split())


@dataclass(frozen=True)
class Parted:
    """The candidates of a source that are of the data, and those that are not, each with the reason."""

    kept: list[Candidate]
    left_out: list[tuple[Candidate, Fault]]


def part_files(source: FilesSource, candidates: Sequence[Candidate]) -> Parted:
    """The candidates of the source in their order, parted."""
    faults = dict(_other_modalities(source, candidates) if source.media else _strangers(source, candidates))
    kept = [candidate for row, candidate in enumerate(candidates) if row not in faults]
    return Parted(kept, [(candidates[row], fault) for row, fault in faults.items()])


def _other_modalities(source: FilesSource, candidates: Sequence[Candidate]) -> Iterator[tuple[int, Fault]]:
    wanted = ", ".join(source.media)
    for row, candidate in enumerate(candidates):
        modality = _modality(candidate)
        if modality not in source.media:
            detail = f"it is {modality}; its source takes {wanted} (media in batch.yaml)"
            yield row, Fault(Reason.OTHER_MODALITY, detail)


def _strangers(source: FilesSource, candidates: Sequence[Candidate]) -> Iterator[tuple[int, Fault]]:
    """What is of no data by its name; where that would be all of the source, it is the data."""
    if source.match is not None:
        return
    named = [modality_by_name(candidate.name or "") for candidate in candidates]
    media_keys = {
        key_of(candidate.native_id)
        for candidate, modality in zip(candidates, named, strict=True)
        if modality not in ("text", "signal")
    }
    faults = ((row, _fault_of(candidate, media_keys)) for row, candidate in enumerate(candidates))
    found = [(row, fault) for row, fault in faults if fault is not None]
    if len(found) < len(candidates):
        yield from found


def _fault_of(candidate: Candidate, media_keys: set[str]) -> Fault | None:
    if _LEFTOVER.fullmatch(candidate.native_id):
        return Fault(Reason.NOT_OF_THE_DATA, "an editor, viewer or archiver left it behind")
    if key_of(candidate.native_id) in media_keys:
        return None
    path = PurePosixPath(candidate.native_id)
    advice = "name text under media of its source if it is data"
    if _ABOUT_THE_DATA.fullmatch(path.name):
        return Fault(Reason.NOT_OF_THE_DATA, f"by its name it is about the data, not of it; {advice}")
    if media_keys and path.suffix.lower() in _NO_DATA_SUFFIXES:
        kind = f"{path.suffix} beside media is a page, a program or settings"
        return Fault(Reason.NOT_OF_THE_DATA, f"{kind}; {advice}")
    return None


def _modality(candidate: Candidate) -> str:
    """What the bytes say, else the name; text under a picture's name is a broken picture."""
    name = candidate.name or candidate.native_id
    if candidate.content is None:
        return candidate.modality or modality_by_name(name)
    if isinstance(candidate.content, FileContent):
        try:
            with candidate.content.path.open("rb") as file:
                return sniff(file.read(_LOOKED_AT_BYTES), name).modality
        except OSError:
            return modality_by_name(name)
    payload = candidate.content.read()
    looked_at = b"" if isinstance(payload, Fault) else payload[:_LOOKED_AT_BYTES]
    return sniff(looked_at, name).modality
