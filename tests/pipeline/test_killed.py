"""A build that is killed at several points, and run again, gives the bytes of one that was not."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageDraw

from tests.pipeline.conftest import Checkout, check_out

BATCH = """\
about: {name}
license: CC0-1.0
sources: [{{kind: files, path: pictures/}}]
labels: [{{format: imagenet, path: pictures/}}]
align: {{method: key, reference: image}}
"""
MOMENTS = [
    ("collect", "data/.partial/collect-two"),
    ("label", "data/labels/one/partition.json"),
    ("validate", "data/aligned/two/partition.json"),
    ("fuse", "data/.partial/fuse"),
    ("evaluate", "data/exports/manifest.json"),
]


def picture(number: int) -> bytes:
    image = Image.radial_gradient("L").resize((64 + number, 64)).convert("RGB")
    ImageDraw.Draw(image).rectangle(
        (number, number, 30 + number, 20 + 2 * number), (9 * number % 256, 80, 200)
    )
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    return encoded.getvalue()


def deliver(batches: Path) -> Path:
    for batch_number, name in enumerate(("one", "two", "three")):
        for number in range(8):
            path = batches / name / "pictures" / ("round", "square")[number % 2] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(8 * batch_number + number))
        (batches / name / "batch.yaml").write_text(BATCH.format(name=name))
    return batches


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder = tmp_path_factory.mktemp("killed")
    checkout = check_out(folder / "whole", deliver(folder / "batches"))
    checkout.dvc("repro")
    return checkout


def kill_with_children(process: "subprocess.Popen[str]") -> None:
    """SIGKILL to the build and all that it started, as when the machine goes down."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for member in family:
        try:
            member.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=10)


def remove_cut_off_lock(lock: Path) -> None:
    """As the README tells a person to: DVC, killed while it writes its lock file, leaves half of it."""
    try:
        json.loads(lock.read_text() if lock.exists() else "{}")
    except ValueError:
        lock.unlink()


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    while not path.exists():
        if process.poll() is not None:
            pytest.fail(f"the build ended before {path.name} was there:\n{process.communicate()[0]}")
        time.sleep(0.005)


def test_a_build_killed_at_many_points_ends_with_the_same_bytes(
    uninterrupted: Checkout, tmp_path: Path
) -> None:
    checkout = check_out(tmp_path / "killed", uninterrupted.root / "data/batches")
    for _, moment in MOMENTS:
        with checkout.start(sys.executable, "-m", "dvc", "repro") as process:
            wait_for(checkout.root / moment, process)
            kill_with_children(process)
        remove_cut_off_lock(checkout.root / ".dvc/tmp/rwlock")
    checkout.dvc("repro")
    assert checkout.digests() == uninterrupted.digests()
    assert not [path for path in (checkout.root / "data/.partial").rglob("*") if path.is_file()]


def test_a_stage_left_behind_by_a_killed_build_stops_the_next_one_by_name(
    uninterrupted: Checkout, tmp_path: Path
) -> None:
    checkout = check_out(tmp_path / "left", uninterrupted.root / "data/batches")
    with checkout.start(sys.executable, "-m", "dvc", "repro") as process:
        wait_for(checkout.root / "data/.partial/validate-one", process)
        family = psutil.Process(process.pid).children(recursive=True)
        (stage,) = (child for child in family if "tasks.validate" in child.cmdline())
        os.kill(process.pid, signal.SIGKILL)
    remove_cut_off_lock(checkout.root / ".dvc/tmp/rwlock")
    refused = checkout.dvc("repro", check=False)
    assert f"is being built by process {stage.pid} (stage validate" in refused
    stage.wait(60)
    checkout.dvc("repro")
    assert checkout.digests() == uninterrupted.digests()
    shutil.rmtree(checkout.root)


def test_a_second_build_is_told_of_the_first_and_never_ends_it(
    uninterrupted: Checkout, tmp_path: Path
) -> None:
    checkout = check_out(tmp_path / "twice", uninterrupted.root / "data/batches")
    with checkout.start(sys.executable, "-m", "flows.reproduce") as first:
        wait_for(checkout.root / "data/fetched/one/partition.json", first)
        refused = checkout.run(sys.executable, "-m", "flows.reproduce", check=False)
        for _ in range(2):
            checkout.dvc("repro", check=False)
        printed = first.communicate()[0]
    assert first.returncode == 0, printed
    assert f"is being built by process {first.pid} (make, since " in refused
    checkout.dvc("repro")
    assert checkout.digests() == uninterrupted.digests()
    shutil.rmtree(checkout.root)
