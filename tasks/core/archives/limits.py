"""What an archive may cost. Beyond these it is a bomb, or has to be delivered in parts.

Members of zip and tar are read one by one, each no longer than it says, and `collect.largest_file_bytes`
bounds each of them; these bound the archive.
"""

MOST_MEMBERS = 1_000_000
LARGEST_ZIP_DIRECTORY_BYTES = 128 * 1024 * 1024
LARGEST_UNPACKED_BYTES = 1_000_000_000_000
# Silence and blank pictures pack a thousandfold, so a small archive may; a large one of media never does.
FREELY_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_TIMES_UNPACKED = 200


def most_unpacked_bytes(archive_bytes: int) -> int:
    """How many bytes an archive of that size may unpack to."""
    return min(LARGEST_UNPACKED_BYTES, max(FREELY_UNPACKED_BYTES, MOST_TIMES_UNPACKED * archive_bytes))


def too_much(most_bytes: int) -> str:
    """The sentence about an archive that goes beyond."""
    return f"the archive unpacks to more than {most_bytes} bytes: a bomb, or to be delivered in parts"
