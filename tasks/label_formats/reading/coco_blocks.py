"""Annotations of COCO by the thousand: the common kinds at once, the others marked for reading with care.

Common are captions, and boxes with or without polygons, of one known image and category. `to_columns` gives
the same labels that `coco_annotation.to_label` would.
"""

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.label_formats.reading.coco_annotation import CocoExport
from tasks.label_formats.reading.json_stream import is_utf8
from tasks.label_formats.reading.number_lists import Flags, Int64s, NumberLists

_NOTHING = msgspec.Raw(b"")
_NO_BOX = b"[0,0,0,0]"
_NO_POLYGON = b"[[]]"


class Annotation(msgspec.Struct, gc=False):
    """The members of an annotation that labels are made of; lists of numbers are still text."""

    id: int | str
    image_id: int | str
    category_id: int | str | None = None
    caption: str | None = None
    bbox: msgspec.Raw = _NOTHING
    segmentation: msgspec.Raw = _NOTHING
    score: float | msgspec.UnsetType = msgspec.UNSET
    iscrowd: int = 0
    num_keypoints: int = 0
    keypoints: msgspec.Raw = _NOTHING
    segments_info: msgspec.Raw = _NOTHING
    attributes: msgspec.Raw = _NOTHING


@dataclass(frozen=True)
class AnnotationBlock:
    """Some annotations, and the JSON text that they were decoded from."""

    text: bytes
    annotations: list[Annotation]


_DECODER = msgspec.json.Decoder(list[Annotation])


def decode_block(text: bytes) -> AnnotationBlock | None:
    """The annotations of a JSON list; None when one of them has members of strange types."""
    try:
        return AnnotationBlock(text, _DECODER.decode(text)) if is_utf8(text) else None
    except (msgspec.DecodeError, RecursionError):
        return None


