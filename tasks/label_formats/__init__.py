"""How label exports are read, one file per format; `labels: - format:` of a batch file chooses among them."""

from tasks.core.label import AnyLabelFormat
from tasks.core.registry import Registry
from tasks.label_formats import (
    ass,
    audacity,
    coco,
    ctm,
    cvat,
    elan,
    imagenet,
    jams,
    kaldi,
    label_studio,
    labelme,
    rttm,
    subtitles,
    table,
    textgrid,
    ttml,
    via,
    voc,
    vqa,
    webdataset,
    yolo,
)

LABEL_FORMATS: Registry[AnyLabelFormat] = Registry(
    "label format",
    {
        "ass": ass.ASS,
        "audacity": audacity.AUDACITY,
        "coco": coco.COCO,
        "ctm": ctm.CTM,
        "cvat": cvat.CVAT,
        "elan": elan.ELAN,
        "imagenet": imagenet.IMAGENET,
        "jams": jams.JAMS,
        "kaldi": kaldi.KALDI,
        "label_studio": label_studio.LABEL_STUDIO,
        "labelme": labelme.LABELME,
        "rttm": rttm.RTTM,
        "subtitles": subtitles.SUBTITLES,
        "table": table.TABLE,
        "textgrid": textgrid.TEXTGRID,
        "ttml": ttml.TTML,
        "via": via.VIA,
        "voc": voc.VOC,
        "vqa": vqa.VQA,
        "webdataset": webdataset.WEBDATASET,
        "yolo": yolo.YOLO,
    },
)
