"""ImageNet's class folders: the name of the folder that a picture lies in is its class.

The pictures are the batch's items below `path`; nothing is read from the disk. Items that are no pictures
have no class, and a picture that lies in no class folder is a fault.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import ClassFolders
from tasks.core.rejects import Reason
from tasks.label_formats.reading.delivered_name import delivered_name


def read(batch: Batch, entry: ClassFolders, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per picture below the path, in the order of the items."""
    root = PurePosixPath(delivered_name(batch, entry.path))
    for item in items:
        place = PurePosixPath(item.native_id)
        if item.modality != "image" or not place.is_relative_to(root):
            continue
        below = place.relative_to(root)
        if len(below.parts) < 2:
            detail = f"expected the picture in a class folder, it lies in '{entry.path}' itself"
            yield LabelFault(f"{below}", item.native_id, Reason.MALFORMED, detail)
            continue
        yield Label(
            native_id=f"{below}",
            media=item.native_id,
            task="classification",
            origin=item.native_id,
            label=below.parts[-2],
            annotator=entry.annotator,
        )


IMAGENET = LabelFormat("imagenet", ClassFolders, read)
