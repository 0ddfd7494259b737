"""What the annotations of a COCO export refer to: its images and categories, by id.

They are read in a pass of their own that makes nothing of the annotations, and ends when all were seen.
Categories that stand after the annotations are looked for at the end of the file first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tasks.core.errors import LabelFormatError
from tasks.core.json_stream import JsonStream, open_json
from tasks.label_formats.reading.stated_size import Size, size_of

_END_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Category:
    """A category; `keypoints` are the names of its key points, `is_thing` is None where it is not said."""

    name: str
    keypoints: tuple[str, ...] = ()
    is_thing: bool | None = None


@dataclass
class CocoTables:
    """The tables by id, as text; an image id that is given to several files has them in `repeated`.

    `sizes` are the widths and heights that images state.
    """

    files: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, Size | None] = field(default_factory=dict)
    repeated: dict[str, list[str]] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)


def read_tables(path: Path) -> CocoTables:
    """The export's tables; LabelFormatError when it is not JSON or has no list of images and annotations."""
    tables = CocoTables()
    found = []
    with open_json(path) as stream:
        for name in _members(path, stream):
            found.append(name)
            if name == "annotations" and "images" in found and not tables.categories:
                tables.categories = _categories_at_end(path)
                found += ["categories"] if tables.categories else []
            if name == "images":
                _take_images(tables, _elements(path, stream, name))
            elif name == "categories" and stream.starts_with(b"["):
                tables.categories = _categories(stream.elements())
            elif name == "annotations" and not stream.starts_with(b"["):
                raise _without_list(path, name, found)
            if {"images", "annotations", "categories"} <= {*found}:
                return tables
        stream.finish()
    for name in ("annotations", "images"):
        if name not in found:
            raise _without_list(path, name, found)
    return tables


def _categories_at_end(path: Path) -> dict[str, Category]:
    """The categories, where what follows that key in the last megabytes is the end of the top-level object.

    The key is none inside a text, for it follows a comma and a text cannot hold its quotes; none of a nested
    object, for then closing brackets would be left over. Whoever reads the annotations reads all of the file.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_BYTES))
        before, key, after = file.read().rpartition(b'"categories"')
    if not key or not before.rstrip().endswith(b","):
        return {}
    try:
        members = msgspec.json.decode(b"{" + key + after, type=dict[str, msgspec.Raw])
        after.decode("utf-8")
        if members.keys() & {"images", "annotations"}:
            return {}
        return _categories(msgspec.json.decode(members["categories"], type=list[Any]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _members(path: Path, stream: JsonStream) -> Iterator[str]:
    if not stream.starts_with(b"{"):
        kind = "list" if stream.starts_with(b"[") else "value"
        stream.skip()
        raise LabelFormatError(path, None, f"expected an object with a list 'annotations', got a {kind}")
    yield from stream.members()


def _elements(path: Path, stream: JsonStream, name: str) -> Iterator[Any]:
    if not stream.starts_with(b"["):
        raise _without_list(path, name, [name])
    yield from stream.elements()


def _without_list(path: Path, name: str, found: list[str]) -> LabelFormatError:
    message = f"expected an object with a list '{name}', got the keys {sorted(found)[:8]}"
    return LabelFormatError(path, None, message)


def _is_image(image: Any) -> bool:
    return isinstance(image, dict) and isinstance(image.get("file_name"), str)


def _take_images(tables: CocoTables, images: Iterator[Any]) -> None:
    """Keep the file names; an image that is broken shows up in its annotations."""
    for image in images:
        if _is_image(image):
            image_id, file = str(image.get("id")), image["file_name"]
            known = tables.files.setdefault(image_id, file)
            tables.sizes.setdefault(image_id, size_of(image.get("width"), image.get("height")))
            if image_id in tables.repeated:
                tables.repeated[image_id].append(file)
            elif known is not file:
                tables.repeated[image_id] = [known, file]


def _categories(categories: Iterable[Any]) -> dict[str, Category]:
    return {
        str(one.get("id")): Category(str(one["name"]), _keypoint_names(one), _is_thing(one))
        for one in categories
        if isinstance(one, dict) and one.get("name")
    }


def _keypoint_names(category: dict[str, Any]) -> tuple[str, ...]:
    names = category.get("keypoints")
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def _is_thing(category: dict[str, Any]) -> bool | None:
    return bool(category["isthing"]) if isinstance(category.get("isthing"), int) else None
