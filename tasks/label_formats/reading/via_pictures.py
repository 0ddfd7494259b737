"""VIA 2: pictures with regions, from a project, from annotations alone, or from the CSV of either.

A picture of JSON is {filename, size, regions, file_attributes}; the regions are a list, in VIA 1 a mapping.
A row of the CSV is one region, its attributes are JSON; the row of a picture without regions has an empty
shape.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.core.errors import LabelFormatError
from tasks.core.json_rules import loads
from tasks.core.rows import read_rows
from tasks.label_formats.reading.json_export import JsonObject, object_of, text_of

_COLUMNS = ("filename", "file_attributes", "region_shape_attributes", "region_attributes")


@dataclass(frozen=True)
class ViaRegion:
    """One region, or a file as a whole (without `shape`); `fault` says why it is none."""

    native_id: str
    media: str
    shape: JsonObject = field(default_factory=dict)
    attributes: JsonObject = field(default_factory=dict)
    fault: str = ""


def regions_of_json(pictures: JsonObject) -> Iterator[ViaRegion]:
    """Every picture as a whole and then each of its regions, in the order of the file."""
    for key, picture in pictures.items():
        try:
            record = object_of(picture)
            media = text_of(record, "filename")
            about = object_of(record.get("file_attributes") or {})
            regions = record.get("regions") or []
            listed = list(regions.values()) if isinstance(regions, dict) else regions
            if not isinstance(listed, list):
                raise ValueError(f"expected regions as a list, got {type(listed).__name__}")
        except ValueError as error:
            yield ViaRegion(key, key, fault=str(error))
            continue
        yield ViaRegion(key, media, attributes=about)
        for number, region in enumerate(listed, 1):
            yield _region(f"{key}/{number}", media, region)


def _region(native_id: str, media: str, region: Any) -> ViaRegion:
    try:
        record = object_of(region)
        shape = object_of(record.get("shape_attributes"))
        if not shape:
            raise ValueError("expected a shape, it is empty")
        return ViaRegion(native_id, media, shape, object_of(record.get("region_attributes") or {}))
    except ValueError as error:
        return ViaRegion(native_id, media, fault=str(error))


def regions_of_csv(path: Path) -> Iterator[ViaRegion]:
    """The same of a CSV; what is said of a picture is in its first row."""
    seen: set[str] = set()
    checked = False
    for row in read_rows(path, delimiter=",", comment=None, columns=()):
        cells = {name.lstrip("#"): text for name, text in row.cells.items()}
        if not checked and not set(_COLUMNS) <= cells.keys():
            raise LabelFormatError(
                path, 1, f"expected VIA's columns {list(_COLUMNS)}, got {sorted(cells)[:8]}"
            )
        checked = True
        native_id, media = str(row.line), cells.get("filename") or ""
        try:
            if row.fault or not media:
                raise ValueError(row.fault or "expected a filename, there is none")
            about, shape, attributes = (_object_in(cells[name]) for name in _COLUMNS[1:])
        except ValueError as error:
            yield ViaRegion(native_id, media, fault=str(error))
            continue
        if media not in seen:
            seen.add(media)
            yield ViaRegion(f"{native_id}/file", media, attributes=about)
        if shape:
            yield ViaRegion(native_id, media, shape, attributes)


def _object_in(text: str | None) -> JsonObject:
    try:
        return object_of(loads(text or "{}"))
    except RecursionError as error:
        raise ValueError("its JSON is nested too deeply") from error
