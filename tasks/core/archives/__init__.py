"""Archives read in place: zip, tar, and tar that is compressed with gzip, bzip2 or xz.

A file is an archive when its name says so (ARCHIVE_SUFFIXES); how a tar is compressed, its bytes tell.
Nothing is ever written under a member's name. Left out are folders, and hidden members as in a folder. An
archive in an archive is not opened. The order is that of the archive, and of a repeated name the first member
counts.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tasks.core.archives.limits import MOST_MEMBERS
from tasks.core.archives.member import Member
from tasks.core.archives.tar_members import read_tar
from tasks.core.archives.unpacking import decompression_of, unpack
from tasks.core.archives.zip_members import read_zip
from tasks.core.content import FileContent
from tasks.core.fault import Fault
from tasks.core.rejects import Reason

ZIP_SUFFIXES = (".zip",)
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
ARCHIVE_SUFFIXES = ZIP_SUFFIXES + TAR_SUFFIXES


def is_archive_name(name: str) -> bool:
    """Whether a file of this name is opened as an archive."""
    return name.lower().endswith(ARCHIVE_SUFFIXES)


def read_archive(path: Path, scratch: Path) -> Iterator[Member]:
    """The archive's members; what is wrong with it as a whole is a member without a name.

    A compressed tar is unpacked into `scratch` and has to stay there for as long as its contents are read.
    """
    size = FileContent(path).size()
    if isinstance(size, Fault):
        yield Member("", size)
        return
    if size == 0:
        yield Member("", Fault(Reason.FILE_EMPTY, "the archive has no bytes"))
        return
    members = read_zip(path) if path.name.lower().endswith(ZIP_SUFFIXES) else _read_any_tar(path, scratch)
    number = 0
    for number, member in enumerate(islice(members, MOST_MEMBERS), 1):
        if number == MOST_MEMBERS:
            detail = f"expected fewer than {MOST_MEMBERS} members; what follows is not read"
            yield Member("", Fault(Reason.UNSAFE_ARCHIVE, detail))
            return
        yield member
    if number == 0:
        yield Member("", Fault(Reason.FILE_EMPTY, "the archive holds no files"))


def _read_any_tar(path: Path, scratch: Path) -> Iterator[Member]:
    decompress = decompression_of(path)
    if decompress is None:
        return read_tar(path)
    return read_tar(*unpack(path, decompress, scratch))
