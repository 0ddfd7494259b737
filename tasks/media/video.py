"""Videos are recognised, not yet read: the item is kept, with a fault that says so.

reads   the bytes of a video file
"""

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.media.reader import Limits, MediaReader


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """Facts with the fault `unsupported_media`."""
    fault = Fault(
        Reason.UNSUPPORTED_MEDIA, f"{media_type} cannot be read yet; deliver its frames and its sound"
    )
    return MediaFacts("video", media_type, fault=fault)


READER = MediaReader("video", read)
