"""What a `.cls` or `.json` member of a WebDataset shard says of its sample."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.core.content import Content
from tasks.core.fault import Fault
from tasks.core.json_rules import loads
from tasks.core.label_entries import Task, WebDatasetExport
from tasks.core.rejects import Reason
from tasks.core.webdataset import CLASS_EXTENSION, kind_of

_LARGEST_BYTES = 16_000_000


@dataclass(frozen=True)
class Said:
    """A class or a caption."""

    task: Task
    value: str


def said_in(
    content: Content | Fault, extension: str, entry: WebDatasetExport
) -> Iterator[tuple[str, Said | Fault]]:
    """Everything the member says, or why it cannot be read; each with its part of the member."""
    text = _text_of(content)
    if isinstance(text, Fault):
        yield "", text
    elif kind_of(extension) == CLASS_EXTENSION:
        yield "", _to_said("classification", text.strip(), "the member")
    else:
        yield from _said_in_json(text, entry)


def _said_in_json(text: str, entry: WebDatasetExport) -> Iterator[tuple[str, Said | Fault]]:
    keys: list[tuple[str | None, Task]] = [(entry.label, "classification"), (entry.caption, "caption")]
    wanted = [(key, task) for key, task in keys if key is not None]
    if not wanted:
        detail = "the entry says nothing about .json members: name the keys of `label` or `caption`"
        yield "", Fault(Reason.UNSUPPORTED_LABEL, detail)
        return
    record = _object_of(text)
    if isinstance(record, Fault):
        yield "", record
        return
    for key, task in wanted:
        value = record.get(key)
        if task == "caption" and isinstance(value, list) and value:
            yield from (
                (f"{key}#{number}", _to_said(task, caption, key)) for number, caption in enumerate(value, 1)
            )
        else:
            yield key, _to_said(task, value, key)


def _to_said(task: Task, value: Any, name: str) -> Said | Fault:
    if isinstance(value, int | float) and not isinstance(value, bool) and task == "classification":
        return Said(task, str(value))
    if isinstance(value, str) and value.strip():
        return Said(task, value)
    shown = "nothing" if value in (None, "") else f"a {type(value).__name__}"
    return Fault(Reason.MALFORMED, f"expected a {task} in '{name}', got {shown}")


def _object_of(text: str) -> dict[str, Any] | Fault:
    try:
        record = loads(text)
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Fault(Reason.MALFORMED, "a \\u escape is half a character (a lone surrogate)")
    except RecursionError:
        return Fault(Reason.MALFORMED, "the JSON is nested too deeply")
    except ValueError as error:
        return Fault(Reason.MALFORMED, f"not JSON: {error}")
    if not isinstance(record, dict):
        return Fault(Reason.MALFORMED, f"expected a JSON object, got a {type(record).__name__}")
    return record


def _text_of(content: Content | Fault) -> str | Fault:
    if isinstance(content, Fault):
        return content
    size = content.size()
    if isinstance(size, Fault):
        return size
    if size > _LARGEST_BYTES:
        return Fault(Reason.TOO_LARGE, f"expected a label of at most {_LARGEST_BYTES} bytes, got {size}")
    payload = content.read()
    if isinstance(payload, Fault):
        return payload
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Fault(Reason.WRONG_ENCODING, f"expected UTF-8 text, byte {error.start} is none")
