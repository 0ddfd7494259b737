"""The `sources` of a batch file: one dataclass per kind, in the order of their names.

A field of type PathText is a path that must exist: relative ones stay inside the batch folder; one of type
PathsText is several by its braces (`shards/{000..012}.tar`), all of which must exist. Every kind has
`session`, `split`, `role`, `clock` and `video`: what its items are about together (`belonging.py` says what
holds where a source does not), the split that they were delivered with, their stream, what their times count
on, and what to take out of its videos.

`split` is a word (train, validation, test, or what else `splits.py` knows), a template over what `session`
may name (`"{parent}"`, a column `"{split}"`), `folders` for the first folder or shard on the way that is
called like a split (`train2017/`, `valid/`, `test-00000-of-00002.parquet`), or `exports` for the split in the
name of the COCO export that lists a picture (`instances_val2017.json`). It is kept. Where it says nothing (an
empty cell, no such folder) the split is drawn.
"""

from dataclasses import dataclass, field
from typing import Literal

from tasks.core.config import DurationNs, PathsText, PathText, SplitText
from tasks.core.path_pattern import refuse_wrong_pattern

DEFAULT_CLOCK = "reference"
WHOLE_BATCH = "all"
HIGHEST_FRAMES_PER_SECOND = 1000


@dataclass(frozen=True)
class VideoOptions:
    """What is taken out of each video, as items of their own beside it.

    `frames_per_second`: pictures, at each tick of this rate the frame that is shown then, each once.
    `picture` is how they are stored: JPEG of quality 95, or PNG, which loses nothing.
    `sound`: the sound track, as FLAC. `sensors`: the tracks of a GoPro (GPMF), a series each.
    """

    frames_per_second: float | None = None
    picture: Literal["jpeg", "png"] = "jpeg"
    sound: bool = False
    sensors: bool = False

    def __post_init__(self) -> None:
        """Refuse a rate that is none, and options that take nothing."""
        rate = self.frames_per_second
        if rate is not None and not 0 < rate <= HIGHEST_FRAMES_PER_SECOND:
            raise ValueError(
                f"expected frames_per_second above 0 and up to {HIGHEST_FRAMES_PER_SECOND}, got {rate}"
            )
        if rate is None and not self.sound and not self.sensors:
            raise ValueError("expected at least one of frames_per_second, sound and sensors")


@dataclass(frozen=True)
class CrawlSource:
    """Media that web pages show or link to, found from the pages `start` on and those that `sitemaps` list.

    Only `hosts` are asked, for pages and for media; when not given, those of `start` and `sitemaps`.
    `depth` is how many links away from a start page the last pages are, `pages` how many are read at most.
    `media` are the modalities that are wanted. `allow_private` names hosts whose private addresses may be
    asked. `session` is a template over {page} (its address without the scheme), {key} (the medium's own,
    without suffixes too), {host}, {stem}, {name} and {batch}.
    """

    kind: Literal["crawl"]
    start: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    depth: int = 1
    pages: int = 100
    media: tuple[Literal["audio", "image", "video"], ...] = ("audio", "image", "video")
    allow_private: tuple[str, ...] = ()
    session: str | None = None
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    video: VideoOptions | None = None
    split: SplitText | None = None

    def __post_init__(self) -> None:
        """Refuse a crawl that begins nowhere or has no end."""
        if not self.start and not self.sitemaps:
            raise ValueError("expected start pages or sitemaps to begin with")
        if self.depth < 0 or self.pages < 1:
            raise ValueError("expected a depth of at least 0 and at least 1 page")


@dataclass(frozen=True)
class CsdSource:
    """Feature sequences of the CMU Multimodal SDK: each video of a .csd file is one signal item.

    `session` is a template over {video} and {batch}.
    """

    kind: Literal["csd"]
    path: PathText
    session: str | None = None
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    split: SplitText | None = None


