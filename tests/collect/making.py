"""Batches of small media, and the items that come of them."""

import pyarrow as pa

from tasks.core.schemas import ITEMS
from tasks.core.tables import read_table
from tests.conftest import Repository

Row = dict[str, object]


def batch_yaml(*sources: str, more: str = "") -> str:
    """A batch file with these sources, each in YAML's flow style."""
    entries = "".join(f"  - {{{source}}}\n" for source in sources)
    align = "align: {method: key, reference: image}\n"
    return f"about: a test\nlicense: CC0-1.0\nsources:\n{entries}{align}{more}"


def items(repository: Repository, batch: str) -> pa.Table:
    return read_table(ITEMS, repository.data / "collected" / batch)


def rows(repository: Repository, batch: str) -> dict[str, Row]:
    """The items by native id."""
    found: list[Row] = items(repository, batch).to_pylist()
    return {str(row["item_id"]).removeprefix(f"{batch}/"): row for row in found}


def errors(repository: Repository, batch: str) -> dict[str, object]:
    """Per native id the error, None where it is readable."""
    return {native_id: row["error"] for native_id, row in rows(repository, batch).items()}
