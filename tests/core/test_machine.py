"""A machine that refuses says so in one sentence, and nothing half-written is left."""

import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tasks.core.digests import Digests
from tasks.core.errors import LabelFormatError, MachineError, MissingExtraError, SchemaError, WeightsError
from tasks.core.machine import told_plainly
from tasks.core.parallel import map_chunks
from tests.conftest import Repository
from tests.media.making import photo, saved

STAGES = (
    *("fetch", "collect", "label", "encode", "align", "validate"),
    *("fuse", "export", "evaluate", "report"),
)
BATCH = """\
about: photos in class folders
license: CC0-1.0
sources: [{kind: files, path: media/, session: "{stem}"}]
labels: [{format: imagenet, path: media/}]
align: {method: key, reference: image}
"""
PAGE_BYTES = 4096


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Repository]:
    """A repository whose data/ is a disk of 16 MB."""
    data = tmp_path / "project" / "data"
    data.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", f"{data}"]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a disk of its own cannot be mounted here")
    try:
        repository = Repository(data.parent)
        photos = {f"media/{'ab'[n % 2]}/{n}.jpg": saved(photo(seed=n), "JPEG") for n in range(12)}
        repository.add_batch("one", BATCH, photos)
        yield repository
    finally:
        subprocess.run(["umount", f"{data}"], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves one page of the disk free."""
    filler = disk / ".filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(PAGE_BYTES)):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - PAGE_BYTES))
    return filler


# The exporters' files are open when the stage fails, and closed as it ends.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_stops_every_stage_with_a_sentence_and_leaves_nothing_behind(
    small_disk: Repository,
) -> None:
    for stage in STAGES:
        before = {path for path in small_disk.data.rglob("*") if ".digests" not in path.name}
        filler = fill(small_disk.data)
        with pytest.raises(
            MachineError, match=r"data.*: No space left on device: free some space on that disk"
        ):
            small_disk.run(stage)
        filler.unlink()
        left = {path for path in small_disk.data.rglob("*") if path.is_file() and path not in before}
        assert {path for path in left if not path.name.startswith(".")} == set()
        small_disk.run(stage)


def test_a_read_only_disk_stops_a_stage_with_a_sentence(small_disk: Repository) -> None:
    remount = ["mount", "-o", "remount,ro", f"{small_disk.data}"]
    subprocess.run(remount, check=True)
    message = r"data/\.build\.lock: Read-only file system: make that place writable, or build in a copy"
    with pytest.raises(MachineError, match=message):
        small_disk.run("fetch")


def test_what_stands_in_the_way_of_a_folder_is_named(repository: Repository) -> None:
    (repository.data / "fetched").symlink_to("fetched")
    with pytest.raises(MachineError, match=r"data/fetched: File exists: move away what has that name"):
        repository.run("fetch")


def test_a_missing_permission_is_named_and_a_defect_of_ours_keeps_its_traceback(tmp_path: Path) -> None:
    denied = r"/shut: Permission denied: give the user who builds"
    with pytest.raises(MachineError, match=denied), told_plainly(tmp_path):
        raise PermissionError(13, "Permission denied", "/shut")
    with pytest.raises(FileNotFoundError), told_plainly(tmp_path):
        (tmp_path / "not there").read_bytes()


def test_a_delivered_file_that_may_not_be_read_does_not_stop_the_digest_of_its_folder(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can become someone else")
    place = tmp_path / "delivered"
    place.mkdir()
    (place / "shut").write_text("x")
    (place / "shut").chmod(0)
    for folder in (place, *list(place.parents)[:-2]):
        folder.chmod(0o755)
    allowed = Digests(tmp_path).of_tree(place)
    os.seteuid(65534)
    try:
        forbidden = Digests(tmp_path).of_tree(place)
    finally:
        os.seteuid(0)
    assert forbidden != allowed


def die_elsewhere(parent: int, chunk: int) -> int:
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return chunk


def test_a_worker_that_is_killed_is_told_with_what_to_do() -> None:
    results = map_chunks(partial(die_elsewhere, os.getpid()), [1, 2, 3], 2)
    assert next(results) == 1
    with pytest.raises(MachineError, match=r"a worker process was killed.* set compute\.workers"):
        list(results)


def fail_elsewhere(parent: int, error: Exception) -> None:
    if os.getpid() != parent:
        raise error


@pytest.mark.parametrize(
    "error",
    [
        LabelFormatError(Path("a.srt"), 3, "no arrow"),
        SchemaError("items", "missing columns"),
        WeightsError(Path("models/clip"), "no such folder"),
        MissingExtraError("av", needed_by="video", extra="video"),
    ],
)
def test_an_error_comes_back_from_a_worker_as_it_was(error: Exception) -> None:
    results = map_chunks(partial(fail_elsewhere, os.getpid()), [error] * 3, 2)
    with pytest.raises(type(error)) as caught:
        list(results)
    assert str(caught.value) == str(error)
    assert vars(caught.value) == vars(error)
