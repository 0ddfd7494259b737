"""How label exports are read, one file per format; `labels: - format:` of a batch file chooses among them."""

from tasks.core.label import AnyLabelFormat
from tasks.core.registry import Registry
from tasks.label_formats import (
    coco,
    dialogue,
    flickr8k,
    flickr30k,
    flickr30k_entities,
    ilsvrc,
    imagenet,
    label_studio,
    subtitles,
    table,
    textgrid,
    vqa,
)

LABEL_FORMATS: Registry[AnyLabelFormat] = Registry(
    "label format",
    {
        "coco": coco.COCO,
        "dialogue": dialogue.DIALOGUE,
        "flickr30k": flickr30k.FLICKR30K,
        "flickr30k_entities": flickr30k_entities.FLICKR30K_ENTITIES,
        "flickr8k": flickr8k.FLICKR8K,
        "ilsvrc": ilsvrc.ILSVRC,
        "imagenet": imagenet.IMAGENET,
        "label_studio": label_studio.LABEL_STUDIO,
        "subtitles": subtitles.SUBTITLES,
        "table": table.TABLE,
        "textgrid": textgrid.TEXTGRID,
        "vqa": vqa.VQA,
    },
)
