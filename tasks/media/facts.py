"""What one item's bytes are: told by their content, read by their modality's reader.

A table says itself that its cells are text or numbers; anything else is sniffed.
"""

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.series import SERIES_TYPE
from tasks.media import READERS
from tasks.media.reader import Limits
from tasks.media.sniff import sniff

_TOLD_TYPES = {"text": "text/plain", "signal": "text/csv"}


def read_facts(payload: bytes, name: str, modality: str | None, limits: Limits) -> MediaFacts:
    """The facts of the bytes; `name` is what they were called, `modality` what their source said of them."""
    sniffed = sniff(payload, name)
    if modality in _TOLD_TYPES and sniffed.media_type != SERIES_TYPE:
        return _read_told(payload, modality, limits)
    if sniffed.fault is not None:
        return MediaFacts(sniffed.modality, sniffed.media_type, fault=sniffed.fault)
    return READERS[sniffed.modality].read(payload, sniffed.media_type, limits)


def _read_told(payload: bytes, modality: str, limits: Limits) -> MediaFacts:
    if not payload:
        return MediaFacts(
            modality, _TOLD_TYPES[modality], fault=Fault(Reason.FILE_EMPTY, "the cell is empty")
        )
    return READERS[modality].read(payload, _TOLD_TYPES[modality], limits)
