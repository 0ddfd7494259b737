"""Columns of labels from many annotations of COCO: the common kinds, the others are marked.

Common are captions, boxes, polygons and masks of a known image and category; the others are to be read with
care. `to_columns` gives the same labels that `coco_annotation.to_label` would.
"""

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.label_formats.reading.coco_annotation import CocoExport
from tasks.label_formats.reading.coco_block import NULL, Annotation, AnnotationBlock
from tasks.label_formats.reading.coco_outlines import Outline, read_boxes, read_masks, read_polygons
from tasks.label_formats.reading.number_lists import Flags, Int64s

_PAIR = pa.struct([pa.field("name", pa.string()), pa.field("value", pa.string())])
_CROWD = {"name": "iscrowd", "value": "1"}
_TASKS = ("caption", "detection", "segmentation", "keypoints")

_Columns = dict[str, pa.Array]


class BlockReader:
    """Makes columns of annotations; the ids of images and categories are looked up as they are written."""

    def __init__(self, export: CocoExport) -> None:
        tables = export.tables
        self._name, self._annotator = export.name, export.annotator
        self._files = pa.array(tables.files.values(), pa.string())
        self._file_codes = _codes(tables.files, without=set(tables.repeated))
        self._names = pa.array([category.name for category in tables.categories.values()], pa.string())
        said = {one for one, category in tables.categories.items() if category.is_thing is not None}
        self._name_codes = _codes(tables.categories, without=said)
        self._ids = [*tables.files]
        self._seen = np.zeros(len(self._ids), bool)
        self._seen[[row for row, one in enumerate(self._ids) if one in tables.repeated]] = True
        self._tasks = np.zeros(len(_TASKS), np.int64)
        sizes = [size or (np.nan, np.nan) for size in tables.sizes.values()]
        self._sizes = np.array(sizes or [(np.nan, np.nan)])

    def to_columns(self, block: AnnotationBlock) -> tuple[_Columns, Flags]:
        """A column per field of a label, and which rows are common: the others' values mean nothing."""
        members = _members_of(block.annotations)
        is_caption = ~_all_are(members["caption"], None)
        images = _looked_up(members["image_id"], self._file_codes)
        categories = _looked_up(members["category_id"], self._name_codes)
        self._seen[images[images >= 0]] = True
        common = _has_only_what_is_common(members) & (images >= 0)
        in_place = common & ~is_caption & (categories >= 0)
        columns = self._named(members["id"], images) | self._sized(images)
        columns["text"] = pa.array(members["caption"], pa.string())
        columns["label"] = _taken(self._names, categories, in_place)
        boxes = read_boxes(members["bbox"])
        outlined, fits = _take_outlines(columns, members["segmentation"])
        in_place &= boxes.given & fits
        columns |= boxes.columns
        columns["confidence"] = _scores(members["score"], in_place)
        columns["attributes"] = _crowds(members["iscrowd"], in_place)
        kinds = np.where(is_caption, 0, np.where(outlined, 2, 1))
        columns["task"] = pa.DictionaryArray.from_arrays(pa.array(kinds, pa.int32()), _TASKS)
        told = (common & is_caption) | in_place
        self._tasks += np.bincount(kinds[told], minlength=len(_TASKS))
        return columns, told

    def _named(self, ids: Sequence[int | str], images: Int64s) -> _Columns:
        native_ids = _texts(ids)
        return {
            "native_id": native_ids,
            "media": _taken(self._files, images, images >= 0),
            "origin": pc.binary_join_element_wise(f"{self._name}#", native_ids, ""),
            "annotator": pa.repeat(pa.scalar(self._annotator, pa.string()), len(ids)),
        }

    def take_one(self, image_id: str, task: str | None) -> None:
        """Note an annotation that was read with care: its image, and what its label is."""
        code = self._file_codes.get(image_id, -1)
        if code >= 0:
            self._seen[code] = True
        if task in _TASKS:
            self._tasks[_TASKS.index(task)] += 1

    @property
    def task_of_negatives(self) -> str:
        """What most labels with a place are, detection where there is none; empty with captions."""
        captions, *placed = self._tasks.tolist()
        return "" if captions else _TASKS[1 + placed.index(max(placed))]

    def unseen(self) -> list[str]:
        """The ids of the images that no annotation is about, in the order of the file."""
        return [self._ids[code] for code in np.flatnonzero(~self._seen).tolist()]

    def _sized(self, images: Int64s) -> _Columns:
        """The sizes that the images state."""
        sizes = self._sizes[images]
        unknown = (images < 0) | np.isnan(sizes[:, 0])
        names = ("stated_width", "stated_height")
        return {name: pa.array(sizes[:, at], mask=unknown) for at, name in enumerate(names)}


