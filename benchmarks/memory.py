"""How much memory every stage takes for some items, and for ten times as many.

    python -m benchmarks.memory 2000

reads   nothing: that many small pictures in class folders, each with a short review, are made in a temporary
        folder as one batch
writes  a line per stage to the terminal: the peak in MB at both sizes, and their ratio

Each stage runs in a process of its own. The peak is the largest sum, over time, of the resident memory of
that process and of its workers; pages that they share count for each.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
STAGES = ("collect", "label", "encode", "align", "validate", "fuse", "export", "evaluate", "report")
CLASSES = ("blue", "green", "grey", "red")
WORDS = ("good", "bad", "light", "heavy", "small", "large", "bright", "dull", "cheap", "dear")
SIDE_PX = 96
TILE_PX = 12
LOOKS_PER_SECOND = 100
BATCH_FILE = """\
about: Pictures of tiles in class folders, each with a short review
license: CC0-1.0
sources:
  - {kind: files, path: pictures, session: "{stem}"}
  - {kind: table, path: reviews.csv, text: review, id: id, session: "{id}"}
labels:
  - {format: imagenet, path: pictures}
align: {method: key, reference: image}
"""


def make_repository(root: Path, items: int) -> None:
    """The project's pipeline and one batch of that many pictures and as many reviews."""
    batch = root / "data" / "batches" / "tiles"
    batch.mkdir(parents=True)
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(PROJECT / name, root / name)
    for name in ("tasks", "expectations"):
        (root / name).symlink_to(PROJECT / name)
    (batch / "batch.yaml").write_text(BATCH_FILE, encoding="utf-8")
    random = np.random.default_rng(7)
    rows = ["id,review"]
    for number in range(items):
        name = f"{number:06d}"
        folder = batch / "pictures" / CLASSES[number % len(CLASSES)]
        folder.mkdir(parents=True, exist_ok=True)
        to_picture(random, number % len(CLASSES)).save(folder / f"{name}.jpg", quality=85)
        rows.append(f"{name},{' '.join(random.choice(WORDS, 12))} {name}")
    (batch / "reviews.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def to_picture(random: np.random.Generator, kind: int) -> Image.Image:
    """A picture of about 3 kB: tiles by lot, so that no two are alike, tinted by their class."""
    tiles = random.integers(0, 256, (SIDE_PX // TILE_PX, SIDE_PX // TILE_PX, 3), np.uint8)
    if kind:
        tiles[..., kind - 1] //= 2
    grain = random.integers(0, 12, (SIDE_PX, SIDE_PX, 3), np.uint8)
    return Image.fromarray(tiles.repeat(TILE_PX, 0).repeat(TILE_PX, 1) // 2 + grain)


def peak_mb(root: Path, stage: str) -> float:
    """The peak of the stage and its workers together, in MB; CalledProcessError when it fails."""
    command = [sys.executable, "-m", f"tasks.{stage}"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    peak_bytes = 0
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL) as started:
        while started.poll() is None:
            peak_bytes = max(peak_bytes, resident_bytes(started.pid))
            time.sleep(1 / LOOKS_PER_SECOND)
    if started.returncode:
        raise subprocess.CalledProcessError(started.returncode, command)
    return peak_bytes / 1e6


def resident_bytes(pid: int) -> int:
    """The resident memory of a process and of all that it started; 0 where it has just ended."""
    try:
        stage = psutil.Process(pid)
        return sum(process.memory_info().rss for process in [stage, *stage.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0


def main(items: int) -> None:
    """Measure every stage at both sizes and print the table."""
    with tempfile.TemporaryDirectory() as temporary:
        few, many = Path(temporary) / "few", Path(temporary) / "many"
        make_repository(few, items)
        make_repository(many, 10 * items)
        print(f"{'peak memory, MB':16} {items:>8} {10 * items:>8}   ratio")
        for stage in STAGES:
            few_mb, many_mb = peak_mb(few, stage), peak_mb(many, stage)
            print(f"{stage:16} {few_mb:8.0f} {many_mb:8.0f} {many_mb / few_mb:7.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
