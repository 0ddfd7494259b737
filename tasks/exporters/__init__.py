"""Export formats by name, one file each: `params.yaml` chooses among them in `export.formats`."""

from tasks.core.exporter import Exporter
from tasks.core.registry import Registry
from tasks.exporters import parquet, webdataset

EXPORTERS: Registry[Exporter] = Registry(
    "export format", {"parquet": parquet.EXPORTER, "webdataset": webdataset.EXPORTER}
)