@dataclass(frozen=True)
class FilesSource:
    """Media files in a folder (searched to its depths), or one file; told by their content, not their suffix.

    Archives (.zip, .tar, .tar.gz, .tar.bz2, .tar.xz) are read like folders. With `match`, a pattern of paths
    below `path` (`*.jpg`, `**/*.jpg`), only those are taken; of an archive that itself matches, all.
    `session` is a template over {parent}, {stem}, {name}, {key} (the path below `path` without suffixes) and
    {batch}. `role` names the stream, and is the modality when not given. `media` are the modalities that are
    taken; where none is named, all but what plainly is not of the data (README, LICENSE, what editors leave).
    """

    kind: Literal["files"]
    path: PathText
    session: str | None = None
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    start: DurationNs | None = None
    match: str | None = None
    media: tuple[Literal["audio", "image", "signal", "text", "video"], ...] = ()
    video: VideoOptions | None = None
    split: SplitText | None = None

    def __post_init__(self) -> None:
        """Refuse a pattern that nothing can match."""
        if self.match is not None:
            refuse_wrong_pattern(self.match)


@dataclass(frozen=True)
class ParquetSource:
    """Media in the cells of Parquet files, as Hugging Face's `datasets` writes them: one, several, a folder.

    `media` and `text` say which column each role is in (`media: {image: jpg}`); a cell of media is bytes, or
    bytes with the path they had. The first of them is the row's own item, `<file>#<row>`; the others are
    `<file>#<row>.<role>`. `session` is a template over {row}, {file}, {batch} and the columns. `license` and
    `source` are columns: the licence of a row's media, and where they are from.
    """

    kind: Literal["parquet"]
    path: PathsText
    media: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    session: str = "{row}"
    clock: str = DEFAULT_CLOCK
    license: str | None = None
    source: str | None = None
    video: VideoOptions | None = None
    split: SplitText | None = None

    def __post_init__(self) -> None:
        """Refuse an entry that names no column, or one role twice."""
        if not self.media and not self.text:
            raise ValueError("expected columns of media or text, such as media: {image: image}")
        twice = sorted(self.media.keys() & self.text.keys())
        if twice:
            raise ValueError(f"the role '{twice[0]}' is given to two columns")


@dataclass(frozen=True)
class TableSource:
    """Items listed by a table (CSV, TSV, JSONL, Parquet): a media file, a text or numbers per row.

    Exactly one of `media` (column of paths relative to the table, or of http and https addresses), `text`
    (column) and `values` (numeric columns, one signal item a row) is given. `time` and `duration` are
    columns of seconds. `columns` names the columns of a file without a header; lines that start with
    `comment` are skipped. `license` and `source` are columns: the licence of a row's media, and where they
    are from. `allow_private` names hosts whose private addresses may be asked.
    """

    kind: Literal["table"]
    path: PathText
    media: str | None = None
    text: str | None = None
    values: tuple[str, ...] = ()
    id: str | None = None
    time: str | None = None
    duration: str | None = None
    session: str | None = None
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    comment: str | None = None
    license: str | None = None
    source: str | None = None
    video: VideoOptions | None = None
    allow_private: tuple[str, ...] = ()
    split: SplitText | None = None

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
    session: str | None = None
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    comment: str | None = None
    video: VideoOptions | None = None
    split: SplitText | None = None

    def __post_init__(self) -> None:
        """Refuse columns of what is no table."""
        if self.url is None and (self.id or self.license or self.columns or self.delimiter):
            raise ValueError("id, license, columns and delimiter are of a table: say its column `url` too")


@dataclass(frozen=True)
class WebDatasetSource:
    """Shards of WebDataset: a tar, several, or a folder of them (.tar, .tar.gz, .tar.bz2, .tar.xz).

    A member's name up to its first dot is the key of its sample, the rest its extension. `session` is a
    template over {key}, {shard} and {batch}. The role of `0001.left.jpg` is `left`, that of `0001.jpg` its
    modality. `.cls` and `.json` are labels. With `extensions`, only members with one of those are taken.
    """

    kind: Literal["webdataset"]
    path: PathsText
    session: str = "{key}"
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    extensions: tuple[str, ...] = ()
    video: VideoOptions | None = None
    split: SplitText | None = None


Source = CrawlSource | CsdSource | FilesSource | ParquetSource | TableSource | UrlsSource | WebDatasetSource

SOURCE_KINDS: dict[str, type] = {
    "crawl": CrawlSource,
    "csd": CsdSource,
    "files": FilesSource,
    "parquet": ParquetSource,
    "table": TableSource,
    "urls": UrlsSource,
    "webdataset": WebDatasetSource,
}
