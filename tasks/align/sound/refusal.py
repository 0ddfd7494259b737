"""Why two recordings are not put on one clock, and what that rests on."""

from dataclasses import dataclass
from typing import Literal

from tasks.core.errors import ClockError

Reason = Literal["too_short", "silent", "no_unique_place", "too_few_windows_agree", "clock_jumps"]

_MEANINGS: dict[Reason, str] = {
    "too_short": "the two recordings need at least 5 s in common",
    "silent": "one recording is silent, or holds samples that are no numbers",
    "no_unique_place": "one fits no single place of the other: sound that repeats itself",
    "too_few_windows_agree": "too few windows of them lie on one line: unrelated sound, or too noisy",
    "clock_jumps": "parts of them lie off the line: a recorder lost samples, or ran unevenly",
}


@dataclass(frozen=True)
class SyncFigures:
    """What a synchronisation rests on; a figure that was not reached is 0."""

    windows: int = 0
    agreeing: int = 0
    contradicting: int = 0
    residual_ns: int = 0


@dataclass(frozen=True)
class SoundRefusal:
    """Why two recordings are not put on one clock, as a fixed word, and what that rests on."""

    reason: Reason
    figures: SyncFigures

    def __str__(self) -> str:
        """The reason, what it means, and the figures, for people."""
        return f"{self.reason}: {_MEANINGS[self.reason]} ({self.figures})"


class SoundRefusedError(ClockError):
    """Carries a refusal out of the midst of a synchronisation."""

    def __init__(self, reason: Reason, figures: SyncFigures) -> None:
        self.refusal = SoundRefusal(reason, figures)
        super().__init__(str(self.refusal))
