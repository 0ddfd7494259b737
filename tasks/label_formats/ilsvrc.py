"""ILSVRC's ground truth, in the three ways that it is handed out; the file's first line tells which it is.

`490`                                        the devkit's ILSVRC2012_validation_ground_truth.txt: line n is
    the class of ILSVRC2012_val_<n, 8 digits>.JPEG; `synsets` must be meta.mat or map_clsloc.txt
`ILSVRC2012_val_00000001.JPEG 65`            Caffe's val.txt: a picture, and the line of its class from 0 in
    `synsets` (synset_words.txt, LOC_synset_mapping.txt, synsets.txt)
`ImageId,PredictionString`                   Kaggle's LOC_train_solution.csv and LOC_val_solution.csv:
    `<WordNet id> <x min> <y min> <x max> <y max>`, over and over

The corners are pixels from 0 and both in the box (x max is at most the width less 1), as ILSVRC's
evaluation has it: a box is x max - x min + 1 wide. Each picture has its boxes, then a classification
per class. A class is its WordNet id, or its words with `words`; then the id is the attribute `wnid`. Pictures
in class folders are the format `imagenet`; the XML in ILSVRC's Annotations is Pascal VOC's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import IlsvrcExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError, reason_of
from tasks.label_formats.reading.synsets import Synsets, read_synsets
from tasks.label_formats.reading.text_lines import TextLine, read_text_lines

_NUMBER = re.compile(r"\s*([0-9]{1,6})\s*")
_PICTURE = re.compile(r"(\S.*?\.[A-Za-z]{3,4})\s+([0-9]{1,6})\s*")
_IMAGE_SET = re.compile(r"\S*[^.\s]{5,}\s+[0-9]+\s*")
_HEADER = "ImageId,PredictionString"


@dataclass(frozen=True)
class _Export:
    """What every line is read with."""

    name: str
    entry: IlsvrcExport
    synsets: Synsets

    def label(self, native_id: str, line: int, media: str, wnid: str, **place: Any) -> Label:
        if self.entry.words and wnid not in self.synsets.words:
            raise FaultError(Reason.UNKNOWN_CATEGORY, f"'{self.entry.synsets}' has no class '{wnid}'")
        return Label(
            native_id=native_id,
            media=media,
            task="detection" if place else "classification",
            origin=f"{self.name}:{line}",
            label=self.synsets.words[wnid] if self.entry.words else wnid,
            annotator=self.entry.annotator,
            attributes={"wnid": wnid} if self.entry.words else None,
            **place,
        )


def read(batch: Batch, entry: IlsvrcExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """Labels or a fault per line, in the order of the file."""
    path = batch.path(entry.path)
    lines = read_text_lines(path)
    first = next(lines, None)
    if first is None or first.text is None:
        raise LabelFormatError(path, 1, "expected ILSVRC's ground truth, there is no text in the first line")
    synsets = Synsets() if entry.synsets is None else read_synsets(batch.path(entry.synsets))
    export = _Export(delivered_name(batch, entry.path), entry, synsets)
    if first.text.strip() == _HEADER:
        to_labels, rest = _boxes, lines
    elif _NUMBER.fullmatch(first.text):
        _refuse_without(batch, entry, synsets.by_devkit_id, "meta.mat or map_clsloc.txt of the devkit")
        to_labels, rest = _numbered, chain([first], lines)
    elif _PICTURE.fullmatch(first.text):
        _refuse_without(batch, entry, synsets.by_line, "a list of the classes in their order")
        to_labels, rest = _listed, chain([first], lines)
    else:
        raise LabelFormatError(path, 1, _strange(first.text))
    for line in rest:
        yield from _outcomes(line, export, to_labels)


def _strange(text: str) -> str:
    if _IMAGE_SET.fullmatch(text):
        return "this is a list of an image set: its numbers count the lines and are no classes"
    return f"expected a class number, a picture with one, or the header '{_HEADER}', got {text[:40]!r}"


def _refuse_without(batch: Batch, entry: IlsvrcExport, known: Any, needed: str) -> None:
    if not known:
        raise LabelFormatError(batch.path(entry.path), None, f"these numbers need `synsets`: {needed}")


def _outcomes(line: TextLine, export: _Export, to_labels: Any) -> Iterator[Label | LabelFault]:
    origin = f"{export.name}:{line.number}"
    if line.text is None:
        yield LabelFault(f"{line.number}", origin, Reason.WRONG_ENCODING, "expected UTF-8 text")
        return
    try:
        yield from list(to_labels(line, export))
    except ValueError as error:
        yield LabelFault(f"{line.number}", origin, reason_of(error), str(error))


def _numbered(line: TextLine, export: _Export) -> Iterator[Label]:
    number = _NUMBER.fullmatch(line.text or "")
    if number is None:
        raise ValueError(f"expected a class number, got {(line.text or '')[:40]!r}")
    wnid = export.synsets.by_devkit_id.get(int(number[1]))
    if wnid is None:
        raise FaultError(Reason.UNKNOWN_CATEGORY, f"'{export.entry.synsets}' has no class {number[1]}")
    media = f"ILSVRC2012_val_{line.number:08d}.JPEG"
    yield export.label(f"{line.number}", line.number, media, wnid)


def _listed(line: TextLine, export: _Export) -> Iterator[Label]:
    listed = _PICTURE.fullmatch(line.text or "")
    if listed is None:
        raise ValueError(f"expected a picture and a class number, got {(line.text or '')[:40]!r}")
    if int(listed[2]) >= len(export.synsets.by_line):
        known = len(export.synsets.by_line)
        raise FaultError(Reason.UNKNOWN_CATEGORY, f"class {listed[2]} is not among the {known} from 0")
    yield export.label(f"{line.number}", line.number, listed[1], export.synsets.by_line[int(listed[2])])


def _boxes(line: TextLine, export: _Export) -> Iterator[Label]:
    image_id, _, prediction = (line.text or "").partition(",")
    words = prediction.split()
    if not image_id or not words or len(words) % 5:
        raise ValueError(f"expected `<image id>,<class> <4 corners> ...`, got {(line.text or '')[:60]!r}")
    boxes = [(words[at], _corners(words[at + 1 : at + 5])) for at in range(0, len(words), 5)]
    media = f"{image_id}.JPEG"
    for number, (wnid, (left, top, right, bottom)) in enumerate(boxes, 1):
        size = {"width": right - left + 1, "height": bottom - top + 1}
        yield export.label(f"{image_id}/{number}", line.number, media, wnid, x=left, y=top, **size)
    for number, wnid in enumerate(dict.fromkeys(wnid for wnid, _ in boxes), 1):
        yield export.label(image_id if number == 1 else f"{image_id}~{number}", line.number, media, wnid)


def _corners(words: list[str]) -> tuple[float, ...]:
    if not all(re.fullmatch(r"-?[0-9]{1,6}", word) for word in words):
        raise ValueError(f"expected 4 corners in whole pixels, got {' '.join(words)[:60]!r}")
    return tuple(float(word) for word in words)


ILSVRC = LabelFormat("ilsvrc", IlsvrcExport, read)
