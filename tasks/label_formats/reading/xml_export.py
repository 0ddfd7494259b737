"""XML exports, element by element: no entities, no DTD, nothing fetched, memory for one element at a time.

A document type declaration can only stand before the first element. Expat reads that far first, and a file
that has one is refused, with all that could be declared in it (entity bombs, external entities). Then
ElementTree's own parser reads the file, on the same Expat. defusedxml refuses the same, but in Python: it
reads 2,800 small files a second where this reads 8,000. It is the peer in the tests.
"""

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tasks.core.errors import LabelFormatError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_BYTES = 4_000_000_000
LARGEST_TREE_BYTES = 100_000_000
LARGEST_TEXT_BYTES = 64_000_000
LARGEST_PROLOG_BYTES = 1_000_000
DEEPEST = 64
MOST_INSIDE = 2_000_000


def read_tree(path: Path, root: str) -> "Element":
    """The outermost element of a small file, whole; LabelFormatError as for `read_elements`.

    `root` is its name without a namespace.
    """
    from xml.etree.ElementTree import XMLParser

    parser = XMLParser()  # noqa: S314 - see `_opened`
    tags = 0
    with _opened(path, LARGEST_TREE_BYTES) as file, _nothing_collected():
        while chunk := file.read(65_536):
            tags += chunk.count(b"<")
            if tags > 2 * MOST_INSIDE:
                raise LabelFormatError(
                    path, None, f"expected at most {MOST_INSIDE} elements; split the export"
                )
            parser.feed(chunk)
        outermost: Element = parser.close()
    level = [outermost]
    _refuse_strange(path, 0, outermost, root)
    for depth in range(1, DEEPEST + 1):
        level = [inner for element in level for inner in element]
        if not level:
            break
        _refuse_strange(path, depth, level[0], root)
    return outermost


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A tree in the making has no garbage; looking for it anyway would take half as long as the parsing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_elements(path: Path, root: str, tags: Collection[str]) -> "Iterator[Element]":
    """Every element of those tags in no other of them, in order; each is emptied when the next is asked for.

    LabelFormatError when the file is too large, too deep, no XML, or its outermost element is not `root`.
    """
    with _opened(path, LARGEST_BYTES) as file:
        yield from _matching(path, _events(path, file), root, tags)


@contextmanager
def _opened(path: Path, largest: int) -> Iterator[BinaryIO]:
    """The file, which declares nothing; what its parser says becomes a LabelFormatError."""
    import xml.etree.ElementTree as ET

    if not path.is_file():
        raise LabelFormatError(path, None, "expected one XML file")
    if path.stat().st_size > largest:
        raise LabelFormatError(path, None, f"expected at most {largest} bytes of XML; split the export")
    with path.open("rb") as file:
        try:
            # ElementTree expands what a DTD declares: from here on there can be none.
            _refuse_declarations(path, file)
            yield file
        except ET.ParseError as error:
            raise LabelFormatError(path, error.position[0], f"not XML: {error.msg}") from error
        except (ValueError, LookupError) as error:
            raise LabelFormatError(path, None, f"its text is not of its encoding: {error}") from error


def _refuse_declarations(path: Path, file: BinaryIO) -> None:
    """Read up to the first element; LabelFormatError when there is a document type, or no element."""
    from xml.parsers import expat

    started: list[str] = []

    def refuse_document_type(*_: object) -> None:
        message = "it has a document type (DTD) or entities, which are refused; export without them"
        raise LabelFormatError(path, parser.CurrentLineNumber, message)

    def note_element(name: str, _: object) -> None:
        started.append(name)
        parser.StartElementHandler = None

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.StartElementHandler = note_element
    try:
        while not started and file.tell() < LARGEST_PROLOG_BYTES and (chunk := file.read(1024)):
            parser.Parse(chunk)
    except expat.ExpatError as error:
        if not started:
            message = f"not XML: {expat.ErrorString(error.code)}"
            raise LabelFormatError(path, error.lineno, message) from error
    if not started:
        raise LabelFormatError(path, None, "not XML: expected an element, there is none")
    file.seek(0)


class _Rationed:
    """The file, as far as something comes of what is read of it."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self.unanswered = 0

    def read(self, size: int = 65_536, /) -> bytes:
        self.unanswered += size
        if self.unanswered > LARGEST_TEXT_BYTES:
            message = f"expected at most {LARGEST_TEXT_BYTES} bytes in one text, attribute or comment"
            raise LabelFormatError(self._path, None, message)
        return self._file.read(size)


def _events(path: Path, file: BinaryIO) -> "Iterator[tuple[str, Element]]":
    from xml.etree.ElementTree import iterparse

    rationed = _Rationed(path, file)
    for event in iterparse(rationed, events=("start", "end")):  # noqa: S314 - see `_opened`
        rationed.unanswered = 0
        yield event


def _matching(
    path: Path, events: "Iterator[tuple[str, Element]]", root: str, tags: Collection[str]
) -> "Iterator[Element]":
    above: list[Element] = []
    inside = held = 0
    for event, element in events:
        if event == "start":
            _refuse_strange(path, len(above), element, root)
            above.append(element)
            inside += element.tag in tags
            held = held + 1 if inside else 0
            if held > MOST_INSIDE:
                message = f"expected at most {MOST_INSIDE} elements in one <{above[-2].tag}>"
                raise LabelFormatError(path, None, f"{message}; split the export")
            continue
        above.pop()
        inside -= element.tag in tags
        if inside:
            continue
        if element.tag in tags:
            yield element
        element.clear()
        if above:
            above[-1].remove(element)


def _refuse_strange(path: Path, depth: int, element: "Element", root: str) -> None:
    if depth == 0 and element.tag.rpartition("}")[2] != root:
        raise LabelFormatError(path, 1, f"expected the outermost element <{root}>, got <{element.tag}>")
    if depth >= DEEPEST:
        raise LabelFormatError(path, None, f"expected at most {DEEPEST} elements inside one another")
