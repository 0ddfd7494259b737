"""`python -m tasks.release`: write down the splits of the dataset that was built, so that they never move.

reads   data/fused/split_keys.parquet
writes  data/released/<n>/released.parquet, where the build brought anything new
"""

import sys
from pathlib import Path

from tasks.core.errors import ModalweaveError
from tasks.core.lock import hold_stage
from tasks.core.released import record_release

RELEASED_FOLDER = Path("data/released")


def release(root: Path) -> Path | None:
    """Record the build; the new file, relative to the root, or None when there is nothing new in it."""
    with hold_stage(root / "data", "release"):
        written = record_release(root / "data" / "fused", root / RELEASED_FOLDER)
    return None if written is None else written.relative_to(root)


def main() -> int:
    """Record the build of the current folder's repository; 0, or 1 with the error's one message."""
    try:
        written = release(Path.cwd())
    except ModalweaveError as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    if written is None:
        sys.stdout.write("nothing new: what was built is recorded already\n")
    else:
        sys.stdout.write(f"wrote {written}; run dvc repro, then commit it together with dvc.lock\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
