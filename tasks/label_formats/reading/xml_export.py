"""XML exports, element by element: no entities, no DTD, nothing fetched, memory for one element at a time.

defusedxml refuses entity bombs and external entities before anything is expanded.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.core.errors import LabelFormatError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_BYTES = 4_000_000_000
LARGEST_TREE_BYTES = 100_000_000
DEEPEST = 64


def read_tree(path: Path, root: str) -> "Element":
    """The outermost element of a small file, whole; LabelFormatError as for `read_elements`."""
    if path.is_file() and path.stat().st_size > LARGEST_TREE_BYTES:
        raise LabelFormatError(path, None, f"expected at most {LARGEST_TREE_BYTES} bytes of XML")
    return next(read_elements(path, root, {root}))


def read_elements(path: Path, root: str, tags: Collection[str]) -> "Iterator[Element]":
    """Every element of those tags in no other of them, in order; each is emptied when the next is asked for.

    LabelFormatError when the file is too large, too deep, no XML, or its outermost element is not `root`.
    """
    import xml.etree.ElementTree as ET

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    if not path.is_file():
        raise LabelFormatError(path, None, "expected one XML file")
    if path.stat().st_size > LARGEST_BYTES:
        raise LabelFormatError(path, None, f"expected at most {LARGEST_BYTES} bytes; split the export")
    try:
        yield from _matching(path, iterparse(str(path), events=("start", "end"), forbid_dtd=True), root, tags)
    except DefusedXmlException as error:
        message = f"it has a DTD or entities ({type(error).__name__}), which are refused; export without them"
        raise LabelFormatError(path, None, message) from error
    except ET.ParseError as error:
        raise LabelFormatError(path, error.position[0], f"not XML: {error.msg}") from error
    except (UnicodeDecodeError, LookupError) as error:
        raise LabelFormatError(path, None, f"its text is not of its encoding: {error}") from error


def _matching(
    path: Path, events: "Iterator[tuple[str, Element]]", root: str, tags: Collection[str]
) -> "Iterator[Element]":
    above: list[Element] = []
    inside = 0
    for event, element in events:
        if event == "start":
            _refuse_strange(path, above, element, root)
            above.append(element)
            inside += element.tag in tags
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


def _refuse_strange(path: Path, above: "list[Element]", element: "Element", root: str) -> None:
    if not above and element.tag != root:
        raise LabelFormatError(path, 1, f"expected the outermost element <{root}>, got <{element.tag}>")
    if len(above) >= DEEPEST:
        raise LabelFormatError(path, None, f"expected at most {DEEPEST} elements inside one another")
