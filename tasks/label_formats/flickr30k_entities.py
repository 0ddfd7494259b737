"""Flickr30k Entities: the phrases of Flickr30k's captions, and the boxes of what they name.

reads   Sentences/<picture>.txt, a caption a line, in it `[/EN#<entity>/<type>/<type> <words>]`
        Annotations/<picture>.xml, as Pascal VOC's: <object> with <name>s that are entities, and a <bndbox>
        (pixels from 1, both corners in the box), or <scene>1 or <nobndbox>1
`path` is the folder of the two. A caption is a label `<picture>#<number from 0>`, its text without the
brackets. A phrase is a detection for every box of its entity, or a classification of the whole picture where
the entity is the scene: its label is the type as written, its text the phrase, and it refers to its caption;
the attribute `entity` is the same for all that is one thing in the picture. Phrases that name nothing to be
seen (entity 0, <nobndbox>) are the caption's attribute `unseen`, as JSON. Captions that UNRELATED_CAPTIONS
lists (`<picture> <number from 1>`), where it is in the folder, have the attribute `unrelated`.
Source: the project's README and flickr30k_entities_utils.py, which subtracts 1 from the corners.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.flickr_entity_boxes import EntityBoxes, read_entity_boxes
from tasks.label_formats.reading.text_lines import TextLine, read_text_lines

_PHRASE = re.compile(r"\[/EN#([0-9]+)/([^\s\]]+) ([^\[\]]*)\]")
_LISTED = re.compile(r"(\S+) ([0-9]{1,4})\s*")


@dataclass
class _Picture:
    """One picture while it is read: its boxes, and which entities a phrase has named."""

    stem: str
    origin: str
    annotator: str | None
    unrelated: frozenset[str]
    boxes: EntityBoxes = field(default_factory=EntityBoxes)
    named: set[str] = field(default_factory=set)

    def label(self, native_id: str, line: int, task: str, **fields: Any) -> Label:
        shared = {
            **{"origin": f"{self.origin}:{line}", "annotator": self.annotator},
            **self.boxes.size,
            **fields,
        }
        return Label(native_id, f"{self.stem}.jpg", task, **shared)


def read(batch: Batch, entry: LabelExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """Picture by picture in the order of their names: the phrases of each caption, then the caption."""
    folder, name = batch.path(entry.path), delivered_name(batch, entry.path)
    texts, drawings = _files(folder / "Sentences", ".txt"), _files(folder / "Annotations", ".xml")
    if not texts:
        expected = "expected the folders Sentences and Annotations of Flickr30k Entities"
        raise LabelFormatError(folder, None, f"{expected}, there is no Sentences/*.txt")
    unrelated = _unrelated_captions(folder / "UNRELATED_CAPTIONS")
    broken: list[LabelFormatError] = []
    for stem in sorted(texts.keys() | drawings.keys()):
        picture = _Picture(stem, f"{name}/Sentences/{stem}.txt", entry.annotator, unrelated)
        try:
            outcomes = list(_read_picture(picture, texts.get(stem), drawings.get(stem)))
        except LabelFormatError as error:
            broken.append(error)
            outcomes = [LabelFault(stem, picture.origin, Reason.MALFORMED, error.detail)]
        yield from outcomes
    if len(broken) == len(texts.keys() | drawings.keys()):
        raise broken[0]


def _files(folder: Path, suffix: str) -> dict[str, Path]:
    """The files by the names of their pictures; bytes of a name that are no UTF-8 are written as in items."""
    files = [path for path in folder.glob(f"*{suffix}") if path.is_file()]
    names = [
        path.stem.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for path in files
    ]
    return dict(zip(names, files, strict=True))


def _unrelated_captions(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    listed = [_LISTED.fullmatch(line.text or "") for line in read_text_lines(path)]
    return frozenset(f"{found[1]}#{int(found[2]) - 1}" for found in listed if found)


def _read_picture(
    picture: _Picture, sentences: Path | None, drawing: Path | None
) -> Iterator[Label | LabelFault]:
    if sentences is None:
        raise LabelFormatError(Path(picture.origin), None, "there is no file of sentences to the boxes")
    lines = list(read_text_lines(sentences))
    if drawing is not None:
        picture.boxes = read_entity_boxes(drawing)
    for position, line in enumerate(lines):
        yield from _read_sentence(picture, f"{picture.stem}#{position}", line)
    for detail in picture.boxes.faults:
        yield LabelFault(f"{picture.stem}/{detail}", picture.origin, Reason.MALFORMED, detail)
    for entity in picture.boxes.boxes:
        if entity not in picture.named:
            detail = "no sentence names the entity of the box"
            yield LabelFault(f"{picture.stem}/{entity}", picture.origin, Reason.LABEL_NOT_FOUND, detail)


def _read_sentence(picture: _Picture, caption_id: str, line: TextLine) -> Iterator[Label | LabelFault]:
    origin = f"{picture.origin}:{line.number}"
    if line.text is None:
        yield LabelFault(caption_id, origin, Reason.WRONG_ENCODING, "expected UTF-8 text")
        return
    caption = _PHRASE.sub(lambda phrase: phrase[3], line.text).strip()
    if "[/EN#" in caption:
        detail = "expected phrases as [/EN#<entity>/<type> <words>]"
        yield LabelFault(caption_id, origin, Reason.MALFORMED, detail)
        return
    unseen: list[dict[str, str]] = []
    phrases: list[Label] = []
    for position, (entity, kind, words) in enumerate(_PHRASE.findall(line.text)):
        about = {"refers_to": [caption_id], "attributes": {"entity": entity}}
        fields = {"label": kind, "text": words.strip(), **about}
        places = picture.boxes.places_of(entity)
        if not places:
            unseen.append({"entity": entity, "type": kind, "phrase": words.strip()})
        for number, place in enumerate(places, 1):
            own_id = f"{caption_id}/{position}{'' if number == 1 else f'/{number}'}"
            task = "detection" if place else "classification"
            phrases.append(picture.label(own_id, line.number, task, **fields, **place))
        picture.named.add(entity)
    attributes = {"unseen": json.dumps(unseen, ensure_ascii=False)} if unseen else {}
    if caption_id in picture.unrelated:
        attributes["unrelated"] = "yes"
    yield from phrases
    yield picture.label(caption_id, line.number, "caption", text=caption, attributes=attributes or None)


FLICKR30K_ENTITIES = LabelFormat("flickr30k_entities", LabelExport, read)
