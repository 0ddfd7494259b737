"""What a tool measured of a picture, against the item: pixels of another size would be other places.

A picture that was scaled after it was labelled, or labelled lying on its side, has labels that look right and
are not. Tools that did not measure write 0 or nothing: then nothing can be compared.
"""

from tasks.core.label import ItemName
from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.known_items import KnownItems


class Measured:
    """The items of a batch whose size may be compared."""

    def __init__(self, items: tuple[ItemName, ...]) -> None:
        self._pictures = KnownItems(items, ("image",))

    def fault(self, media: str, width: int | None, height: int | None) -> FaultError | None:
        """The fault of every label of that picture, where the tool measured another size than it has."""
        if not width or not height:
            return None
        item = self._pictures.find(media)
        if not isinstance(item, ItemName) or not item.width or not item.height:
            return None
        if (item.width, item.height) == (width, height):
            return None
        sizes = f"{width} x {height} pixels, but '{item.native_id}' has {item.width} x {item.height}"
        hint = "; was it turned?" if (item.height, item.width) == (width, height) else "; was it scaled?"
        return FaultError(Reason.WRONG_SIZE, f"the export is about a picture of {sizes}{hint}")
