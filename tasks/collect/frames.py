"""The table of frames, item by item: when each frame of a video is shown."""

import numpy as np
import pyarrow as pa

from tasks.core.candidate import Times
from tasks.core.schemas import FRAMES


def frames_of(batch: str, item_id: str, time_ns: Times) -> pa.Table:
    """The rows of one video; frames count from 0."""
    count = len(time_ns)
    columns = [
        pa.repeat(pa.scalar(batch), count),
        pa.repeat(pa.scalar(item_id), count),
        pa.array(np.arange(count, dtype=np.int64)),
        pa.array(time_ns),
    ]
    return pa.Table.from_arrays(columns, schema=FRAMES.schema)
