"""What label formats are told of a batch's items; when the frames of a video are is in a table of its own."""

import numpy as np
import pyarrow as pa

from tasks.core.label import ItemName, Times
from tasks.core.schemas import FRAMES
from tasks.core.stage import StageInput

_FACTS = ("modality", "width", "height", "duration_ns", "frame_rate")


def read_item_names(inputs: StageInput, items: pa.Table) -> tuple[ItemName, ...]:
    """A name per item, in the order of the table; the table of frames is read only where there is a video."""
    batch = inputs.batch.name
    videos = "video" in items["modality"].unique().to_pylist()
    frame_times = _read_frame_times(inputs) if videos and inputs.batch.file.labels else {}
    rows = items.select(["item_id", *_FACTS]).to_pylist()
    return tuple(
        ItemName(
            item_id.removeprefix(f"{batch}/"),
            frame_times_ns=frame_times.get(item_id),
            **{name: row[name] for name in _FACTS},
        )
        for row in rows
        for item_id in (row["item_id"],)
    )


def _read_frame_times(inputs: StageInput) -> dict[str, Times]:
    """The presentation times of each video's frames, as parts of one column: 8 bytes a frame."""
    frames = inputs.table(FRAMES, inputs.batch, ("item_id", "time_ns"))
    times: Times = frames["time_ns"].combine_chunks().to_numpy()
    counts = frames["item_id"].combine_chunks().dictionary_encode().value_counts() if len(times) else []
    ends = np.cumsum([entry["counts"].as_py() for entry in counts], dtype=np.int64)
    names = [entry["values"].as_py() for entry in counts]
    # The table is sorted by item and frame, so each item's frames stand together.
    return dict(zip(names, np.split(times, ends[:-1]), strict=True)) if names else {}
