"""Subtitles, SRT and WebVTT: one label per cue, its text without tags, its number in the file the native id.

A cue whose times cannot be read is a fault. WebVTT's notes, styles and regions, and cues without text, are no
labels; its voice tag (`<v Ann>`) becomes `label`. A blank line ends a WebVTT cue; in SRT only a new cue does.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import parse_clock_time_ns
from tasks.label_formats.reading.timed_files import TimedFile, read_timed_files

_ARROW = "-->"
_TIMES_WITHOUT_ARROW = re.compile(r"\d+:\d+\S*\s+\S{1,3}\s+\d+:\d+")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|</?[0-9][0-9:.]*>|\{\\[^{}]*\}")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")

_Block = list[tuple[int, str]]


@dataclass
class _Cue:
    """One cue as it is written: the line of its times from 1, its times, and its lines of text."""

    line: int
    times: str
    text: list[str]


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per cue with text, in the order of the file; native ids count the cues from 1."""
    for file in read_timed_files(batch, entry, (".srt", ".vtt")):
        for number, cue in enumerate(_read_cues(file), 1):
            found = _to_label(f"{file.prefix}{number}", cue, file, entry)
            if isinstance(found, LabelFault) or found.text or found.label:
                yield found


def _read_cues(file: TimedFile) -> list[_Cue]:
    if file.text.startswith("WEBVTT"):
        return [_web_cue(block) for block in _blocks(file.text)[1:] if not _NO_CUE.match(block[0][1])]
    if file.path.suffix.lower() == ".vtt":
        raise LabelFormatError(file.path, 1, "expected the first line WEBVTT")
    cues: list[_Cue] = []
    for block in _blocks(file.text):
        _take_block(cues, block)
    if cues and not any(_ARROW in cue.times for cue in cues):
        message = f"expected SRT or WebVTT, no line has times and an arrow {_ARROW}"
        raise LabelFormatError(file.path, None, message)
    return cues


def _blocks(text: str) -> list[_Block]:
    """The runs of lines between blank lines, each line with its number."""
    blocks: list[_Block] = [[]]
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            blocks[-1].append((number, line.strip()))
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _web_cue(block: _Block) -> _Cue:
    """The block's cue; an identifier may stand above its times. A block without times keeps all its lines."""
    at = next((at for at, (_, line) in enumerate(block[:2]) if _ARROW in line), None)
    kept = block if at is None else block[at + 1 :]
    return _Cue(*block[at or 0], [line for _, line in kept])


def _take_block(cues: list[_Cue], block: _Block) -> None:
    """Add an SRT block's lines: a cue starts at its times, everything else is text of the cue before."""
    for position, (number, line) in enumerate(block):
        if _starts_cue(block, position):
            _drop_number(cues, position)
            cues.append(_Cue(number, line, []))
        elif line.isdecimal() and (not cues or _starts_cue(block, position + 1)):
            continue
        elif cues:
            cues[-1].text.append(line)
        else:
            cues.append(_Cue(number, line, [line]))


def _starts_cue(block: _Block, position: int) -> bool:
    """Whether the line has times; without the arrow only where the line above it is the cue's number."""
    if position >= len(block):
        return False
    line = block[position][1]
    numbered = position > 0 and block[position - 1][1].isdecimal()
    return _ARROW in line or (numbered and _TIMES_WITHOUT_ARROW.match(line) is not None)


def _drop_number(cues: list[_Cue], position: int) -> None:
    """Take a cue's number off the text before, where a blank line parts it from the cue's times."""
    if position == 0 and cues and cues[-1].text[-1:] == [str(len(cues) + 1)]:
        cues[-1].text.pop()


def _to_label(native_id: str, cue: _Cue, file: TimedFile, entry: TimedExport) -> Label | LabelFault:
    origin = f"{file.name}:{cue.line}"
    text = "\n".join(cue.text)
    voice = _VOICE.search(text)
    spoken = html.unescape(_TAG.sub("", text)).strip()
    says_class = entry.task in ("classification", "sentiment")
    try:
        start_ns, end_ns = _parse_times(cue.times)
    except ValueError as error:
        return LabelFault(native_id, origin, Reason.MALFORMED, str(error))
    return Label(
        native_id=native_id,
        media=file.media,
        task=entry.task,
        origin=origin,
        label=spoken if says_class else voice and voice[1].strip(),
        text=None if says_class else spoken,
        clock=entry.clock,
        start_ns=start_ns,
        end_ns=end_ns,
        annotator=entry.annotator,
    )


def _parse_times(line: str) -> tuple[int, int]:
    start, arrow, rest = line.partition(_ARROW)
    if not arrow or not rest.split():
        raise ValueError(f"expected start {_ARROW} end, got {line[:60]!r}")
    return parse_clock_time_ns(start), parse_clock_time_ns(rest.split()[0])


SUBTITLES = LabelFormat("subtitles", TimedExport, read)