def _members_of(annotations: list[Annotation]) -> dict[str, list[Any]]:
    """The annotations' members by name; spelled out, which is five times as fast as by attrgetter."""
    return {
        "id": [annotation.id for annotation in annotations],
        "image_id": [annotation.image_id for annotation in annotations],
        "category_id": [annotation.category_id for annotation in annotations],
        "caption": [annotation.caption for annotation in annotations],
        "bbox": [annotation.bbox for annotation in annotations],
        "segmentation": [annotation.segmentation for annotation in annotations],
        "score": [annotation.score for annotation in annotations],
        "iscrowd": [annotation.iscrowd for annotation in annotations],
        "num_keypoints": [annotation.num_keypoints for annotation in annotations],
        "keypoints": [annotation.keypoints for annotation in annotations],
        "segments_info": [annotation.segments_info for annotation in annotations],
        "attributes": [annotation.attributes for annotation in annotations],
    }


def _has_only_what_is_common(members: dict[str, Any]) -> Flags:
    """Whether there is an id, text in the caption, and neither key points, attributes nor segments."""
    common = _all_are(members["num_keypoints"], 0) & _all_are(members["segments_info"], msgspec.UNSET)
    common &= _all_are(members["keypoints"], NULL) & _all_are(members["attributes"], NULL)
    if "" in members["id"]:
        common &= np.array([one != "" for one in members["id"]])
    if set(members["caption"]) != {None}:
        common &= np.array([caption is None or bool(caption.strip()) for caption in members["caption"]])
    return common


def _all_are(values: Sequence[Any], value: object) -> Flags:
    """Where the value is that one; most often it is everywhere."""
    if values.count(value) == len(values):
        return np.ones(len(values), bool)
    return np.array([one is value or one == value for one in values], bool)


def _take_outlines(columns: _Columns, outlines: Sequence[Outline]) -> tuple[Flags, Flags]:
    """Add the columns of polygons and mask; which rows have one of them, and which are as they should be."""
    if outlines.count(None) == len(outlines):
        return np.zeros(len(outlines), bool), np.ones(len(outlines), bool)
    polygons, masks = read_polygons(outlines), read_masks(outlines)
    columns |= polygons.columns | masks.columns
    outlined = polygons.given | masks.given
    nothing = [row for row in np.flatnonzero(~outlined).tolist() if outlines[row] in (None, [])]
    fits = outlined.copy()
    fits[nothing] = True
    return outlined, fits


def _scores(scores: Sequence[Any], wanted: Flags) -> pa.Array:
    if _all_are(scores, msgspec.UNSET).all():
        return pa.nulls(len(scores), pa.float64())
    return pa.array(
        [None if score is msgspec.UNSET else score for score in scores], pa.float64(), mask=~wanted
    )


def _crowds(crowds: Sequence[int], wanted: Flags) -> pa.Array:
    marked = np.array(crowds, bool) & wanted
    ends = np.concatenate([[0], np.cumsum(marked)])
    pairs = pa.array([_CROWD], _PAIR).take(pa.array(np.zeros(ends[-1], np.int64)))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pairs, mask=pa.array(~marked))


def _codes(ids: Any, *, without: set[str]) -> dict[int | str | None, int]:
    """The place of each id, under its text and, where that is a number, under the number too."""
    codes: dict[int | str | None, int] = {}
    for code, one in enumerate(ids):
        if one not in without:
            codes[one] = code
            if one.isascii() and one.removeprefix("-").isdecimal() and len(one) < 20 and str(int(one)) == one:
                codes[int(one)] = code
    return codes


def _looked_up(ids: Sequence[int | str | None], codes: dict[int | str | None, int]) -> Int64s:
    """The code of each id, -1 where it has none."""
    return np.fromiter(map(codes.get, ids, repeat(-1)), np.int64, len(ids))


def _taken(values: pa.Array, codes: Int64s, kept: Flags) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=~kept), values)


def _texts(ids: Sequence[int | str]) -> pa.Array:
    try:
        return pa.array(ids, pa.int64()).cast(pa.string())
    except (pa.ArrowException, TypeError, OverflowError):
        return pa.array([str(one) for one in ids], pa.string())