@dataclass
class BlockReader:
    """Makes columns of annotations; the ids of images and categories are looked up as they are written."""

    export: CocoExport
    _image_codes: dict[int | str, int] = field(default_factory=dict)
    _category_codes: dict[int | str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tables = self.export.tables
        self._files = pa.array(tables.files.values(), pa.string())
        self._image_codes = _codes(list(tables.files), set(tables.repeated))
        self._names = pa.array([category.name for category in tables.categories.values()], pa.string())
        unusual = {one for one, category in tables.categories.items() if category.is_thing is not None}
        self._category_codes = _codes(list(tables.categories), unusual)

    def to_columns(self, block: AnnotationBlock) -> tuple[dict[str, pa.Array], Flags]:
        """A column per field of a label, and which rows are common: the others' values mean nothing."""
        annotations = block.annotations
        captions = [annotation.caption for annotation in annotations]
        is_caption = np.fromiter((caption is not None for caption in captions), bool, len(captions))
        images = _lookup(self._image_codes, [annotation.image_id for annotation in annotations])
        categories = _lookup(self._category_codes, [annotation.category_id for annotation in annotations])
        common = np.fromiter(map(_is_common, annotations), bool, len(annotations)) & (images >= 0)
        common &= is_caption | (categories >= 0)
        columns = self._names_of(annotations, images)
        if is_caption.any():
            columns["text"] = pa.array(captions, pa.string())
        columns["label"] = _taken(self._names, categories, ~is_caption & common)
        common &= self._take_boxes(columns, annotations, ~is_caption)
        polygons = self._take_polygons(columns, annotations, common & ~is_caption)
        common &= is_caption | polygons.fits
        kinds = np.where(is_caption, 0, np.where(polygons.given, 2, 1))
        columns["task"] = pa.DictionaryArray.from_arrays(
            pa.array(kinds, pa.int32()), ["caption", "detection", "segmentation"]
        )
        return columns, common

    def _names_of(self, annotations: list[Annotation], images: Int64s) -> dict[str, pa.Array]:
        native_ids = _texts([annotation.id for annotation in annotations])
        return {
            "native_id": native_ids,
            "media": _taken(self._files, images, images >= 0),
            "origin": pc.binary_join_element_wise(f"{self.export.name}#", native_ids, ""),
            "annotator": pa.repeat(pa.scalar(self.export.annotator, pa.string()), len(annotations)),
        }

    def _take_boxes(
        self, columns: dict[str, pa.Array], annotations: list[Annotation], needed: Flags
    ) -> Flags:
        """Add the columns of the box; which rows have one, or need none."""
        texts = [_list_or(bytes(annotation.bbox), _NO_BOX) for annotation in annotations]
        given = np.fromiter((text is not _NO_BOX for text in texts), bool, len(texts))
        numbers = NumberLists(texts, 1)
        places = np.full((len(texts), 4), np.nan)
        four = numbers.parts.lengths == 4
        rows, begins = numbers.parts.text[four], numbers.parts.begins[four]
        places[rows] = numbers.values[begins[:, None] + np.arange(4)]
        right = np.zeros(len(texts), bool)
        right[rows] = True
        right &= numbers.fits & given
        absent = ~(right & needed)
        for at, name in enumerate(("x", "y", "width", "height")):
            columns[name] = pa.array(places[:, at], mask=absent)
        scores = [annotation.score for annotation in annotations]
        if any(score is not msgspec.UNSET for score in scores):
            columns["confidence"] = pa.array(
                [None if score is msgspec.UNSET else score for score in scores], pa.float64()
            )
        return right | ~needed

    def _take_polygons(
        self, columns: dict[str, pa.Array], annotations: list[Annotation], wanted: Flags
    ) -> "_Polygons":
        """Add the column of the polygons."""
        written = [bytes(annotation.segmentation) for annotation in annotations]
        texts = [
            _list_or(text, _NO_POLYGON) if want else _NO_POLYGON
            for text, want in zip(written, wanted.tolist(), strict=True)
        ]
        given = np.fromiter((text is not _NO_POLYGON for text in texts), bool, len(texts))
        absent = np.fromiter((text in (b"", b"[]", b"null") for text in written), bool, len(texts))
        numbers = NumberLists(texts, 2)
        lengths = numbers.parts.lengths
        fits = numbers.fits & (np.bincount(numbers.parts.text, minlength=len(texts)) > 0)
        fits[numbers.parts.text[(lengths < 6) | (lengths % 2 == 1)]] = False
        columns["polygon"] = _polygon_column(numbers, given & fits)
        return _Polygons(given, np.where(given, fits, absent))


@dataclass(frozen=True)
class _Polygons:
    """Which rows have polygons, and which of them are as they should be."""

    given: Flags
    fits: Flags


def _is_common(annotation: Annotation) -> bool:
    if annotation.id == "" or annotation.iscrowd or annotation.num_keypoints:
        return False
    if annotation.keypoints or annotation.attributes or annotation.segments_info:
        return False
    return annotation.caption is None or bool(annotation.caption.strip())


def _list_or(text: bytes, otherwise: bytes) -> bytes:
    return text if text.startswith(b"[") and text != b"[]" else otherwise


def _codes(ids: list[str], left_out: set[str]) -> dict[int | str, int]:
    """The place of each id, under its text and, where that is a number, under the number too."""
    codes: dict[int | str, int] = {}
    for code, one in enumerate(ids):
        if one not in left_out:
            codes[one] = code
            if one.isascii() and one.removeprefix("-").isdecimal() and str(int(one)) == one:
                codes[int(one)] = code
    return codes


def _lookup(codes: dict[int | str, int], ids: list[int | str] | list[int | str | None]) -> Int64s:
    """The code of each id, -1 for one that is not known."""
    return np.array([codes.get(one, -1) for one in ids], np.int64)  # type: ignore[arg-type]


def _taken(values: pa.Array, codes: Int64s, kept: Flags) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=~kept), values)


def _texts(ids: list[int | str]) -> pa.Array:
    try:
        return pa.array(ids, pa.int64()).cast(pa.string())
    except (pa.ArrowException, TypeError, OverflowError):
        return pa.array([str(one) for one in ids], pa.string())


def _polygon_column(numbers: NumberLists, kept: Flags) -> pa.ListArray:
    """The polygons of the rows that are kept, null for the others."""
    parts = numbers.parts
    wanted = kept[parts.text]
    lengths = parts.lengths[wanted]
    values = numbers.values
    if not wanted.all() or int(lengths.sum()) != len(values):
        in_parts = np.zeros(len(values) + 1, np.int8)
        np.add.at(in_parts, parts.begins[wanted], 1)
        np.add.at(in_parts, parts.ends[wanted], -1)
        values = values[np.cumsum(in_parts[:-1], dtype=np.int8).astype(bool)]
    inner = pa.ListArray.from_arrays(pa.array(_offsets(lengths)), pa.array(values))
    counts = np.bincount(parts.text[wanted], minlength=len(kept))
    return pa.ListArray.from_arrays(pa.array(_offsets(counts)), inner, mask=pa.array(~kept))


def _offsets(lengths: Int64s) -> "np.typing.NDArray[np.int32]":
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
