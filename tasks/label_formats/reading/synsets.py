"""Which class of ImageNet a number or a WordNet id is: ILSVRC's devkit and the lists that go with it.

`meta.mat`             ILSVRC2012_ID, WNID and words of each synset (the devkit's `data/`)
`map_clsloc.txt`       `n02119789 1 kit_fox`: WordNet id, ILSVRC id, name
`synset_words.txt`, `LOC_synset_mapping.txt`   `n01440764 tench, Tinca tinca`
`synsets.txt`          a WordNet id, or any name, a line

The first two number the classes from 1 as the devkit's ground truth does. The others do so from 0, by their
lines, as Caffe's lists do: the order is another one, so neither is ever taken for the other.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tasks.core.errors import LabelFormatError
from tasks.label_formats.reading.mat5 import read_mat_table
from tasks.label_formats.reading.text_lines import read_text_lines

_LARGEST_MAT_BYTES = 2_000_000
_WORDNET_ID = re.compile(r"n[0-9]{8}")
_NUMBERED = re.compile(r"(n[0-9]{8})\s+([0-9]{1,6})\s+(\S+)")


@dataclass(frozen=True)
class Synsets:
    """The words of each class, the classes by the devkit's numbers, and those by the lines of a list."""

    words: dict[str, str] = field(default_factory=dict)
    by_devkit_id: dict[int, str] = field(default_factory=dict)
    by_line: tuple[str, ...] = ()


def read_synsets(path: Path) -> Synsets:
    """The classes; LabelFormatError when the file names none."""
    synsets = _read_mat(path) if path.suffix.lower() == ".mat" else _read_list(path)
    if not synsets.words:
        raise LabelFormatError(path, None, "expected a class a line, there is none")
    return synsets


def _read_list(path: Path) -> Synsets:
    words: dict[str, str] = {}
    numbers: dict[int, str] = {}
    for line in read_text_lines(path):
        if line.text is None:
            raise LabelFormatError(path, line.number, "expected UTF-8 text")
        name, _, described = line.text.strip().partition(" ")
        numbered = _NUMBERED.fullmatch(line.text.strip())
        if numbered:
            numbers[int(numbered[2])] = name
            described = numbered[3].replace("_", " ")
        elif not _WORDNET_ID.fullmatch(name):
            name = described = line.text.strip()
        if name in words:
            raise LabelFormatError(path, line.number, f"the class '{name[:40]}' is given twice")
        words[name] = described.strip() or name
    if numbers and len(numbers) < len(words):
        raise LabelFormatError(path, None, "expected a number for every class, each once, or for none")
    return Synsets(words, numbers, () if numbers else tuple(words))


def _read_mat(path: Path) -> Synsets:
    """The table `synsets` of the devkit; whatever else is in the file is not looked at."""
    if not path.is_file() or path.stat().st_size > _LARGEST_MAT_BYTES:
        raise LabelFormatError(path, None, f"expected a file of at most {_LARGEST_MAT_BYTES} bytes")
    try:
        rows = read_mat_table(path.read_bytes(), "synsets", ("ILSVRC2012_ID", "WNID", "words"))
        words = {_text(row["WNID"]): _text(row["words"]) for row in rows}
        numbers = {_number(row["ILSVRC2012_ID"]): _text(row["WNID"]) for row in rows}
    except ValueError as error:
        raise LabelFormatError(path, None, f"expected meta.mat of ILSVRC's devkit: {error}") from error
    return Synsets(words, numbers)


def _text(value: str | float | None) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a class has no text")
    return value


def _number(value: str | float | None) -> int:
    if not isinstance(value, float) or not value.is_integer():
        raise ValueError("a class has no number")
    return int(value)
