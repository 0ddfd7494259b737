"""A batch that a stage could not take: who refused it, and in which words.

writes  data/<stage>/<batch>/refusal.json   instead of what the stage makes of a batch

A refused batch goes no further: every later stage passes the refusal on, `validate` makes it a verdict, and
what is made of the whole dataset is made without it. It is tried again whenever the stage runs.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from tasks.core.strict_json import write_json

REFUSAL_FILE = "refusal.json"
DELIVERY = "delivery"


@dataclass(frozen=True)
class Refusal:
    """`stage` is the one that refused the batch, or "delivery" where its folder cannot be read as a batch.

    `package` is the one that has to be installed, where that would mend it, or else empty.
    """

    batch: str
    stage: str
    message: str
    package: str = ""


def to_refusal(batch: str, stage: str, fault: Exception, root: Path) -> Refusal:
    """The refusal in the fault's words, with paths as they are in any clone."""
    message = str(fault).replace(f"{root.absolute()}/", "").replace(f"{root}/", "")
    return Refusal(batch, stage, message, getattr(fault, "package", ""))


def write_refusal(refusal: Refusal, folder: Path) -> None:
    """Write refusal.json in the folder."""
    write_json(asdict(refusal), folder / REFUSAL_FILE)


def read_refusal(folder: Path) -> Refusal | None:
    """The refusal in that partition; None where the stage took the batch, or has not run."""
    path = folder / REFUSAL_FILE
    return Refusal(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def forget_mended(data: Path) -> list[str]:
    """Remove refusals for want of a package that is installed by now, so that DVC runs the stage; whose."""
    mended = []
    for path in sorted(data.glob(f"*/*/{REFUSAL_FILE}")):
        refusal = read_refusal(path.parent)
        if refusal and refusal.package and find_spec(refusal.package) is not None:
            path.unlink()
            mended.append(refusal.batch)
    return sorted(set(mended))


def first_refusal(partitions: Iterable[Path]) -> Refusal | None:
    """The refusal in the first of the partitions that has one."""
    return next((refusal for folder in partitions if (refusal := read_refusal(folder))), None)
