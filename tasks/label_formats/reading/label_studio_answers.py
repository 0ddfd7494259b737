"""What Label Studio's controls ask of an item or a region: each answer becomes the label of a classification.

A choice is its text, a place in a taxonomy its path joined by " > ", a rating, a number or a date what was
written. Text that was written stays text: the lines of a text area.
"""

from typing import Any

from tasks.label_formats.reading.json_export import JsonObject, list_of, object_of
from tasks.label_formats.reading.label_studio_region import names_in

ANSWER_KINDS = ("choices", "datetime", "number", "rating", "taxonomy")
TEXT_KIND = "textarea"
_BETWEEN = " > "


def answers_in(result: JsonObject) -> list[str]:
    """The answers of one result as texts."""
    kind = str(result.get("type"))
    if kind == "choices":
        return names_in(result)
    value = object_of(result.get("value"))
    if kind == "taxonomy":
        return [_path(path) for path in list_of(value, kind)]
    return [_written(value.get(kind), kind)]


def text_in(result: JsonObject) -> str:
    """What was written into a text area, its entries as lines."""
    value = object_of(result.get("value"))
    entries = [value["text"]] if isinstance(value.get("text"), str) else list_of(value, "text")
    if not all(isinstance(entry, str) for entry in entries):
        raise ValueError(f"expected lines of text, got {str(entries)[:60]}")
    return "\n".join(entries)


def _path(path: Any) -> str:
    if not isinstance(path, list) or not path or not all(isinstance(part, str) and part for part in path):
        raise ValueError(f"expected a path of texts in the taxonomy, got {str(path)[:60]}")
    return _BETWEEN.join(path)


def _written(answer: Any, kind: str) -> str:
    if isinstance(answer, bool) or not isinstance(answer, str | int | float) or answer == "":
        raise ValueError(f"expected a {kind}, got {str(answer)[:60]!r}")
    return str(answer)
