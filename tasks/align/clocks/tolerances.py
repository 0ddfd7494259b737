"""How far marks may stray from their clock's line, in int64 ns: what batch.yaml says, or what is usual."""

from tasks.align.warp.marks import MARK_REACH_NS
from tasks.align.warp.placing import WARP
from tasks.core.batch import Batch
from tasks.core.clock_entry import Clock


def clock_tolerance_ns(batch: Batch, clock: str) -> int:
    """What is said of the clock, else of `align`, else what its method can keep."""
    declared, align = batch.file.clocks.get(clock), batch.file.align
    if not isinstance(declared, Clock):
        return align.tolerance_ns
    if declared.tolerance is not None:
        return declared.tolerance
    if declared.sync == WARP and align.tolerance is None:
        return MARK_REACH_NS
    return align.tolerance_ns
