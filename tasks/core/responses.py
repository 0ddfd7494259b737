"""What the stage `fetch` kept of the web, as the sources list it.

reads   data/fetched/<batch>/responses.parquet and media-NNNNN.tar
An answer gives a candidate's content, or the fault why there is none, and its evidence as JSON.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.core.candidate import Candidate
from tasks.core.content import SliceContent
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.schemas import RESPONSES
from tasks.core.strict_json import to_json
from tasks.core.tables import iterate_table
from tasks.core.web_address import Address

_EVIDENCE = (
    *("final_url", "redirects", "address", "status", "content_type", "robots", "robots_sha256"),
    *("x_robots_tag", "meta_robots", "page", "page_sha256", "retrieved_at"),
)
_NO_TEXT = ("audio", "image", "video")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One address as the web answered it."""

    row: Row
    folder: Path

    def candidate(self, address: Address, expected: tuple[str, ...]) -> Candidate:
        """The candidate of the address, with a fault when it is none of `expected` (when there are any)."""
        fault = self._fault(expected)
        kept = self.row["shard"] is not None
        return Candidate(
            address.native_id,
            address.url,
            modality=None if kept else self.row["modality"],
            content=SliceContent(self.folder / self.row["shard"], self.row["offset"], self.row["size"])
            if kept
            else None,
            name=address.file_name or "index",
            license=self.row["license"],
            retrieval=self.evidence(),
            fault=fault,
        )

    def evidence(self) -> str:
        """How it was retrieved, as JSON; what is not known is left out."""
        known = {name: self.row[name] for name in _EVIDENCE if self.row[name] not in (None, [])}
        return to_json(known, name="retrieval")

    def _fault(self, expected: tuple[str, ...]) -> Fault | None:
        if self.row["reason"] is not None:
            return Fault(Reason(self.row["reason"]), self.row["detail"])
        media_type, modality = self.row["media_type"], self.row["modality"]
        if expected and modality not in expected:
            wanted = " or ".join(expected)
            return Fault(Reason.UNKNOWN_MEDIA, f"expected {wanted}, its bytes are {media_type}")
        declared = (self.row["content_type"] or "").split("/")[0].lower()
        if declared in _NO_TEXT and str(media_type).startswith("text/"):
            detail = f"the server calls it {self.row['content_type']}, its bytes are {media_type}"
            return Fault(Reason.UNKNOWN_MEDIA, detail)
        return None


def read_answers(folder: Path, asked_by: str) -> Iterator[tuple[str, Answer]]:
    """The answers that hold media, or the lack of them, by the address that was asked for."""
    for rows in iterate_table(RESPONSES, folder):
        for row in rows.to_pylist():
            if row["kind"] == "media" and row["asked_by"] == asked_by:
                yield row["url"], Answer(row, folder)
