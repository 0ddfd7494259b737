"""COCO panoptic: a PNG per image whose colours are the ids of its segments, R + 256 G + 65536 B; 0 is none.

The PNGs lie in a folder beside the export that is called like it, or beside the export itself. A segment's
mask is what the PNG says, as compressed run-length code; its box is `bbox`, or the one around the mask.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.core.label import Label, LabelFault
from tasks.core.rejects import Reason
from tasks.label_formats.reading.coco_annotation import (
    CocoExport,
    FaultError,
    attributes_of,
    box_of,
    category_of,
    file_of,
)
from tasks.label_formats.reading.json_export import JsonObject, id_of, list_of, object_of, text_of

MOST_PIXELS = 100_000_000

_SegmentIds = npt.NDArray[np.uint32]


class PanopticFolder:
    """Where the PNGs of an export lie."""

    def __init__(self, path: Path, export: CocoExport) -> None:
        self._folders = (path.with_suffix(""), path.parent)
        self._export = export

    def outcomes(self, annotation: JsonObject, position: int) -> Iterator[Label | LabelFault]:
        """A label or a fault per segment of one image, then a fault per segment that only the PNG has."""
        native_id = f"annotations[{position}]"
        try:
            image_id = id_of(annotation, "image_id")
            segments = list_of(annotation, "segments_info")
            media = file_of(image_id, self._export.tables)
            ids = self._read_ids(text_of(annotation, "file_name"))
        except FaultError as fault:
            yield LabelFault(native_id, self._export.origin(native_id), fault.reason, fault.detail)
            return
        except ValueError as error:
            yield LabelFault(native_id, self._export.origin(native_id), Reason.MALFORMED, str(error))
            return
        listed = set()
        for number, segment in enumerate(segments):
            outcome = self._of_segment(f"{image_id}-", number, segment, (media, ids))
            listed.add(outcome.native_id)
            yield outcome
        for unlisted in np.unique(ids[ids > 0]).tolist():
            if f"{image_id}-{unlisted}" not in listed:
                detail = f"the PNG has a segment {unlisted}, 'segments_info' has none"
                yield self._fault(f"{image_id}-{unlisted}", Reason.MALFORMED, detail)

    def _of_segment(
        self, prefix: str, number: int, segment: Any, image: tuple[str, _SegmentIds]
    ) -> Label | LabelFault:
        native_id = f"{prefix}segments_info[{number}]"
        try:
            record = object_of(segment)
            native_id = prefix + id_of(record, "id")
            return self._to_label(native_id, record, image)
        except FaultError as fault:
            return self._fault(native_id, fault.reason, fault.detail)
        except ValueError as error:
            return self._fault(native_id, Reason.MALFORMED, str(error))

    def _to_label(self, native_id: str, segment: JsonObject, image: tuple[str, _SegmentIds]) -> Label:
        media, ids = image
        category = category_of(id_of(segment, "category_id"), self._export.tables)
        mask = ids == _segment_id(segment)
        if not mask.any():
            raise FaultError(Reason.ZERO_AREA, "the PNG has no pixel of the segment")
        x, y, width, height = box_of(segment) if segment.get("bbox") is not None else _box_around(mask)
        return Label(
            native_id=native_id,
            media=media,
            task="segmentation",
            origin=self._export.origin(native_id),
            label=category.name,
            x=x,
            y=y,
            width=width,
            height=height,
            mask=_encode(mask),
            annotator=self._export.annotator,
            attributes=attributes_of(segment, category),
        )

    def _read_ids(self, file_name: str) -> _SegmentIds:
        """The segment id of every pixel; FaultError when there is no such PNG or it cannot be read."""
        from PIL import Image, UnidentifiedImageError

        place = self._find(file_name)
        try:
            with Image.open(place, formats=("PNG",)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    detail = f"expected at most {MOST_PIXELS} pixels in '{file_name}'"
                    raise FaultError(Reason.TOO_LARGE, detail)
                colours = np.asarray(picture.convert("RGB"), np.uint32)
        except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
            detail = f"the PNG '{file_name}' cannot be read"
            raise FaultError(Reason.UNREADABLE, detail) from error
        ids: _SegmentIds = colours[..., 0] + 256 * colours[..., 1] + 65536 * colours[..., 2]
        return ids

    def _find(self, file_name: str) -> Path:
        for folder in self._folders:
            place = folder / file_name
            if place.is_file() and place.resolve().is_relative_to(self._folders[1].resolve()):
                return place
        detail = f"there is no PNG '{file_name}' in '{self._folders[0].name}' or beside the export"
        raise FaultError(Reason.FILE_MISSING, detail)

    def _fault(self, native_id: str, reason: Reason, detail: str) -> LabelFault:
        return LabelFault(native_id, self._export.origin(native_id), reason, detail)


def _segment_id(segment: JsonObject) -> int:
    number = segment["id"]
    if not isinstance(number, int) or not 0 < number < 2**24:
        raise ValueError(f"expected a segment's id from 1 to {2**24 - 1}, got {str(number)[:40]!r}")
    return number


def _box_around(mask: npt.NDArray[np.bool_]) -> tuple[float, float, float, float]:
    across, down = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return (
        float(across[0]),
        float(down[0]),
        float(across[-1] - across[0] + 1),
        float(down[-1] - down[0] + 1),
    )


def _encode(mask: npt.NDArray[np.bool_]) -> str:
    from pycocotools import mask as run_lengths

    encoded = run_lengths.encode(np.asfortranarray(mask.astype(np.uint8)))
    counts = encoded["counts"]
    text = counts if isinstance(counts, str) else counts.decode("ascii")
    return json.dumps({"size": encoded["size"], "counts": text}, separators=(",", ":"))
