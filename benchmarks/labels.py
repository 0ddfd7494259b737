"""How fast labels are imported, and how much memory that takes.

    python -m benchmarks.labels ../shared/corpora 500000

reads   the corpora's COCO instances, repeated to that many annotations with their polygons as they are; timed
        exports are made here, with half as many segments
writes  a line per figure to the terminal: rows a second of the processor's time, by the format alone and by
        the whole stage (read, find items, check, write); then the peak memory of that at 200 MB, 1 and 2 GB

Every figure is taken in a process of its own, on one core. A timed format is measured when SEGMENTS has a
writer for it; formats without one are named at the end.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.core.batch import Batch
from tasks.core.batch_file import Align, BatchFile
from tasks.core.label import ItemName, LabelBlock
from tasks.core.label_entries import EXPORT_FORMATS, Export, LabelExport, TimedExport
from tasks.core.schemas import ITEMS
from tasks.core.source_entries import FilesSource
from tasks.core.stage import StageInput
from tasks.core.tables import to_table, write_table
from tasks.label import STAGE, LabelParams
from tasks.label_formats import LABEL_FORMATS

INSTANCES = Path("coco_cc") / "annotations" / "instances.json"
SIZES_BYTES = (200_000_000, 1_000_000_000, 2_000_000_000)


def clock_text(second: int, comma: str) -> str:
    """hours:minutes:seconds,milliseconds."""
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{comma}250"


def to_srt(segments: int) -> str:
    """Cues of half a second, one each second."""
    cues = (
        f"{n + 1}\n{clock_text(n, ',')} --> {clock_text(n, ',')[:-3]}750\nword {n}\n" for n in range(segments)
    )
    return "\n".join(cues)


def to_textgrid(segments: int) -> str:
    """One interval tier, an interval each second."""
    lines = [
        *('File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {segments}"),
        *("tiers? <exists>", "size = 1", "item []:", "    item [1]:", '        class = "IntervalTier"'),
        *('        name = "words"', "        xmin = 0", f"        xmax = {segments}"),
        f"        intervals: size = {segments}",
    ]
    for n in range(segments):
        lines += [f"        intervals [{n + 1}]:", f"            xmin = {n}", f"            xmax = {n + 1}"]
        lines += [f'            text = "word {n}"']
    return "\n".join(lines) + "\n"


# How an export with that many segments is written, by format, and the suffix of its file.
SEGMENTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "subtitles": (".srt", to_srt),
    "textgrid": (".TextGrid", to_textgrid),
}


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
    output = root / "out"
    output.mkdir(exist_ok=True)
    STAGE.build(StageInput(root, STAGE.reads, (batch,), 1), LabelParams("majority"), output)
    return int(pq.ParquetFile(output / "labels.parquet").metadata.num_rows)


def measure(root: Path, format_name: str, path: str, level: str) -> None:
    """Print rows a second of the processor's time and the peak memory; this is the process of its own."""
    pa.set_cpu_count(1)
    timed = EXPORT_FORMATS[format_name] is TimedExport
    export: Export = TimedExport(format_name, path) if timed else LabelExport(format_name, path)
    batch = batch_of(root, export)
    begin = time.process_time()
    rows = count_parsed(batch) if level == "format" else count_imported(root, batch)
    taken_s = time.process_time() - begin
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{format_name:16} {level:7} {rows:9} rows {rows / taken_s:10.0f} /s {peak_mb:7.0f} MB", flush=True)


def measure_apart(root: Path, format_name: str, path: Path, level: str) -> None:
    """Measure in a new process, so that one figure does not warm the caches of the next."""
    command = [sys.executable, "-m", "benchmarks.labels", "--one", str(root), format_name, str(path), level]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, check=True, env=environment)


def main(corpora: Path, annotations: int) -> None:
    """Print every figure."""
    instances = (corpora / INSTANCES).resolve()
    images = json.loads(instances.read_text(encoding="utf-8"))["images"]
    pictures = [
        ItemName(f"images/{one['file_name']}", "image", one["width"], one["height"]) for one in images
    ]
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        write_items(root, [*pictures, ItemName("talk.wav", "audio")])
        write_coco(instances, root / "coco.json", annotations=annotations)
        for level in ("format", "stage"):
            measure_apart(root, "coco", root / "coco.json", level)
        for name, (suffix, write) in SEGMENTS.items():
            folder = root / name
            folder.mkdir()
            path = folder / f"talk{suffix}"
            path.write_text(write(max(1, annotations // 2)), encoding="utf-8")
            for level in ("format", "stage"):
                measure_apart(root, name, path, level)
        for size in SIZES_BYTES:
            write_coco(instances, root / "coco.json", size=size)
            measure_apart(root, "coco", root / "coco.json", "stage")
    timed = {name for name, entry in EXPORT_FORMATS.items() if entry is TimedExport}
    print(f"timed formats without a writer here: {sorted(timed - SEGMENTS.keys()) or 'none'}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]), *sys.argv[3:6])
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500_000)
