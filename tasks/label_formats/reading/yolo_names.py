"""What a YOLO dataset says beside its rows: the names of its classes, and the points of its poses.

data.yaml has `names` as a list or a mapping from numbers, `kpt_shape`, and `kpt_names` (a list of names under
each class). obj.names and classes.txt have a name a line, the first is class 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tasks.core.batch import Batch
from tasks.core.config import read_node
from tasks.core.errors import ConfigError, LabelFormatError
from tasks.core.label_entries import YoloExport, is_kpt_shape
from tasks.label_formats.reading.export_files import read_text

_YAML = (".yaml", ".yml")
NAMES_FILES = ("data.yaml", "data.yml", "classes.txt", "obj.names")
_FOLDERS_ABOVE = 3


@dataclass(frozen=True)
class Vocabulary:
    """Class names by number, how many points a pose has and of how many values, and the points' names."""

    path: Path
    classes: dict[int, str]
    kpt_shape: tuple[int, ...] = ()
    points: dict[int, list[str]] = field(default_factory=dict)


def read_vocabulary(batch: Batch, entry: YoloExport) -> Vocabulary:
    """The names that the entry's rows mean; LabelFormatError when there are none."""
    path = batch.path(entry.names) if entry.names else _nearby(batch, entry)
    if path.suffix.lower() not in _YAML:
        lines = read_text(path).rstrip().split("\n")
        return Vocabulary(path, _named(enumerate(lines)), entry.kpt_shape)
    try:
        content = _entries(read_node(path))
    except ConfigError as error:
        raise LabelFormatError(path, None, error.detail) from error
    kpt_shape = entry.kpt_shape or _kpt_shape(path, content.get("kpt_shape"))
    return Vocabulary(path, _texts(content.get("names")), kpt_shape, _point_names(content.get("kpt_names")))


def _nearby(batch: Batch, entry: YoloExport) -> Path:
    place = batch.path(entry.path)
    folder = place if place.is_dir() else place.parent
    for above in [folder, *folder.parents][: _FOLDERS_ABOVE + 1]:
        for name in NAMES_FILES:
            if (above / name).is_file():
                return above / name
        if above == batch.folder:
            break
    message = f"expected the class names in one of {list(NAMES_FILES)} here or above, or as `names`"
    raise LabelFormatError(place, None, message)


def _entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _texts(node: yaml.Node | None) -> dict[int, str]:
    """The texts of a list or of a mapping from whole numbers, by number."""
    if isinstance(node, yaml.SequenceNode):
        return _named((n, one.value) for n, one in enumerate(node.value) if isinstance(one, yaml.ScalarNode))
    return _named(
        (int(number), one.value)
        for number, one in _entries(node).items()
        if number.isdecimal() and len(number) < 10 and isinstance(one, yaml.ScalarNode)
    )


def _named(numbered: Iterator[tuple[int, str]]) -> dict[int, str]:
    return {number: name.strip() for number, name in numbered if name.strip()}


def _kpt_shape(path: Path, node: yaml.Node | None) -> tuple[int, ...]:
    if node is None:
        return ()
    texts = [one.value for one in node.value] if isinstance(node, yaml.SequenceNode) else []
    numbers = tuple(
        int(text) for text in texts if isinstance(text, str) and text.isdecimal() and len(text) < 6
    )
    if len(numbers) != len(texts) or not is_kpt_shape(numbers):
        message = "expected kpt_shape as [number of points, 2 or 3]"
        raise LabelFormatError(path, node.start_mark.line + 1, message)
    return numbers


def _point_names(node: yaml.Node | None) -> dict[int, list[str]]:
    return {
        int(number): list(_texts(names).values())
        for number, names in _entries(node).items()
        if number.isdecimal() and len(number) < 10
    }
