"""How long the bundled sample takes to build with DVC, and each stage module to import.

    python -m benchmarks.pipeline

reads   the project as it stands, copied into an empty repository in a temporary folder
writes  seconds to the terminal: the build, stage by stage; the rebuild with nothing changed, and with one
        batch touched; each stage's import, by the clock (less a bare Python) and as -X importtime counts it
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PARTS = (
    *("tasks", "expectations", "dvc.yaml", "params.yaml", ".dvcignore", ".gitignore"),
    *("data/batches", "data/released"),
)
STAGES = ("collect", "label", "encode", "align", "validate", "fuse", "export", "evaluate", "report")
# Bytecode is cached as in an installed project; the python of this process is the one that stages get.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONUNBUFFERED": "1",
    "DVC_NO_ANALYTICS": "1",
}
IMPORTS = 5
_RUNNING = re.compile(r"Running stage '(\w+)'")
_IMPORTED = re.compile(r"import time:\s*\d+ \|\s*(\d+) \|")


def check_out(root: Path) -> None:
    """The project in a git and DVC repository of its own, with nothing built."""
    for part in PARTS:
        source, place = PROJECT / part, root / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    run(root, "git", "init", "-q", "-b", "main")
    run(root, sys.executable, "-m", "dvc", "init", "-q")
    shutil.copy(PROJECT / ".dvc" / "config", root / ".dvc" / "config")


def run(root: Path, *command: str) -> str:
    """What the command writes to standard error; CalledProcessError when it fails."""
    done = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stderr


def reproduce(root: Path) -> dict[str, float]:
    """`dvc repro`: the seconds it took, in all (under "") and by stage, DVC's own work for it included."""
    command = [sys.executable, "-m", "dvc", "repro"]
    marks = [("", time.perf_counter())]
    with subprocess.Popen(command, cwd=root, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as build:
        for line in build.stdout or ():
            marks += [(match[1], time.perf_counter()) for match in _RUNNING.finditer(line)]
    end = time.perf_counter()
    if build.returncode:
        raise subprocess.CalledProcessError(build.returncode, command)
    ends = [*(begin for _, begin in marks[1:]), end]
    spans_s = {name: until - begin for (name, begin), until in zip(marks, ends, strict=True)}
    return spans_s | {"": end - marks[0][1]}


def time_builds() -> None:
    """Print the three builds of the sample."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary) / "project"
        check_out(root)
        print_build("everything", reproduce(root))
        print_build("nothing changed", reproduce(root))
        batch_file = sorted((root / "data" / "batches").glob("*/batch.yaml"))[0]
        batch_file.write_text(batch_file.read_text(encoding="utf-8") + "# looked at again\n", "utf-8")
        print_build(f"touched {batch_file.parent.name}", reproduce(root))


def print_build(name: str, spans_s: dict[str, float]) -> None:
    """One line: seconds in all, then by stage."""
    stages = ", ".join(f"{stage} {span_s:.1f}" for stage, span_s in spans_s.items() if stage)
    print(f"dvc repro, {name}: {spans_s['']:.1f} s{f' ({stages})' if stages else ''}")


def import_seconds(module: str) -> tuple[float, float]:
    """Seconds of a fresh process with the import (the median of a few), and by -X importtime."""
    spans_s = []
    for _ in range(IMPORTS):
        start = time.perf_counter()
        run(PROJECT, sys.executable, "-c", f"import {module}")
        spans_s.append(time.perf_counter() - start)
    counted = _IMPORTED.findall(run(PROJECT, sys.executable, "-X", "importtime", "-c", f"import {module}"))
    return statistics.median(spans_s), int(counted[-1]) / 1e6


def time_imports() -> None:
    """Print the import of every stage module."""
    bare_s, _ = import_seconds("sys")
    for stage in STAGES:
        whole_s, counted_s = import_seconds(f"tasks.{stage}")
        print(f"import tasks.{stage}: {whole_s - bare_s:.2f} s by the clock, {counted_s:.2f} s by importtime")


if __name__ == "__main__":
    time_imports()
    time_builds()
