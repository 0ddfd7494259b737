"""The name of an export as ids and origins have it: like the ids of items, and with no machine path in it."""

import os
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.config import written_paths
from tasks.core.delivered import root_of


def delivered_name(batch: Batch, written: str) -> str:
    """The export's path in the batch; an absolute one is named from the source or folder that it lies in."""
    place = Path(os.path.normpath(batch.path(written)))
    roots = [root_of(batch, path) for source in batch.file.sources for path in written_paths(source)]
    for root in [*roots, root_of(batch, written)]:
        if place.is_relative_to(root.folder):
            return root.id_of(place)
    return place.name
