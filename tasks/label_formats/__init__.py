"""How label exports are read, one file per format; `labels: - format:` of a batch file chooses among them."""

from tasks.core.label import AnyLabelFormat
from tasks.core.registry import Registry
from tasks.label_formats import (
    audacity,
    coco,
    ctm,
    imagenet,
    kaldi,
    label_studio,
    rttm,
    subtitles,
    table,
    textgrid,
    vqa,
)

LABEL_FORMATS: Registry[AnyLabelFormat] = Registry(
    "label format",
    {
        "audacity": audacity.AUDACITY,
        "coco": coco.COCO,
        "ctm": ctm.CTM,
        "imagenet": imagenet.IMAGENET,
        "kaldi": kaldi.KALDI,
        "label_studio": label_studio.LABEL_STUDIO,
        "rttm": rttm.RTTM,
        "subtitles": subtitles.SUBTITLES,
        "table": table.TABLE,
        "textgrid": textgrid.TEXTGRID,
        "vqa": vqa.VQA,
    },
)
