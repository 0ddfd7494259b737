"""What is asked of one modality as a labelling config of Label Studio (XML).

Source: Label Studio's tags. An object shows what is under its key of the task's data, a control asks about
it. A label that XML cannot carry (control characters) is not offered.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

ITEM_KEY = "modalweave_item"
ASKED_KEY = "modalweave_asked"
QUESTION_KEY = "question"
WHY_KEY = "why"

# By modality and task: the control that asks, which is also the type of its results.
CONTROLS: Mapping[str, Mapping[str, str]] = {
    "audio": {
        "caption": "textarea",
        "classification": "choices",
        "event": "labels",
        "sentiment": "choices",
        "transcript": "textarea",
        "vqa": "textarea",
    },
    "image": {
        "caption": "textarea",
        "classification": "choices",
        "detection": "rectanglelabels",
        "keypoints": "keypointlabels",
        "segmentation": "polygonlabels",
        "sentiment": "choices",
        "vqa": "textarea",
    },
    "text": {"caption": "textarea", "classification": "choices", "sentiment": "choices", "vqa": "textarea"},
}
# The media that Label Studio takes and browsers show, with the suffix that it knows them by.
SHOWN_SUFFIXES: Mapping[str, str] = {
    "audio/flac": ".flac",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
}
_OBJECT_TAGS = {"audio": "Audio", "image": "Image", "text": "Text"}
_CONTROL_TAGS = {
    "choices": ("Choices", "Choice"),
    "keypointlabels": ("KeyPointLabels", "Label"),
    "labels": ("Labels", "Label"),
    "polygonlabels": ("PolygonLabels", "Label"),
    "rectanglelabels": ("RectangleLabels", "Label"),
}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Control:
    """One thing that is asked: by name, of which task and question, with which labels to choose from."""

    name: str
    kind: str
    task: str
    question: str
    labels: tuple[str, ...] = ()
    multiple: bool = False


def labelling_config(modality: str, controls: Iterable[Control]) -> str:
    """The config that shows an item of the modality and asks all of it."""
    shown = [_tag(_OBJECT_TAGS[modality], name=modality, value=f"${modality}", **_SHOWN.get(modality, {}))]
    shown += [line for control in controls for line in _asking(modality, control)]
    return "\n".join(
        [
            "<View>",
            f"  {_tag('Header', value=f'${WHY_KEY}', size='5')}",
            *(f"  {line}" for line in shown),
            "</View>",
            "",
        ]
    )


_SHOWN: Mapping[str, dict[str, str]] = {"image": {"zoom": "true", "zoomControl": "true"}}


def offered(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that can be chosen, sorted."""
    return tuple(sorted(label for label in labels if label and not _NOT_XML.search(label)))


def _asking(modality: str, control: Control) -> list[str]:
    asked = f"${QUESTION_KEY}" if control.task == "vqa" else control.question or control.task
    lines = [_tag("Header", value=asked, size="4")]
    if control.kind == "textarea":
        return [
            *lines,
            _tag(
                "TextArea", name=control.name, toName=modality, rows="3", maxSubmissions="1", editable="true"
            ),
        ]
    tag, choice = _CONTROL_TAGS[control.kind]
    more = {"choice": "multiple" if control.multiple else "single"} if control.kind == "choices" else {}
    opening = _tag(tag, name=control.name, toName=modality, **more).removesuffix("/>") + ">"
    return [*lines, opening, *(f"  {_tag(choice, value=label)}" for label in control.labels), f"</{tag}>"]


def _tag(tag: str, **attributes: str) -> str:
    # A line break in an attribute would be read as a space.
    written = (
        f'{name}="{escape(value)}"'.replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")
        for name, value in attributes.items()
    )
    return f"<{tag} {' '.join(written)}/>"
