import os
import shutil
import signal
import subprocess
import sys
import urllib.error
from pathlib import Path

import psutil
import pytest

from flows import SETTINGS
from flows.errors import CommandError
from flows.server import served_folder
from tests.flows.prefect_server import Api, clean_environment, fetch, free_port, wait_for
from tests.flows.repositories import FlowRepository


def test_the_report_is_served_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("the report")
    (tmp_path / "secret").write_text("not for you")
    with served_folder(tmp_path / "report", 0) as address:
        assert fetch(f"{address}/index.html") == "the report"
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            fetch(f"{address}/../secret")
        refused.value.close()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with served_folder(tmp_path, 0) as address:
        port = int(address.rpartition(":")[2])
        with (
            pytest.raises(CommandError, match=f"port {port} .*give another --report-port"),
            served_folder(tmp_path, port),
        ):
            pass


def test_serving_starts_a_server_where_there_is_none_and_ends_it(
    built_toy: FlowRepository, migrated_database: Path, tmp_path: Path
) -> None:
    environment = {**SETTINGS, **clean_environment(tmp_path / "home")}
    shutil.copy(migrated_database, tmp_path / "home" / "prefect.db")
    port = free_port()
    command = [sys.executable, "-m", "flows.serve", "--report-port", "0", "--server-port", f"{port}"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=built_toy.root, env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: True if f"http://127.0.0.1:{port}\n" in (tmp_path / "log").read_text() else None)
        wait_for(lambda: True if "nightly" in Api(f"http://127.0.0.1:{port}/api", {}).deployments() else None)
        family = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert [member for member in family if member.is_running()] == []
    finally:
        process.kill()
        process.wait()
