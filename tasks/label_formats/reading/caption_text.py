"""What a caption says: its text without tags, its speaker, the words that have times of their own.

Roll-up captions show the line before once more above each new one; `Screen` tells what is new.
"""

import html
import re
from dataclasses import dataclass, field

from tasks.core.times import NS_PER_MS, parse_clock_time_ns

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|</?[0-9][0-9:.]*>|\{\\[^{}]*\}")
_WORD_TIME = re.compile(r"<([0-9][0-9:]*\.[0-9]+)>")
# A caption that comes this soon after the one before takes over what stands on the screen.
_ADJACENT_NS = 100 * NS_PER_MS


def spoken_text(written: str) -> str:
    """The text without tags and escapes."""
    plain = _TAG.sub("", written) if "<" in written or "{" in written else written
    return (html.unescape(plain) if "&" in plain else plain).strip()


def speaker_in(written: str) -> str | None:
    """Who a voice tag says is speaking."""
    voice = _VOICE.search(written) if "<v" in written else None
    return voice[1].strip() if voice else None


def has_word_times(written: str) -> bool:
    """Whether a time stands inside the text."""
    return "<" in written and _WORD_TIME.search(written) is not None


def timed_words(line: str, start_ns: int, shift_ns: int) -> list[tuple[int, str]]:
    """The words of a line with the times they start at; what stands before the first time starts with it."""
    first, *rest = _WORD_TIME.split(line)
    starts = [parse_clock_time_ns(text) + shift_ns for text in rest[::2]]
    pieces = [(start_ns, first), *zip(starts, rest[1::2], strict=True)]
    return [(start, said) for start, piece in pieces if (said := spoken_text(piece))]


@dataclass
class Screen:
    """What stood on the screen last, and when it went."""

    lines: list[str] = field(default_factory=list)
    end_ns: int = 0

    def show(self, lines: list[str], start_ns: int, end_ns: int) -> list[str]:
        """The lines that are new: not carried over from the end of the caption just before."""
        said = [spoken_text(line) for line in lines]
        carried = 0
        if start_ns <= self.end_ns + _ADJACENT_NS:
            longest = min(len(said), len(self.lines))
            carried = next((n for n in range(longest, 0, -1) if self.lines[-n:] == said[:n]), 0)
        self.lines, self.end_ns = said, end_ns
        return lines[carried:]
