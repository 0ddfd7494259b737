"""TTML and DFXP (W3C TTML1 and TTML2, and the drafts of 2006): one label per `p` with text.

Times are clock times, with fractions or frames, or offsets in h, m, s, ms, frames or ticks; begin, end and
dur are nested, parallel or in sequence, and end up as ns from the start of the media, exact to half a
nanosecond. A `p` without times of its own lasts from the first to the last of its timed spans. `br` ends a
line; white space is one space unless xml:space keeps it. `label` is who speaks (`ttm:agent`), region and
xml:id are attributes. With `words` a timed `span` is a label too, which refers to that of its `p`. Native
ids count the
`p`, and the timed spans in each. pysubs2 knows neither frames nor ticks nor sequences: it is a peer in the
tests.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TtmlExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.timed_files import CLASS_TASKS, TimedFile, read_timed_files
from tasks.label_formats.reading.ttml_times import Exact, read_time_base
from tasks.label_formats.reading.ttml_timing import Part, local_name, read_body
from tasks.label_formats.reading.xml_export import read_tree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NAMESPACE = re.compile(r"\{http://www\.w3\.org/(?:ns/ttml|20[0-9]{2}/[0-9]{2}/ttaf1)\}tt")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ID, _SPACE = f"{_XML}id", f"{_XML}space"
_BLANKS = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True)
class _Document:
    """One document: its file, how it is read, the attribute of who speaks, and the names of its agents."""

    file: TimedFile
    entry: TtmlExport
    agent_key: str
    agents: dict[str, str]


@dataclass(slots=True)
class _Told:
    """What one p or span says and when."""

    native_id: str
    start: Exact
    end: Exact | None
    text: str
    refers_to: list[str] | None = None


def read(batch: Batch, entry: TtmlExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per p that says something, in the order of the document."""
    suffixes = (".ttml", ".dfxp", ".xml")
    yield from read_timed_files(batch, entry, suffixes, lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TtmlExport) -> Iterator[Label | LabelFault]:
    root = read_tree(file.path, "tt")
    if not _NAMESPACE.fullmatch(root.tag):
        message = f"expected the namespace of TTML, such as http://www.w3.org/ns/ttml, got <{root.tag}>"
        raise LabelFormatError(file.path, None, message)
    try:
        base = read_time_base(root)
    except ValueError as error:
        raise LabelFormatError(file.path, None, str(error)) from error
    agent_key = f"{root.tag.rpartition('}')[0]}#metadata}}agent"
    document = _Document(file, entry, agent_key, _agents_in(root))
    body = next((element for element in root if local_name(element) == "body"), None)
    space = root.get(_SPACE, "default")
    paragraphs = _paragraphs_in(read_body(body, base), space) if body is not None else iter(())
    for number, (paragraph, written_space) in enumerate(paragraphs, 1):
        yield from _read_paragraph(document, paragraph, number, written_space)


def _agents_in(root: "Element") -> dict[str, str]:
    """The agents' names by their ids."""
    agents = [element for element in root.iter() if local_name(element) == "agent"]
    names = {agent.get(_ID, ""): "".join(agent.itertext()).strip() for agent in agents}
    return {key: _BLANKS.sub(" ", name) for key, name in names.items() if name}


def _paragraphs_in(part: Part, space: str) -> Iterator[tuple[Part, str]]:
    """Every p below the part, and how its white space is read."""
    space = part.element.get(_SPACE, space)
    if local_name(part.element) == "p":
        yield part, space
        return
    for inner in part.parts:
        yield from _paragraphs_in(inner, space)


def _read_paragraph(
    document: _Document, paragraph: Part, number: int, space: str
) -> Iterator[Label | LabelFault]:
    native_id = f"{document.file.prefix}{number}"
    text = _spoken(paragraph.element, space)
    if not text:
        return
    spans = [span for span in _spans_in(paragraph) if span.has_times or span.fault]
    fault = paragraph.fault or next((span.fault for span in spans if span.fault), None)
    if fault:
        yield LabelFault(native_id, f"{document.file.name}:p{number}", Reason.MALFORMED, fault)
        return
    begin, end = paragraph.begin, paragraph.shown_until
    if spans and not paragraph.has_times:
        ends = [span.shown_until for span in spans]
        known = [end for end in ends if end is not None]
        begin, end = min(span.begin for span in spans), max(known) if len(known) == len(ends) else end
    yield _to_label(document, paragraph.element, number, _Told(native_id, begin, end, text))
    for place, span in enumerate(spans if document.entry.words else (), 1):
        said = _spoken(span.element, space)
        if said:
            told = _Told(f"{native_id}/{place}", span.begin, span.shown_until, said, [native_id])
            yield _to_label(document, paragraph.element, number, told)


def _spans_in(part: Part) -> Iterator[Part]:
    for inner in part.parts:
        yield inner
        yield from _spans_in(inner)


def _to_label(document: _Document, element: "Element", number: int, told: _Told) -> Label | LabelFault:
    entry, origin = document.entry, f"{document.file.name}:p{number}"
    if told.end is None:
        return LabelFault(told.native_id, origin, Reason.NO_TIME, "nothing says when it ends")
    agent = element.get(document.agent_key)
    named = {"region": element.get("region"), "id": element.get(_ID)}
    says_class = entry.task in CLASS_TASKS
    return Label(
        native_id=told.native_id,
        media=document.file.media,
        task=entry.task or "transcript",
        origin=origin,
        label=told.text if says_class else agent and document.agents.get(agent, agent),
        text=None if says_class else told.text,
        clock=entry.clock,
        start_ns=round(told.start),
        end_ns=round(told.end),
        annotator=entry.annotator,
        refers_to=told.refers_to,
        attributes={name: value for name, value in named.items() if value} or None,
    )


def _spoken(element: "Element", space: str) -> str:
    """The text of a p or span, its breaks as newlines."""
    text = "".join(_texts_in(element, space)) if len(element) else element.text or ""
    if space != "preserve":
        text = "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return text.strip()


def _texts_in(element: "Element", space: str) -> Iterator[str]:
    kept = element.get(_SPACE, space) == "preserve"
    if element.text:
        yield element.text if kept else _BLANKS.sub(" ", element.text)
    for inner in element:
        name = local_name(inner)
        if name == "span":
            yield from _texts_in(inner, space)
        elif name == "br":
            yield "\n"
        if inner.tail:
            yield inner.tail if kept else _BLANKS.sub(" ", inner.tail)


TTML = LabelFormat("ttml", TtmlExport, read)
