"""What VIA says of a region, a file or a segment: which of it is the class, and the rest.

An attribute is a text, one choice, or (a check box) a mapping from choices to whether they are set. The
class is the attribute that the entry names; of a check box every choice that is set is a class of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.label_formats.reading.json_export import JsonObject


def chosen(value: Any) -> list[str]:
    """The choices that are set, or the text; none for an empty one. ValueError when it is neither."""
    if isinstance(value, Mapping):
        return [name for name, is_set in value.items() if is_set is True or is_set == "true"]
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise ValueError(f"expected an attribute as text, got {type(value).__name__}")
    text = "" if value is None else str(value).strip()
    return [text] if text else []


def classes(attributes: JsonObject, named: str) -> Iterator[tuple[str, str | None]]:
    """Every class, with what sets its native id apart where there are several; none where nothing is said."""
    names = chosen(attributes.get(named))
    if len(names) < 2:
        yield "", next(iter(names), None)
        return
    yield from ((f"/{name}", name) for name in names)


def others(attributes: JsonObject, named: str) -> dict[str, str]:
    """The attributes that are not the class, as texts; those without a value are left out."""
    texts = {str(name): ", ".join(chosen(value)) for name, value in attributes.items() if name != named}
    return {name: text for name, text in texts.items() if text}
