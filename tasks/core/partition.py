"""A stage's output for one batch: left alone while what it was made from is the same, else replaced whole.

`partition.json` records the fingerprint (inputs, parameters, code) and every file's SHA-256. A partition
is made in `data/.partial/` and renamed into place; what a killed run leaves there, the next one throws away.
"""

import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tasks.core.batch import Batch
from tasks.core.digests import Digests, digest_of_lines
from tasks.core.errors import ConfigError, MissingInputError
from tasks.core.source_entries import TableSource
from tasks.core.strict_json import write_json

PARTITION_FILE = "partition.json"
PARTIAL_FOLDER = ".partial"
PIPELINE_FILE = "dvc.yaml"
WEIGHTS_FOLDER = "models"


def code_digest(root: Path, stage: str, digests: Digests) -> str:
    """One digest over the source files and suites that dvc.yaml lists for the stage."""
    pipeline = yaml.safe_load((root / PIPELINE_FILE).read_text(encoding="utf-8"))
    if stage not in pipeline.get("stages", {}):
        raise ConfigError(
            root / PIPELINE_FILE, None, f"expected a stage '{stage}', it has {sorted(pipeline['stages'])}"
        )
    listed = [str(dep) for dep in pipeline["stages"][stage]["deps"]]
    files = [root / dep for dep in listed if dep != WEIGHTS_FOLDER and not dep.startswith("data/")]
    return digest_of_lines(f"{digests.of_file(file)}  {file.relative_to(root).as_posix()}" for file in files)


def batch_digest(batch: Batch, digests: Digests) -> str:
    """One digest over everything that was delivered: the batch folder, and what it points at outside."""
    lines = [digests.of_tree(batch.folder)]
    lines += [digests.of_tree(place) for place in _outside_places(batch)]
    return digest_of_lines(lines)


def fingerprint(params: Mapping[str, Any], code: str, inputs: Mapping[str, str]) -> str:
    """The digest of what a partition is made from."""
    return digest_of_lines([json.dumps(params, sort_keys=True), code, json.dumps(inputs, sort_keys=True)])


def partition_digest(folder: Path, digests: Digests) -> str:
    """The digest of a finished partition's contents; MissingInputError when there is none."""
    record = folder / PARTITION_FILE
    if not record.is_file():
        raise MissingInputError(f"{folder} is not there or not finished: run the stage that writes it first")
    return digests.of_file(record)


def is_current(folder: Path, wanted: str, digests: Digests) -> bool:
    """Whether the partition was made from just this, and still has every byte it was made with."""
    try:
        record = json.loads((folder / PARTITION_FILE).read_text(encoding="utf-8"))
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        if record["fingerprint"] != wanted or found != {*record["files"], PARTITION_FILE}:
            return False
        return all(digests.of_file(folder / name) == digest for name, digest in record["files"].items())
    except (OSError, ValueError, LookupError, TypeError):
        return False


def seal(folder: Path, made_from: str, digests: Digests) -> None:
    """Write down what the finished partition was made from and what it holds."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    record = {
        "fingerprint": made_from,
        "files": {path.relative_to(folder).as_posix(): digests.of_file(path) for path in files},
    }
    write_json(record, folder / PARTITION_FILE)


@contextmanager
def written_aside(data: Path, name: str) -> Iterator[Path]:
    """An empty folder in data/.partial to build in; it is gone afterwards, whatever happened."""
    aside = data / PARTIAL_FOLDER / name
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def move_into_place(finished: Path, place: Path, data: Path) -> None:
    """Rename the finished folder to its place; the old one is moved out of the way first and then deleted."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(data, f"old-{place.name}") as old:
        if place.exists():
            place.rename(old / place.name)
        finished.rename(place)


def remove_departed(folder: Path, delivered: Collection[str]) -> list[str]:
    """Delete the partitions of batches that are not among the delivered ones; their names."""
    present = set(delivered)
    departed = (
        sorted(place.name for place in folder.iterdir() if place.name not in present)
        if folder.is_dir()
        else []
    )
    for name in departed:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    return departed


def _outside_places(batch: Batch) -> list[Path]:
    """The absolute paths that the batch file names; of a table that lists media, the folder it lies in."""
    lists = {source.path for source in batch.file.sources if isinstance(source, TableSource) and source.media}
    places = [Path(path) for path in batch.written_paths() if Path(path).is_absolute()]
    return [place.parent if str(place) in lists else place for place in places]
