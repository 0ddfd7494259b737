"""Videos: decoded once, to the last packet of their picture and their sound, with PyAV (extra `video`).

reads   the bytes of a video file; what is told of it, and how, is in `watching.py`
A container without a moving picture is a sound, whatever its name says.
"""

from tasks.media.reader import MediaReader
from tasks.media.watching import watch

READER = MediaReader("video", watch)
