"""One list of a JSON export, element by element, however large it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks.core.errors import LabelFormatError
from tasks.core.json_stream import JsonStream, open_json


def iterate_list(path: Path, name: str | None) -> Iterator[Any]:
    """The elements of the file's list, or with a name of the list under that key of its object.

    What else the file holds is read to its end. LabelFormatError when it has no such list.
    """
    with open_json(path) as stream:
        if name is not None:
            yield from _list_under(stream, path, name)
        elif stream.starts_with(b"["):
            yield from stream.elements()
        else:
            stream.skip()
            raise LabelFormatError(path, None, "expected a list")
        stream.finish()


def _list_under(stream: JsonStream, path: Path, name: str) -> Iterator[Any]:
    found = False
    for key in stream.members() if stream.starts_with(b"{") else ():
        if key == name and stream.starts_with(b"["):
            found = True
            yield from stream.elements()
    if not found:
        raise LabelFormatError(path, None, f"expected an object with a list '{name}'")
