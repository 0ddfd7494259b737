"""What a submitted answer of Label Studio without a result declares: nothing of what was asked is there.

reads   the task, and the labelling config where one is given
makes   a task and a question for each thing that was asked, and the object that it is about
Asked is what the controls of the config draw; where none draws, what they choose. Without a config a picture
was asked for boxes, anything else for spans.
"""

from collections.abc import Iterator
from typing import Any

from tasks.label_formats.reading.json_export import JsonObject
from tasks.label_formats.reading.label_studio_config import LabellingConfig
from tasks.label_formats.reading.label_studio_media import TaskMedia

_DRAWN = {
    **{"Rectangle": "detection", "Ellipse": "detection", "VideoRectangle": "detection"},
    **{"Polygon": "segmentation", "Brush": "segmentation", "KeyPoint": "keypoints"},
    **{"TimeSeries": "event", "Timeline": "event", "HyperText": "event", "Paragraph": "event"},
}
_CHOSEN = ("Choices", "Taxonomy")
_PICTURE = "Image"
HEARD_SUFFIXES = (".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".mp4", ".webm", ".mov", ".mkv")


def negatives_of(task: JsonObject, media: TaskMedia) -> Iterator[dict[str, Any]]:
    """The fields of a declared negative for each thing that was asked of the task."""
    asked = list(_asked_in(media.config)) if media.config else []
    for kind, question, to_name in asked or [("", None, "")]:
        about = media.media_of(task, {"to_name": to_name})
        yield {"task": kind or _usual_task(about, task, media), "question": question, "media": about}


def _asked_in(config: LabellingConfig) -> Iterator[tuple[str, str | None, str]]:
    drawn: dict[tuple[str, str], None] = {}
    for tag, to_name in config.controls.values():
        shape = tag.removesuffix("Labels")
        if shape in _DRAWN:
            drawn[_DRAWN[shape], to_name] = None
        elif tag == "Labels" and config.objects.get(to_name, (_PICTURE,))[0] != _PICTURE:
            drawn["event", to_name] = None
    if drawn:
        yield from ((kind, None, to_name) for kind, to_name in drawn)
        return
    for name, (tag, to_name) in config.controls.items():
        if tag in _CHOSEN:
            yield "classification", name, to_name


def _usual_task(about: str, task: JsonObject, media: TaskMedia) -> str:
    known = media.items.get(about)
    if known is not None:
        return "detection" if known.modality == "image" else "event"
    read = not about.lower().endswith(HEARD_SUFFIXES) and media.is_read(task, {})
    return "event" if read or about.lower().endswith(HEARD_SUFFIXES) else "detection"
