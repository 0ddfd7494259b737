"""How label exports are read, one file per format; `labels: - format:` of a batch file chooses among them."""

from tasks.core.label import AnyLabelFormat
from tasks.core.registry import Registry
from tasks.label_formats import (
    coco,
    cvat,
    imagenet,
    label_studio,
    labelme,
    subtitles,
    table,
    textgrid,
    via,
    voc,
    vqa,
    webdataset,
    yolo,
)

LABEL_FORMATS: Registry[AnyLabelFormat] = Registry(
    "label format",
    {
        "coco": coco.COCO,
        "cvat": cvat.CVAT,
        "imagenet": imagenet.IMAGENET,
        "label_studio": label_studio.LABEL_STUDIO,
        "labelme": labelme.LABELME,
        "subtitles": subtitles.SUBTITLES,
        "table": table.TABLE,
        "textgrid": textgrid.TEXTGRID,
        "via": via.VIA,
        "voc": voc.VOC,
        "vqa": vqa.VQA,
        "webdataset": webdataset.WEBDATASET,
        "yolo": yolo.YOLO,
    },
)
