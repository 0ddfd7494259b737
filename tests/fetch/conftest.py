"""A web site on loopback and a repository whose limits are small, so that every test is soon done."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tasks.core.schemas import ITEMS, RESPONSES
from tasks.core.tables import read_table
from tests.conftest import Repository
from tests.fetch.website import Website, open_website

LARGEST_FILE_BYTES = 3_000_000
HURRIED = {
    "requests_per_second: 1.0": "requests_per_second: 500.0",
    "connections_per_host: 2": "connections_per_host: 16",
    'contact: ""': 'contact: "ada@example.org"',
    "2000000000\n  largest_page": f"{LARGEST_FILE_BYTES}\n  largest_page",
    "retries: 3 ": "retries: 1 ",
    "first_wait: 1s": "first_wait: 20ms",
    "longest_wait: 2min": "longest_wait: 20s",
}


def picture(number: int = 0) -> bytes:
    """A PNG of its own for every number."""
    encoded = io.BytesIO()
    Image.linear_gradient("L").rotate(7 * number).resize((40 + number, 30)).save(encoded, "PNG")
    return encoded.getvalue()


def hurry(repository: Repository) -> Repository:
    for old, new in HURRIED.items():
        repository.set_param(old, new)
    return repository


def batch_file(*sources: str) -> str:
    listed = "".join(f"  - {source}\n" for source in sources)
    return f"about: x\nlicense: CC0-1.0\nsources:\n{listed}align: {{method: key, reference: image}}\n"


def responses(repository: Repository, batch: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = read_table(RESPONSES, repository.data / "fetched" / batch).to_pylist()
    return {(row["kind"], row["url"], row["asked_by"]): row for row in rows}


def items(repository: Repository, batch: str) -> dict[str, dict[str, Any]]:
    rows = read_table(ITEMS, repository.data / "collected" / batch).to_pylist()
    return {row["item_id"].removeprefix(f"{batch}/"): row for row in rows}


@pytest.fixture
def hurried(tmp_path: Path) -> Repository:
    return hurry(Repository(tmp_path))


@pytest.fixture
def site() -> Iterator[Website]:
    with open_website() as opened:
        yield opened
