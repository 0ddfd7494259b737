"""Where media come from: each source lists candidates without opening the media."""

from tasks.core.candidate import AnySourceKind
from tasks.core.registry import Registry
from tasks.sources import files, parquet, table, webdataset

SOURCES: Registry[AnySourceKind] = Registry(
    "source kind",
    {
        "files": files.SOURCE,
        "parquet": parquet.SOURCE,
        "table": table.SOURCE,
        "webdataset": webdataset.SOURCE,
    },
)
