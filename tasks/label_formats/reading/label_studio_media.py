"""Which media a result of Label Studio is about: the task's data tell, as no labelling config is exported."""

import re
from collections.abc import Iterator
from typing import Any

from tasks.label_formats.reading.json_export import JsonObject

_LOOKS_LIKE_MEDIA = re.compile(
    r"[a-z][a-z0-9+.-]*://\S.*|/data/\S.*|[^\n]{0,400}\.[A-Za-z0-9]{2,5}(?:\?\S*)?"
)
_NUMBERED = re.compile(r".*_([0-9]{1,4})")


def media_of(task: JsonObject, to_name: str) -> str:
    """The value under the key `to_name`, else the path or URL of its number, else the first, else a text."""
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
