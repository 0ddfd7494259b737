"""Archives of small files, made in memory."""

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, payload in files.items():
            archive.writestr(zipfile.ZipInfo(name), payload, method)
    return packed.getvalue()


def tarred(files: Mapping[str, bytes] | Sequence[tuple[tarfile.TarInfo, bytes]], mode: str = "w") -> bytes:
    """A tar of files by name, or of members as they are given; mode w:gz, w:bz2 or w:xz compresses it."""
    members = (
        [(tarfile.TarInfo(name), payload) for name, payload in files.items()]
        if isinstance(files, Mapping)
        else files
    )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]  # it reads like a file
        for member, payload in members:
            member.size = len(payload)
            archive.addfile(member, io.BytesIO(payload))
    return packed.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    """A member of a tar that is a link, a device or the like."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""
