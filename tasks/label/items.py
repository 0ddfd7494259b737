"""What the stage needs of a batch's items, by column: a batch may have a million.

An item is told by its row. What is not known of it is NaN (sizes) or `UNKNOWN_NS` (its length); an item
without a start starts at 0 ns of its clock.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.core.item_index import NamedItems

ITEM_COLUMNS = (
    *("item_id", "modality", "clock", "start_ns", "duration_ns", "width", "height", "frame_rate"),
    "derived_from",
)
UNKNOWN_NS = -1

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LabelledItems(NamedItems):
    """The items in the order of their table."""

    item_ids: pa.Array
    clocks: pa.Array
    starts_ns: Int64s
    durations_ns: Int64s
    widths: Float64s
    heights: Float64s


def to_labelled_items(batch: str, items: pa.Table) -> LabelledItems:
    """The columns of an items table."""
    item_ids = items["item_id"].combine_chunks()
    return LabelledItems(
        native_ids=[item_id.removeprefix(f"{batch}/") for item_id in item_ids.to_pylist()],
        modalities=items["modality"].to_pylist(),
        derived=items["derived_from"].is_valid().to_pylist(),
        item_ids=item_ids,
        clocks=items["clock"].combine_chunks(),
        starts_ns=items["start_ns"].fill_null(0).to_numpy(),
        durations_ns=items["duration_ns"].fill_null(UNKNOWN_NS).to_numpy(),
        widths=items["width"].cast(pa.float64()).to_numpy(),
        heights=items["height"].cast(pa.float64()).to_numpy(),
    )
