"""What to write where an export names no item of the batch: `item`, with the one that is likely meant."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from posixpath import basename

from tasks.core.fault import Fault
from tasks.core.item_index import NamedItems
from tasks.core.label_entries import CvatExport, Export, TimedExport, TranscriptExport
from tasks.core.rejects import Reason

_MOST_COMPARED = 1_000
_RECORDED = ("audio", "video", "signal")


@dataclass(frozen=True)
class MissingItems:
    """Adds advice to what is not found; nothing is guessed."""

    export: Export
    items: NamedItems

    def told(self, answer: int | Fault, media: str) -> int | Fault:
        """The answer; a fault of an item that is not there says what would mend it."""
        if not isinstance(answer, Fault) or answer.reason is not Reason.ITEM_NOT_FOUND:
            return answer
        likely = self._likely(media)
        if isinstance(self.export, TimedExport | TranscriptExport | CvatExport) and not self.export.item:
            pattern = 'of a folder of exports `item: "{stem}.wav"`'
            advice = f"say which it is about: `item: {likely or '<the item>'}` in its entry, {pattern}"
            return replace(answer, detail=f"{answer.detail}; {advice}")
        return replace(answer, detail=f"{answer.detail}. Did you mean '{likely}'?") if likely else answer

    def _likely(self, media: str) -> str:
        """The only recording, or the item whose name is nearest; nothing in a large batch."""
        names = self.items.native_ids
        recorded = [
            name
            for name, kind in zip(names[:_MOST_COMPARED], self.items.modalities, strict=False)
            if kind in _RECORDED
        ]
        if isinstance(self.export, TimedExport | TranscriptExport | CvatExport) and len(recorded) == 1:
            return recorded[0]
        if len(names) > _MOST_COMPARED:
            return ""
        by_name = {basename(name): name for name in names}
        close = get_close_matches(basename(media), [*by_name], n=1, cutoff=0.6)
        return by_name[close[0]] if close else ""
