"""Annotations of COCO by the thousand: the common kinds at once, the others marked for reading with care.

Common are captions, boxes, polygons and masks of a known image and category. `to_columns` gives the same
labels that `coco_annotation.to_label` would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.json_stream import is_utf8
from tasks.label_formats.reading.coco_annotation import CocoExport, mask_of
from tasks.label_formats.reading.number_lists import Flags, Int64s, NumberLists

_ATTRIBUTES = pa.list_(pa.struct([pa.field("name", pa.string()), pa.field("value", pa.string())]))
_CROWD = [{"name": "iscrowd", "value": "1"}]
_NULL = msgspec.Raw(b"null")
_LIST, _OBJECT = b"[{"
_TASKS = ("caption", "detection", "segmentation")

_Columns = dict[str, pa.Array]


class Annotation(msgspec.Struct, gc=False):
    """The members of an annotation that labels are made of; lists and objects are still text."""

    id: int | str
    image_id: int | str
    category_id: int | str | None = None
    caption: str | None = None
    bbox: msgspec.Raw = _NULL
    segmentation: msgspec.Raw = _NULL
    score: float | msgspec.UnsetType = msgspec.UNSET
    iscrowd: int = 0
    num_keypoints: int = 0
    keypoints: msgspec.Raw = _NULL
    segments_info: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    attributes: msgspec.Raw = _NULL


@dataclass(frozen=True)
class AnnotationBlock:
    """Some annotations, and the JSON text that they were decoded from."""

    text: bytes
    annotations: list[Annotation]


_DECODER = msgspec.json.Decoder(list[Annotation])
_MEMBERS = Annotation.__struct_fields__
_VALUES = attrgetter(*_MEMBERS)


def decode_block(text: bytes) -> AnnotationBlock | None:
    """The annotations of a JSON list; None when one of them has members of strange types."""
    try:
        return AnnotationBlock(text, _DECODER.decode(text)) if is_utf8(text) else None
    except (msgspec.DecodeError, RecursionError):
        return None


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

    def to_columns(self, block: AnnotationBlock) -> tuple[_Columns, Flags]:
        """A column per field of a label, and which rows are common: the others' values mean nothing."""
        members = dict(zip(_MEMBERS, zip(*map(_VALUES, block.annotations), strict=True), strict=True))
        is_caption = ~_all_are(members["caption"], None)
        images = np.array([self._file_codes.get(one, -1) for one in members["image_id"]], np.int64)
        categories = np.array([self._name_codes.get(one, -1) for one in members["category_id"]], np.int64)
        common = _has_only_what_is_common(members) & (images >= 0)
        in_place = common & ~is_caption & (categories >= 0)
        columns = self._named(members["id"], images)
        columns["text"] = pa.array(members["caption"], pa.string())
        columns["label"] = _taken(self._names, categories, in_place)
        in_place &= _take_boxes(columns, members["bbox"], in_place)
        has_outline, fits = _take_outlines(columns, members["segmentation"], in_place)
        columns["confidence"] = _scores(members["score"], in_place)
        columns["attributes"] = _crowds(members["iscrowd"], in_place)
        kinds = np.where(is_caption, 0, np.where(has_outline, 2, 1))
        columns["task"] = pa.DictionaryArray.from_arrays(pa.array(kinds, pa.int32()), _TASKS)
        return columns, (common & is_caption) | (in_place & fits)

    def _named(self, ids: Sequence[int | str], images: Int64s) -> _Columns:
        native_ids = _texts(ids)
        return {
            "native_id": native_ids,
            "media": _taken(self._files, images, images >= 0),
            "origin": pc.binary_join_element_wise(f"{self._name}#", native_ids, ""),
            "annotator": pa.repeat(pa.scalar(self._annotator, pa.string()), len(ids)),
        }


def _has_only_what_is_common(members: dict[str, Any]) -> Flags:
    """Whether there is an id, text in the caption, and neither key points, attributes nor segments."""
    common = _all_are(members["num_keypoints"], 0) & _all_are(members["segments_info"], msgspec.UNSET)
    common &= _all_are(members["keypoints"], _NULL) & _all_are(members["attributes"], _NULL)
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


def _take_boxes(columns: _Columns, boxes: Sequence[msgspec.Raw], wanted: Flags) -> Flags:
    """Add the columns of the box; which rows have one."""
    texts, firsts = _texts_of(boxes)
    numbers = NumberLists(_only_lists(texts, firsts, wanted, b"[]"), 1)
    four = numbers.parts.lengths == 4
    rows, begins = numbers.parts.text[four], numbers.parts.begins[four]
    right = np.zeros(len(texts), bool)
    right[rows] = numbers.fits[rows]
    places = np.zeros((4, len(texts)))
    places[:, rows] = numbers.values[begins + np.arange(4)[:, None]]
    for name, values in zip(("x", "y", "width", "height"), places, strict=True):
        columns[name] = pa.array(values, mask=~right)
    return right


