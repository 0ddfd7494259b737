"""ImageNet's class folders: the name of the folder that a picture lies in is its class.

The pictures are the batch's items below `path`; nothing of them is read from the disk. Items that are no
pictures have no class, and a picture that lies in no class folder is a fault. With `synsets` (see
`reading/synsets.py`) the class is what the folder's WordNet id means, and the id is the attribute `wnid`.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import ClassFolders
from tasks.core.rejects import Reason
from tasks.label_formats.reading.synsets import read_synsets


def read(batch: Batch, entry: ClassFolders, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per picture below the path, in the order of the items."""
    root = PurePosixPath(delivered_name(batch, entry.path))
    words = None if entry.synsets is None else read_synsets(batch.path(entry.synsets)).words
    for item in items:
        place = PurePosixPath(item.native_id)
        if item.modality == "image" and place.is_relative_to(root):
            yield _to_label(item.native_id, place.relative_to(root), words, entry)


def _to_label(
    media: str, below: PurePosixPath, words: dict[str, str] | None, entry: ClassFolders
) -> Label | LabelFault:
    if len(below.parts) < 2:
        detail = f"expected the picture in a class folder, it lies in '{entry.path}' itself"
        return LabelFault(f"{below}", media, Reason.MALFORMED, detail)
    folder = below.parts[-2]
    if words is not None and folder not in words:
        detail = f"'{entry.synsets}' has no class '{folder}'"
        return LabelFault(f"{below}", media, Reason.UNKNOWN_CATEGORY, detail)
    return Label(
        native_id=f"{below}",
        media=media,
        task="classification",
        origin=media,
        label=folder if words is None else words[folder],
        annotator=entry.annotator,
        attributes=None if words is None else {"wnid": folder},
    )


IMAGENET = LabelFormat("imagenet", ClassFolders, read)
