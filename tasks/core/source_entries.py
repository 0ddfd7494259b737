"""The `sources` of a batch file: one dataclass per kind, in the order of their names.

A field of type PathText is a path that must exist: relative ones stay inside the batch folder. Every kind has
`session`, `role` and `clock`: what its items are about together, their stream, and what their times count on.
"""

from dataclasses import dataclass
from typing import Literal

from tasks.core.config import DurationNs, PathText

DEFAULT_CLOCK = "reference"
WHOLE_BATCH = "all"


@dataclass(frozen=True)
class FilesSource:
    """Media files in a folder (searched to its depths), or one file; told by their content, not their suffix.

    `session` is a template over {parent}, {stem}, {name} and {batch}. `role` names the stream, and is the
    modality when not given.
    """

    kind: Literal["files"]
    path: PathText
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    start: DurationNs | None = None


@dataclass(frozen=True)
class TableSource:
    """Items listed by a table (CSV, TSV, JSONL, Parquet): a media file, a text or numbers per row.

    Exactly one of `media` (column of paths relative to the table), `text` (column) and `values`
    (numeric columns, one signal item a row) is given. `time` and `duration` are columns of seconds.
    `columns` names the columns of a file without a header; lines that start with `comment` are skipped.
    """

    kind: Literal["table"]
    path: PathText
    media: str | None = None
    text: str | None = None
    values: tuple[str, ...] = ()
    id: str | None = None
    time: str | None = None
    duration: str | None = None
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        """Refuse a table that does not say, or says twice, what its items are."""
        given = [name for name in ("media", "text", "values") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of media, text and values, got {given or 'none'}")


@dataclass(frozen=True)
class CsdSource:
    """Feature sequences of the CMU Multimodal SDK: each video of a .csd file is one signal item.

    `session` is a template over {video} and {batch}.
    """

    kind: Literal["csd"]
    path: PathText
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK


Source = CsdSource | FilesSource | TableSource

SOURCE_KINDS: dict[str, type] = {
    "csd": CsdSource,
    "files": FilesSource,
    "table": TableSource,
}
