"""Items as the label stage sees them, written by the tests."""

from typing import Any

from tasks.core.schemas import ITEMS
from tasks.core.tables import rows_to_table
from tasks.label.items import LabelledItems, to_labelled_items

Item = dict[str, Any]


def item(native_id: str, modality: str = "image", **fields: Any) -> Item:
    return {"native_id": native_id, "modality": modality, "clock": "reference", **fields}


def labelled(*items: Item) -> LabelledItems:
    """The items of the batch `b`, in their order."""
    rows = ({**one, "item_id": f"b/{one['native_id']}"} for one in items)
    return to_labelled_items("b", rows_to_table(ITEMS, rows))
