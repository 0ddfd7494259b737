"""What a stage reads must be what its maker sealed: every file by its SHA-256, before anything is built.

A file that was changed in any ordinary way has another change time, which no program can set back: its
digest is then taken anew, and otherwise known already (see `digests.py`). So the check costs little where
nothing is wrong.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tasks.core.declaration import BATCHES_FOLDER, DATA_FOLDER, StageInput
from tasks.core.digests import Digests
from tasks.core.errors import DamagedInputError
from tasks.core.partition import PARTITION_FILE, PIPELINE_FILE


def refuse_damaged(inputs: StageInput, digests: Digests) -> None:
    """DamagedInputError when a file in a folder that the stage reads is not as it was sealed."""
    for name in inputs.reads:
        if name == BATCHES_FOLDER:
            continue
        folder = inputs.root / DATA_FOLDER / name
        batches = (*inputs.batches, *inputs.companions)
        for sealed in (folder, *(folder / batch.name for batch in batches)):
            for damage in _damages(sealed, digests):
                raise DamagedInputError(f"{damage}; {_to_do(inputs.root, sealed, name)}")


def _damages(folder: Path, digests: Digests) -> Iterator[str]:
    """A sentence per file that is not as the folder's seal says; none where the folder has no seal."""
    record = folder / PARTITION_FILE
    if not record.is_file():
        return
    try:
        files = dict(json.loads(record.read_text(encoding="utf-8"))["files"])
    except (ValueError, LookupError, TypeError):
        yield f"{record} cannot be read: it is not what the stage wrote there"
        return
    for name, expected in files.items():
        place = folder / name
        if not place.is_file():
            yield f"{place} is gone"
        elif (found := digests.of_file(place)) != expected:
            yield (
                f"{place} was changed or damaged after it was made: expected SHA-256 {expected[:12]}..,"
                f" got {found[:12]}.."
            )


def _to_do(root: Path, sealed: Path, name: str) -> str:
    """How it becomes whole again: from the DVC cache, or by the stage that writes the folder."""
    stages = yaml.safe_load((root / PIPELINE_FILE).read_text(encoding="utf-8"))["stages"]
    written = f"{DATA_FOLDER}/{name}"
    maker = next((stage for stage, entry in stages.items() if written in _outs(entry)), None)
    again = f", or `python -m tasks.{maker}` makes it again" if maker else ""
    place = sealed.relative_to(root).as_posix()
    return f"delete {place}; then `dvc checkout {written}` restores it{again}"


def _outs(entry: Mapping[str, Any]) -> list[str]:
    """The folders that a stage of dvc.yaml writes; an out is its path, or its path with options."""
    outs = [*entry.get("outs", ()), *entry.get("metrics", ())]
    return [str(next(iter(out))) if isinstance(out, dict) else str(out) for out in outs]
