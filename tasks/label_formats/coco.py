"""COCO JSON: captions, instances with boxes, polygons and run-length masks, key points, panoptic segments.

Pixels from the top left of the top-left pixel, as they are written; x, y, width, height are always the box.
The task is caption, detection (a box alone), segmentation (polygons or a mask) or keypoints (any that is
labelled; the skeleton is not read). A mask stays COCO's own run-length code, as JSON text. An image that is
listed and has no annotation is a declared negative (COCO's annotators looked at every listed image), in an
export that has categories and no captions. Source: cocodataset.org, "Data format". The file is read in
blocks, so it may be larger than memory.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.json_rules import loads
from tasks.core.json_stream import open_json
from tasks.core.label import ItemName, Label, LabelBlock, LabelFault, LabelFormat
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.coco_annotation import CocoExport, FaultError, to_label
from tasks.label_formats.reading.coco_block import AnnotationBlock, decode_block
from tasks.label_formats.reading.coco_columns import BlockReader
from tasks.label_formats.reading.coco_panoptic import PanopticFolder
from tasks.label_formats.reading.coco_tables import read_tables
from tasks.label_formats.reading.json_export import id_of, object_of
from tasks.label_formats.reading.negatives import negative_label

_Outcome = Label | LabelFault | LabelBlock


def read(batch: Batch, entry: LabelExport, items: tuple[ItemName, ...]) -> Iterator[_Outcome]:
    """A label or a fault per annotation, in the order of the file; of panoptic ones a label per segment."""
    path = batch.path(entry.path)
    export = CocoExport(delivered_name(batch, entry.path), entry.annotator, read_tables(path))
    reader = _AnnotationReader(export, PanopticFolder(path, export))
    with open_json(path) as stream:
        for name in stream.members():
            if name == "annotations":
                for block in stream.blocks(decode_block):
                    yield from reader.outcomes(block)
        stream.finish()
    yield from reader.negatives()


class _AnnotationReader:
    """Reads the annotations of one export, and counts them."""

    def __init__(self, export: CocoExport, panoptic: PanopticFolder) -> None:
        self._export, self._panoptic = export, panoptic
        self._blocks = BlockReader(export)
        self._position = 0

    def outcomes(self, block: AnnotationBlock | list[Any]) -> Iterator[_Outcome]:
        if isinstance(block, AnnotationBlock):
            yield from self._of_block(block)
            return
        for annotation in block:
            yield from self._of_one(annotation)

    def _of_block(self, block: AnnotationBlock) -> Iterator[_Outcome]:
        """The block's common annotations as columns, between the others one by one."""
        columns, common = self._blocks.to_columns(block)
        others = (~common).nonzero()[0].tolist()
        texts = msgspec.json.decode(block.text, type=list[msgspec.Raw]) if others else []
        begin = 0
        for other in [*others, len(common)]:
            if other > begin:
                self._position += other - begin
                yield LabelBlock({name: column[begin:other] for name, column in columns.items()})
            if other < len(common):
                yield from self._of_one(loads(bytes(texts[other])))
            begin = other + 1

    def negatives(self) -> Iterator[Label]:
        """A declared negative for every image that is listed and has no annotation."""
        task, tables = self._blocks.task_of_negatives, self._export.tables
        for image_id in self._blocks.unseen() if task and tables.categories else ():
            native_id = f"images/{image_id}"
            common = {"media": tables.files[image_id], "annotator": self._export.annotator}
            yield negative_label(native_id, self._export.origin(native_id), task, common)

    def _of_one(self, annotation: Any) -> Iterator[Label | LabelFault]:
        position = self._position
        self._position += 1
        image_id = str(annotation.get("image_id")) if isinstance(annotation, dict) else ""
        if isinstance(annotation, dict) and "segments_info" in annotation:
            if annotation["segments_info"] != []:
                self._blocks.take_one(image_id, "segmentation")
            yield from self._panoptic.outcomes(annotation, position)
            return
        for outcome in self._read_one(annotation, position):
            self._blocks.take_one(image_id, outcome.task if isinstance(outcome, Label) else None)
            yield outcome

    def _read_one(self, annotation: Any, position: int) -> Iterator[Label | LabelFault]:
        native_id = _native_id(annotation, position)
        origin = self._export.origin(native_id)
        try:
            yield to_label(native_id, object_of(annotation), self._export)
        except FaultError as fault:
            yield LabelFault(native_id, origin, fault.reason, fault.detail)
        except ValueError as error:
            yield LabelFault(native_id, origin, Reason.MALFORMED, str(error))


def _native_id(annotation: Any, position: int) -> str:
    """The annotation's id, or its place in the list where it has none."""
    try:
        return id_of(object_of(annotation), "id")
    except ValueError:
        return f"annotations[{position}]"


COCO = LabelFormat("coco", LabelExport, read)
