"""How exports write the name of a file, and what it may be called here."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://[^/]*/(?P<path>[^?#]*)")
_LOCAL_FILES = re.compile(r"(?:[A-Za-z]+://[^/]*)?/data/local-files/\?d=(?P<path>[^&]*)")
_DRIVE = re.compile(r"[A-Za-z]:/")
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
    """The file names without their last suffix, each once."""
    return _once(PurePosixPath(path).stem for path in paths)


def _from_top(path: str) -> str:
    """The path without what stands for the top: a drive, slashes, `./`."""
    parts = PurePosixPath(_DRIVE.sub("", path, count=1)).parts
    return "/".join(part for part in parts if part != "/")


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
