"""The manifest of an export: what a user checks a copy against.

writes  exports/manifest.json   per format and split: samples, bytes, and each shard with its SHA-256
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tasks.core.exporter import WrittenFile
from tasks.core.strict_json import write_json

MANIFEST_FILE = "manifest.json"

# By format, then by split.
Written = Mapping[str, Mapping[str, Sequence[WrittenFile]]]
Manifest = dict[str, Any]


def write_manifest(folder: Path, written: Written, rejected: int) -> None:
    """Write manifest.json for the files in `folder / format`."""
    formats = {
        name: {split: _described_split(folder / name, files) for split, files in splits.items()}
        for name, splits in written.items()
    }
    write_json({"formats": formats, "rejected": rejected}, folder / MANIFEST_FILE)


def read_manifest(folder: Path) -> Manifest:
    """The manifest in that folder."""
    manifest: Manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    return manifest


def _described_split(folder: Path, files: Sequence[WrittenFile]) -> Manifest:
    shards = [_described_shard(folder, file) for file in files]
    return {
        "samples": sum(file.samples for file in files),
        "bytes": sum(shard["bytes"] for shard in shards),
        "shards": shards,
    }


def _described_shard(folder: Path, file: WrittenFile) -> Manifest:
    path = folder / file.name
    with path.open("rb") as shard:
        digest = hashlib.file_digest(shard, "sha256").hexdigest()
    return {"name": file.name, "samples": file.samples, "bytes": path.stat().st_size, "sha256": digest}
