"""How exports write the name of a file, and what it may be called here."""

import posixpath
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://[^/]*/(?P<path>[^?#]*)")
_LOCAL_FILES = re.compile(r"(?:[A-Za-z]+://[^/]*)?/data/local-files/\?d=(?P<path>[^&]*)")
_DRIVE = re.compile(r"[A-Za-z]:/")
_UPLOAD_MARK = re.compile(r"[0-9a-f]{8}-(?P<name>.+)")
_UPLOAD = re.compile(r"(?:.*/)?(?:data/upload|upload)/(?:[^/]*/)?(?:[0-9a-f]{8}|[0-9]+)-(?P<name>[^/]+)")


def spellings(media: str) -> list[str]:
    """The paths that the written name may mean, the most literal first, each once.

    Understood: Windows separators and drives, a leading ./ or /, URL encoding, http:// and s3:// addresses
    (their path), and Label Studio's /data/local-files/?d=<path> and /data/upload/<project>/<number>-<name>.
    """
    written = unicodedata.normalize("NFC", media.strip())
    slashed = written.replace("\\", "/")
    found = [written, slashed]
    for pattern in (_LOCAL_FILES, _SCHEME):
        match = pattern.match(slashed)
        if match:
            found.append(match["path"])
            break
    found += [unicodedata.normalize("NFC", unquote(path)) for path in found]
    found += [_from_top(path) for path in found]
    found += [match["name"] for path in found if (match := _UPLOAD.fullmatch(path))]
    return _once(path for path in found if path)


def names(paths: Iterable[str]) -> list[str]:
    """The file names of the paths, each once."""
    return _once(PurePosixPath(path).name for path in paths)


def stems(paths: Iterable[str]) -> list[str]:
    """The file names without their last suffix, each once; a part of a file, `a.mp4#sound`, has none."""
    return _once(PurePosixPath(path).stem for path in paths if "#" not in PurePosixPath(path).suffix)


def without_suffix(path: str) -> str:
    """The path without its last suffix; a name that only starts with a dot has none."""
    stem, _ = posixpath.splitext(path)
    return stem


def without_upload_marks(file_names: Iterable[str]) -> list[str]:
    """The names that start with Label Studio's mark of 8 hexadecimal digits and a dash, without it."""
    return _once(match["name"] for name in file_names if (match := _UPLOAD_MARK.fullmatch(name)))


def _from_top(path: str) -> str:
    """The path without what stands for the top: a drive, slashes, `./`."""
    parts = PurePosixPath(_DRIVE.sub("", path, count=1)).parts
    return "/".join(part for part in parts if part != "/")


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
