"""Where media come from: each source lists candidates without opening the media."""

from tasks.core.candidate import AnySourceKind
from tasks.core.registry import Registry
from tasks.sources import files, table

SOURCES: Registry[AnySourceKind] = Registry(
    "source kind",
    {
        "files": files.SOURCE,
        "table": table.SOURCE,
    },
)
