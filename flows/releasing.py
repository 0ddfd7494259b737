"""Write down the splits of a version that is recorded, so that none of its samples ever changes sides.

reads   data/fused
writes  data/released/<n>, and dvc.lock, which then knows the record as an input of the stage fuse

The stage runs once more with its own record as an input and makes the same bytes, so no later stage runs.
"""

from pathlib import Path

from flows.command import Log
from flows.reproduce import reproduce
from flows.stages import StageName
from tasks.core.verdict import read_verdict
from tasks.release import release


def release_splits(root: Path, log: Log) -> Path | None:
    """The new file of the record, with the build up to date again; None when there was nothing to release."""
    if not read_verdict(root / "data" / "fused").accepted:
        log("the dataset was rejected: its splits are not kept")
        return None
    written = release(root)
    if written is not None:
        log(f"{written}: the splits of this version are kept from now on")
        stages = list(StageName)
        for stage in stages[stages.index(StageName.FUSE) :]:
            reproduce(root, [stage.value], log)
    return written
