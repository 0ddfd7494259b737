"""What is asked again and what is not: after a kill, in a second run, when something changes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tasks.core.errors import UnfinishedError
from tests.conftest import Repository
from tests.fetch.conftest import batch_file, items, picture, responses
from tests.fetch.website import Visit, Website, in_turn, reply

LISTED = "{kind: urls, path: list.txt, allow_private: [localhost]}"


def list_of(site: Website, *paths: str) -> bytes:
    return "\n".join(site.url(path) for path in paths).encode()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def digests(repository: Repository, batch: str) -> dict[str, str]:
    record = repository.data / "fetched" / batch / "partition.json"
    files: dict[str, str] = json.loads(record.read_text())["files"]
    return files


@pytest.fixture
def fetched(hurried: Repository, site: Website) -> Repository:
    for number in range(3):
        site.serve(f"/{number}.png", picture(number))
    site.answers["/lost.png"] = reply(404)
    paths = ("/0.png", "/1.png", "/2.png", "/lost.png")
    hurried.add_batch("web", batch_file(LISTED), {"list.txt": list_of(site, *paths)})
    said = hurried.run("fetch")
    assert said == "fetch: 1 built, 0 unchanged; 4 addresses asked for media, 1 of them in vain"
    site.asked.clear()
    return hurried


def test_a_second_run_does_not_touch_the_network(fetched: Repository, site: Website) -> None:
    before = digests(fetched, "web")
    assert fetched.run("fetch").startswith("fetch: 0 built, 1 unchanged")
    assert site.asked == []
    assert digests(fetched, "web") == before


def test_labels_code_and_pace_are_no_reason_to_ask_again(fetched: Repository, site: Website) -> None:
    folder = fetched.data / "batches" / "web"
    (folder / "labels.csv").write_text("item,label\n0.png,cat\n")
    (folder / "batch.yaml").write_text(
        batch_file(LISTED.replace("}", ", role: photo, session: '{host}'}"))
        + "labels: [{format: table, path: labels.csv, item: item, task: classification, label: label}]\n"
    )
    fetched.set_param("requests_per_second: 500.0", "requests_per_second: 7.0")
    pipeline = fetched.root / "dvc.yaml"
    pipeline.write_text(pipeline.read_text().replace("      - tasks/fetch/__main__.py\n", ""))
    assert fetched.run("fetch").startswith("fetch: 0 built, 1 unchanged")
    assert site.asked == []


def test_a_rebuild_uses_the_bytes_that_came(fetched: Repository, site: Website) -> None:
    fetched.run("collect")
    before = items(fetched, "web")
    site.answers.clear()
    fetched.set_param("most_pixels: 200000000", "most_pixels: 100000000")
    assert fetched.run("fetch", "collect").startswith("collect: 1 built")
    assert items(fetched, "web") == before
    assert site.asked == []


def test_a_new_line_costs_itself_and_what_failed_before(fetched: Repository, site: Website) -> None:
    site.serve("/3.png", picture(3))
    site.serve("/lost.png", picture(4))
    paths = ("/0.png", "/1.png", "/2.png", "/3.png", "/lost.png")
    (fetched.data / "batches/web/list.txt").write_bytes(list_of(site, *paths))
    was = responses(fetched, "web")["media", site.url("/1.png"), ""]
    fetched.run("fetch")
    assert sorted(asked.path for asked in site.asked) == ["/3.png", "/lost.png", "/robots.txt"]
    now = responses(fetched, "web")
    assert now["media", site.url("/1.png"), ""] == was
    assert [row["reason"] for key, row in sorted(now.items()) if key[0] == "media"] == [None] * 5


def test_a_host_that_is_no_longer_allowed_loses_what_came_from_it(fetched: Repository, site: Website) -> None:
    (fetched.data / "batches/web/batch.yaml").write_text(batch_file("{kind: urls, path: list.txt}"))
    fetched.run("fetch")
    rows = responses(fetched, "web")
    assert {row["reason"] for row in rows.values()} == {"address_refused"}
    assert site.asked == []


def test_the_same_answers_give_the_same_partition_in_whatever_order(
    fetched: Repository, site: Website
) -> None:
    first = {key: {**row, "retrieved_at": ""} for key, row in responses(fetched, "web").items()}
    shard = (fetched.data / "fetched/web/media-00000.tar").read_bytes()
    (fetched.data / "fetched/web/partition.json").unlink()
    (fetched.data / "fetched/web/responses.parquet").unlink()
    slow = site.answers["/0.png"]

    def late(visit: Visit) -> None:
        time.sleep(0.3)
        slow(visit)

    site.answers["/0.png"] = late
    fetched.run("fetch")
    again = {key: {**row, "retrieved_at": ""} for key, row in responses(fetched, "web").items()}
    assert again == first
    assert (fetched.data / "fetched/web/media-00000.tar").read_bytes() == shard


def start(repository: Repository) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tasks.fetch"], cwd=repository.root, stdout=subprocess.DEVNULL
    )


def journal(repository: Repository) -> str:
    path = repository.data / ".fetching/web/journal.jsonl"
    return path.read_text() if path.is_file() else ""


def test_a_run_that_was_killed_goes_on_with_what_is_missing(hurried: Repository, site: Website) -> None:
    done, missing = [f"/{n}.png" for n in range(6)], [f"/held{n}.png" for n in range(3)]
    for number, path in enumerate(done):
        site.serve(path, picture(number))

    def held(visit: Visit) -> None:
        site.released.wait(60)
        reply(200, picture(9))(visit)

    site.answers |= dict.fromkeys(missing, held)
    hurried.add_batch("web", batch_file(LISTED), {"list.txt": list_of(site, *done, *missing)})
    run = start(hurried)
    wait_for(lambda: journal(hurried).count('"kind":"media"') == len(done))
    wait_for(lambda: all(site.count(path) == 1 for path in missing))
    children = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(signal.SIGKILL)
    run.wait()
    gone, alive = psutil.wait_procs(children, timeout=30)
    assert (len(gone) > 0, alive) == (True, [])
    with (hurried.data / ".fetching/web/journal.jsonl").open("a") as file:
        file.write('{"kind":"media","url":"cut o')
    site.released.set()
    hurried.run("fetch")
    rows = responses(hurried, "web")
    assert {row["reason"] for key, row in rows.items() if key[0] == "media"} == {None}
    assert [site.count(path) for path in ("/robots.txt", *done)] == [1] * 7
    assert not (hurried.data / ".fetching").exists()


def test_a_downloading_process_that_dies_says_so_and_loses_nothing(
    hurried: Repository, site: Website
) -> None:
    def kill(visit: Visit) -> None:
        (child,) = (
            process
            for process in psutil.Process().children(recursive=True)
            if "spawn_main" in " ".join(process.cmdline())
        )
        wait_for(lambda: '"url":"' + site.url("/0.png") in journal(hurried))
        os.kill(child.pid, signal.SIGKILL)

    site.serve("/0.png", picture())
    site.answers["/kill.png"] = in_turn(kill, reply(200, picture(1)))
    hurried.add_batch("web", batch_file(LISTED), {"list.txt": list_of(site, "/0.png", "/kill.png")})
    with pytest.raises(UnfinishedError, match="the downloads of 'web' broke off"):
        hurried.run("fetch")
    assert not Path(hurried.data / "fetched/web").exists()
    hurried.run("fetch")
    assert site.count("/0.png") == 1
    assert len(responses(hurried, "web")) == 3
