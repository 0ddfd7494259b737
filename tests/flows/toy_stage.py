"""A stage of the toy pipeline: `python toy_stage.py <stage>` writes what it was made from, and nothing else.

A batch folder may hold a file that makes the toy do what a real stage sometimes does: `reject` (the gate
rejects it), `stop` (the gate ends the run), `slow` (collect works until that is gone).
"""

import json
import sys
import time
from pathlib import Path

import yaml

from tasks.core.lock import hold_stage
from tasks.core.released import to_key_table
from tasks.core.schemas import SPLIT_KEYS
from tasks.core.tables import write_table
from tasks.core.verdict import Verdict, write_verdict

BATCHES = Path("data", "batches")


def main(stage: str) -> None:
    declared = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"][stage]
    made_from = sorted(
        f"{path}: {path.read_text(errors='replace')}"
        for dep in declared["deps"]
        for path in Path(dep).rglob("*")
        if path.is_file()
    )
    with hold_stage(Path("data"), f"stage {stage}"):
        if stage == "collect":
            wait()
        for out in [*declared["outs"], *declared.get("metrics", [])]:
            folder = Path(next(iter(out)))
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "made_from.json").write_text(
                json.dumps({"files": len(made_from), "from": made_from}) + "\n"
            )
        if stage in ("validate", "fuse"):
            judge(stage)
    print(f"{stage}: {len(made_from)} files")


def wait() -> None:
    deadline_s = time.monotonic() + 300
    while list(BATCHES.glob("*/slow")) and time.monotonic() < deadline_s:
        time.sleep(0.05)


def judge(stage: str) -> None:
    if stage == "fuse":
        write_verdict(Verdict("dataset", True, (), (), {"samples": 2}, {}), Path("data", "fused"))
        keys = to_key_table((f"session:{path.parent.name}", "train") for path in BATCHES.glob("*/batch.yaml"))
        write_table(SPLIT_KEYS, keys, Path("data", "fused"))
        return
    for batch in sorted(path.parent for path in BATCHES.glob("*/batch.yaml")):
        rejected = (batch / "reject").exists()
        reasons = ("row_count: expected at least 1, got 0",) if rejected else ()
        folder = Path("data", "validated", batch.name)
        folder.mkdir(exist_ok=True)
        write_verdict(Verdict(batch.name, not rejected, reasons, (), {"items": 2, "labels": 0}, {}), folder)
        if (batch / "stop").exists():
            sys.exit(f"validate: {batch.name} was rejected, and validate.on_rejected says stop")


if __name__ == "__main__":
    main(sys.argv[1])
