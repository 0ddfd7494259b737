"""ELAN .eaf (EAF 3.0, mpi.nl; times as ELAN's own source has them): one label per annotation of every tier.

Times are milliseconds. Those of annotations count from TIME_ORIGIN of the media, which is added to them, as
ELAN's players do; on a `clock` nothing is added. An annotation about another has its time and refers to it;
children in a Symbolic_Subdivision divide their parent's time, and slots without a time are interpolated
between their neighbours (see `reading/eaf_times.py`): `time: interpolated` marks both. An annotation of no
length is a moment, an event. `label` is the tier, the text what stands in it (for a task that names a class
the other way round: the class is the label, `tier` an attribute). Participant, language and the entry of a
controlled vocabulary (`cve`) are attributes. Of several media the first is meant whose name, but for the
suffix, is that of an item, else the first. Native ids are ELAN's. pympi-ling is not used: it loses what an
annotation takes from a vocabulary, and reads only files that name their schema; it is a peer in the tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.times import NS_PER_MS
from tasks.label_formats.reading.eaf import Annotation, Eaf, Media, Tier, read_eaf
from tasks.label_formats.reading.eaf_times import Span, Timing, Untimed
from tasks.label_formats.reading.timed_files import CLASS_TASKS, TimedFile, read_timed_files


@dataclass(frozen=True)
class _Document:
    """One document with the media its labels are about."""

    file: TimedFile
    entry: TimedExport
    media: Media
    attributes: dict[tuple[str, bool], dict[str, str]] = field(default_factory=dict)


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per annotation, tier by tier in the order of the document."""
    stems = {_stem(item.native_id) for item in items}
    yield from read_timed_files(batch, entry, (".eaf",), lambda file: _read_file(file, entry, stems))


def _read_file(file: TimedFile, entry: TimedExport, stems: set[str]) -> Iterator[Label | LabelFault]:
    eaf = read_eaf(file.path)
    document = _Document(file, entry, _media_of(eaf, file, stems))
    timing = Timing(eaf)
    for annotation in eaf.annotations:
        span = timing.span_of(annotation)
        if isinstance(span, Untimed):
            native_id, origin = f"{file.prefix}{annotation.key}", f"{file.name}:{annotation.key}"
            yield LabelFault(native_id, origin, span.reason, span.detail)
        else:
            yield _to_label(document, annotation, span)


def _to_label(document: _Document, annotation: Annotation, span: Span) -> Label:
    entry, file, text = document.entry, document.file, annotation.text or None
    origin_ms = 0 if entry.clock else document.media.origin_ms
    attributes = _attributes_of(document, annotation.tier, interpolated=span.interpolated)
    if annotation.entry:
        attributes = attributes | {"cve": annotation.entry}
    says_class = entry.task in CLASS_TASKS
    moment = span.start_ms == span.end_ms
    return Label(
        native_id=file.prefix + annotation.key,
        media=document.media.url,
        task=entry.task or ("event" if moment else "transcript"),
        origin=f"{file.name}:{annotation.key}",
        label=text if says_class else annotation.tier.name,
        text=None if says_class else text,
        clock=entry.clock,
        start_ns=(span.start_ms + origin_ms) * NS_PER_MS,
        end_ns=(span.end_ms + origin_ms) * NS_PER_MS,
        annotator=annotation.tier.annotator or entry.annotator,
        refers_to=[file.prefix + annotation.parent] if annotation.parent else None,
        attributes=attributes or None,
    )


def _attributes_of(document: _Document, tier: Tier, *, interpolated: bool) -> dict[str, str]:
    """What a tier says of its annotations; they share it."""
    key = (tier.name, interpolated)
    if key not in document.attributes:
        named = {
            "tier": tier.name if document.entry.task in CLASS_TASKS else None,
            "participant": tier.participant,
            "language": tier.language,
            "time": "interpolated" if interpolated else None,
        }
        document.attributes[key] = {name: value for name, value in named.items() if value}
    return document.attributes[key]


def _media_of(eaf: Eaf, file: TimedFile, stems: set[str]) -> Media:
    """The media that the labels are about, by the name that finds their item."""
    if not file.item:
        known = [media for media in eaf.media if _stem(media.url) in stems]
        return next(iter([*known, *eaf.media]), Media(file.media, 0))
    meant = [media for media in eaf.media if _stem(media.url) == _stem(file.item)]
    origins_ms = {media.origin_ms for media in meant[:1] or eaf.media} or {0}
    if len(origins_ms) > 1:
        names = [_stem(media.url) for media in eaf.media]
        message = f"expected `item` to be one of the media {names[:8]}, as their times have several origins"
        raise LabelFormatError(file.path, None, message)
    return Media(file.item, origins_ms.pop())


def _stem(name: str) -> str:
    """The file's name without its suffix, of a path or URL of any system."""
    return PurePosixPath(unquote(name).replace("\\", "/")).stem


ELAN = LabelFormat("elan", TimedExport, read)
