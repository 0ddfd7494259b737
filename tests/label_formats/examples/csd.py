"""The example of `csd`: words, as the SDK writes them."""

from io import BytesIO
from typing import Any

import h5py
import numpy as np

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "transcript"}


def csd_file(root: str, **videos: tuple[Any, Any]) -> bytes:
    """A .csd file of the intervals and features of each video."""
    file = BytesIO()
    with h5py.File(file, "w") as hdf5:
        data = hdf5.create_group(f"{root}/data")
        hdf5.create_group(f"{root}/metadata")
        for video, (intervals, features) in videos.items():
            data.create_dataset(f"{video}/intervals", data=intervals)
            data.create_dataset(f"{video}/features", data=features)
    return file.getvalue()


EXAMPLE = Example(
    TimedExport("csd", "words.csd"),
    {"words.csd": csd_file("words", talk=([[1.25, 2.5], [3, 4.5]], np.array([[b"Hello"], [b"world"]])))},
    (
        Label("talk/1", origin="words.csd:talk/1", text="Hello", **SAID, **SPAN),
        Label("talk/2", origin="words.csd:talk/2", text="world", **SAID, **SECOND_SPAN),
    ),
    timed=True,
)
