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
class CrawlSource:
    """Media that web pages show or link to, found from the pages `start` on and those that `sitemaps` list.

    Only `hosts` are asked, for pages and for media; when not given, those of `start` and `sitemaps`.
    `depth` is how many links away from a start page the last pages are, `pages` how many are read at most.
    `media` are the modalities that are wanted. `allow_private` names hosts whose private addresses may be
    asked. `session` is a template over {page} (its address without the scheme), {host}, {stem}, {name} and
    {batch}.
    """

    kind: Literal["crawl"]
    start: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    depth: int = 1
    pages: int = 100
    media: tuple[Literal["audio", "image", "video"], ...] = ("audio", "image", "video")
    allow_private: tuple[str, ...] = ()
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK

    def __post_init__(self) -> None:
        """Refuse a crawl that begins nowhere or has no end."""
        if not self.start and not self.sitemaps:
            raise ValueError("expected start pages or sitemaps to begin with")
        if self.depth < 0 or self.pages < 1:
            raise ValueError("expected a depth of at least 0 and at least 1 page")


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

    Exactly one of `media` (column of paths relative to the table, or of http and https addresses), `text`
    (column) and `values` (numeric columns, one signal item a row) is given. `time` and `duration` are
    columns of seconds. `columns` names the columns of a file without a header; lines that start with
    `comment` are skipped. `allow_private` names hosts whose private addresses may be asked.
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
    allow_private: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a table that does not say, or says twice, what its items are."""
        given = [name for name in ("media", "text", "values") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of media, text and values, got {given or 'none'}")


@dataclass(frozen=True)
class UrlsSource:
    """Media at http and https addresses: a text file with one a line, or a table (CSV, TSV, JSONL, Parquet).

    `url` is the table's column of addresses; `id` and `license` are columns too, and `session` a template
    over all of them, {host}, {parent}, {stem}, {name} and {batch}. A text file's lines that start with #
    are skipped. `media` are the modalities that are wanted; when not given, all. `allow_private` names
    hosts whose private addresses may be asked.
    """

    kind: Literal["urls"]
    path: PathText
    url: str | None = None
    id: str | None = None
    license: str | None = None
    media: tuple[Literal["audio", "image", "text", "video"], ...] = ()
    allow_private: tuple[str, ...] = ()
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        """Refuse columns of what is no table."""
        if self.url is None and (self.id or self.license or self.columns or self.delimiter):
            raise ValueError("id, license, columns and delimiter are of a table: say its column `url` too")


Source = CrawlSource | FilesSource | TableSource | UrlsSource

SOURCE_KINDS: dict[str, type] = {
    "crawl": CrawlSource,
    "files": FilesSource,
    "table": TableSource,
    "urls": UrlsSource,
}
