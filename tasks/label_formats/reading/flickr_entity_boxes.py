"""The boxes of Flickr30k Entities' Annotations/<picture>.xml, by entity.

Pixels in the file count from 1 and both corners are in the box; here a box is x, y, width, height from 0.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.label_formats.reading.stated_size import stated_in_voc
from tasks.label_formats.reading.xml_export import read_tree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WHOLE = re.compile(r"\s*[0-9]{1,6}\s*")
Box = dict[str, float]


@dataclass
class EntityBoxes:
    """The boxes of each entity, the entities that are the whole scene, and what could not be read.

    `size` is what the file states of the picture, as fields of labels.
    """

    boxes: dict[str, list[Box]] = field(default_factory=dict)
    scenes: set[str] = field(default_factory=set)
    size: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def places_of(self, entity: str) -> list[Box]:
        """Its boxes; one without fields where it is the scene; none where there is nothing to be seen."""
        return self.boxes.get(entity, [{}] if entity in self.scenes else [])


def read_entity_boxes(path: Path) -> EntityBoxes:
    """What the file says; LabelFormatError when it is no XML, or no <annotation>."""
    tree = read_tree(path, "annotation")
    found = EntityBoxes(size=stated_in_voc(tree))
    for number, drawn in enumerate(tree.findall("object"), 1):
        entities = [text for name in drawn.findall("name") if (text := (name.text or "").strip())]
        boxes = drawn.findall("bndbox")
        try:
            if not entities:
                raise ValueError("names no entity")
            for entity in entities:
                for box in boxes:
                    found.boxes.setdefault(entity, []).append(_to_box(box))
                if (drawn.findtext("scene") or "").strip() == "1":
                    found.scenes.add(entity)
        except ValueError as error:
            found.faults.append(f"object {number} {error}")
    return found


def _to_box(box: "Element") -> Box:
    corners = [box.findtext(name) or "" for name in ("xmin", "ymin", "xmax", "ymax")]
    if not all(_WHOLE.fullmatch(corner) for corner in corners):
        raise ValueError(f"has no box of whole pixels: {' '.join(corners)[:60]!r}")
    left, top, right, bottom = (float(corner) for corner in corners)
    return {"x": left - 1, "y": top - 1, "width": right - left + 1, "height": bottom - top + 1}
