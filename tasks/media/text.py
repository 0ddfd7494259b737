"""Texts: UTF-8, or UTF-16 and UTF-32 with a byte order mark. No guessing: a wrong guess reads as nonsense.

reads   the bytes of a text
"""

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.media.reader import Limits, MediaReader

# The mark of UTF-32 starts with that of UTF-16, so it is looked for first.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """The text without its byte order mark, its line ends as they are."""
    if len(payload) > limits.largest_text_bytes:
        detail = f"expected at most {limits.largest_text_bytes} bytes of text, got {len(payload)}"
        return MediaFacts("text", media_type, fault=Fault(Reason.TOO_LARGE, detail))
    encoding = next((encoding for mark, encoding in _MARKS if payload.startswith(mark)), "utf-8")
    try:
        text = payload.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        detail = f"expected {name}, byte {error.start} is none; convert the file to UTF-8"
        return MediaFacts("text", media_type, fault=Fault(Reason.WRONG_ENCODING, detail))
    if not text.strip():
        return MediaFacts(
            "text", media_type, fault=Fault(Reason.FILE_EMPTY, "the text is nothing but blanks")
        )
    return MediaFacts("text", media_type, text=text)


READER = MediaReader("text", read)
