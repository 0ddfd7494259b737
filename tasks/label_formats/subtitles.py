"""Subtitles, SRT and WebVTT: one label per cue, its text without tags, its number in the file the native id.

Times are hours (WebVTT may leave them out), minutes, seconds, milliseconds from the start of the item. In a
WebVTT with X-TIMESTAMP-MAP, a piece of an HLS stream, they are the stream's MPEG-2 presentation times: media
that do not start at 0 on them need a `clock` with that offset. A cue whose times cannot be read is a fault,
and so is one without text. WebVTT's voice tag (`<v Ann>`) becomes `label`, a cue's identifier an attribute.

Roll-up captions (`roll_up`: lines, words, keep): a line that the cue just before already showed, in it or at
most 100 ms after it, is not new, and a cue with nothing new is no label. `words` makes a label of each word
with a time of its own, up to the next one; its native id is `<cue>/<word>`. A file with such times is `lines`
unless the entry says otherwise, every other is `keep`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import SubtitlesExport
from tasks.core.rejects import Reason
from tasks.core.times import parse_clock_time_ns
from tasks.label_formats.reading.caption_text import (
    Screen,
    has_word_times,
    speaker_in,
    spoken_text,
    timed_words,
)
from tasks.label_formats.reading.cues import ARROW, Cue, read_cues
from tasks.label_formats.reading.timed_files import CLASS_TASKS, TimedFile, read_text, read_timed_files


@dataclass(frozen=True)
class _Captions:
    """One file of captions, how it is read, and what is added to its times."""

    file: TimedFile
    entry: SubtitlesExport
    roll_up: str
    shift_ns: int


@dataclass(slots=True)
class _Said:
    """What one cue, or a word of it, says and when."""

    native_id: str
    start_ns: int
    end_ns: int
    text: str


def read(batch: Batch, entry: SubtitlesExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per cue with text, in the order of the file; native ids count the cues from 1."""
    yield from read_timed_files(batch, entry, (".srt", ".vtt"), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: SubtitlesExport) -> Iterator[Label | LabelFault]:
    text = read_text(file.path, entry.encoding)
    cues, shift_ns = read_cues(file, text)
    roll_up = entry.roll_up or ("lines" if has_word_times(text) else "keep")
    captions = _Captions(file, entry, roll_up, shift_ns)
    screen = Screen()
    for number, cue in enumerate(cues, 1):
        native_id = f"{file.prefix}{number}"
        try:
            said = _read_cue(captions, screen, cue, native_id)
        except ValueError as error:
            yield LabelFault(native_id, f"{file.name}:{cue.line}", Reason.MALFORMED, str(error))
            continue
        speaker = speaker_in("\n".join(cue.text))
        if not spoken_text("\n".join(cue.text)) and not speaker:
            yield LabelFault(native_id, f"{file.name}:{cue.line}", Reason.NO_TEXT, "the cue has no text")
            continue
        yield from (_to_label(captions, cue, one, speaker) for one in said if one.text or speaker)


def _read_cue(captions: _Captions, screen: Screen, cue: Cue, native_id: str) -> list[_Said]:
    """What the cue says that is new: all of it once, or its words."""
    start, arrow, rest = cue.times.partition(ARROW)
    if not arrow or not rest.split():
        raise ValueError(f"expected start {ARROW} end, got {cue.times[:60]!r}")
    start_ns = parse_clock_time_ns(start) + captions.shift_ns
    end_ns = parse_clock_time_ns(rest.split()[0]) + captions.shift_ns
    if captions.roll_up == "keep":
        return [_Said(native_id, start_ns, end_ns, spoken_text("\n".join(cue.text)))]
    lines = screen.show(cue.text, start_ns, end_ns)
    if captions.roll_up == "lines":
        return [_Said(native_id, start_ns, end_ns, spoken_text("\n".join(lines)))] if lines else []
    words = [word for line in lines for word in timed_words(line, start_ns, captions.shift_ns)]
    ends = [start for start, _ in words[1:]] + [end_ns]
    timed = zip(words, ends, strict=True) if words else ()
    return [
        _Said(f"{native_id}/{place}", starts_ns, until_ns, text)
        for place, ((starts_ns, text), until_ns) in enumerate(timed, 1)
    ]


def _to_label(captions: _Captions, cue: Cue, said: _Said, speaker: str | None) -> Label:
    entry = captions.entry
    says_class = entry.task in CLASS_TASKS
    return Label(
        native_id=said.native_id,
        media=captions.file.media,
        task=entry.task or "transcript",
        origin=f"{captions.file.name}:{cue.line}",
        label=said.text if says_class else speaker,
        text=None if says_class else said.text,
        clock=entry.clock,
        start_ns=said.start_ns,
        end_ns=said.end_ns,
        annotator=entry.annotator,
        attributes={"cue": cue.identifier} if cue.identifier else None,
    )


SUBTITLES = LabelFormat("subtitles", SubtitlesExport, read)
