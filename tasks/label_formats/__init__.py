"""How label exports are read, one file per format; `labels: - format:` of a batch file chooses among them."""

from tasks.core.label import AnyLabelFormat
from tasks.core.registry import Registry
from tasks.label_formats import (
    ass,
    audacity,
    coco,
    csd,
    ctm,
    elan,
    imagenet,
    jams,
    kaldi,
    label_studio,
    rttm,
    subtitles,
    table,
    textgrid,
    ttml,
    vqa,
)

LABEL_FORMATS: Registry[AnyLabelFormat] = Registry(
    "label format",
    {
        "ass": ass.ASS,
        "audacity": audacity.AUDACITY,
        "coco": coco.COCO,
        "csd": csd.CSD,
        "ctm": ctm.CTM,
        "elan": elan.ELAN,
        "imagenet": imagenet.IMAGENET,
        "jams": jams.JAMS,
        "kaldi": kaldi.KALDI,
        "label_studio": label_studio.LABEL_STUDIO,
        "rttm": rttm.RTTM,
        "subtitles": subtitles.SUBTITLES,
        "table": table.TABLE,
        "textgrid": textgrid.TEXTGRID,
        "ttml": ttml.TTML,
        "vqa": vqa.VQA,
    },
)
