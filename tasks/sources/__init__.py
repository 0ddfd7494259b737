"""Where media come from: each source lists candidates without opening the media."""

from tasks.core.candidate import AnySourceKind
from tasks.core.registry import Registry
from tasks.sources import crawl, files, table, urls

SOURCES: Registry[AnySourceKind] = Registry(
    "source kind",
    {
        "crawl": crawl.SOURCE,
        "files": files.SOURCE,
        "table": table.SOURCE,
        "urls": urls.SOURCE,
    },
)
