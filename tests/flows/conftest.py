"""One Prefect server for all flow tests, with a database that was migrated once, and shared repositories."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import SETTINGS
from tests.conftest import PROJECT
from tests.flows.prefect_server import Api, background, clean_environment, free_port, serving, wait_for
from tests.flows.repositories import FlowRepository, make_toy


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of this version of Prefect: copying it saves a new server most of its start."""
    database = tmp_path_factory.mktemp("database") / "prefect.db"
    environment = {
        **clean_environment(database.parent),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
    }
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return database


@pytest.fixture(scope="session")
def api(migrated_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A running server."""
    home = tmp_path_factory.mktemp("home")
    shutil.copy(migrated_database, home / "prefect.db")
    port = free_port()
    api = Api(f"http://127.0.0.1:{port}/api", {**SETTINGS, **clean_environment(home)})
    command = [sys.executable, "-m", "flows.guarded_server", "--port", f"{port}"]
    # The home is a bare folder: what is served must come from this working tree all the same.
    with background(command, home, {**api.environment, "PYTHONPATH": f"{PROJECT}"}):
        wait_for(lambda: True if is_healthy(api) else None)
        yield api


def is_healthy(api: Api) -> bool:
    try:
        return bool(api.call("GET", "health"))
    except OSError:
        return False


@pytest.fixture(scope="session")
def built_toy(tmp_path_factory: pytest.TempPathFactory) -> FlowRepository:
    """The toy pipeline with one batch, built with a plain `dvc repro`; not to be changed."""
    toy = make_toy(tmp_path_factory.mktemp("toy") / "repository")
    toy.dvc("repro")
    toy.git("add", "dvc.lock", "data")
    toy.git("commit", "--quiet", "--message", "Built by hand")
    return toy


@pytest.fixture(scope="module")
def toy(
    built_toy: FlowRepository, api: Api, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlowRepository]:
    """A copy of the built toy, served."""
    toy = built_toy.copy_to(tmp_path_factory.mktemp("served") / "toy")
    with serving(toy, api):
        yield toy
