"""The licences of pictures from the COCO exports of a batch: `images[].license` names an entry of `licenses`.

A licence is its URL, or its name where it has none. A picture is found by the rules by which labels find
items; one that two images mean with different licences gets none from here. What a source says of a candidate
comes first; an export that cannot be read says nothing (the label stage tells why).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tasks.core.batch import Batch
from tasks.core.candidate import Candidate
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.fault import Fault
from tasks.core.item_index import ItemIndex, NamedItems
from tasks.core.json_stream import open_json


def with_coco_licences(batch: Batch, candidates: list[Candidate]) -> list[Candidate]:
    """The candidates, those without a licence of their own with the one that a COCO export gives them."""
    exports = [export for export in batch.file.labels if export.format == "coco"]
    if not exports:
        return candidates
    index = ItemIndex(
        NamedItems(
            [candidate.native_id for candidate in candidates],
            [candidate.modality or "" for candidate in candidates],
            [candidate.derived_from is not None for candidate in candidates],
        )
    )
    found: dict[int, set[str]] = {}
    for export in exports:
        name = delivered_name(batch, export.path)
        for file, licence in _read_licences(batch.path(export.path)):
            row = index.find(file, name, recorded=False)
            if not isinstance(row, Fault):
                found.setdefault(row, set()).add(licence)
    return [
        replace(candidate, license=candidate.license or _only(found.get(row, set())))
        for row, candidate in enumerate(candidates)
    ]


def _only(licences: set[str]) -> str | None:
    return next(iter(licences)) if len(licences) == 1 else None


def _read_licences(path: Path) -> Iterator[tuple[str, str]]:
    """The file name and licence of every image that has one."""
    images: list[tuple[str, str]] = []
    licences: dict[str, str] = {}
    try:
        with open_json(path) as stream:
            seen = set()
            for name in stream.members() if stream.starts_with(b"{") else ():
                seen.add(name)
                if name == "images" and stream.starts_with(b"["):
                    images = list(_licensed(stream.elements()))
                elif name == "licenses" and stream.starts_with(b"["):
                    licences = dict(_named(stream.elements()))
                if {"images", "licenses"} <= seen:
                    break
    except LabelFormatError:
        return
    yield from ((file, licences[licence]) for file, licence in images if licence in licences)


def _licensed(images: Iterator[Any]) -> Iterator[tuple[str, str]]:
    for image in images:
        if isinstance(image, dict) and isinstance(image.get("file_name"), str):
            yield image["file_name"], str(image.get("license"))


def _named(licences: Iterator[Any]) -> Iterator[tuple[str, str]]:
    for licence in licences:
        if isinstance(licence, dict):
            said = licence.get("url") or licence.get("name")
            if isinstance(said, str):
                yield str(licence.get("id")), said
