import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from flows import SETTINGS
from flows.errors import CommandError
from flows.server import answers_strangers, served_folder
from tests.flows.prefect_server import Api, background, clean_environment, fetch, free_port, wait_for
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


def test_the_server_of_a_run_as_a_script_is_closed_to_other_pages_too(
    built_toy: FlowRepository, migrated_database: Path, tmp_path: Path
) -> None:
    toy = built_toy.copy_to(tmp_path / "toy")
    (toy.batches / "first" / "slow").touch()
    environment = {**SETTINGS, **clean_environment(tmp_path / "home")}
    shutil.copy(migrated_database, tmp_path / "home" / "prefect.db")
    with background([sys.executable, "-m", "flows.build"], toy.root, environment) as script:
        address = f"http://127.0.0.1:{wait_for(lambda: port_of_the_server(script.pid))}/api/health"
        wait_for(lambda: is_up(address))
        rebound = urllib.request.Request(address, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(rebound, timeout=10)  # noqa: S310 - our own http server
        refused.value.close()
        (toy.batches / "first" / "slow").unlink()
        assert script.wait(120) == 0


def port_of_the_server(pid: int) -> str | None:
    commands = [child.cmdline() for child in psutil.Process(pid).children()]
    return next((line[line.index("--port") + 1] for line in commands if "flows.guarded_server" in line), None)


def is_up(address: str) -> bool | None:
    try:
        return fetch(address) == "true"
    except OSError:
        return None


def test_a_server_that_any_page_may_use_is_told_from_one_that_is_closed(api: Api, tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "health").write_text("true")
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)
    ) as open_one:
        beside = threading.Thread(target=open_one.serve_forever)
        beside.start()
        assert answers_strangers(f"http://127.0.0.1:{open_one.server_port}/api")
        open_one.shutdown()
        beside.join()
    assert not answers_strangers(api.address)
