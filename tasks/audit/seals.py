"""Whether every file of a partition is the one that its stage sealed, byte for byte.

reads   partition.json of every partition, and every file that it lists
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from tasks.audit.account import Account
from tasks.audit.artifacts import Artifacts
from tasks.core.partition import PARTITION_FILE
from tasks.core.refusal import REFUSAL_FILE


def audit_seals(artifacts: Artifacts, batch: str) -> Iterator[Account]:
    """An account per partition of the batch; a partition that is not there is a fault."""
    for name, folder in artifacts.sealed(batch):
        yield audit_seal(f"seal {name}", batch, folder)


def audit_seal(what: str, subject: str, folder: Path) -> Account:
    """The files of one sealed folder against what its seal says of them; its memory is no cache's."""
    record = folder / PARTITION_FILE
    if not record.is_file():
        return Account(what, subject, faults=(f"{folder} is not there, or was not finished",))
    try:
        sealed = dict(json.loads(record.read_text(encoding="utf-8"))["files"])
    except (ValueError, LookupError, TypeError):
        return Account(what, subject, faults=(f"{record} cannot be read",))
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    strangers = found - sealed.keys() - {PARTITION_FILE, REFUSAL_FILE}
    faults = [
        *(f"{folder / name} is gone" for name in sorted(sealed.keys() - found)),
        *(f"{folder / name} was never sealed" for name in sorted(strangers)),
        *(
            f"{folder / name} is not what was sealed"
            for name in sorted(sealed.keys() & found)
            if _digest(folder / name) != sealed[name]
        ),
    ]
    return Account(what, subject, {"files": len(sealed)}, tuple(faults))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
