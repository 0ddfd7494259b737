"""A relation of Label Studio: an arrow from one region to another, with or without labels.

The label refers to the first label of either region, in the order of the arrow's ends; `direction` is an
attribute: `right` from the first to the second, `left` the other way, `bi` both.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.core.label import Label
from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject, id_of, list_of

RELATION = "relation"


def relation_base(relation: JsonObject) -> str:
    """What its native ids begin with, below the annotation's."""
    return f"{RELATION}/{relation.get('from_id')}/{relation.get('to_id')}"


def relation_fields(relation: JsonObject, first_labels: Mapping[str, Label]) -> Iterator[dict[str, Any]]:
    """The fields of a label for each name of the relation; ValueError when it relates nothing."""
    ends = [id_of(relation, name) for name in ("from_id", "to_id")]
    names: list[Any] = list_of(relation, "labels") if relation.get("labels") else [None]
    if not all(name is None or (isinstance(name, str) and name) for name in names):
        raise ValueError(f"expected labels as texts, got {str(names)[:60]}")
    missing = [end for end in ends if end not in first_labels]
    if missing:
        raise FaultError(Reason.LABEL_NOT_FOUND, f"no label was read of the region '{missing[0]}'")
    direction = {"direction": str(relation["direction"])} if relation.get("direction") else None
    for name in names:
        yield {
            "task": RELATION,
            "media": first_labels[ends[0]].media,
            "label": name,
            "refers_to": [first_labels[end].native_id for end in ends],
            "attributes": direction,
        }
