"""A project's labelling config (XML): which key of a task's data an object shows, which labels there are.

Source: Label Studio's tags. An object has a `name` and a `value` such as `$image` or `$pages[0].url`, or a
`valueList` of pictures; a control has a `name`, a `toName` and `Label` or `Choice` elements, whose `alias`,
where there is one, is what results carry. Names of a repeater (`page_{{idx}}`) and labels that a task
brings along are not known beforehand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.label_formats.reading.xml_export import read_tree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TEXTS = ("Text", "HyperText", "Paragraphs")
_HEARD = ("Audio", "AudioPlus", "Video")
_STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class LabellingConfig:
    """The objects by name, each with its tag and the steps to its value, and the labels of each control.

    `controls` are by name, too, each with its tag and the object that it is about.
    """

    objects: Mapping[str, tuple[str, tuple[str, ...]]]
    labels: Mapping[str, frozenset[str]]
    controls: Mapping[str, tuple[str, str]]

    def value_of(self, to_name: str, values: Any) -> Any:
        """What the object shows of the task's data; None where that is nothing."""
        _, steps = self.objects.get(to_name, ("", ()))
        found = values if steps else None
        for step in steps:
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and step.isdecimal() and len(step) < 10 and int(step) < len(found):
                found = found[int(step)]
            else:
                return None
        return found

    def is_text(self, to_name: str) -> bool:
        """Whether the object is text that is read."""
        return self.objects.get(to_name, ("",))[0] in _TEXTS

    def is_heard(self, to_name: str) -> bool:
        """Whether the object is a recording."""
        return self.objects.get(to_name, ("",))[0] in _HEARD

    def knows(self, from_name: str, label: str) -> bool:
        """Whether the control has that label; one whose labels are not listed has any."""
        return from_name not in self.labels or label in self.labels[from_name]


def read_labelling_config(path: Path) -> LabellingConfig:
    """The config; LabelFormatError when it is no XML, or no <View>."""
    objects: dict[str, tuple[str, tuple[str, ...]]] = {}
    labels: dict[str, frozenset[str]] = {}
    controls: dict[str, tuple[str, str]] = {}
    for element in read_tree(path, "View").iter():
        name, value = element.get("name", ""), element.get("value") or element.get("valueList") or ""
        if not name or "{{" in name:
            continue
        to_name = element.get("toName")
        if to_name is not None:
            controls[name] = (element.tag, to_name)
        if to_name is None:
            if value.startswith("$"):
                objects[name] = (element.tag, tuple(_STEP.findall(value[1:])))
        elif not value and element.get("apiUrl") is None:
            named = frozenset(_labels_in(element, ()))
            if named:
                labels[name] = named
    return LabellingConfig(objects, labels, controls)


def _labels_in(element: "Element", above: tuple[str, ...]) -> list[str]:
    """The labels below the element; a choice in a choice is a path, as a taxonomy has it."""
    found: list[str] = []
    for child in element:
        own = child.get("alias") or child.get("value")
        if child.tag in ("Label", "Choice") and own:
            path = (*above, own)
            found += [" > ".join(path), *_labels_in(child, path)]
        else:
            found += _labels_in(child, above)
    return found
