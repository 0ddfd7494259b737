"""How fast `collect` takes photos in, beside a plain decode with Pillow, and what memory it needs.

`python -m benchmarks.collecting 2000 [../shared/corpora/coco_cc/images]` makes that many photos of 500 x 375
in a temporary folder (and ten times as many links to them, for the memory), of the photos in that folder or
else of noise, and prints photos a second, ratios, and peak memory in MB. Noise is the worst case: nearly all
of its time is Huffman decoding, which no scaling saves.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

PROJECT = Path(__file__).resolve().parents[1]
SIZE_PX = (500, 375)
BATCH_FILE = """\
about: Photos of noise
license: CC0-1.0
sources: [{kind: files, path: media}]
align: {method: key, reference: image}
"""
# A few files are compressed, and stand under many names: what is measured is reading them.
DISTINCT = 200


def pictures(real: list[Path]) -> "Iterator[Image]":
    """The distinct photos: those files scaled, or noise."""
    import numpy as np
    from PIL import Image, ImageFilter

    rng = np.random.default_rng(7)
    for number in range(DISTINCT):
        if real:
            yield Image.open(real[number % len(real)]).convert("RGB").resize(SIZE_PX)
        else:
            noise = rng.integers(0, 256, (SIZE_PX[1], SIZE_PX[0], 3), dtype=np.uint8)
            yield Image.fromarray(noise).filter(ImageFilter.GaussianBlur(1.5))


def make_batch(folder: Path, photos: int, real: list[Path]) -> None:
    """A batch of so many photos, each about 40 kB."""
    (folder / "media").mkdir(parents=True)
    (folder / "batch.yaml").write_text(BATCH_FILE, encoding="utf-8")
    distinct = pictures(real)
    for number in range(photos):
        place = folder / "media" / f"{number:06d}.jpg"
        if number >= DISTINCT:
            place.hardlink_to(folder / "media" / f"{number % DISTINCT:06d}.jpg")
            continue
        next(distinct).save(place, quality=88)


def collect(batch_folder: Path, workers: int) -> None:
    """The stage's own work on one batch, without fingerprints and the lock."""
    from tasks.collect import STAGE
    from tasks.core.batch import read_batches
    from tasks.core.params import load_params
    from tasks.core.stage import StageInput

    inputs = StageInput(PROJECT, STAGE.reads, tuple(read_batches(batch_folder.parent)), workers)
    with tempfile.TemporaryDirectory() as output:
        STAGE.build(inputs, load_params(PROJECT, "collect", STAGE.params), Path(output))


def decode(batch_folder: Path) -> None:
    """Every photo opened and decoded with Pillow, nothing else."""
    from PIL import Image

    for place in sorted((batch_folder / "media").iterdir()):
        with Image.open(place) as picture:
            picture.load()


def per_second(work: Callable[[], None], photos: int) -> float:
    """Photos a second of the better of two runs."""
    spans_s = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        spans_s.append(time.perf_counter() - start)
    return photos / min(spans_s)


def measure_peak_mb(batch_folder: Path, workers: int) -> dict[str, float]:
    """Peak memory of a fresh process that collects the batch, and of the largest of its workers."""
    command = [sys.executable, "-m", "benchmarks.collecting", "--peak", str(batch_folder), str(workers)]
    printed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    peaks: dict[str, float] = json.loads(printed)
    return peaks


def print_peak(batch_folder: Path, workers: int) -> None:
    """Collect and say what it took, in MB."""
    collect(batch_folder, workers)
    peaks = {
        "own": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(peaks))


def main(photos: int, real: list[Path]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as temporary:
        few, many = Path(temporary) / "few" / "photos", Path(temporary) / "many" / "photos"
        make_batch(few, photos, real)
        make_batch(many, 10 * photos, real)
        plain = per_second(lambda: decode(few), photos)
        print(f"Pillow, full decode, one process: {plain:.0f} photos/s")
        for workers in (1, 2):
            rate = per_second(lambda workers=workers: collect(few, workers), photos)  # type: ignore[misc] # mypy does not infer a lambda with a default
            print(f"collect, {workers} worker(s): {rate:.0f} photos/s, {rate / plain:.2f} of Pillow alone")
        for place, count in ((few, photos), (many, 10 * photos)):
            peaks = measure_peak_mb(place, 1)
            print(f"peak memory at {count} photos, 1 worker: {peaks['own']:.0f} MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        print_peak(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        real = sorted(Path(sys.argv[2]).glob("*.jpg")) if len(sys.argv) > 2 else []
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000, real)
