"""Where media come from: each source lists candidates without opening the media."""

from tasks.core.candidate import AnySourceKind
from tasks.core.registry import Registry
from tasks.sources import csd, files, table

SOURCES: Registry[AnySourceKind] = Registry(
    "source kind",
    {
        "csd": csd.SOURCE,
        "files": files.SOURCE,
        "table": table.SOURCE,
    },
)
