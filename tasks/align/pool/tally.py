"""What coverage.json says of a pooled role: which samples have no frames, what was left out, and why."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tasks.align.members import Int64s
from tasks.align.pool.pooling import meeting_any
from tasks.core.align_entry import Pool

_MOST_EXAMPLES = 20
_NOT_COVERED = "frames where its clock jumps or is not known"


@dataclass
class Tally:
    """What happened to the items, the frames and the samples of a role."""

    items: int = 0
    samples: int = 0
    gaps: list[str] = field(default_factory=list)
    frames: int = 0
    frames_unmet: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def leave_out(self, name: str, reason: str) -> None:
        """An item or label of which nothing is pooled."""
        self.left_out[reason] += 1
        if len(self.examples) < _MOST_EXAMPLES:
            self.examples.append(name)

    def leave_frames_out(self, name: str, frames: int) -> None:
        """Frames that lie across a jump of their clock, or where it is not known."""
        if frames:
            self.leave_out(name, _NOT_COVERED)
            self.left_out[_NOT_COVERED] += frames - 1

    def count_samples(self, ids: list[str], frames: Int64s) -> None:
        """The samples of a session, and how many frames there are for each part of each."""
        self.samples += len(ids)
        self.gaps += [ids[row] for row in np.flatnonzero(frames.sum(axis=1) == 0).tolist()]

    def count_frames(self, frames_ns: tuple[Int64s, Int64s], spans_ns: tuple[Int64s, Int64s]) -> None:
        """The frames of a session, and those that none of its spans meets."""
        self.frames += len(frames_ns[0])
        self.frames_unmet += int(np.count_nonzero(~meeting_any(frames_ns, spans_ns)))

    def report(self, pool: Pool, channels: int) -> dict[str, Any]:
        """What coverage.json says of the role."""
        return {
            "kinds": list(pool.kinds),
            "steps": pool.steps,
            "channels": channels,
            "samples": self.samples,
            "samples_without": len(self.gaps),
            "gaps": self.gaps[:_MOST_EXAMPLES],
            "items": self.items,
            "frames": self.frames,
            "frames_unmet": self.frames_unmet,
            "left_out": dict(sorted(self.left_out.items())),
            "left_out_examples": self.examples,
        }
