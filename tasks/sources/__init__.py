"""Where media come from: each source lists candidates without opening the media."""

from tasks.core.candidate import AnySourceKind
from tasks.core.registry import Registry
from tasks.sources import crawl, csd, files, parquet, table, urls, webdataset

SOURCES: Registry[AnySourceKind] = Registry(
    "source kind",
    {
        "crawl": crawl.SOURCE,
        "csd": csd.SOURCE,
        "files": files.SOURCE,
        "parquet": parquet.SOURCE,
        "table": table.SOURCE,
        "urls": urls.SOURCE,
        "webdataset": webdataset.SOURCE,
    },
)
