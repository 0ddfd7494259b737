"""The cues of an SRT or WebVTT file as they are written, before their times and tags are read.

A blank line ends a WebVTT cue, and so does another arrow; in SRT only a new cue does. WebVTT's notes, styles
and regions are no cues. Of its header only X-TIMESTAMP-MAP counts (RFC 8216, 3.5).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from tasks.core.errors import LabelFormatError
from tasks.core.times import NS_PER_S, parse_clock_time_ns
from tasks.label_formats.reading.timed_files import TimedFile

ARROW = "-->"
_TIMES_WITHOUT_ARROW = re.compile(r"\d+:\d+\S*\s+\S{1,3}\s+\d+:\d+")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_TIMESTAMP_MAP = "X-TIMESTAMP-MAP="
_MPEG_TICKS_PER_S = 90_000

_Block = list[tuple[int, str]]


@dataclass(slots=True)
class Cue:
    """One cue: the line of its times from 1, its times, its lines of text, and its identifier (WebVTT)."""

    line: int
    times: str
    text: list[str] = field(default_factory=list)
    identifier: str | None = None


def read_cues(file: TimedFile, text: str) -> tuple[list[Cue], int]:
    """The cues in the order of the file, and the ns that are to be added to their times."""
    if text.startswith("WEBVTT"):
        header, *blocks = _blocks(text, spaces_are_blank=False)
        cues = [cue for block in blocks if not _NO_CUE.match(block[0][1]) for cue in _web_cues(block)]
        return cues, _shift_ns(file.path, header)
    if file.path.suffix.lower() == ".vtt":
        raise LabelFormatError(file.path, 1, "expected the first line WEBVTT")
    cues = []
    for block in _blocks(text, spaces_are_blank=True):
        _take_block(cues, block)
    if cues and not any(ARROW in cue.times for cue in cues):
        message = f"expected SRT or WebVTT, no line has times and an arrow {ARROW}"
        raise LabelFormatError(file.path, None, message)
    return cues, 0


def _blocks(text: str, *, spaces_are_blank: bool) -> list[_Block]:
    """The runs of lines between blank lines, each line stripped and with its number."""
    blocks: list[_Block] = [[]]
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped:
            blocks[-1].append((number, stripped))
        elif blocks[-1] and (spaces_are_blank or not line):
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def _web_cues(block: _Block) -> Iterator[Cue]:
    """The block's cues; an identifier may stand above the first. Without times it keeps all its lines."""
    starts = [at for at, (_, line) in enumerate(block) if ARROW in line]
    if not starts or starts[0] > 1:
        yield Cue(*block[0], [line for _, line in block])
        return
    for start, stop in zip(starts, [*starts[1:], len(block)], strict=True):
        cue = Cue(*block[start], [line for _, line in block[start + 1 : stop]])
        cue.identifier = block[0][1] if start == 1 else None
        yield cue


def _shift_ns(path: Path, header: _Block) -> int:
    """What X-TIMESTAMP-MAP adds: the MPEG-2 time of its moment less the local time of it."""
    for number, line in header:
        if line.startswith(_TIMESTAMP_MAP):
            try:
                pairs = dict(part.split(":", 1) for part in line.removeprefix(_TIMESTAMP_MAP).split(","))
                moment = Fraction(int(pairs["MPEGTS"]) * NS_PER_S, _MPEG_TICKS_PER_S)
                return round(moment) - parse_clock_time_ns(pairs["LOCAL"])
            except (KeyError, ValueError) as error:
                message = f"expected {_TIMESTAMP_MAP}MPEGTS:<ticks>,LOCAL:<time>, got {line[:80]!r}"
                raise LabelFormatError(path, number, message) from error
    return 0


def _take_block(cues: list[Cue], block: _Block) -> None:
    """Add an SRT block's lines: a cue starts at its times, everything else is text of the cue before."""
    for position, (number, line) in enumerate(block):
        if _starts_cue(block, position):
            _drop_number(cues, position)
            cues.append(Cue(number, line))
        elif line.isdecimal() and (not cues or _starts_cue(block, position + 1)):
            continue
        elif cues:
            cues[-1].text.append(line)
        else:
            cues.append(Cue(number, line, [line]))


def _starts_cue(block: _Block, position: int) -> bool:
    """Whether the line has times; without the arrow only where the line above it is the cue's number."""
    if position >= len(block):
        return False
    line = block[position][1]
    if ARROW in line:
        return True
    numbered = position > 0 and block[position - 1][1].isdecimal()
    return numbered and _TIMES_WITHOUT_ARROW.match(line) is not None


def _drop_number(cues: list[Cue], position: int) -> None:
    """Take a cue's number off the text before, where a blank line parts it from the cue's times."""
    if position == 0 and cues and cues[-1].text[-1:] == [str(len(cues) + 1)]:
        cues[-1].text.pop()
