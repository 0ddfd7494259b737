"""WebDataset: uncompressed tar shards whose files of one sample stand together and share a key.

writes  <split>-00000.tar ..., each of at most `shard_bytes` unless one sample alone is larger

The key is the sample's number in its split, eight digits: readers split names at the first dot and slash, so
a sample id cannot be one. Files of a sample, in this order:

    <key>.json                   sample_id, batch, session, group, split, targets, presence, and the members
                                 with the file that each is in
    <key>.npy                    the joint vector, float32, where there is one
    <key>.jpg .wav .txt ...      the leading member of each modality: the sample's reference, else one whose
                                 role is named after it, else a caption or transcript, else the first
    <key>.<role>.<n>.<suffix>    every other member: the n-th of its role, from 0 (`00000007.depth.0.png`);
                                 in a role's name all but letters, digits, - and _ becomes _
"""

import io
import re
from collections import Counter
from typing import BinaryIO

import numpy as np

from tasks.core.exporter import Exporter, ExportPlace, ExportSample, Vector, WrittenFile
from tasks.core.shards import tar_header
from tasks.core.strict_json import to_json

# Where the usual suffix is not just the media type's second half.
_SUFFIXES = {
    "application/octet-stream": "bin",
    "application/vnd.apache.arrow.file": "arrow",
    "audio/matroska": "mka",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "image/x-icon": "ico",
    "image/x-portable-anymap": "pnm",
    "text/plain": "txt",
    "video/matroska": "mkv",
    "video/mp2t": "ts",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
}
_RESERVED = ("json", "npy")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_BLOCK_BYTES = 512
_END_OF_ARCHIVE = bytes(2 * _BLOCK_BYTES)


class _ShardWriter:
    """Appends whole samples to a shard and starts the next one where a sample would not fit."""

    def __init__(self, place: ExportPlace) -> None:
        self._place = place
        self._file: BinaryIO | None = None
        self._number = 0
        self._done: list[WrittenFile] = []
        self._samples = 0

    def add(self, sample: ExportSample) -> None:
        files = to_files(sample, f"{self._number:08d}")
        room = self._place.shard_bytes - len(_END_OF_ARCHIVE) - sum(_packed_bytes(file) for file in files)
        if self._file is not None and self._file.tell() > room:
            self._finish_shard()
        if self._file is None:
            self._file = (self._place.folder / self._shard_name()).open("wb")
        for name, payload in files:
            self._file.write(tar_header(name, len(payload)))
            self._file.write(payload)
            self._file.write(bytes(-len(payload) % _BLOCK_BYTES))
        self._number, self._samples = self._number + 1, self._samples + 1

    def close(self) -> list[WrittenFile]:
        self._finish_shard()
        return self._done

    def _shard_name(self) -> str:
        return f"{self._place.split}-{len(self._done):05d}.tar"

    def _finish_shard(self) -> None:
        if self._file is not None:
            with self._file as file:
                file.write(_END_OF_ARCHIVE)
            self._done.append(WrittenFile(self._shard_name(), self._samples))
            self._file, self._samples = None, 0


def to_files(sample: ExportSample, key: str) -> list[tuple[str, bytes]]:
    """The sample's files under that key: names and bytes."""
    suffixes = member_suffixes(sample)
    files = [(f"{key}.json", _description(sample, suffixes))]
    if sample.joint is not None:
        files.append((f"{key}.npy", _npy(sample.joint)))
    files += [
        (f"{key}.{suffix}", member.payload) for suffix, member in zip(suffixes, sample.members, strict=True)
    ]
    return files


def member_suffixes(sample: ExportSample) -> list[str]:
    """What follows the key in each member's file name, all different."""
    of_role: Counter[str] = Counter()
    suffixes = []
    for member in sample.members:
        role, suffix = _UNSAFE.sub("_", member.role), file_suffix(member.media_type)
        plain = member is sample.leading(member.modality) and suffix not in _RESERVED
        suffixes.append(suffix if plain else f"{role}.{of_role[role]}.{suffix}")
        of_role[role] += 1
    return suffixes


def file_suffix(media_type: str) -> str:
    """The usual file name suffix of a media type."""
    subtype = media_type.rpartition("/")[2].removeprefix("x-")
    return _SUFFIXES.get(media_type) or _UNSAFE.sub("", subtype).replace("-", "").lower() or "bin"


def _description(sample: ExportSample, suffixes: list[str]) -> bytes:
    """What the bytes are: everything of the sample that is not media, for people and for training code."""
    members = [
        {
            "role": member.role,
            "id": member.member_id,
            "file": suffix,
            "media_type": member.media_type,
            "start_ns": member.start_ns,
            "end_ns": member.end_ns,
            **({"columns": list(member.columns)} if member.columns else {}),
        }
        for member, suffix in zip(sample.members, suffixes, strict=True)
    ]
    described = {
        "sample_id": sample.sample_id,
        "batch": sample.batch,
        "session": sample.session,
        "group": sample.group,
        "split": sample.split,
        "targets": [dict(target) for target in sample.targets],
        "presence": dict(sample.presence),
        "members": members,
    }
    return to_json(described, name=sample.sample_id).encode("utf-8", "surrogatepass")


def _npy(joint: Vector) -> bytes:
    stored = io.BytesIO()
    np.save(stored, joint, allow_pickle=False)
    return stored.getvalue()


def _packed_bytes(file: tuple[str, bytes]) -> int:
    name, payload = file
    return len(tar_header(name, len(payload))) + len(payload) + -len(payload) % _BLOCK_BYTES


EXPORTER = Exporter("webdataset", _ShardWriter)