def _take_outlines(columns: _Columns, outlines: Sequence[msgspec.Raw], wanted: Flags) -> tuple[Flags, Flags]:
    """Add the columns of polygons and mask; which rows have one of them, and which are as they should be."""
    texts, firsts = _texts_of(outlines)
    numbers = NumberLists(_only_lists(texts, firsts, wanted, b"[[]]"), 2)
    parts, lengths = numbers.parts, numbers.parts.lengths
    polygons = numbers.fits & (np.bincount(parts.text, minlength=len(texts)) > 0)
    polygons[parts.text[(lengths < 6) | (lengths % 2 == 1)]] = False
    columns["polygon"] = _polygon_column(numbers, polygons)
    masks: list[str | None] = [None] * len(texts)
    for row in np.flatnonzero(wanted & (firsts == _OBJECT)).tolist():
        masks[row] = _mask_or_none(texts[row])
    columns["mask"] = pa.array(masks, pa.string())
    masked = columns["mask"].is_valid().to_numpy(zero_copy_only=False)
    absent = np.array([text in (b"null", b"[]") for text in texts], bool)
    return polygons | masked, polygons | masked | absent


def _scores(scores: Sequence[Any], wanted: Flags) -> pa.Array:
    if _all_are(scores, msgspec.UNSET).all():
        return pa.nulls(len(scores), pa.float64())
    return pa.array(
        [None if score is msgspec.UNSET else score for score in scores], pa.float64(), mask=~wanted
    )


def _crowds(crowds: Sequence[int], wanted: Flags) -> pa.Array:
    if _all_are(crowds, 0).all():
        return pa.nulls(len(crowds), _ATTRIBUTES)
    pairs = zip(crowds, wanted.tolist(), strict=True)
    return pa.array([_CROWD if crowd and want else None for crowd, want in pairs], _ATTRIBUTES)


def _texts_of(raws: Sequence[msgspec.Raw]) -> tuple[list[bytes], Any]:
    """The texts, and the first byte of each."""
    texts = list(map(bytes, raws))
    return texts, np.fromiter(map(itemgetter(0), texts), np.uint8, len(texts))


def _only_lists(texts: list[bytes], firsts: Any, wanted: Flags, empty: bytes) -> list[bytes]:
    """The texts, with an empty list in place of those that are none or are not wanted."""
    others = np.flatnonzero(~wanted | (firsts != _LIST)).tolist()
    if not others:
        return texts
    lists = texts.copy()
    for row in others:
        lists[row] = empty
    return lists


def _mask_or_none(text: bytes) -> str | None:
    try:
        return mask_of(msgspec.json.decode(text))
    except ValueError:
        return None


def _codes(ids: Any, *, without: set[str]) -> dict[int | str | None, int]:
    """The place of each id, under its text and, where that is a number, under the number too."""
    codes: dict[int | str | None, int] = {}
    for code, one in enumerate(ids):
        if one not in without:
            codes[one] = code
            if one.isascii() and one.removeprefix("-").isdecimal() and len(one) < 20 and str(int(one)) == one:
                codes[int(one)] = code
    return codes


def _taken(values: pa.Array, codes: Int64s, kept: Flags) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=~kept), values)


def _texts(ids: Sequence[int | str]) -> pa.Array:
    try:
        return pa.array(ids, pa.int64()).cast(pa.string())
    except (pa.ArrowException, TypeError, OverflowError):
        return pa.array([str(one) for one in ids], pa.string())


def _polygon_column(numbers: NumberLists, kept: Flags) -> pa.ListArray:
    """The polygons of the rows that are kept, null for the others."""
    parts, values = numbers.parts, numbers.values
    wanted = kept[parts.text]
    lengths = parts.lengths[wanted]
    if int(lengths.sum()) != len(values):
        values = np.concatenate(
            [values[begin:end] for begin, end in zip(parts.begins[wanted], parts.ends[wanted], strict=True)]
            or [values[:0]]
        )
    inner = pa.ListArray.from_arrays(pa.array(_offsets(lengths)), pa.array(values))
    counts = np.bincount(parts.text[wanted], minlength=len(kept))
    return pa.ListArray.from_arrays(pa.array(_offsets(counts)), inner, mask=pa.array(~kept))


def _offsets(lengths: Int64s) -> Any:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
