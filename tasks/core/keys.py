"""The key of a file: its path without suffixes. Files of one key belong together, as in WebDataset.

`images/a.jpg` and `texts/a.txt` have the key `a` below their folders, and so have `a.left.jpg` and
`a.right.jpg`. WebDataset ends a key at the first dot of the name. Names that hold dates and numbers
(`2021.05.01.jpg`, `1.2.840.png`) would all become one there, so a suffix before the last one has to look
like a word.
"""

import re

_WORD_SUFFIXES = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9_-]{0,15})*\Z")
_LAST_SUFFIX = re.compile(r"(?<=.)\.[^. /]+\Z", re.DOTALL)
_MEDIA_SUFFIX = re.compile(
    r"\.(?:jpe?g|png|gif|bmp|tiff?|webp|heic|txt|wav|mp3|flac|ogg|opus|m4a|aac|mp4|mov|avi|mkv|webm)\Z",
    re.IGNORECASE,
)


def key_of(path: str) -> str:
    """The path without the suffixes of its last part; a dot in a folder or at the start is no suffix."""
    folder, slash, name = path.rpartition("/")
    stem = _LAST_SUFFIX.sub("", name)
    shorter = stem[: _start_of_suffixes(stem)]
    return f"{folder}{slash}{shorter or stem}"


def key_of_cell(cell: str) -> str:
    """The key that a table's cell means: of `a.jpg` it is `a`, an id such as `v1.5` stays as it is."""
    return key_of(cell) if _MEDIA_SUFFIX.search(cell) else cell


def _start_of_suffixes(stem: str) -> int:
    found = _WORD_SUFFIXES.search(stem)
    return found.start() if found else len(stem)
