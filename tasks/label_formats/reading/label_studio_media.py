"""Which media a result of Label Studio is about, by these rules; the first that says something decides.

1  a result with an `item_index`: the picture of that number, from 0, of the list that is shown
2  `modalweave_item` among the task's data, or `item_id` where it is the id of an item of the batch: that item
3  the labelling config, where one is given: the value that the object `to_name` shows
4  the value under the key `to_name`
5  the path or URL of its number (`page_1`: the second), else the first, else the first text
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from tasks.core.label import ItemName
from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject
from tasks.label_formats.reading.label_studio_config import LabellingConfig

_LOOKS_LIKE_MEDIA = re.compile(
    r"[a-z][a-z0-9+.-]*://\S.*|/data/\S.*|[^\n]{0,400}\.[A-Za-z0-9]{2,5}(?:\?\S*)?"
)
_NUMBERED = re.compile(r".*_([0-9]{1,4})")
_UPLOADED = re.compile(r"(?:[0-9a-f]{8}|[0-9]+)-(.+)")
_LOCAL_FILE = re.compile(r".*/data/local-files/\?d=([^&]*)|/data/local-files/\?d=([^&]*)")


@dataclass(frozen=True)
class TaskMedia:
    """The media of an export's tasks: the batch's items by id, and the labelling config if there is one."""

    batch: str
    items: Mapping[str, ItemName]
    config: LabellingConfig | None = None

    def media_of(self, task: JsonObject, result: JsonObject) -> str:
        """What the result is about; ValueError when it is about a picture of a list that is not there."""
        values, to_name = task["data"], str(result.get("to_name", ""))
        shown = self.config.value_of(to_name, values) if self.config else None
        if result.get("item_index") is not None:
            lists: list[list[str]] = [
                one for one in (shown, values.get(to_name), *values.values()) if _is_list(one)
            ]
            return _one_of(lists[0] if lists else [], result["item_index"])
        told = self._told_item(values)
        return told or (shown if isinstance(shown, str) and shown else _guessed(task, to_name))

    def is_read(self, task: JsonObject, result: JsonObject) -> bool:
        """Whether the result is about text, so that its numbers are characters."""
        to_name = str(result.get("to_name", ""))
        if self.config and to_name in self.config.objects:
            return self.config.is_text(to_name)
        media = self.media_of(task, result)
        if media in self.items:
            return self.items[media].modality == "text"
        return not _LOOKS_LIKE_MEDIA.fullmatch(media)

    def video_of(self, media: str) -> ItemName:
        """The one video that has the written path, or an end of it, or its file name, suffix or no suffix."""
        if media in self.items:
            return self.items[media]
        videos = [item for item in self.items.values() if item.modality == "video"]
        path = _plain_path(media)
        names = [PurePosixPath(path).name]
        uploaded = _UPLOADED.fullmatch(names[0])
        names += [uploaded[1]] if uploaded else []
        for rule in (
            lambda own: path == own or path.endswith(f"/{own}") or own.endswith(f"/{path}"),
            lambda own: PurePosixPath(own).name in names,
            lambda own: PurePosixPath(own).stem in [PurePosixPath(name).stem for name in names],
        ):
            found = [item for item in videos if rule(item.native_id)]
            if len(found) == 1:
                return found[0]
            if found:
                detail = f"'{media[:80]}' may be {[item.native_id for item in found[:3]]}"
                raise FaultError(Reason.ITEM_AMBIGUOUS, detail)
        raise FaultError(Reason.ITEM_NOT_FOUND, f"no video of the batch is called '{media[:80]}'")

    def _told_item(self, values: JsonObject) -> str | None:
        for key in ("modalweave_item", "item_id"):
            told = values.get(key)
            if isinstance(told, str) and told:
                bare = told.removeprefix(f"{self.batch}/")
                known = next((native_id for native_id in (bare, told) if native_id in self.items), None)
                if known or key == "modalweave_item":
                    return known or told
        return None


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)


def _one_of(pictures: list[str], index: Any) -> str:
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(pictures):
        raise ValueError(f"expected an item_index below {len(pictures)}, got {str(index)[:20]!r}")
    return pictures[index]


def _plain_path(media: str) -> str:
    """The path in the written name: without scheme and query, URL-decoded, with slashes."""
    local = _LOCAL_FILE.fullmatch(media)
    path = (local[1] or local[2] or "") if local else re.sub(r"^[A-Za-z][A-Za-z0-9+.-]+://[^/]*/", "", media)
    plain = path if local else path.split("?", 1)[0]
    return unquote(plain).replace("\\", "/").lstrip("/")


def _guessed(task: JsonObject, to_name: str) -> str:
    values = task["data"]
    named = values.get(to_name.removeprefix("$"))
    if isinstance(named, str) and named:
        return named
    texts = list(_texts_in(values))
    places = [text for text in texts if _LOOKS_LIKE_MEDIA.fullmatch(text)]
    number = _NUMBERED.fullmatch(to_name)
    if number and int(number[1]) < len(places):
        return places[int(number[1])]
    return next(iter([*places, *texts]), f"task {task.get('id')}")


def _texts_in(value: Any) -> Iterator[str]:
    """Every text in the value, in the order of the file."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)
