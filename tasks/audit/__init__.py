"""Audit: prove from the artifacts alone that no row was lost: rows in = rows out + rejects, at every stage.

reads   Parquet, JSON, Arrow and tar files below data/, and nothing else: no batch, no parameter, no code
prints  a line per stage and batch with what was counted, and what is missing, by id

A rule is a function from the artifacts (and a batch) to an `Account`: what came in, what went out, what was
left out. To add one, write it in `batch_rules.py` or `dataset_rules.py` and list it there.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tasks.audit.account import Account
from tasks.audit.artifacts import Artifacts
from tasks.audit.batch_rules import BATCH_RULES
from tasks.audit.dataset_rules import DATASET_RULES
from tasks.audit.seals import audit_seals
from tasks.core.errors import ModalweaveError


def audit(data: Path) -> Iterator[Account]:
    """The accounts of every stage, batch by batch, then those of the whole dataset."""
    artifacts = Artifacts(data)
    for batch in artifacts.batches():
        yield from audit_seals(artifacts, batch)
        for rule in BATCH_RULES:
            refusal = artifacts.refusal(rule.reads, batch)
            if refusal is None:
                yield _checked(rule.stage, batch, partial(rule.check, artifacts, batch))
            else:
                yield Account(rule.stage, batch, note=f"refused at {refusal.stage}: {refusal.message}")
    for stage, check in DATASET_RULES.items():
        yield _checked(stage, "dataset", partial(check, artifacts))


def _checked(stage: str, subject: str, check: Callable[[], Account]) -> Account:
    """The account; what cannot even be read is a fault of it."""
    try:
        return check()
    except (ModalweaveError, FileNotFoundError) as error:
        return Account(stage, subject, faults=(f"{error}",))
