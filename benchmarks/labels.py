"""How fast labels are imported, and how much memory that takes.

    python -m benchmarks.labels ../shared/corpora 500000 [190]

reads   the corpora's COCO instances, repeated to that many annotations with their polygons as they are; timed
        exports are made here, with a fifth as many segments
writes  a table to the terminal: rows a second of the processor's time, by the format alone and by the whole
        stage (read, find items, check, sort, write); then the peak memory of that at 200 MB, 1 and 2 GB

Every figure is taken in a process of its own, on one core; it is the best of some, measured by a fixed piece
of work that is done before and after. On a busy machine that work takes longer too: with the milliseconds
that it takes on the idle machine as the last argument, a column says what the rate would be there.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.timed_exports import OPTIONS, SUFFIXES, WRITERS
from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.label import ItemName, LabelBlock
from tasks.core.label_entries import Export
from tasks.core.params import load_params
from tasks.core.schemas import ITEMS
from tasks.core.source_entries import FilesSource
from tasks.core.stage import StageInput
from tasks.core.tables import to_table, write_table
from tasks.label import STAGE
from tasks.label_formats import LABEL_FORMATS

PROJECT = Path(__file__).resolve().parents[1]
INSTANCES = Path("coco_cc") / "annotations" / "instances.json"
SIZES_BYTES = (200_000_000, 1_000_000_000, 2_000_000_000)
TRIES = 3


def write_coco(source: Path, target: Path, *, annotations: int = 0, size: int = 0) -> None:
    """The source's annotations again and again, numbered anew, up to that many or that many bytes."""
    content = json.loads(source.read_text(encoding="utf-8"))
    bare = [{name: value for name, value in one.items() if name != "id"} for one in content["annotations"]]
    texts = [json.dumps(one)[:-1] for one in bare]
    rest = {name: value for name, value in content.items() if name != "annotations"}
    number = 0
    with target.open("w", encoding="utf-8") as file:
        file.write(json.dumps(rest)[:-1] + ', "annotations": [')
        while number < annotations or file.tell() < size:
            comma = ", " if number else ""
            number += 1
            file.write(f'{comma}{texts[number % len(texts)]}, "id": {number}}}')
        file.write("]}")


def batch_of(root: Path, export: Export) -> Batch:
    """A batch that has nothing but the export."""
    folder = root / "data" / "batches" / "many"
    folder.mkdir(parents=True, exist_ok=True)
    file = BatchFile("labels", "CC0-1.0", (FilesSource("files", "."),), Align("key", "image"), (export,), {})
    return Batch("many", folder, file)


def write_items(root: Path, names: Iterable[ItemName]) -> None:
    """The items that the labels are about."""
    rows = (
        {
            **{"batch": "many", "item_id": f"many/{name.native_id}", "modality": name.modality, "role": "x"},
            **{"session": "all", "clock": "reference", "license": "CC0-1.0", "source": "x", "readable": True},
            **{"width": name.width, "height": name.height, "duration_ns": name.duration_ns},
        }
        for name in names
    )
    write_table(ITEMS, to_table(ITEMS, rows), root / "data" / "collected" / "many")


def count_parsed(batch: Batch) -> int:
    """How many rows the format yields."""
    (export,) = batch.file.labels
    outcomes = LABEL_FORMATS[export.format].read(batch, export, ())
    return sum(len(one.columns["native_id"]) if isinstance(one, LabelBlock) else 1 for one in outcomes)


def count_imported(root: Path, batch: Batch) -> int:
    """How many labels the stage writes."""
    params = load_params(PROJECT, STAGE.name, STAGE.params)
    with tempfile.TemporaryDirectory(dir=root) as output:
        STAGE.build(StageInput(root, STAGE.reads, (batch,), 1), params, Path(output))
        return int(pq.ParquetFile(Path(output) / "labels.parquet").metadata.num_rows)


def calibrate() -> float:
    """Seconds of the processor's time that a fixed piece of work takes: parsing JSON, and a digest."""
    text = json.dumps(
        [{"id": n, "at": [n * 1.37, n / 3, 7, 9.25] * 4, "said": f"word {n}"} for n in range(20_000)]
    )
    begin = time.process_time()
    for _ in range(3):
        json.loads(text)
    hashlib.sha256(text.encode() * 8).digest()
    return time.process_time() - begin


def measure(root: Path, format_name: str, path: str, level: str, tries: str) -> None:
    """Print the best of some tries, as JSON; this is the process of its own."""
    pa.set_cpu_count(1)
    options = OPTIONS.get(format_name, {})
    batch = batch_of(root, LABEL_FORMATS[format_name].options(format=format_name, path=path, **options))
    found = []
    for _ in range(int(tries)):
        before_s, begin = calibrate(), time.process_time()
        rows = count_parsed(batch) if level == "format" else count_imported(root, batch)
        taken_s = time.process_time() - begin
        found.append((rows / taken_s, (before_s + calibrate()) / 2, rows))
    rate, fixed_s, rows = max(found, key=lambda one: one[0] * one[1])
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "rate": rate, "fixed_ms": fixed_s * 1000, "peak_mb": peak_mb}))


def print_apart(place: tuple[Path, str, Path], level: str, tries: int, idle_ms: float) -> None:
    """Measure in a new process, so that one figure does not warm the caches of the next, and print a line."""
    root, format_name, path = place
    command = [sys.executable, "-m", "benchmarks.labels", "--one", str(root), format_name, str(path), level]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    answer = subprocess.run([*command, str(tries)], check=True, env=environment, capture_output=True)
    one = json.loads(answer.stdout)
    idle = f"{one['rate'] * one['fixed_ms'] / idle_ms:10,.0f}" if idle_ms else f"{'':10}"
    figures = f"{one['rate']:10,.0f} {one['fixed_ms']:8.0f} {idle} {one['peak_mb']:7.0f}"
    print(f"{format_name:10} {level:7} {one['rows']:10,} {figures}", flush=True)


def main(corpora: Path, annotations: int, idle_ms: float) -> None:
    """Print every figure."""
    instances = (corpora / INSTANCES).resolve()
    images = json.loads(instances.read_text(encoding="utf-8"))["images"]
    pictures = [
        ItemName(f"images/{one['file_name']}", "image", one["width"], one["height"]) for one in images
    ]
    print("format     level         rows     rows/s fixed ms  idle rows/s peak MB")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        write_items(root, [*pictures, ItemName("talk.wav", "audio")])
        write_coco(instances, root / "coco.json", annotations=annotations)
        for level in ("format", "stage"):
            print_apart((root, "coco", root / "coco.json"), level, TRIES, idle_ms)
        for name, write in WRITERS.items():
            path = root / name / f"talk{SUFFIXES[name]}"
            path.parent.mkdir()
            write(path, annotations // 5)
            for level in ("format", "stage"):
                print_apart((root, name, path), level, TRIES, idle_ms)
        for size in SIZES_BYTES:
            write_coco(instances, root / "coco.json", size=size)
            print_apart((root, "coco", root / "coco.json"), "stage", 1, idle_ms)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]), *sys.argv[3:7])
    else:
        numbers = [float(one) for one in sys.argv[2:]]
        main(Path(sys.argv[1]), int(numbers[0]) if numbers else 500_000, numbers[1] if numbers[1:] else 0.0)
